"""Sheets in a real browser: one teaches a hand, those of a class make a data set, read by the real API."""

import csv
import gzip
import io
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from digits.learning_answers import EXPORT_FORMATS, ExportFormat
from tests import sheets
from tests.pdfs import pdf_of_pictures
from tests.test_browser_cells import upload_as_number
from tests.test_browser_looks import check_accessibility
from tools.browser import Visitor
from tools.drawing import draw

pytest_plugins = ["tests.fixtures"]

pytestmark = pytest.mark.skipif(not os.environ.get("DIGITS_DATA_DIR"), reason="the hands are those of a data set")


def photographed(folder: Path, writer: int, class_code: str | None = None, number: int = 1) -> Path:
    """A photograph of a sheet that this kept-out writer filled in, but for the last box."""
    digits = dict(enumerate(sheets.hand(writer)[:-1]))
    random = np.random.default_rng(writer)
    sheet = sheets.filled(sheets.blank(class_code, number), digits, sheets.BLUE, random)
    path = folder / f"{number}.jpg"
    path.write_bytes(sheets.photograph(sheet, sheets.PHONE, random))
    return path


def no_sheet(folder: Path) -> Path:
    path = folder / "nothing.png"
    Image.new("L", (900, 1200), 200).save(path)
    return path


def upload(place: Locator, files: Sequence[Path]) -> None:
    place.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)


def kept(visitor: Visitor, key: str) -> bytes:
    visitor.wait_for_rest()
    with visitor.page.expect_download() as download:
        visitor.press(visitor.page.locator(f".st-key-{key} button"))
    return download.value.path().read_bytes()


