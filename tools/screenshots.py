"""Draws a digit on the page, with both processes running, and photographs it for the README.

python -m tools.screenshots
"""

import math
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from page.examples import FOLDER as EXAMPLES
from page.examples import NAMES
from tools.browser import Points, launch, visit
from tools.servers import both_servers

FOLDER = Path(__file__).parent.parent / "docs"
SHOTS = {
    "page-light": {"locale": "en-GB"},
    "page-dark": {"locale": "en-GB", "dark": True},
    "page-light.ru": {"locale": "ru-RU"},
    "phone-light": {"locale": "en-GB", "phone": True},
    "phone-dark": {"locale": "en-GB", "phone": True, "dark": True},
    "phone-light.ru": {"locale": "ru-RU", "phone": True},
}
MORE = {
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
    """Writes one PNG for each of `SHOTS`, and three for each of `MORE`, next to this file."""
    with both_servers() as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, who in SHOTS.items():
            with visit(browser, address, **who) as visitor:  # type: ignore[arg-type]
                visitor.stroke(three())
                expect(visitor.digit).to_have_text("3")
                visitor.page.mouse.move(0, 0)
                visitor.page.wait_for_timeout(700)
                visitor.page.screenshot(path=FOLDER / f"{name}.png")
                print(f"docs/{name}.png")
        for name, who in MORE.items():
            with visit(browser, address, **who) as visitor:  # type: ignore[arg-type]
                visitor.stroke(three())
                expect(visitor.digit).to_have_text("3")
                visitor.press(visitor.page.locator(".st-key-how label"))
                visitor.page.locator(".way .influence").scroll_into_view_if_needed()
                visitor.page.wait_for_timeout(700)
                visitor.page.screenshot(path=FOLDER / f"way-{name}.png")
                visitor.page.locator(".st-key-mode").scroll_into_view_if_needed()
                visitor.choose_mode(1)
                visitor.upload(*(EXAMPLES / f"{example}.jpg" for example in NAMES["digit"]))
                visitor.page.locator(".many tbody tr").nth(4).scroll_into_view_if_needed()
                visitor.page.wait_for_timeout(700)
                visitor.page.screenshot(path=FOLDER / f"files-{name}.png")
            with visit(browser, address, **who) as visitor:  # type: ignore[arg-type]
                number, start = ("306", 0.21) if visitor.finger else ("2026", 0.12)
                visitor.choose_reading(1)
                visitor.write(number, start, apart=0.05)
                expect(visitor.number).to_have_text(number)
                visitor.page.mouse.move(0, 0)
                visitor.page.wait_for_timeout(700)
                visitor.page.screenshot(path=FOLDER / f"number-{name}.png")
                print(f"docs/way-{name}.png, docs/files-{name}.png, docs/number-{name}.png")


if __name__ == "__main__":
    main()
