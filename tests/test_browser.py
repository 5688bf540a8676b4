"""The page in a real browser: with the mouse and with a finger, with both processes running."""

import csv
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools.browser import (
    PROJECT,
    SEVEN,
    Gate,
    Server,
    Visitor,
    answers,
    api_server,
    foreign_program,
    free_port,
    launch,
    line,
    page_server,
    visit,
    wait_until,
    zero,
)
from tools.drawing import STROKES, stroke_mask

EXAMPLES = PROJECT / "page" / "examples"
ORIENTATION = 274  # the EXIF tag that says how a camera was held
CROSS = [[(0, 0.2), (0.6, 0.8)], [(0.6, 0.2), (0, 0.8)], [(0, 0.5), (0.6, 0.5)]]
STANDARD_API = "http://127.0.0.1:8000/health/live"


@pytest.fixture(scope="session")
def api_process() -> Iterator[Server]:
    server = api_server(free_port())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def open_gate(api_process: Server) -> Iterator[Gate]:
    gate = Gate(int(api_process.command[-1]))
    yield gate
    gate.close()


@pytest.fixture
def gate(open_gate: Gate) -> Iterator[Gate]:
    yield open_gate
    open_gate.delay, open_gate.talk = 0.0, "sense"


@pytest.fixture(scope="session")
def url(open_gate: Gate) -> Iterator[str]:
    port = free_port()
    server = page_server(port, API_URL=f"http://127.0.0.1:{open_gate.port}")
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def desktop(browser: Browser, url: str) -> Iterator[Visitor]:
    with visit(browser, url) as visitor:
        yield visitor


@pytest.fixture
def phone(browser: Browser, url: str) -> Iterator[Visitor]:
    with visit(browser, url, phone=True) as visitor:
        yield visitor


@pytest.fixture
def digit_files(tmp_path: Path) -> dict[str, Path]:
    """A seven on paper as JPEG, the same broken off, a text called a picture, and a file of 33 MB."""
    seven = Image.new("L", (600, 800), 235)
    ImageDraw.Draw(seven).line([(180, 200), (430, 200), (270, 620)], fill=30, width=38, joint="curve")
    files = {name: tmp_path / f"{name}.jpg" for name in ("seven", "broken", "text", "huge")}
    seven.save(files["seven"])
    files["broken"].write_bytes(files["seven"].read_bytes()[:3000])
    files["text"].write_text("seven")
    files["huge"].write_bytes(b"\xff\xd8\xff" + bytes(33 * 2**20))
    return files


@pytest.fixture(params=["mouse", "finger"])
def anyone(request: pytest.FixtureRequest, browser: Browser, url: str) -> Iterator[Visitor]:
    with visit(browser, url, phone=request.param == "finger") as visitor:
        yield visitor


def test_a_drawn_digit_is_shown_the_zero_included(anyone: Visitor) -> None:
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    anyone.press(anyone.button("clear"))
    expect(anyone.digit).to_have_count(0)
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")


def test_nothing_is_asked_before_anything_is_drawn_and_nothing_twice(anyone: Visitor, gate: Gate) -> None:
    before = gate.questions
    expect(anyone.card).to_be_visible()
    anyone.page.wait_for_timeout(600)
    assert gate.questions == before
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    assert gate.questions == before + 1
    for mode in (1, 2, 0):
        anyone.choose_mode(mode)
        anyone.page.wait_for_timeout(300)
    expect(anyone.digit).to_have_text("0")
    assert gate.questions == before + 1


def test_strokes_in_the_top_right_corner_are_kept(anyone: Visitor) -> None:
    for start in ((0.97, 0.03), (0.9, 0.08), (0.75, 0.02)):
        before = anyone.ink()
        anyone.stroke(line(start, (start[0] - 0.3, start[1] + 0.5)))
        anyone.wait_for_ink(lambda ink: ink > before + 500)  # noqa: B023
    expect(anyone.button("undo")).to_be_enabled()


def test_strokes_that_follow_at_once_are_all_kept_and_seen(anyone: Visitor) -> None:
    anyone.stroke(line((0.3, 0.22), (0.7, 0.22)))
    anyone.stroke(line((0.7, 0.22), (0.45, 0.8)))
    expect(anyone.digit).to_have_text("7")
    assert anyone.ink() > 0


