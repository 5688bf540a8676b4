"""The canvas in a real browser: no stroke is lost, nothing comes back that should not, and what was drawn stays."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tools.browser import SEVEN, Visitor, line, visit, zero
from tools.servers import Gate, wait_until

pytest_plugins = ["tests.fixtures"]


def test_strokes_are_kept_wherever_they_start_and_however_soon(anyone: Visitor) -> None:
    for start in ((0.97, 0.03), (0.9, 0.08), (0.75, 0.02)):  # where the canvas's own toolbar lies
        before = anyone.ink()
        anyone.stroke(line(start, (start[0] - 0.3, start[1] + 0.5)))
        anyone.wait_for_ink(lambda ink: ink > before + 500)  # noqa: B023
    expect(anyone.button("undo")).to_be_enabled()
    expect(anyone.card).not_to_have_class(re.compile("hint"))
    anyone.press(anyone.button("clear"))
    expect(anyone.card).to_have_class(re.compile("hint"))
    anyone.stroke(line((0.3, 0.22), (0.7, 0.22)))
    anyone.stroke(line((0.7, 0.22), (0.45, 0.8)))
    expect(anyone.digit).to_have_text("7")
    assert anyone.ink() > 0


def test_strokes_are_kept_while_an_answer_is_waited_for_and_while_it_comes(anyone: Visitor, gate: Gate) -> None:
    gate.hold()
    asked = gate.questions
    hint = anyone.card.inner_text()
    anyone.stroke(line((0.3, 0.22), (0.7, 0.22)))
    gate.wait_for(asked + 1)

    def answer_comes() -> None:
        gate.release()
        expect(anyone.card).not_to_have_text(hint)

    anyone.stroke(line((0.7, 0.22), (0.45, 0.8)), halfway=answer_comes)
    expect(anyone.digit).to_have_text("7")
    anyone.press(anyone.button("clear"))
    expect(anyone.digit).to_have_count(0)

    gate.hold()
    asked = gate.questions
    anyone.stroke(line((0.3, 0.25), (0.7, 0.25)))
    gate.wait_for(asked + 1)
    anyone.stroke(line((0.7, 0.25), (0.45, 0.8)))
    gate.wait_for(asked + 2)
    gate.release()
    expect(anyone.digit).to_have_text("7")


def test_a_stroke_is_kept_while_the_page_is_still_opening(browser: Browser, url: str, gate: Gate) -> None:
    gate.hold_whether_it_learns()

    def opens() -> None:
        gate.release()
        visitor.page.locator(".st-key-codes").wait_for(state="attached")  # mounted once the page knows that it learns

    with visit(browser, url) as visitor:
        visitor.stroke(SEVEN, halfway=opens)
        expect(visitor.digit).to_have_text("7")
        assert visitor.ink() > 0


def test_strokes_land_under_the_finger_on_a_scrolled_page(phone: Visitor) -> None:
    phone.page.locator(".stMain").evaluate("main => main.scrollTo(0, 90)")
    phone.stroke(line((0.25, 0.2), (0.25, 0.8)))
    phone.wait_for_ink(lambda ink: ink > 500)
    left, top, right, bottom = phone.ink_box()
    assert (left + right) / 2 == pytest.approx(0.25, abs=0.02)
    assert (top + bottom) / 2 == pytest.approx(0.5, abs=0.02)


def test_undo_takes_back_strokes_one_by_one_and_brings_back_what_was_cleared(anyone: Visitor) -> None:
    expect(anyone.button("undo")).to_be_disabled()
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    alone = anyone.ink()
    anyone.stroke(line((0.1, 0.9), (0.9, 0.1)))
    anyone.wait_for_ink(lambda ink: ink > alone)
    anyone.press(anyone.button("undo"))
    expect(anyone.digit).to_have_text("0")
    assert anyone.ink() == alone
    anyone.press(anyone.button("undo"))
    expect(anyone.digit).to_have_count(0)
    assert anyone.ink() == 0
    expect(anyone.button("undo")).to_be_disabled()

    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    uncrossed = anyone.ink()
    anyone.stroke(line((0.35, 0.5), (0.65, 0.5)))
    anyone.wait_for_ink(lambda ink: ink > uncrossed)
    drawn = anyone.ink()
    anyone.press(anyone.button("clear"))
    expect(anyone.digit).to_have_count(0)
    anyone.press(anyone.button("undo"))
    expect(anyone.digit).to_have_text("7")
    assert anyone.ink() == drawn


def test_nothing_of_what_was_cleared_comes_back(anyone: Visitor) -> None:
    for _ in range(2):
        for place in (0.2, 0.4, 0.6):
            anyone.stroke(line((place, 0.2), (place, 0.8)))
        expect(anyone.rejected).to_be_visible()
        anyone.press(anyone.button("clear"))
        expect(anyone.rejected).to_have_count(0)
        anyone.stroke(SEVEN)
        expect(anyone.digit).to_have_text("7")
        anyone.press(anyone.button("clear"))
        expect(anyone.digit).to_have_count(0)


def test_a_page_that_is_loaded_again_has_the_drawing(desktop: Visitor, gate: Gate) -> None:
    desktop.choose_colour("background", "#20639b")
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    uncrossed, asked = desktop.ink(), gate.questions
    desktop.stroke(line((0.35, 0.5), (0.65, 0.5)))
    desktop.wait_for_ink(lambda ink: ink > uncrossed)
    crossed = desktop.ink()
    gate.wait_for(asked + 1)
    desktop.wait_for_kept_strokes(2)
    for _ in range(2):
        desktop.load_again()
        expect(desktop.digit).to_have_text("7")
        desktop.wait_for_ink(lambda ink: ink == crossed)
        desktop.wait_for_paper((0x20, 0x63, 0x9B))
    desktop.press(desktop.button("undo"))
    desktop.wait_for_ink(lambda ink: ink == uncrossed)
    desktop.wait_for_canvas()
    desktop.stroke(line((0.3, 0.52), (0.68, 0.48)))  # another one than that which was undone
    desktop.wait_for_ink(lambda ink: ink > uncrossed)
    desktop.wait_for_kept_strokes(2)
    crossed = desktop.ink()
    desktop.press(desktop.button("clear"))
    expect(desktop.digit).to_have_count(0)
    desktop.press(desktop.button("undo"))
    expect(desktop.digit).to_have_text("7")
    assert desktop.ink() == crossed
    desktop.press(desktop.button("clear"))
    expect(desktop.digit).to_have_count(0)
    desktop.wait_for_kept_strokes(0)
    desktop.load_again()
    expect(desktop.card).to_be_visible()
    desktop.wait_for_canvas()
    assert desktop.ink() == 0
    expect(desktop.button("clear")).to_be_disabled()


def test_a_digit_becomes_a_number_and_a_digit_again(desktop: Visitor) -> None:
    desktop.stroke(line((0.1, 0.22), (0.5, 0.22), (0.25, 0.8)))
    expect(desktop.digit).to_have_text("7")
    desktop.page.keyboard.press("Enter")
    expect(desktop.number).to_have_text("7")
    desktop.write("0", start=0.5)
    expect(desktop.number).to_have_text("70")
    drawn = desktop.ink()
    desktop.choose_reading(0)
    expect(desktop.rejected).to_be_visible()
    assert desktop.ink() == drawn
    desktop.press(desktop.page.locator(".st-key-instead button"))
    expect(desktop.number).to_have_text("70")
    desktop.press(desktop.button("undo"))
    expect(desktop.number).to_have_text("7")
    desktop.choose_reading(0)
    expect(desktop.digit).to_have_text("7")


def test_new_colours_keep_the_drawing_and_it_is_read_again(desktop: Visitor, gate: Gate) -> None:
    warning = desktop.page.get_by_test_id("stAlert")
    expect(warning).to_have_count(0)
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    drawn, asked = desktop.ink(), gate.questions
    desktop.choose_colour("background", "#20639b")
    desktop.wait_for_paper((0x20, 0x63, 0x9B))
    gate.wait_for(asked + 1)
    expect(desktop.digit).to_have_text("7")
    assert desktop.ink() == drawn
    desktop.choose_colour("brush", "#ffd166")
    desktop.stroke(line((0.4, 0.5), (0.7, 0.5)))
    gate.wait_for(asked + 2)
    desktop.wait_for_ink(lambda ink: ink > drawn)
    desktop.choose_colour("brush", "#20649a")
    expect(warning).to_be_visible()
    desktop.choose_colour("brush", "#ff0000")
    expect(warning).to_have_count(0)


def test_another_mode_or_language_and_back_keeps_the_drawing(desktop: Visitor) -> None:
    desktop.stroke(zero())
    expect(desktop.digit).to_have_text("0")
    drawn = desktop.ink()
    for mode in (1, 2, 0):
        desktop.choose_mode(mode)
        expect(desktop.page.locator(".st-key-canvas")).to_be_visible(visible=mode == 0)
    expect(desktop.digit).to_have_text("0")
    assert desktop.ink() == drawn
    desktop.stroke(line((0.35, 0.5), (0.65, 0.5)))
    desktop.wait_for_ink(lambda ink: ink > drawn)
    desktop.press(desktop.button("undo"))
    desktop.wait_for_ink(lambda ink: ink == drawn)

    page = desktop.page.locator(".stMain")
    for place, russian in ((1, False), (0, True)):
        desktop.press(desktop.page.locator(".st-key-language button").nth(place))
        expect(desktop.page.locator("html")).to_have_attribute("lang", "ru" if russian else "en")
        wait_until(lambda: bool(re.search("[А-Яа-я]", page.inner_text())) == russian)  # noqa: B023
        expect(desktop.digit).to_have_text("0")
        assert desktop.ink() == drawn
