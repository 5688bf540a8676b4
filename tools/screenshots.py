"""Draws a digit on the page, with both processes running, and photographs it for the README.

python -m tools.screenshots [--out FOLDER] [--only NAME ...]
"""

import argparse
import math
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import FilePayload, Locator, expect, sync_playwright

from page.examples import FOLDER as EXAMPLES
from page.examples import NAMES
from tools.browser import Points, Visitor, launch, visit
from tools.filled_sheets import scan
from tools.servers import both_servers

DOCS: Final = Path(__file__).parent.parent / "docs"

PATIENCE_MILLISECONDS: Final = 60_000
"""For what the page shall show: a busy machine takes its time."""

SETTLING_MILLISECONDS: Final = 700
"""Until what moves on the page has come to rest."""

SHOTS: Final[dict[str, dict[str, Any]]] = {
    "page-light": {"locale": "en-GB"},
    "page-dark": {"locale": "en-GB", "dark": True},
    "page-light.ru": {"locale": "ru-RU"},
    "phone-light": {"locale": "en-GB", "phone": True},
    "phone-dark": {"locale": "en-GB", "phone": True, "dark": True},
    "phone-light.ru": {"locale": "ru-RU", "phone": True},
}
MORE: Final[dict[str, dict[str, Any]]] = {
    "light": {"locale": "en-GB"},
    "phone-dark": {"locale": "ru-RU", "phone": True, "dark": True},
}


def three() -> Points:
    """A three in one stroke: two arcs open to the left, in shares of the canvas's side."""
    upper = [(0.5 + 0.15 * math.cos(turn), 0.34 + 0.14 * math.sin(turn)) for turn in _turns(-2.6, 1.57)]
    lower = [(0.5 + 0.18 * math.cos(turn), 0.66 + 0.18 * math.sin(turn)) for turn in _turns(-1.57, 2.5)]
    return upper + lower


def _turns(start: float, end: float, steps: int = 16) -> list[float]:
    return [start + (end - start) * step / steps for step in range(steps + 1)]