def test_an_answer_in_the_middle_of_a_stroke_does_not_break_it(anyone: Visitor, gate: Gate) -> None:
    gate.delay = 0.4
    anyone.stroke(line((0.3, 0.22), (0.7, 0.22)))
    hint = anyone.card.inner_text()
    anyone.stroke(line((0.7, 0.22), (0.45, 0.8)), halfway=lambda: expect(anyone.card).not_to_have_text(hint))
    expect(anyone.digit).to_have_text("7")


def test_strokes_land_under_the_finger_on_a_scrolled_page(phone: Visitor) -> None:
    phone.page.locator(".stMain").evaluate("main => main.scrollTo(0, 90)")
    phone.stroke(line((0.25, 0.2), (0.25, 0.8)))
    phone.wait_for_ink(lambda ink: ink > 500)
    left, top, right, bottom = phone.ink_box()
    assert (left + right) / 2 == pytest.approx(0.25, abs=0.02)
    assert (top + bottom) / 2 == pytest.approx(0.5, abs=0.02)


def test_strokes_during_a_slow_answer_are_kept_and_answered(anyone: Visitor, gate: Gate) -> None:
    gate.delay = 1.5
    anyone.stroke(line((0.3, 0.22), (0.7, 0.22)))
    anyone.page.wait_for_timeout(300)
    anyone.stroke(line((0.7, 0.22), (0.45, 0.8)))
    gate.delay = 0.0
    expect(anyone.digit).to_have_text("7")


def test_undo_takes_back_strokes_one_by_one(anyone: Visitor) -> None:
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


def test_undo_brings_back_what_was_cleared(anyone: Visitor) -> None:
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


def test_a_page_that_is_loaded_again_has_the_drawing(anyone: Visitor, gate: Gate) -> None:
    anyone.choose_colour("background", "#20639b")
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    uncrossed, asked = anyone.ink(), gate.questions
    anyone.stroke(line((0.35, 0.5), (0.65, 0.5)))
    anyone.wait_for_ink(lambda ink: ink > uncrossed)
    crossed = anyone.ink()
    wait_until(lambda: gate.questions == asked + 1, 10)
    anyone.page.wait_for_timeout(300)
    for _ in range(2):
        anyone.load_again()
        expect(anyone.digit).to_have_text("7")
        anyone.wait_for_ink(lambda ink: ink == crossed)
        anyone.wait_for_paper((0x20, 0x63, 0x9B))
    anyone.press(anyone.button("undo"))
    anyone.wait_for_ink(lambda ink: ink == uncrossed)
    anyone.wait_for_canvas()
    anyone.stroke(line((0.35, 0.5), (0.65, 0.5)))
    anyone.wait_for_ink(lambda ink: ink == crossed)
    anyone.press(anyone.button("clear"))
    expect(anyone.digit).to_have_count(0)
    anyone.press(anyone.button("undo"))
    expect(anyone.digit).to_have_text("7")
    assert anyone.ink() == crossed
    anyone.press(anyone.button("clear"))
    expect(anyone.digit).to_have_count(0)
    anyone.load_again()
    expect(anyone.card).to_be_visible()
    anyone.page.wait_for_timeout(500)
    assert anyone.ink() == 0
    expect(anyone.button("clear")).to_be_disabled()


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


def test_a_digit_becomes_a_number_and_a_digit_again(anyone: Visitor) -> None:
    anyone.stroke(line((0.1, 0.22), (0.5, 0.22), (0.25, 0.8)))
    expect(anyone.digit).to_have_text("7")
    anyone.choose_reading(1)
    expect(anyone.number).to_have_text("7")
    anyone.write("0", start=0.5)
    expect(anyone.number).to_have_text("70")
    drawn = anyone.ink()
    anyone.choose_reading(0)
    expect(anyone.rejected).to_be_visible()
    assert anyone.ink() == drawn
    anyone.press(anyone.page.locator(".st-key-instead button"))
    expect(anyone.number).to_have_text("70")
    anyone.press(anyone.button("undo"))
    expect(anyone.number).to_have_text("7")
    anyone.choose_reading(0)
    expect(anyone.digit).to_have_text("7")


