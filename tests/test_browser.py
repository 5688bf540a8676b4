"""The page in a real browser, with both processes running: what people come for."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tools.browser import SEVEN, Visitor, zero
from tools.drawing import STROKES
from tools.servers import Gate

pytest_plugins = ["tests.fixtures"]
pytestmark = pytest.mark.quick


def test_a_drawn_digit_is_shown_the_zero_included_and_nothing_is_asked_twice(anyone: Visitor, gate: Gate) -> None:
    before = gate.questions
    expect(anyone.card).to_be_visible()
    spoken = anyone.page.locator(".st-key-spoken [role=status]")
    expect(spoken).not_to_be_empty()
    hint = spoken.inner_text()
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    assert gate.questions == before + 1
    for mode, shown in ((1, "stFileUploader"), (2, "stCameraInput")):
        anyone.choose_mode(mode)
        expect(anyone.page.get_by_test_id(shown)).to_be_visible()
    anyone.choose_mode(0)
    expect(anyone.digit).to_have_text("0")
    assert gate.questions == before + 1
    anyone.press(anyone.button("clear"))
    expect(anyone.digit).to_have_count(0)
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    expect(spoken).not_to_have_text(hint)
    expect(spoken).to_contain_text("7")
    bars = ".bars:not(.following *) i"
    expect(anyone.page.locator(bars)).to_have_count(10)
    heights = [bar["height"] for bar in anyone.places(bars)]
    assert len(heights) == 10
    assert max(range(10), key=heights.__getitem__) == 7
    assert heights[7] > 5 * sorted(heights)[-2]


def test_a_number_is_read_boxed_and_copied(anyone: Visitor, gate: Gate) -> None:
    number = "306" if anyone.finger else "30624"
    anyone.choose_reading(1)
    asked = gate.questions
    anyone.write(number)
    expect(anyone.number).to_have_text(number)
    assert gate.questions - asked <= sum(len(STROKES[int(digit)]) for digit in number)
    boxes = anyone.page.locator(".boxes li")
    expect(boxes).to_have_count(len(number))
    for text, digit in zip(boxes.all_inner_texts(), number, strict=True):
        assert re.match(rf"{digit}\D+\d+", text)
    picture, *shown = anyone.places(".boxes img, .boxes li")
    assert len(shown) == len(number)
    for place, box in enumerate(shown):
        assert (box["x"] - picture["x"]) / picture["width"] == pytest.approx(0.05 + 0.19 * place, abs=0.05)
        assert (box["y"] - picture["y"]) / picture["height"] == pytest.approx(0.25, abs=0.1)
    button = anyone.page.locator(".st-key-copy button")
    unpressed = button.inner_text()
    anyone.press(button)
    expect(button).not_to_have_text(unpressed)
    expect(anyone.page.locator(".st-key-copy [role=status]")).not_to_be_empty()
    assert anyone.page.evaluate("navigator.clipboard.readText()") == number
    asked = gate.questions
    anyone.load_again()
    expect(anyone.number).to_have_text(number)
    for mode in (1, 0):
        anyone.choose_mode(mode)
    expect(anyone.number).to_have_text(number)
    assert gate.questions == asked + 1


def test_uploads_good_and_bad(desktop: Visitor, digit_files: dict[str, Path]) -> None:
    desktop.choose_mode(1)
    expect(desktop.page.locator(".st-key-examples")).to_be_visible()
    for name in ("broken", "text"):
        desktop.upload(digit_files["seven"])
        expect(desktop.digit).to_have_text("7")
        expect(desktop.page.locator(".st-key-preview img")).to_be_visible()
        desktop.take_back_uploads()
        desktop.upload(digit_files[name])
        expect(desktop.error).to_be_visible()
        expect(desktop.page.locator(".st-key-preview")).to_have_count(0)
        desktop.take_back_uploads()


def test_the_api_stops_and_comes_back(desktop: Visitor, gate: Gate) -> None:
    gate.shut()
    try:
        desktop.stroke(zero())
        expect(desktop.error).to_be_visible()
        drawn = desktop.ink()
        assert drawn > 0
    finally:
        gate.open()
    expect(desktop.digit).to_have_text("0")
    assert desktop.ink() == drawn
