"""A visitor in a real browser: draws with the mouse or a finger, and reads what the page shows."""

import base64
import io
import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, Playwright, expect

from tools.drawing import STROKES
from tools.servers import wait_until

CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream",
]  # fmt: skip
TIMEOUT_MILLISECONDS: Final = 120_000

FINAL: Final = ".answer:not(.following *)"
"""The card of a run of the page; in `.following` are those that come past it, while a digit is drawn."""

Points = list[tuple[float, float]]


def launch(playwright: Playwright) -> Browser:
    path = str(CHROMIUM) if CHROMIUM.exists() else None
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


class Visitor:
    """A person at the page: draws with the mouse or a finger, and reads the answer."""

    def __init__(self, page: Page, finger: bool = False) -> None:
        self.page = page
        self.finger = finger
        self._touch = page.context.new_cdp_session(page) if finger else None
        self._errors: list[str] = []
        page.set_default_timeout(TIMEOUT_MILLISECONDS)
        page.on("pageerror", lambda error: self._errors.append(str(error)))

    def arrive(self, url: str) -> None:
        """Opens the page as somebody who was never there."""
        self._errors.clear()
        self.page.goto(f"{url}/_stcore/health")
        self.page.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")
        self.page.context.clear_cookies()
        self.page.goto(url)
        self._wait_for_the_page()

    def load_again(self) -> None:
        self.page.reload()
        self._wait_for_the_page()

    def _wait_for_the_page(self) -> None:
        expect(self.page.locator(".st-key-canvas .upper-canvas")).to_have_count(
            1, timeout=TIMEOUT_MILLISECONDS
        )  # two for a moment, on a busy machine
        self.card.wait_for()
        self.page.locator(".st-key-canvas_tools button.undo span:not(:empty)").first.wait_for()

    def leave(self) -> None:
        """Fails if the page has thrown an error in the browser or shows a traceback."""
        assert not self._errors
        assert self.page.locator("[data-testid=stException]").count() == 0

    @property
    def digit(self) -> Locator:
        return self.page.locator(f"{FINAL}.digit .large")

    @property
    def number(self) -> Locator:
        return self.page.locator(".answer.number .large")

    @property
    def rejected(self) -> Locator:
        return self.page.locator(".answer.rejected")

    @property
    def card(self) -> Locator:
        return self.page.locator(FINAL)

    @property
    def following(self) -> Locator:
        """The answer while the pen moves."""
        return self.page.locator(".following")

    def canvas(self) -> FloatRect:
        box = self.page.locator(".st-key-canvas .upper-canvas").bounding_box()
        assert box is not None
        return box

    def stroke(self, points: Points, halfway: Callable[[], object] = lambda: None, pause: int = 0) -> None:
        """One stroke; the points are in shares (0..1) of the canvas's side, from its top left corner.

        `halfway` is done in the middle of the stroke, with the button or the finger down; a mouse waits `pause`
        milliseconds at each point.
        """
        box = self.canvas()
        path = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        if self._touch is None:
            self.page.mouse.move(*path[0])
            self.page.mouse.down()
            for step, (x, y) in enumerate(path[1:]):
                if step == len(path) // 2:
                    halfway()
                self.page.mouse.move(x, y)
                if pause:
                    self.page.wait_for_timeout(pause)
            self.page.mouse.up()
            return
        moves = [("touchMove", [place]) for place in path[1:]]
        for step, (kind, places) in enumerate([("touchStart", path[:1]), *moves, ("touchEnd", [])]):
            if step == len(path) // 2:
                halfway()
            touched = [{"x": x, "y": y} for x, y in places]
            self._touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    def move_until(self, condition: Callable[[], object]) -> None:
        """Moves the pen, which is down, about the middle of the canvas."""
        box, steps = self.canvas(), itertools.count()

        def move() -> object:
            x, y = box["x"] + 0.5 * box["width"] + next(steps) % 3, box["y"] + 0.5 * box["height"]
            if self._touch is None:
                self.page.mouse.move(x, y)
            else:
                self._touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
            return condition()

        wait_until(move)

    def write(self, number: str, start: float = 0.05, apart: float = 0.08) -> None:
        """The digits of a number side by side on the wide canvas, the first one at `start` (0..1) of its width."""
        wait_until(lambda: self.canvas()["width"] > 1.9 * self.canvas()["height"])
        for digit in map(int, number):
            for stroke in STROKES[digit]:
                self.stroke([(start + 0.2 * x, 0.25 + 0.5 * y) for x, y in traced(stroke, apart)])
            start += 0.19

    def wait_for_canvas(self) -> None:
        """Waits until the canvas takes strokes, which it does not while it is filled with earlier ones."""
        self.page.locator(".st-key-canvas .dc-root:not([aria-busy])").wait_for()

    def wait_for_rest(self) -> None:
        """Waits until the page has nothing left to do and nothing on it moves or fades."""
        self.page.wait_for_function(
            """() => document.querySelector(".stApp").dataset.testScriptState === "notRunning"
                && document.getAnimations().every(animation => animation.playState !== "running")"""
        )

    def wait_for_kept_strokes(self, count: int) -> None:
        """Waits until the tab's own storage holds so many strokes."""
        kept = "() => JSON.parse(sessionStorage.getItem('digits: strokes') ?? '[]').length"
        wait_until(lambda: self.page.evaluate(kept) == count)

    def button(self, name: str) -> Locator:
        return self.page.locator(f".st-key-canvas_tools button.{name}")

    def press(self, target: Locator) -> None:
        if self.finger:
            target.tap()
        else:
            target.click()

    def choose_mode(self, index: int) -> None:
        self.press(self.page.locator(".st-key-mode button").nth(index))

    def choose_reading(self, index: int) -> None:
        self.press(self.page.locator(".st-key-reading button").nth(index))

    @property
    def error(self) -> Locator:
        return self.page.locator(".answer.error")

    def upload(self, *files: Path) -> None:
        self.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)

    def take_back_uploads(self) -> None:
        self.page.locator("[data-testid=stFileChip] button").click()
        self.page.locator(".answer.hint").wait_for()

    def choose_colour(self, name: str, colour: str) -> None:
        self.press(self.page.locator(f".st-key-{name} [data-testid=stColorPickerBlock]"))
        hexadecimal = self.page.get_by_test_id("stColorPickerPopover").locator("input")
        hexadecimal.fill(colour)
        hexadecimal.press("Enter")
        self.page.keyboard.press("Escape")

    def wait_for_paper(self, colour: tuple[int, int, int]) -> None:
        """Waits until the canvas's top left part, as it is painted on the screen, has this colour."""
        wait_until(lambda: self._painted(0.1, 0.1) == colour)

    def _painted(self, x: float, y: float) -> tuple[int, ...]:
        self.page.locator(".st-key-mode").scroll_into_view_if_needed()
        box = self.canvas()
        left, top = box["x"] + x * box["width"], box["y"] + y * box["height"]
        spot: FloatRect = {"x": left, "y": top, "width": 2, "height": 2}
        with Image.open(io.BytesIO(self.page.screenshot(clip=spot))) as shot:
            pixel = shot.convert("RGB").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        return pixel

    def overhang(self) -> int:
        """How many pixels the page is wider than the screen."""
        return int(
            self.page.evaluate(
                """() => Math.max(...[document.documentElement, document.querySelector(".stMain")]
                    .map(part => part.scrollWidth - part.clientWidth))"""
            )
        )

    def brightness(self, selector: str) -> float:
        """The share (0..1) of light in an element's background colour."""
        element = self.page.locator(selector).first
        colour = element.evaluate("element => getComputedStyle(element).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 765

    def ink(self) -> int:
        """How many pixels of the canvas carry ink now, counted in the browser."""
        return int(
            self.page.locator(".st-key-canvas .dc-canvas").first.evaluate(
                """canvas => {
                    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                    let inked = 0;
                    for (let i = 3; i < data.length; i += 4) if (data[i] > 127) inked++;
                    return inked;
                }"""
            )
        )

    def ink_box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the ink, in shares of the canvas's side."""
        url = self.page.locator(".st-key-canvas .dc-canvas").first.evaluate("canvas => canvas.toDataURL()")
        with Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))) as picture:
            box = picture.getchannel("A").getbbox()
            assert box is not None
            left, top, right, bottom = box
            return left / picture.width, top / picture.height, right / picture.width, bottom / picture.height

    def places(self, selector: str) -> list[FloatRect]:
        """Where all of these are on the screen, at one moment: the page may put others in their place at any time."""
        found: list[FloatRect] = self.page.evaluate(
            "wanted => Array.from(document.querySelectorAll(wanted), part => part.getBoundingClientRect().toJSON())",
            selector,
        )
        return found

    def wait_for_ink(self, enough: Callable[[int], bool]) -> None:
        wait_until(lambda: enough(self.ink()), found=self.ink)