def test_numbers_in_files_are_boxed_and_tabled(anyone: Visitor, tmp_path: Path) -> None:
    plate = Image.new("L", (900, 400), 230)
    for place, shown in enumerate((STROKES[5], STROKES[1], CROSS, STROKES[2])):
        plate.paste(30, (80 + 200 * place, 100), stroke_mask(shown, 200, 16))
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    files = [tmp_path / "plate.jpg", tmp_path / "=1+1.png", tmp_path / "empty.png"]
    plate.transpose(Image.Transpose.ROTATE_90).save(files[0], exif=turned)
    plate.crop((0, 0, 450, 400)).save(files[1])
    Image.new("L", (300, 200), 230).save(files[2])

    anyone.choose_reading(1)
    anyone.choose_mode(1)
    expect(anyone.page.get_by_test_id("stFileUploader")).to_be_visible()
    anyone.upload(files[0])
    expect(anyone.number).to_have_text("51?2")
    expect(anyone.page.locator(".boxes li")).to_have_count(4)
    expect(anyone.page.locator(".boxes .unread")).to_have_text("?")
    picture, last = anyone.places(".boxes img, .boxes li:last-child")
    assert picture["width"] / picture["height"] == pytest.approx(9 / 4, abs=0.05)
    assert (last["x"] - picture["x"]) / picture["width"] == pytest.approx(680 / 900, abs=0.03)
    assert last["height"] / picture["height"] == pytest.approx(216 / 400, abs=0.06)

    anyone.upload(*files[1:])
    rows = anyone.page.locator(".many tbody tr")
    expect(rows).to_have_count(3, timeout=15_000)
    assert rows.locator("td:first-of-type").all_inner_texts() == ["51?2", "51", "–"]
    with anyone.page.expect_download() as kept:
        anyone.press(anyone.page.locator(".st-key-download button"))
    with kept.value.path().open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["prediction"] for row in table] == ["51?2", "51", ""]
    assert table[2]["rejected"] == "blank"
    assert not any(row["file"].startswith(("=", "+", "-", "@")) for row in table)
    assert anyone.overhang() == 0


def test_a_new_background_keeps_the_drawing_and_reads_it_again(anyone: Visitor, gate: Gate) -> None:
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    drawn, asked = anyone.ink(), gate.questions
    anyone.choose_colour("background", "#20639b")
    anyone.wait_for_paper((0x20, 0x63, 0x9B))
    wait_until(lambda: gate.questions == asked + 1, 5)
    expect(anyone.digit).to_have_text("7")
    assert anyone.ink() == drawn
    anyone.choose_colour("brush", "#ffd166")
    anyone.stroke(line((0.4, 0.5), (0.7, 0.5)))
    wait_until(lambda: gate.questions == asked + 2, 5)
    anyone.wait_for_ink(lambda ink: ink > drawn)


def test_another_mode_and_back_keeps_the_drawing(anyone: Visitor) -> None:
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    drawn = anyone.ink()
    for mode in (1, 2, 0):
        anyone.choose_mode(mode)
        expect(anyone.page.locator(".st-key-canvas")).to_be_visible(visible=mode == 0)
    expect(anyone.digit).to_have_text("7")
    assert anyone.ink() == drawn
    anyone.stroke(line((0.35, 0.5), (0.65, 0.5)))
    anyone.wait_for_ink(lambda ink: ink > drawn)
    anyone.press(anyone.button("undo"))
    anyone.wait_for_ink(lambda ink: ink == drawn)


def test_ink_that_cannot_be_told_from_the_paper_is_pointed_out(desktop: Visitor) -> None:
    warning = desktop.page.get_by_test_id("stAlert")
    expect(warning).to_have_count(0)
    desktop.choose_colour("brush", "#0a0a0a")
    expect(warning).to_be_visible()
    desktop.choose_colour("brush", "#ff0000")
    expect(warning).to_have_count(0)


def test_uploads_good_and_bad(desktop: Visitor, digit_files: dict[str, Path]) -> None:
    desktop.choose_mode(1)
    expect(desktop.page.locator(".st-key-examples")).to_be_visible()
    for name in ("broken", "text"):
        desktop.upload(digit_files["seven"])
        expect(desktop.digit).to_have_text("7")
        expect(desktop.page.locator(".st-key-preview img")).to_be_visible()
        desktop.take_back_uploads()
        desktop.upload(digit_files[name])
        expect(desktop.trouble).to_be_visible()
        expect(desktop.page.locator(".st-key-preview")).to_have_count(0)
        desktop.take_back_uploads()