def main() -> None:
    """Write one PNG for each of `SHOTS`, and several for each of `MORE`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=DOCS, metavar="FOLDER", help="default: %(default)s")
    parser.add_argument("--only", nargs="+", default=[*SHOTS, *MORE], metavar="NAME", help="default: %(default)s")
    chosen = parser.parse_args()
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with (
        tempfile.TemporaryDirectory() as learnt,
        both_servers(DIGITS_DATABASE_URL=f"sqlite:///{learnt}/digits.sqlite3") as address,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for name in chosen.only:
            if name in SHOTS:
                with visit(browser, address, **SHOTS[name]) as visitor:
                    show_a_digit(visitor, chosen.out, name)
            if name in MORE:
                with visit(browser, address, **MORE[name]) as visitor:
                    show_how_and_several_files(visitor, chosen.out, name)
                with visit(browser, address, **MORE[name]) as visitor:
                    show_a_number(visitor, chosen.out, name)
                for show in (show_a_table, show_a_broken_digit, show_what_is_taught, show_my_hand, show_a_class):
                    with visit(browser, address, **MORE[name]) as visitor:
                        show(visitor, chosen.out, name)


def show_a_digit(visitor: Visitor, folder: Path, name: str) -> None:
    """The page with an answer."""
    visitor.stroke(three())
    expect(visitor.digit).to_have_text("3")
    visitor.page.mouse.move(0, 0)
    _photograph(visitor, folder / f"{name}.png")


def show_how_and_several_files(visitor: Visitor, folder: Path, name: str) -> None:
    """How the answer came about, and the table of several files."""
    visitor.stroke(three())
    expect(visitor.digit).to_have_text("3")
    visitor.press(visitor.page.locator(".st-key-how label"))
    visitor.page.locator(".way .influence").scroll_into_view_if_needed()
    _photograph(visitor, folder / f"way-{name}.png")
    visitor.page.locator(".st-key-mode").scroll_into_view_if_needed()
    visitor.choose_mode(1)
    visitor.upload(*(EXAMPLES / f"{example}.jpg" for example in NAMES["digit"]))
    rows = visitor.page.locator(".many tbody tr")
    expect(rows.locator(".said").nth(4)).to_have_text("–")
    visitor.press(rows.nth(2).locator("button"))
    expect(visitor.digit).to_have_text("3")
    _photograph(visitor, folder / f"files-{name}.png")


def show_a_number(visitor: Visitor, folder: Path, name: str) -> None:
    """A number with a box around each digit."""
    number, start = ("306", 0.21) if visitor.finger else ("2026", 0.12)
    visitor.choose_reading(1)
    visitor.write(number, start, apart=0.05)
    expect(visitor.number).to_have_text(number)
    visitor.page.mouse.move(0, 0)
    _photograph(visitor, folder / f"number-{name}.png")


def show_a_table(visitor: Visitor, folder: Path, name: str) -> None:
    """The example of a table, with its cells to be typed over."""
    visitor.choose_reading(1)
    visitor.choose_mode(1)
    visitor.press(visitor.page.locator(".st-key-example_table button"))
    cells = visitor.page.locator(".st-key-cells input")
    expect(cells.first).to_be_visible()
    cells.last.scroll_into_view_if_needed()
    visitor.page.mouse.move(0, 0)
    _photograph(visitor, folder / f"table-{name}.png")


def show_a_broken_digit(visitor: Visitor, folder: Path, name: str) -> None:
    """A digit that is turned until it is read otherwise, and what other models say of it."""
    visitor.stroke(three())
    expect(visitor.digit).to_have_text("3")
    page = visitor.page
    visitor.press(page.locator(".st-key-break label"))
    expect(page.locator(".band .holds b")).to_have_text("3")
    slider = page.locator(".st-key-break_turn").get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".broken .changed")).to_have_count(1)
    page.locator(".st-key-break").evaluate("part => part.scrollIntoView()")
    page.mouse.move(0, 0)
    _photograph(visitor, folder / f"break-{name}.png")


def show_what_is_taught(visitor: Visitor, folder: Path, name: str) -> None:
    """The keys that put an answer right, and the thanks."""
    visitor.stroke(three())
    expect(visitor.digit).to_have_text("3")
    below = visitor.page.locator(".st-key-put_right")
    visitor.press(below.locator(".quiet").last)
    _photograph(visitor, folder / f"keys-{name}.png")
    visitor.press(below.locator(".keys button").nth(8))
    _photograph(visitor, folder / f"consent-{name}.png")
    visitor.press(below.locator(".main"))
    expect(visitor.digit).to_have_text("8")
    _photograph(visitor, folder / f"taught-{name}.png")


def show_my_hand(visitor: Visitor, folder: Path, name: str) -> None:
    """A look at a sheet that was uploaded."""
    visitor.press(visitor.page.locator(".st-key-hand label"))
    visitor.press(visitor.page.locator(".st-key-begin button"))
    sheet = visitor.page.locator(".st-key-one_sheet")
    _upload(sheet, [scan()])
    boxes = sheet.locator("[class*=st-key-pictures_] li")
    boxes.nth(99).wait_for()
    visitor.press(boxes.nth(23).locator("button"))
    visitor.page.locator(".st-key-take_sheets").scroll_into_view_if_needed()
    _photograph(visitor, folder / f"sheet-{name}.png")


def show_a_class(visitor: Visitor, folder: Path, name: str) -> None:
    """What a class wrote, and the digits behind a count."""
    visitor.press(visitor.page.locator(".st-key-hand label"))
    visitor.press(visitor.page.locator(".st-key-open_class button"))
    visitor.press(visitor.page.locator(".st-key-begin_class button"))
    code = visitor.page.locator(".hand .code").inner_text()
    _upload(visitor.page.locator(".st-key-class_sheets_part"), [scan(code, number) for number in (1, 2, 3)])
    visitor.press(visitor.page.locator(".st-key-take_sheets button"))
    counts = visitor.page.locator(".st-key-class_confusion button")
    visitor.press(counts.nth(3))
    visitor.page.locator("[class*=st-key-pictures_class_digits] li").last.scroll_into_view_if_needed()
    _photograph(visitor, folder / f"class-{name}.png")


def _upload(place: Locator, pictures: list[bytes]) -> None:
    files: list[FilePayload] = [
        {"name": f"sheet {number}.png", "mimeType": "image/png", "buffer": picture}
        for number, picture in enumerate(pictures, start=1)
    ]
    place.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)


def _photograph(visitor: Visitor, path: Path) -> None:
    visitor.page.wait_for_timeout(SETTLING_MILLISECONDS)
    visitor.page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    main()
