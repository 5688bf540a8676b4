"""What a visitor teaches, in a real browser, with the real API and the real model behind it."""

from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from streamlit.testing.v1 import AppTest

from tests.app_run import draw, opened
from tests.serving import served_api
from tests.stand_in import number
from tests.test_browser_cells import fields, form, show, upload_as_number
from tests.test_browser_looks import check_accessibility, check_fit
from tests.test_browser_table import table
from tools.browser import SEVEN, Visitor, visit, zero
from tools.servers import Gate, wait_until

pytest_plugins = ["tests.fixtures"]

__all__ = ["form", "table"]  # fixtures

OF_LEARNING = {"hand", "put_right", "kept_codes"}
KEPT_CODE = "localStorage.getItem('digits: profile')"


def footer(visitor: Visitor) -> Locator:
    return visitor.page.locator(".st-key-put_right")


def put_right(visitor: Visitor, key: int, of: int = 11) -> None:
    """Opens the keys and presses the one at this place: 0 to 9, and 10 for no digit."""
    visitor.press(footer(visitor).locator(".quiet").last)
    keys = footer(visitor).locator(".keys button:not(.close)")
    expect(keys).to_have_count(of)
    visitor.press(keys.nth(key))


def agree(visitor: Visitor) -> None:
    visitor.press(footer(visitor).locator(".main"))


def taught(visitor: Visitor) -> Locator:
    """The digits in the strip."""
    return visitor.page.locator(".strip li")


def code_of(page: Page) -> str:
    return str(page.evaluate(KEPT_CODE))


def show_hand(visitor: Visitor) -> None:
    visitor.press(visitor.page.locator(".st-key-hand label"))


def scroll_up(visitor: Visitor) -> None:
    visitor.page.locator(".stMain").evaluate("main => main.scrollTo(0, 0)")
    visitor.wait_for_rest()


def test_a_wrong_answer_is_put_right_and_the_same_drawing_is_read_so(
    anyone: Visitor, browser: Browser, url: str
) -> None:
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    check_fit(anyone, footer(anyone).locator(".row"))
    put_right(anyone, 6)
    expect(footer(anyone).locator(".consent dt")).to_have_count(5)
    check_accessibility(anyone)
    anyone.press(footer(anyone).get_by_role("button").last)
    expect(footer(anyone).locator(".quiet")).to_have_count(2)
    assert anyone.page.evaluate(KEPT_CODE) is None
    expect(anyone.digit).to_have_text("0")

    put_right(anyone, 6)
    agree(anyone)
    expect(anyone.digit).to_have_text("6")
    expect(footer(anyone).get_by_role("status")).to_contain_text("6")
    expect(taught(anyone)).to_have_count(1)
    expect(taught(anyone).locator("s")).to_have_text("0")
    expect(taught(anyone).locator("b")).to_have_text("6")
    assert anyone.overhang() == 0
    check_accessibility(anyone)

    anyone.press(anyone.button("clear"))
    expect(anyone.digit).to_have_count(0)
    scroll_up(anyone)
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("6")
    anyone.load_again()
    expect(anyone.digit).to_have_text("6")
    expect(taught(anyone)).to_have_count(1)
    with visit(browser, url) as other:
        other.stroke(zero())
        expect(other.digit).to_have_text("0")
        expect(taught(other)).to_have_count(0)


def test_by_keyboard_undone_and_confirmed(desktop: Visitor) -> None:
    keyboard = desktop.page.keyboard
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    keyboard.press("4")  # the keys are not open
    desktop.press(footer(desktop).locator(".quiet").last)
    keyboard.press("Escape")
    expect(footer(desktop).locator(".keys")).to_have_count(0)
    desktop.press(footer(desktop).locator(".quiet").last)
    keyboard.press("-")
    expect(footer(desktop).locator(".consent")).to_be_visible()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(desktop.rejected).to_be_visible()
    expect(taught(desktop)).to_have_count(1)
    desktop.press(footer(desktop).get_by_role("button"))
    expect(desktop.digit).to_have_text("7")
    expect(taught(desktop)).to_have_count(0)
    expect(footer(desktop).get_by_role("status")).not_to_be_empty()
    desktop.press(footer(desktop).locator(".quiet").first)
    expect(taught(desktop).locator("b")).to_have_text("7")
    expect(taught(desktop).locator("s")).to_have_count(0)
    expect(desktop.digit).to_have_text("7")


def test_a_digit_of_a_number_is_put_right_by_its_box(anyone: Visitor) -> None:
    anyone.choose_reading(1)
    anyone.write("306", 0.21)
    expect(anyone.number).to_have_text("306")
    anyone.press(anyone.page.locator(".boxes [data-place='1']"))
    expect(footer(anyone).locator(".keys button")).to_have_count(12)
    expect(anyone.page.locator(".boxes .pointed b")).to_have_text("0")
    drawn_anew = "boxes => { boxes.outerHTML = boxes.outerHTML.replaceAll('pointed', ''); }"
    anyone.page.locator(".boxes").evaluate(drawn_anew)
    expect(anyone.page.locator(".boxes .pointed b")).to_have_text("0")
    check_accessibility(anyone)
    anyone.press(footer(anyone).locator(".keys button").nth(8))
    agree(anyone)
    expect(anyone.number).to_have_text("386")
    expect(anyone.page.locator(".boxes .pointed")).to_have_count(0)
    anyone.press(footer(anyone).get_by_role("button"))
    expect(anyone.number).to_have_text("306")