def test_several_uploads_make_a_table_to_keep(anyone: Visitor, digit_files: dict[str, Path], gate: Gate) -> None:
    asked = gate.questions
    anyone.choose_mode(1)
    anyone.upload(digit_files["seven"], EXAMPLES / "board.jpg", digit_files["broken"], EXAMPLES / "heart.jpg")
    rows = anyone.page.locator(".many tbody tr")
    expect(rows).to_have_count(4, timeout=15_000)
    names, digits = (rows.locator(cell).all_inner_texts() for cell in ("th", "td:first-of-type"))
    read = dict(zip(names, digits, strict=True))
    assert read == {"seven.jpg": "7", "board.jpg": "3", "broken.jpg": "–", "heart.jpg": "–"}
    with anyone.page.expect_download() as kept:
        anyone.press(anyone.page.locator(".st-key-download button"))
    with kept.value.path().open(encoding="utf-8-sig", newline="") as file:
        table = {row["file"]: row for row in csv.DictReader(file)}
    assert [table[name]["prediction"] for name in read] == ["7", "3", "", ""]
    assert float(table["seven.jpg"]["confidence"]) > 0.5
    assert table["heart.jpg"]["rejected"] == "not_a_digit"
    assert table["broken.jpg"]["error"]
    assert gate.questions == asked + 4
    assert anyone.overhang() == 0


def test_examples_can_be_tried_and_give_way_to_a_file(anyone: Visitor, digit_files: dict[str, Path]) -> None:
    anyone.choose_mode(1)
    for name, digit in (("ruled", "5"), ("shadow", "2")):
        anyone.press(anyone.page.locator(f".st-key-example_{name} button"))
        expect(anyone.digit).to_have_text(digit)
    anyone.press(anyone.page.locator(".st-key-example_heart button"))
    expect(anyone.page.locator(".answer.rejected")).to_be_visible()
    anyone.upload(digit_files["seven"])
    expect(anyone.digit).to_have_text("7")
    anyone.press(anyone.page.locator(".st-key-example_board button"))
    expect(anyone.digit).to_have_text("3")


def test_a_photograph_is_taken_and_answered(anyone: Visitor, gate: Gate) -> None:
    before = gate.questions
    anyone.choose_mode(2)
    anyone.page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.2")
    anyone.press(anyone.page.get_by_test_id("stCameraInputButton"))
    expect(anyone.page.locator(".answer.hint")).to_have_count(0, timeout=30_000)
    expect(anyone.trouble).to_have_count(0)
    assert gate.questions == before + 1


def test_files_that_cannot_be_taken_are_refused_in_the_users_language(
    desktop: Visitor, digit_files: dict[str, Path], tmp_path: Path
) -> None:
    desktop.choose_mode(1)
    uploader = desktop.page.get_by_test_id("stFileUploader")
    (tmp_path / "note.txt").write_text("seven")
    said = []
    for file in (tmp_path / "note.txt", digit_files["huge"]):
        desktop.upload(file)
        expect(uploader.get_by_text(file.name)).to_be_visible()
        said.append(str(uploader.evaluate("element => getComputedStyle(element, '::after').content")))
    assert all(re.search("[а-я]", sentence) for sentence in said)
    assert said[0] != said[1]


def test_the_api_stops_and_comes_back(anyone: Visitor, api_process: Server) -> None:
    api_process.stop()
    try:
        anyone.stroke(zero())
        expect(anyone.trouble).to_be_visible()
        drawn = anyone.ink()
        assert drawn > 0
    finally:
        api_process.start()
    expect(anyone.digit).to_have_text("0", timeout=10_000)
    assert anyone.ink() == drawn


def test_an_answer_that_makes_no_sense_can_be_asked_for_again(desktop: Visitor, gate: Gate) -> None:
    gate.talk = "nonsense"
    desktop.stroke(zero())
    expect(desktop.trouble).to_be_visible()
    gate.talk = "sense"
    desktop.page.locator(".st-key-retry button").click()
    expect(desktop.digit).to_have_text("0")


def test_a_late_answer_is_announced_and_then_shown(desktop: Visitor, gate: Gate) -> None:
    gate.delay = 2.5
    desktop.stroke(zero())
    expect(desktop.page.locator(".waiting")).to_be_visible()
    expect(desktop.digit).to_have_text("0")
    expect(desktop.page.locator(".waiting")).to_have_count(0)


