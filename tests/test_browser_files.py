"""Files and the camera in a real browser."""

import csv
import re
from pathlib import Path

import pytest
from PIL import Image
from pillow_heif import register_heif_opener
from playwright.sync_api import Locator, expect

from page.examples import FOLDER as EXAMPLES
from tests.test_browser_learning import agree, put_right
from tests.test_browser_looks import check_accessibility
from tools.browser import Visitor
from tools.drawing import STROKES, Strokes, stroke_mask
from tools.servers import Gate

pytest_plugins = ["tests.fixtures"]

ORIENTATION = 274  # the EXIF tag that says how a camera was held
LETTER: Strokes = [[(0.05, 0), (0.05, 1)], [(0.6, 0), (0.05, 0.55), (0.65, 1)]]


@pytest.fixture
def number_files(tmp_path: Path) -> list[Path]:
    """A number of four marks on its side, a part of it under the name of a formula, and an empty sheet."""
    plate = Image.new("L", (900, 400), 230)
    for place, shown in enumerate((STROKES[5], STROKES[1], LETTER, STROKES[2])):
        plate.paste(30, (80 + 200 * place, 100), stroke_mask(shown, 200, 16))
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    files = [tmp_path / "plate.jpg", tmp_path / "=1+1.png", tmp_path / "empty.png"]
    plate.transpose(Image.Transpose.ROTATE_90).save(files[0], exif=turned)
    plate.crop((0, 0, 450, 400)).save(files[1])
    Image.new("L", (300, 200), 230).save(files[2])
    return files


@pytest.fixture
def scans(tmp_path: Path) -> list[Path]:
    """Sixty small pictures of the ten digits in turn, all of them different, the last one an empty sheet."""
    files = [tmp_path / f"scan {place:02d}.png" for place in range(60)]
    for place, file in enumerate(files):
        scan = Image.new("L", (120, 160), 190 + place)
        if file != files[-1]:
            scan.paste(30, (30, 50), stroke_mask(STROKES[place % 10], 60, 7))
        scan.save(file)
    return files


def rows_of(visitor: Visitor) -> Locator:
    return visitor.page.locator(".many tbody tr")


def digits_in(rows: Locator) -> Locator:
    return rows.locator("td:first-of-type")


def sort_by_sureness(visitor: Visitor) -> None:
    visitor.press(visitor.page.locator(".many thead button").last)


def kept_table(visitor: Visitor) -> list[dict[str, str]]:
    """The rows of the CSV file that the page offers."""
    with visitor.page.expect_download() as kept:
        visitor.press(visitor.page.locator("[class*=st-key-download] button"))
    with kept.value.path().open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_several_uploads_make_a_table_to_keep(anyone: Visitor, digit_files: dict[str, Path], gate: Gate) -> None:
    asked = gate.questions
    anyone.choose_mode(1)
    anyone.upload(digit_files["seven"], EXAMPLES / "board.jpg", digit_files["broken"], EXAMPLES / "heart.jpg")
    rows = rows_of(anyone)
    expect(digits_in(rows)).to_have_text(["7", "3", "–", "–"])
    names = rows.locator("th").all_inner_texts()
    assert names == ["seven.jpg", "board.jpg", "broken.jpg", "heart.jpg"]
    expect(rows.locator("img")).to_have_count(3)
    table = {row["file"]: row for row in kept_table(anyone)}
    assert [table[name]["prediction"] for name in names] == ["7", "3", "", ""]
    assert float(table["seven.jpg"]["confidence"]) > 0.5
    assert table["heart.jpg"]["rejected"] == "not_a_digit"
    assert table["broken.jpg"]["error"]
    assert gate.questions == asked + 1

    expect(rows.locator("b")).to_have_count(2)  # "look at this"
    expect(rows.nth(2).locator("b")).to_be_visible()
    sort_by_sureness(anyone)
    expect(rows.locator("th")).to_have_text(["broken.jpg", "heart.jpg", re.compile("jpg"), re.compile("jpg")])
    anyone.press(rows.filter(has_text="board.jpg").locator(".said"))
    expect(anyone.digit).to_have_text("3")
    expect(anyone.page.locator(".way .influence")).to_be_visible()
    expect(anyone.page.locator(".st-key-preview")).to_be_visible(visible=not anyone.finger)
    assert anyone.overhang() == 0
    check_accessibility(anyone)
    rows.filter(has_text="heart.jpg").locator("button").press("Enter")
    expect(anyone.rejected).to_be_visible()
    expect(rows.locator("[aria-pressed=true]")).to_have_text("heart.jpg")
    rows.filter(has_text="heart.jpg").locator("button").press("Enter")
    expect(anyone.card).to_have_count(0)
    assert gate.questions == asked + 3


