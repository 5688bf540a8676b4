"""Tables, signs and hints on the page in a real browser; what the API reads of the picture is told to it."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, expect

from tests.stand_in import cells, number
from tests.test_browser_looks import check_accessibility
from tools.browser import Visitor
from tools.servers import Gate, wait_until

pytest_plugins = ["tests.fixtures"]

ROWS = (("1", "15", ""), ("-7", "781", "4"))


def response(body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A picture of a table, as large as the stand-in says that it is."""
    sheet = Image.new("L", (864, 432), 235)
    lines = ImageDraw.Draw(sheet)
    for column in range(4):
        lines.line([(120 * column, 0), (120 * column, 100)], 60, 2)
    for row in range(3):
        lines.line([(0, 50 * row), (360, 50 * row)], 60, 2)
    path = tmp_path / "form.png"
    sheet.save(path)
    return path


def upload_as_number(visitor: Visitor, picture: Path) -> None:
    visitor.choose_mode(1)
    visitor.choose_reading(1)
    expect(visitor.page.get_by_test_id("stFileUploader")).to_be_visible()
    expect(visitor.page.locator(".st-key-hints")).to_be_visible()
    visitor.wait_for_rest()
    visitor.upload(picture)


def show(visitor: Visitor, gate: Gate, body: bytes, picture: Path) -> None:
    """The page with this answer to an uploaded picture."""
    gate.answer = response(body)
    upload_as_number(visitor, picture)
    visitor.page.locator(".boxes").wait_for()


def fields(visitor: Visitor) -> Locator:
    return visitor.page.locator(".st-key-cells input")


def values(visitor: Visitor) -> list[str]:
    found: list[str] = fields(visitor).evaluate_all("inputs => inputs.map(input => input.value)")
    return found


def copied(visitor: Visitor) -> list[list[str]]:
    """What the button copies; what it says of that may be gone again before it is looked at."""
    visitor.page.evaluate("navigator.clipboard.writeText('')")
    visitor.press(visitor.page.locator(".st-key-copy button"))
    wait_until(lambda: bool(visitor.page.evaluate("navigator.clipboard.readText()")))
    return [line.split("\t") for line in visitor.page.evaluate("navigator.clipboard.readText()").splitlines()]


def kept(visitor: Visitor) -> list[list[str]]:
    with visitor.page.expect_download() as download:
        visitor.press(visitor.page.locator(".st-key-download button"))
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_table_is_shown_checked_typed_over_copied_and_kept(anyone: Visitor, gate: Gate, form: Path) -> None:
    show(anyone, gate, cells(*ROWS), form)
    expect(fields(anyone)).to_have_count(6)
    assert values(anyone) == [text for row in ROWS for text in row]
    boxes, unsure = anyone.page.locator(".boxes .cell"), anyone.page.locator(".st-key-cells .unsure input")
    expect(boxes).to_have_count(6)
    expect(anyone.page.locator(".boxes .doubted")).to_have_count(2)
    expect(unsure).to_have_count(2)
    named = unsure.first.get_attribute("aria-label")
    assert named is not None
    assert len(named) > len(fields(anyone).first.get_attribute("aria-label") or "")
    picture, *places = anyone.places(".boxes img, .boxes .cell")
    assert (places[4]["x"] - picture["x"]) / picture["width"] == pytest.approx(120 / 864, abs=0.01)
    assert (places[4]["y"] - picture["y"]) / picture["height"] == pytest.approx(50 / 432, abs=0.01)
    check_accessibility(anyone)

    card = anyone.card.inner_text()
    anyone.press(unsure.first)
    expect(anyone.page.locator(".st-key-cells .crop")).to_be_visible()
    expect(boxes.nth(1)).to_have_class("cell doubted pointed")
    offered = anyone.page.locator(".st-key-cells .choices button")
    expect(offered).to_have_count(2)
    check_accessibility(anyone)
    anyone.press(offered.nth(1))
    expect(unsure).to_have_count(1)
    expect(fields(anyone).nth(1)).to_have_value("75")
    expect(anyone.card).not_to_have_text(card)
    anyone.wait_for_rest()
    anyone.press(unsure.first)
    expect(boxes.nth(4)).to_have_class("cell doubted pointed")
    anyone.press(offered.first)  # as it was read
    expect(unsure).to_have_count(0)
    expect(anyone.page.locator(".answer .second")).to_have_count(0)
    fields(anyone).nth(3).fill("=7+8")
    fields(anyone).nth(3).press("Enter")
    wait_until(lambda: copied(anyone) == [["1", "75", ""], ["=7+8", "781", "4"]])
    wait_until(lambda: kept(anyone) == [["1", "75", ""], ["'=7+8", "781", "4"]])
    assert anyone.overhang() == 0