def test_a_cell_that_is_typed_over_can_be_taught(desktop: Visitor, table: Path) -> None:
    upload_as_number(desktop, table)
    expect(fields(desktop)).to_have_count(6)
    expect(footer(desktop).get_by_role("button")).to_have_count(0)
    fields(desktop).nth(4).fill("99")  # not as many digits as were read
    fields(desktop).nth(2).fill("9")
    desktop.press(footer(desktop).get_by_role("button"))
    agree(desktop)
    expect(taught(desktop).locator("b")).to_have_text("9")
    typed = desktop.page.locator(".st-key-cells .typed input")
    expect(typed).to_have_count(1)
    expect(typed).to_have_value("99")
    expect(fields(desktop).nth(2)).to_have_value("9")


def test_a_word_that_is_another_one_can_be_taught(desktop: Visitor, gate: Gate, form: Path) -> None:
    show(desktop, gate, number("12 15"), form)
    expect(footer(desktop).get_by_role("button")).to_have_count(0)
    desktop.press(desktop.page.get_by_role("radio").filter(has_text="75"))
    expect(footer(desktop).get_by_role("button")).to_contain_text("1")


def test_a_hand_goes_by_its_code_and_is_deleted(desktop: Visitor, browser: Browser, url: str) -> None:
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    put_right(desktop, 2)
    agree(desktop)
    expect(desktop.digit).to_have_text("2")
    show_hand(desktop)
    shown = desktop.page.locator(".hand .code")
    expect(shown).to_have_text(code_of(desktop.page))
    expect(desktop.page.locator("[class*=st-key-pictures_] li")).to_have_count(1)
    check_accessibility(desktop)
    with visit(browser, url, phone=True, locale="en-GB", dark=True) as elsewhere:
        show_hand(elsewhere)
        typed = elsewhere.page.locator(".st-key-typed_code input")
        typed.fill("what is it?")
        typed.press("Enter")
        expect(elsewhere.page.locator(".notice")).to_be_visible()
        check_accessibility(elsewhere)
        typed.fill(code_of(desktop.page).lower().replace("-", " "))
        typed.press("Enter")
        expect(elsewhere.page.locator(".hand .code")).to_have_text(code_of(desktop.page))
        scroll_up(elsewhere)
        elsewhere.stroke(SEVEN)
        expect(elsewhere.digit).to_have_text("2")
        check_accessibility(elsewhere)
        assert elsewhere.overhang() == 0

        desktop.press(desktop.page.locator(".st-key-delete button"))
        desktop.press(desktop.page.locator(".st-key-delete_yes button"))
        expect(desktop.digit).to_have_text("7")
        expect(taught(desktop)).to_have_count(0)
        expect(footer(desktop).locator(".quiet")).to_have_count(2)  # no thanks for what is deleted, and no undo
        assert desktop.page.evaluate(KEPT_CODE) is None
        put_right(elsewhere, 3)
        expect(footer(elsewhere).locator(".error")).not_to_be_empty()
        expect(elsewhere.digit).to_have_text("7")
        elsewhere.load_again()
        expect(elsewhere.digit).to_have_text("7")
        show_hand(elsewhere)
        expect(elsewhere.page.locator(".notice")).to_be_visible()


def test_the_digits_that_it_looks_like_are_shown(desktop: Visitor) -> None:
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    desktop.press(desktop.page.locator(".st-key-how label"))
    nearest = desktop.page.locator(".nearest li")
    expect(nearest).to_have_count(5)
    expect(desktop.page.locator(".nearest .yours")).to_have_count(0)
    put_right(desktop, 1)
    agree(desktop)
    expect(desktop.page.locator(".nearest .yours")).to_contain_text("1")
    images = nearest.locator("img").all()
    assert all(image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 28 for image in images)
    desktop.press(desktop.page.locator(".st-key-how label"))


def test_where_nothing_is_kept_nothing_is_said_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for database in ("", f"sqlite:///{tmp_path / 'digits.sqlite3'}"):
        with served_api(database_url=database) as api:
            monkeypatch.setenv("API_URL", api.url)
            page = draw(draw(opened()))
            if database:
                wait_until(partial(says_that_it_learns, page))
            else:
                assert not keys(page) & OF_LEARNING


def says_that_it_learns(page: AppTest) -> bool:
    """Whether it does when it is run once more: what is asked about learning may be answered late."""
    return keys(page.run()) >= OF_LEARNING


def keys(page: AppTest) -> set[str]:
    return {str(part.key) for kind in ("toggle", "bidi_component") for part in page.get(kind)}