@contextmanager
def visit(
    browser: Browser, url: str, *, locale: str = "ru-RU", phone: bool = False, dark: bool = False
) -> Iterator[Visitor]:
    """Opens the page as a new visitor and fails if it throws an error in the browser or shows a traceback."""
    context = browser.new_context(
        locale=locale,
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
        has_touch=phone,
        is_mobile=phone,
        color_scheme="dark" if dark else "light",
        permissions=["camera", "clipboard-read", "clipboard-write"],
    )
    visitor = Visitor(context.new_page(), finger=phone)
    visitor.arrive(url)
    yield visitor
    visitor.leave()
    context.close()


def zero(steps: int = 24) -> Points:
    turns = [2 * math.pi * step / steps for step in range(steps + 1)]
    return [(0.5 + 0.18 * math.sin(turn), 0.5 - 0.32 * math.cos(turn)) for turn in turns]


def line(*corners: tuple[float, float], steps: int = 8) -> Points:
    path = [corners[0]]
    for (x1, y1), (x2, y2) in itertools.pairwise(corners):
        path += [(x1 + (x2 - x1) * i / steps, y1 + (y2 - y1) * i / steps) for i in range(1, steps + 1)]
    return path


def traced(stroke: Sequence[tuple[float, float]], apart: float) -> Points:
    """A stroke in few points, as each costs a frame of the browser: about `apart`, its ends and corners among them."""
    corners = [stroke[0]]
    for point, following in itertools.pairwise([*stroke[1:], stroke[-1]]):
        if max(math.dist(corners[-1], point), math.dist(point, following)) >= apart:
            corners.append(point)
    path = [corners[0]]
    for start, end in itertools.pairwise([*corners, stroke[-1]]):
        path += line(start, end, steps=math.ceil(math.dist(start, end) / (2 * apart)))[1:] if start != end else []
    return path


SEVEN = line((0.3, 0.22), (0.7, 0.22), (0.45, 0.8))