def pages(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def test_one_sheet_enrols_a_hand(phone: Visitor, tmp_path: Path) -> None:
    phone.press(phone.page.locator(".st-key-hand label"))
    phone.press(phone.page.locator(".st-key-begin button"))
    place = phone.page.locator(".st-key-one_sheet")
    expect(place).to_be_visible()
    assert pages(kept(phone, "keep_sheet")) == 1
    upload(place, [no_sheet(tmp_path)])
    expect(phone.page.locator(".notice")).to_be_visible()
    phone.press(place.locator("[data-testid=stFileChip] button"))

    upload(place, [photographed(tmp_path, sheets.KEPT_OUT_WRITERS[0])])
    boxes = place.locator("[class*=st-key-pictures_] li")
    expect(boxes).to_have_count(100)
    expect(place.locator(".empty")).to_have_count(1)
    check_accessibility(phone)
    assert phone.overhang() == 0
    phone.wait_for_rest()
    box_and_button = "box => { box.click(); document.querySelector('.st-key-take_sheets button').click(); }"
    boxes.nth(17).locator("button").evaluate(box_and_button)  # sooner than the page could know of the box
    remembered = phone.page.locator(".st-key-my_hand [class*=st-key-pictures_] li")
    expect(remembered).to_have_count(98)
    rows = phone.page.locator(".st-key-my_hand [class*=st-key-pictures_] .row")
    counts = [row.locator("li").count() for row in rows.all()]
    assert counts == [10, 9, *[10] * 7, 9]
    phone.press(remembered.first.locator("button"))
    phone.press(phone.page.locator(".st-key-forget_some button"))
    expect(remembered).to_have_count(97)
    phone.load_again()
    phone.press(phone.page.locator(".st-key-hand label"))
    expect(remembered).to_have_count(97)
    expect(phone.page.locator(".strip")).to_have_count(0)


def test_pages_of_a_scan_are_leafed_through(desktop: Visitor, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf_of_pictures([draw(3), Image.new("L", (280, 280)), draw(5)]))
    upload_as_number(desktop, tmp_path / "scan.pdf")
    expect(desktop.number).to_have_text("3")
    shown = desktop.page.locator(".boxes img")
    first = shown.get_attribute("src")
    leaf = desktop.page.locator(".st-key-leafing")
    desktop.press(leaf.get_by_test_id("stNumberInputStepUp"))
    expect(desktop.rejected).to_be_visible()
    desktop.press(leaf.get_by_test_id("stNumberInputStepUp"))
    expect(desktop.number).to_have_text("5")
    assert shown.get_attribute("src") != first
    check_accessibility(desktop)
    leaf.locator("input").fill("1")
    leaf.locator("input").press("Enter")
    expect(desktop.number).to_have_text("3")


def test_a_class_makes_its_own_data_set(desktop: Visitor, tmp_path: Path) -> None:
    page = desktop.page
    desktop.press(page.locator(".st-key-hand label"))
    desktop.press(page.locator(".st-key-open_class button"))
    expect(page).to_have_url(re.compile("view=class"))
    expect(page.locator(".hand dt")).to_have_count(5)
    check_accessibility(desktop)
    desktop.press(page.locator(".st-key-begin_class button"))
    code = page.locator(".hand .code").inner_text().replace("-", "")
    page.locator(".st-key-pupils input").fill("3")
    desktop.press(page.locator(".st-key-make_sheets button"))
    assert pages(kept(desktop, "keep_sheets")) == 3

    scanned = [
        Image.open(photographed(tmp_path, writer, code, number))
        for number, writer in enumerate(sheets.KEPT_OUT_WRITERS[1:3], start=1)
    ]
    (tmp_path / "scan.pdf").write_bytes(pdf_of_pictures(scanned))
    upload(page.locator(".st-key-class_sheets_part"), [tmp_path / "scan.pdf", no_sheet(tmp_path)])
    expect(page.get_by_test_id("stExpander")).to_have_count(2)
    expect(page.locator(".notice")).to_have_count(1)
    desktop.press(page.locator(".st-key-take_sheets button"))
    pupils = page.locator(".st-key-class_pupils tbody tr")
    expect(pupils).to_have_count(2)
    for number, row in enumerate(pupils.all(), start=1):
        name, *counts = row.locator("th, td").all_inner_texts()
        assert (name, counts[:-1]) == (str(number), [*["10"] * 9, "9", "99"])
    confusion = page.locator(".st-key-class_confusion tbody tr")
    expect(confusion).to_have_count(10)
    read = [[int(text or 0) for text in row.locator("td").all_inner_texts()] for row in confusion.all()]
    assert [sum(row) for row in read] == [*[20] * 9, 18]
    assert sum(row[digit] for digit, row in enumerate(read)) >= 188
    check_accessibility(desktop)
    desktop.press(confusion.nth(4).locator("td").nth(4).locator("button"))
    behind = page.locator("[class*=st-key-pictures_class_digits] li")
    expect(behind).to_have_count(read[4][4])
    assert desktop.overhang() == 0
    check_exports(desktop, 198)

    page.reload()
    expect(pupils).to_have_count(2)
    desktop.press(page.locator(".st-key-delete button"))
    desktop.press(page.locator(".st-key-delete_yes button"))
    expect(page.locator(".st-key-begin_class")).to_be_visible()
    desktop.press(page.locator(".st-key-back button"))
    expect(desktop.card).to_be_visible()


def exported(visitor: Visitor, kind: ExportFormat) -> bytes:
    visitor.press(visitor.page.locator(".st-key-export button").nth(EXPORT_FORMATS.index(kind)))
    visitor.page.locator(f".st-key-keep_class-digits-{kind}").wait_for()
    return kept(visitor, f"keep_class-digits-{kind}")


def check_exports(visitor: Visitor, count: int) -> None:
    """Each format has so many digits, as its own readers see them."""
    with zipfile.ZipFile(io.BytesIO(exported(visitor, "idx"))) as files:
        pictures = gzip.decompress(files.read("train-images-idx3-ubyte.gz"))
        labels = gzip.decompress(files.read("train-labels-idx1-ubyte.gz"))
    assert np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28).shape[0] == count
    assert np.bincount(np.frombuffer(labels, np.uint8, offset=8)).tolist() == [*[20] * 9, 18]
    with zipfile.ZipFile(io.BytesIO(exported(visitor, "png"))) as files:
        names = [name for name in files.namelist() if name.endswith(".png")]
        with Image.open(files.open(names[0])) as picture:
            assert picture.size == (28, 28)
    assert len(names) == count
    with zipfile.ZipFile(io.BytesIO(exported(visitor, "csv"))) as files:
        rows = [*csv.DictReader(files.read("train.csv").decode().splitlines())]
    assert len(rows) == count
    assert len(rows[0]) == 785