def test_a_late_answer_holds_nothing_up(desktop: Visitor, gate: Gate) -> None:
    gate.delay = 4
    desktop.stroke(SEVEN)
    desktop.page.wait_for_timeout(300)
    desktop.choose_mode(1)
    expect(desktop.page.get_by_test_id("stFileUploader")).to_be_visible(timeout=1500)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_canvas_and_answer_fit_the_screen(browser: Browser, url: str, dark: bool, on_phone: bool) -> None:

    def check_fit(*parts: Locator) -> None:
        size = visitor.page.viewport_size
        assert size is not None
        for part in (visitor.page.locator(".st-key-canvas .upper-canvas"), visitor.card, *parts):
            box = part.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= size["width"]
            assert box["y"] + box["height"] <= size["height"]

    with visit(browser, url, phone=on_phone, dark=dark) as visitor:
        visitor.stroke(zero())
        expect(visitor.digit).to_have_text("0")
        check_fit()
        assert visitor.canvas()["width"] >= 280
        visitor.choose_reading(1)
        expect(visitor.number).to_have_text("0")
        check_fit(visitor.page.locator(".st-key-copy button"))
        assert visitor.canvas()["width"] >= (358 if on_phone else 600)
        assert visitor.overhang() == 0
        visitor.choose_reading(0)
        expect(visitor.digit).to_have_text("0")
        for name in ("undo", "clear"):
            box = visitor.button(name).bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44
        assert visitor.overhang() == 0
        assert (visitor.brightness(".stApp") < 0.5) == dark


def test_the_page_speaks_the_browsers_language(browser: Browser, url: str) -> None:
    said = {}
    for locale in ("ru-RU", "en-GB"):
        with visit(browser, url, locale=locale) as visitor:
            said[locale] = visitor.page.locator(".stMain").inner_text()
            language = visitor.page.locator("html").get_attribute("lang")
            assert language == ("en" if locale == "en-GB" else "ru")
    assert re.search("[А-Яа-я]", said["ru-RU"])
    assert not re.search("[А-Яа-я]", said["en-GB"])


def test_another_language_keeps_the_drawing_and_its_answer(anyone: Visitor) -> None:
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    drawn = anyone.ink()
    for place, russian in ((1, False), (0, True)):
        anyone.press(anyone.page.locator(".st-key-language button").nth(place))
        expect(anyone.page.locator("html")).to_have_attribute("lang", "ru" if russian else "en")
        page = anyone.page.locator(".stMain")
        wait_until(lambda: bool(re.search("[А-Яа-я]", page.inner_text())) == russian, 10)  # noqa: B023
        expect(anyone.digit).to_have_text("0")
        assert anyone.ink() == drawn


def test_bars_show_how_probable_each_digit_is(anyone: Visitor) -> None:
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    expect(anyone.page.locator(".bars i")).to_have_count(10)
    heights = [bar["height"] for bar in anyone.places(".bars i")]
    assert len(heights) == 10
    assert max(range(10), key=heights.__getitem__) == 7
    assert heights[7] > 5 * sorted(heights)[-2]


def test_how_it_decided_is_one_click_away_and_follows_the_drawing(anyone: Visitor, gate: Gate) -> None:
    expect(anyone.page.locator(".st-key-how")).to_have_count(0)
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    anyone.press(anyone.page.locator(".st-key-how label"))
    steps = anyone.page.locator(".way figure")
    expect(steps).to_have_count(5)
    expect(anyone.digit).to_have_text("7")
    for step in steps.all():
        assert step.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") >= 28
        assert step.inner_text().strip()
    assert anyone.overhang() == 0
    seen = anyone.page.locator(".way .picture img").get_attribute("src")
    assert seen is not None
    asked = gate.questions
    anyone.press(anyone.button("clear"))
    expect(steps).to_have_count(0)
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    expect(steps).to_have_count(5)
    expect(anyone.page.locator(".way .picture img")).not_to_have_attribute("src", seen)
    assert gate.questions == asked + 1


