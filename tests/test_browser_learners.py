"""What learners try on the page, in a browser: a digit broken by a slider, other models, two digits side by side."""

from playwright.sync_api import expect

from digits.answers import OTHER_MODELS
from tests.test_browser_looks import check_accessibility
from tools.browser import SEVEN, Visitor, zero
from tools.servers import Gate

pytest_plugins = ["tests.fixtures"]


def test_a_slider_breaks_a_digit_and_another_one_stands_beside_it(desktop: Visitor, gate: Gate) -> None:
    page, before = desktop.page, gate.questions
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    expect(page.locator(".st-key-break label")).to_be_visible()
    assert gate.questions == before + 1  # what is not open asks nothing

    desktop.press(page.locator(".st-key-break label"))
    expect(page.locator(".band .holds b")).to_have_text("7")
    expect(page.locator(".broken .verdict b")).to_have_text("7")
    expect(page.locator(".broken img")).to_have_count(3)
    expect(page.locator(".models li")).to_have_count(1 + len(OTHER_MODELS))
    check_accessibility(desktop)

    desktop.press(page.locator(".st-key-breaking button").nth(1))  # shifted, until nothing of it is left
    slider = page.locator(".st-key-break_shift").get_by_role("slider")
    expect(page.locator(".band .fails").last).to_contain_text("80 %")
    asked = gate.questions
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator(".broken .verdict b")).to_have_text("–")
    expect(page.locator(".broken .changed")).to_have_count(1)
    assert gate.questions == asked + 1  # the band stays as it is

    ink = desktop.ink()
    gate.shut()
    desktop.press(page.locator(".st-key-breaking button").nth(2))
    expect(page.locator(".band .fails").first).to_contain_text("?")
    expect(desktop.digit).to_have_text("7")
    assert desktop.ink() == ink
    gate.open()
    expect(page.locator(".band .holds b")).to_have_text("7")

    desktop.press(page.locator(".st-key-break label"))
    desktop.press(page.locator(".st-key-pair label"))
    desktop.press(page.locator(".st-key-keep button"))
    expect(page.locator(".st-key-keep")).to_have_count(0)
    desktop.press(desktop.button("clear"))
    expect(page.locator(".st-key-pair")).to_have_count(0)
    desktop.wait_for_rest()
    desktop.stroke(zero())
    expect(page.locator(".pair .verdict b")).to_have_text(["7", "0"])
    expect(page.locator(".pair img")).to_have_count(6)
    assert desktop.overhang() == 0
    check_accessibility(desktop)