@pytest.mark.parametrize("kind", ["heic", "pdf"])
def test_a_file_that_no_browser_shows_is_shown_and_read(
    desktop: Visitor, digit_files: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    register_heif_opener()
    with Image.open(digit_files["seven"]) as seven:
        seven.save(tmp_path / f"seven.{kind}")
    desktop.choose_mode(1)
    desktop.upload(tmp_path / f"seven.{kind}")
    expect(desktop.digit).to_have_text("7")
    shown = desktop.page.locator(".st-key-preview img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalHeight / image.naturalWidth") == pytest.approx(4 / 3, abs=0.02)


def test_sixty_files_hold_nothing_up_and_one_is_put_right(desktop: Visitor, scans: list[Path], gate: Gate) -> None:
    gate.hold()
    asked = gate.questions
    desktop.choose_mode(1)
    desktop.upload(*scans)
    rows = rows_of(desktop)
    expect(rows).to_have_count(60)
    expect(rows.locator("img")).to_have_count(60)
    expect(desktop.page.get_by_test_id("stProgress")).to_be_visible()
    expect(desktop.page.locator("[class*=st-key-download]")).to_have_count(0)
    gate.wait_for(asked + 1)
    desktop.choose_mode(0)
    expect(desktop.page.locator(".answer.hint")).to_be_visible()
    expect(rows).to_have_count(0)
    desktop.choose_mode(1)
    expect(rows).to_have_count(60)
    desktop.press(rows.nth(57).locator("button"))
    gate.wait_for(asked + 2)  # ahead of those that wait
    gate.release()
    expect(desktop.digit).to_have_text("7")
    digits = [str(place % 10) for place in range(59)]
    expect(digits_in(rows)).to_have_text([*digits, "–"])
    expect(desktop.page.get_by_test_id("stProgress")).to_have_count(0)
    gate.wait_for(asked + 5)

    desktop.press(rows.nth(33).locator("button"))
    expect(desktop.digit).to_have_text("3")
    put_right(desktop, 8)
    agree(desktop)
    expect(desktop.digit).to_have_text("8")
    digits[33] = "8"
    expect(digits_in(rows)).to_have_text([*digits, "–"])
    assert kept_table(desktop)[33]["prediction"] == "8"


def test_numbers_in_files_are_boxed_and_tabled(anyone: Visitor, number_files: list[Path]) -> None:
    anyone.choose_reading(1)
    anyone.choose_mode(1)
    expect(anyone.page.get_by_test_id("stFileUploader")).to_be_visible()
    anyone.upload(number_files[0])
    expect(anyone.number).to_have_text("51?2")
    expect(anyone.page.locator(".boxes li")).to_have_count(4)
    expect(anyone.page.locator(".boxes .unread")).to_have_text("?")
    picture, last = anyone.places(".boxes img, .boxes li:last-child")
    assert picture["width"] / picture["height"] == pytest.approx(9 / 4, abs=0.05)
    assert (last["x"] - picture["x"]) / picture["width"] == pytest.approx(680 / 900, abs=0.03)
    assert last["height"] / picture["height"] == pytest.approx(216 / 400, abs=0.06)

    anyone.upload(*number_files[1:])
    rows = rows_of(anyone)
    expect(digits_in(rows)).to_have_text(["51?2", "51", "–"])
    table = kept_table(anyone)
    assert [row["prediction"] for row in table] == ["51?2", "51", ""]
    assert table[2]["rejected"] == "blank"
    assert not any(row["file"].startswith(("=", "+", "-", "@")) for row in table)
    anyone.press(rows.nth(1).locator("button"))
    expect(anyone.number).to_have_text("51")
    expect(anyone.page.locator(".boxes li")).to_have_count(2)
    assert anyone.overhang() == 0


def test_examples_can_be_tried_and_give_way_to_a_file(desktop: Visitor, digit_files: dict[str, Path]) -> None:
    desktop.choose_mode(1)
    for name, digit in (("ruled", "5"), ("shadow", "2")):
        desktop.press(desktop.page.locator(f".st-key-example_{name} button"))
        expect(desktop.digit).to_have_text(digit)
    desktop.press(desktop.page.locator(".st-key-example_heart button"))
    expect(desktop.page.locator(".answer.rejected")).to_be_visible()
    desktop.upload(digit_files["seven"])
    expect(desktop.digit).to_have_text("7")
    desktop.press(desktop.page.locator(".st-key-example_board button"))
    expect(desktop.digit).to_have_text("3")


def test_a_photograph_is_taken_and_answered(anyone: Visitor, gate: Gate) -> None:
    before = gate.questions
    anyone.choose_mode(2)
    anyone.page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.2")
    anyone.press(anyone.page.get_by_test_id("stCameraInputButton"))
    expect(anyone.page.locator(".answer.hint")).to_have_count(0)
    expect(anyone.error).to_have_count(0)
    assert gate.questions == before + 1


def test_files_that_cannot_be_taken_are_refused_in_the_users_language(desktop: Visitor, tmp_path: Path) -> None:
    desktop.choose_mode(1)
    uploader = desktop.page.get_by_test_id("stFileUploader")
    note, huge = tmp_path / "note.txt", tmp_path / "huge.jpg"
    note.write_text("seven")
    huge.write_bytes(b"\xff\xd8\xff" + bytes(33 * 2**20))
    said = []
    for file in (note, huge):
        desktop.upload(file)
        expect(uploader.get_by_text(file.name)).to_be_visible()
        said.append(str(uploader.evaluate("element => getComputedStyle(element, '::after').content")))
    assert all(re.search("[а-я]", sentence) for sentence in said)
    assert said[0] != said[1]