@pytest.mark.parametrize(("shrunk", "covered"), [(1, True), (5, False)])
def test_no_mark_covers_what_stands_in_a_small_unsure_cell(
    desktop: Visitor, gate: Gate, form: Path, shrunk: int, *, covered: bool
) -> None:
    answer = json.loads(cells(*ROWS))
    for row in answer["table"]:
        for cell in row:
            cell["box"] = [side / shrunk for side in cell["box"]]
    show(desktop, gate, json.dumps(answer).encode(), form)
    doubted = desktop.page.locator(".boxes .doubted")
    expect(doubted).to_have_count(2)
    expect(doubted.first.locator("b")).to_be_visible(visible=covered)
    assert doubted.first.evaluate("cell => getComputedStyle(cell).borderTopStyle") == "dashed"


def test_what_was_typed_is_still_there_after_a_look_elsewhere(desktop: Visitor, gate: Gate, form: Path) -> None:
    asked = gate.questions
    show(desktop, gate, cells(*ROWS), form)
    fields(desktop).first.fill("2")
    fields(desktop).first.press("ArrowDown")
    assert desktop.page.evaluate("document.activeElement.shadowRoot?.activeElement?.value") in ("-7", None)
    fields(desktop).nth(2).fill("3")
    wait_until(lambda: copied(desktop)[0] == ["2", "15", "3"])
    for mode in (0, 1):
        desktop.choose_mode(mode)
        desktop.wait_for_rest()
    expect(fields(desktop)).to_have_count(6)
    assert values(desktop) == ["2", "15", "3", "-7", "781", "4"]
    desktop.press(desktop.page.locator(".st-key-language button").last)
    expect(desktop.page.locator(".st-key-cells [role=status]")).to_contain_text("cell")
    assert values(desktop) == ["2", "15", "3", "-7", "781", "4"]
    assert copied(desktop)[0] == ["2", "15", "3"]
    assert gate.questions == asked + 1


def test_an_unsure_cell_can_be_confirmed_as_empty(desktop: Visitor, gate: Gate, form: Path) -> None:
    answer = json.loads(cells(*ROWS))
    answer["table"][0][2] |= {"confidence": 0.5, "alternatives": [{"text": "1", "confidence": 0.4}]}
    show(desktop, gate, json.dumps(answer).encode(), form)
    unsure = desktop.page.locator(".st-key-cells .unsure input")
    expect(unsure).to_have_count(3)
    for choice, value in ((1, "1"), (0, "")):
        desktop.press(fields(desktop).nth(2))
        desktop.press(desktop.page.locator(".st-key-cells .choices button").nth(choice))
        expect(fields(desktop).nth(2)).to_have_value(value)
        expect(unsure).to_have_count(2)
        wait_until(lambda: copied(desktop)[0] == ["1", "15", value])  # noqa: B023


def test_a_wide_table_is_scrolled_by_itself(phone: Visitor, gate: Gate, form: Path) -> None:
    show(phone, gate, cells(["123"] * 14, [""] * 14), form)
    expect(fields(phone)).to_have_count(28)
    assert phone.overhang() == 0
    assert fields(phone).first.evaluate("input => input.scrollWidth <= input.clientWidth")
    assert fields(phone).first.evaluate("input => input.getBoundingClientRect().height") >= 44


def test_signs_have_boxes_and_unsure_words_other_readings(anyone: Visitor, gate: Gate, form: Path) -> None:
    show(anyone, gate, number("7,8 781"), form)
    expect(anyone.number).to_have_text("7,8 781")
    expect(anyone.page.locator(".boxes .sign b")).to_have_text(",")
    check_accessibility(anyone)
    anyone.press(anyone.page.get_by_role("radio").filter(has_text="20"))
    expect(anyone.number).to_have_text("7,8 7,8")
    assert copied(anyone) == [["7,8 7,8"]]
    assert anyone.overhang() == 0


def test_a_page_on_its_side_is_shown_upright(anyone: Visitor, gate: Gate, form: Path) -> None:
    show(anyone, gate, json.dumps(json.loads(cells(*ROWS)) | {"turn": 90}).encode(), form)
    picture, first = anyone.places(".boxes img, .boxes .cell:first-child")
    assert picture["height"] / picture["width"] == pytest.approx(2, abs=0.02)
    assert (first["x"] + first["width"] - picture["x"]) / picture["width"] == pytest.approx(1, abs=0.01)
    expect(anyone.page.locator(".turned")).to_contain_text("90")
    assert anyone.overhang() == 0


def test_hints_are_chosen_and_stay_open_and_named(anyone: Visitor, gate: Gate, form: Path) -> None:
    show(anyone, gate, number("12"), form)
    asked = gate.questions
    fold = anyone.page.locator(".st-key-hints summary")
    unnamed = fold.inner_text()
    anyone.press(fold)
    chooser = anyone.page.get_by_role("combobox")
    chooser.scroll_into_view_if_needed()
    anyone.wait_for_rest()  # a menu closes when what is under it moves
    anyone.press(chooser)
    anyone.press(anyone.page.get_by_role("option").nth(3))
    expect(fold).not_to_have_text(unnamed)
    expect(anyone.page.locator(".st-key-length")).to_be_visible()
    gate.wait_for(asked + 1)
    check_accessibility(anyone)
    assert anyone.overhang() == 0