def test_tells_about_the_model(anyone: Visitor) -> None:
    anyone.press(anyone.page.locator(".st-key-about label"))
    matrix = anyone.page.locator(".about .confusion tbody tr")
    expect(matrix).to_have_count(10)
    for digit in range(10):
        counts = [int(text or 0) for text in matrix.nth(digit).locator("td").all_inner_texts()]
        assert max(range(11), key=counts.__getitem__) == digit
        assert 800 < sum(counts) < 1200
    expect(anyone.page.locator(".about .scores tbody tr").first).to_contain_text("99")
    assert anyone.overhang() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_keeps_the_rules_of_accessibility(browser: Browser, url: str, dark: bool, on_phone: bool) -> None:
    """WCAG 2.1, A and AA, as far as axe can tell: contrast, names of controls, roles, language."""

    def check(page: Page) -> None:
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
        results = Axe().run(page, options=rules)
        assert not results.response["violations"], results.generate_report()

    with visit(browser, url, phone=on_phone, dark=dark) as visitor:
        check(visitor.page)
        visitor.stroke(zero())
        expect(visitor.digit).to_have_text("0")
        for panel, shown in (("how", ".way .influence"), ("about", ".about .confusion")):
            visitor.press(visitor.page.locator(f".st-key-{panel} label"))
            visitor.page.locator(shown).wait_for()
        visitor.page.wait_for_timeout(500)
        check(visitor.page)
        visitor.choose_reading(1)
        visitor.page.locator(".boxes").wait_for()
        visitor.page.wait_for_timeout(500)
        check(visitor.page)
        for mode in (1, 2):
            visitor.choose_mode(mode)
            visitor.page.wait_for_timeout(500)
            check(visitor.page)


def test_nobody_sees_anothers_drawing(browser: Browser, url: str) -> None:
    with visit(browser, url) as one, visit(browser, url) as other:
        one.stroke(zero())
        expect(one.digit).to_have_text("0")
        expect(other.digit).to_have_count(0)
        assert other.ink() == 0
        other.stroke(SEVEN)
        expect(other.digit).to_have_text("7")
        expect(one.digit).to_have_text("0")


def test_the_answer_is_told_to_screen_readers(desktop: Visitor) -> None:
    spoken = desktop.page.locator(".st-key-spoken [role=status]")
    expect(spoken).not_to_be_empty()
    hint = spoken.inner_text()
    desktop.stroke(SEVEN)
    expect(spoken).not_to_have_text(hint)
    expect(spoken).to_contain_text("7")


def test_the_page_alone_starts_the_api_keeps_it_running_and_stops_it(browser: Browser) -> None:
    wait_until(lambda: not answers(STANDARD_API), 10)
    port = free_port()
    server = page_server(port, API_URL="")
    try:
        url = f"http://127.0.0.1:{port}"
        with visit(browser, url) as one, visit(browser, url) as other:
            for visitor in (one, other):
                visitor.stroke(zero())
                expect(visitor.digit).to_have_text("0", timeout=30_000)
            (api,) = server.children()
            assert answers(STANDARD_API)
            os.kill(api, signal.SIGKILL)
            for visitor in (one, other):
                visitor.press(visitor.button("clear"))
                visitor.stroke(SEVEN)
                expect(visitor.digit).to_have_text("7", timeout=30_000)
            assert len(server.children()) == 1
            assert server.children() != [api]
    finally:
        server.stop()
    assert not answers(STANDARD_API)


def test_make_run_starts_page_and_api_at_once_and_ends_both() -> None:
    wait_until(lambda: not answers(STANDARD_API), 10)
    port = free_port()
    page = f"http://127.0.0.1:{port}/_stcore/health"
    command = ["make", "run", f"BIN={Path(sys.executable).parent}", "--assume-old=.venv/runs"]
    settings = {"API_URL": "", "STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_HEADLESS": "true"}
    with subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | settings, stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as make:
        assert make.stdout is not None
        printed = next(line for line in make.stdout if "API: " in line)
        assert "http://127.0.0.1:8000" in printed
        wait_until(lambda: answers(page), 1)
        with (PROJECT / "benchmarks" / "canvas.png").open("rb") as picture:
            response = requests.post("http://127.0.0.1:8000/predict/", files={"file": picture}, timeout=5)
        assert response.json()["prediction"] == 7
        os.killpg(make.pid, signal.SIGINT)  # as Ctrl+C in a terminal
        make.communicate(timeout=15)
    assert not answers(page)
    assert not answers(STANDARD_API)


def test_another_program_on_the_apis_port_is_left_alone(browser: Browser) -> None:
    port = free_port()
    with foreign_program(8000):
        server = page_server(port, API_URL="")
        try:
            with visit(browser, f"http://127.0.0.1:{port}") as visitor:
                visitor.stroke(zero())
                expect(visitor.digit).to_have_text("0", timeout=30_000)
        finally:
            server.stop()
