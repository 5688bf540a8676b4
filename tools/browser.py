"""What the browser tests stand on: both processes, a counting gate between them, a visitor and strokes."""

import base64
import io
import itertools
import math
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import requests
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, Playwright

from tools.drawing import STROKES

PROJECT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream",
]  # fmt: skip
START_SECONDS = 60.0

Points = list[tuple[float, float]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


class Server:
    """A process of ours that can be stopped and started again."""

    def __init__(self, command: list[str], health: str, **environment: str) -> None:
        self.command, self.health, self.environment = command, health, environment
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self.command],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: answers(self.health))

    def stop(self, with_signal: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        self.process.wait(START_SECONDS)

    def children(self) -> list[int]:
        """The ids of the processes that this one has started."""
        command = ["pgrep", "-P", str(self.process.pid)]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return [int(line) for line in found.split()]


def api_server(port: int) -> Server:
    command = ["-m", "uvicorn", "main:app", "--timeout-keep-alive", "60", "--port", str(port)]
    return Server(command, f"http://127.0.0.1:{port}/health/ready")


def page_server(port: int, **environment: str) -> Server:
    command = ["-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    return Server(command, f"http://127.0.0.1:{port}/_stcore/health", **environment)


@contextmanager
def both_servers() -> Iterator[str]:
    """The API and the page that asks it, on free ports; yields the page's address."""
    api_port, page_port = free_port(), free_port()
    api = api_server(api_port)
    page = page_server(page_port, API_URL=f"http://127.0.0.1:{api_port}")
    try:
        yield f"http://127.0.0.1:{page_port}"
    finally:
        page.stop()
        api.stop()


class Gate:
    """Stands between page and API: counts the questions, and can hold them up or answer nonsense."""

    def __init__(self, api_port: int) -> None:
        self.questions = 0
        self.delay = 0.0
        self.talk: Literal["sense", "nonsense"] = "sense"
        self._api_port = api_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                page, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(page,), daemon=True).start()

    def _serve(self, page: socket.socket) -> None:
        with page, suppress(OSError), socket.create_connection(("127.0.0.1", self._api_port)) as api:
            threading.Thread(target=_pour, args=(api, page), daemon=True).start()
            while data := page.recv(65536):
                if b"POST /predict/" in data or b"POST /read/" in data:
                    self.questions += 1
                    time.sleep(self.delay)
                    if self.talk == "nonsense":
                        page.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                        return
                api.sendall(data)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def foreign_program(port: int) -> Iterator[None]:
    """A program that answers everything on this port, and is no API of ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield
        server.shutdown()


def launch(playwright: Playwright) -> Browser:
    path = str(CHROMIUM) if CHROMIUM.exists() else None
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


class Visitor:
    """A person at the page: draws with the mouse or a finger, and reads the answer."""

    def __init__(self, page: Page, finger: bool = False) -> None:
        self.page = page
        self.finger = finger
        self._touch = page.context.new_cdp_session(page) if finger else None

    @property
    def digit(self) -> Locator:
        return self.page.locator(".answer.digit .large")

    @property
    def number(self) -> Locator:
        return self.page.locator(".answer.number .large")

    @property
    def rejected(self) -> Locator:
        return self.page.locator(".answer.rejected")

    @property
    def card(self) -> Locator:
        return self.page.locator(".answer")

    def canvas(self) -> FloatRect:
        box = self.page.locator(".st-key-canvas .upper-canvas").bounding_box()
        assert box is not None
        return box

    def stroke(self, points: Points, halfway: Callable[[], object] = lambda: None) -> None:
        """One stroke; the points are in shares (0..1) of the canvas's side, from its top left corner.

        `halfway` is done in the middle of the stroke, with the button or the finger down.
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
            self.page.mouse.up()
            return
        moves = [("touchMove", [place]) for place in path[1:]]
        for step, (kind, places) in enumerate([("touchStart", path[:1]), *moves, ("touchEnd", [])]):
            if step == len(path) // 2:
                halfway()
            touched = [{"x": x, "y": y} for x, y in places]
            self._touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    def write(self, number: str, start: float = 0.05) -> None:
        """The digits of a number side by side on the wide canvas, the first one at `start` (0..1) of its width."""
        wait_until(lambda: self.canvas()["width"] > 1.9 * self.canvas()["height"], 5)
        for digit in map(int, number):
            for stroke in STROKES[digit]:
                self.stroke(line(*((start + 0.2 * x, 0.25 + 0.5 * y) for x, y in stroke), steps=3))
            start += 0.19

    def wait_for_canvas(self) -> None:
        """Waits until the canvas takes strokes, which it does not while it is filled with earlier ones."""
        self.page.locator(".st-key-canvas .dc-root:not([aria-busy])").wait_for()

    def load_again(self) -> None:
        self.page.reload()
        self.page.locator(".st-key-canvas_tools button.undo span:not(:empty)").wait_for()

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
    def trouble(self) -> Locator:
        return self.page.locator(".answer.trouble")

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
        wait_until(lambda: self._painted(0.1, 0.1) == colour, 5)

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
        wait_until(lambda: enough(self.ink()), 3)


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
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    page.locator(".st-key-canvas .upper-canvas").wait_for(timeout=30_000)
    page.locator(".answer").wait_for()
    page.locator(".st-key-canvas_tools button.undo span:not(:empty)").wait_for()
    yield Visitor(page, finger=phone)
    assert not errors
    assert page.locator("[data-testid=stException]").count() == 0
    context.close()


def zero(steps: int = 24) -> Points:
    turns = [2 * math.pi * step / steps for step in range(steps + 1)]
    return [(0.5 + 0.18 * math.sin(turn), 0.5 - 0.32 * math.cos(turn)) for turn in turns]


def line(*corners: tuple[float, float], steps: int = 8) -> Points:
    path = [corners[0]]
    for (x1, y1), (x2, y2) in itertools.pairwise(corners):
        path += [(x1 + (x2 - x1) * i / steps, y1 + (y2 - y1) * i / steps) for i in range(1, steps + 1)]
    return path


SEVEN = line((0.3, 0.22), (0.7, 0.22), (0.45, 0.8))
