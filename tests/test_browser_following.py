"""The answer follows the pen in a real browser, and neither delays nor loses a stroke; whole strokes are rubbed out."""

import re
import time

import requests
from PIL import Image
from playwright.sync_api import expect

from page.opening import CANVAS, PARTS
from tools.browser import SEVEN, Visitor, line, zero
from tools.drawing import draw, encoded
from tools.servers import Gate, wait_until

pytest_plugins = ["tests.fixtures"]


def test_digit_and_bars_follow_the_pen(anyone: Visitor, gate: Gate) -> None:
    asked, seen = gate.questions, ".st-key-answer :is(.large, .bars):not(.following *)"
    anyone.stroke(SEVEN)
    expect(anyone.digit).to_have_text("7")
    anyone.wait_for_rest()
    drawn = anyone.ink()

    def is_followed() -> None:
        anyone.move_until(anyone.following.locator(".large").is_visible)
        expect(anyone.following.locator(".large")).to_have_text("7")
        expect(anyone.following.locator(".bars li")).to_have_count(10)
        expect(anyone.card).to_be_hidden()
        places.append(anyone.places(".following :is(.large, .bars)"))

    places = [anyone.places(seen)]
    anyone.stroke(line((0.4, 0.5), (0.62, 0.5)), halfway=is_followed)
    expect(anyone.digit).to_have_text("7")
    expect(anyone.following).to_be_empty()
    places.append(anyone.places(seen))
    assert places == places[:1] * 3  # nothing moves when the pen is set down or lifted
    assert anyone.ink() > drawn
    gate.wait_for(asked + 2)


def test_the_pen_is_followed_within_bounds_and_can_be_left_alone(desktop: Visitor, gate: Gate) -> None:
    rest = desktop.page.locator(".st-key-canvas_tools .rest")
    asked, begun = gate.in_passing, time.monotonic()
    desktop.stroke(SEVEN, halfway=lambda: desktop.move_until(lambda: gate.in_passing >= asked + 4))
    expect(desktop.card).not_to_have_class("answer hint")
    assert gate.in_passing - asked <= 5 * (time.monotonic() - begun)

    gate.hold_what_is_asked_in_passing()
    desktop.stroke(line((0.3, 0.7), (0.5, 0.7)), halfway=lambda: desktop.move_until(rest.is_visible))
    desktop.wait_for_kept_strokes(2)
    gate.release()

    for strokes, is_on in ((3, False), (4, True)):
        desktop.press(desktop.page.locator(".st-key-follow label"))
        expect(rest).to_be_hidden()
        desktop.wait_for_rest()
        desktop.page.locator(".st-key-mode").scroll_into_view_if_needed()
        asked = gate.in_passing
        height = 0.2 * strokes
        desktop.stroke(line((0.1, height), (0.2, height)), halfway=lambda: desktop.page.wait_for_timeout(300))
        desktop.wait_for_kept_strokes(strokes)
        if is_on:
            wait_until(lambda: gate.in_passing > asked)  # noqa: B023
        assert (gate.in_passing > asked) == is_on


def test_what_else_is_sent_to_where_the_pen_is_followed_is_refused(url: str) -> None:
    def status(body: bytes, kind: str = "image/png") -> int:
        return requests.post(f"{url}/following", body, headers={"Content-Type": kind}, timeout=20).status_code

    seven = encoded(draw(7))
    assert [
        status(seven),
        status(encoded(Image.new("L", (216, 216)))),
        status(seven, "text/plain"),
        status(bytes(300_000)),
        status(b"no picture"),
    ] == [200, 204, 415, 413, 503]


def test_what_the_document_says_that_the_page_will_load_is_there(url: str) -> None:
    document = requests.get(url, timeout=20).text
    named = re.findall(r'<link rel="modulepreload" crossorigin href="\./([^"]+)">', document)
    assert all(any(f"/{part}." in name for name in named) for part in PARTS)
    assert any(name.startswith(CANVAS) for name in named)
    assert len(named) == len(set(named))
    with requests.Session() as session:
        kinds = [session.get(f"{url}/{name}", timeout=20).headers["Content-Type"] for name in named]
    assert all("javascript" in kind for kind in kinds)


def test_the_eraser_takes_whole_strokes_and_undo_brings_them_back(anyone: Visitor) -> None:
    expect(anyone.button("erase")).to_be_disabled()
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    alone = anyone.ink()
    anyone.stroke(line((0.1, 0.9), (0.9, 0.1)))
    anyone.press(anyone.button("erase"))
    anyone.stroke(line((0.2, 0.9), (0.1, 0.8)))
    anyone.wait_for_ink(lambda ink: ink == alone)
    anyone.wait_for_canvas()
    anyone.stroke(line((0.5, 0.5), (0.55, 0.5)))  # where nothing is drawn
    anyone.stroke(line((0.25, 0.5), (0.5, 0.5)))
    anyone.wait_for_ink(lambda ink: ink == 0)
    expect(anyone.card).to_contain_class("hint")
    expect(anyone.button("erase")).to_have_attribute("aria-pressed", "false")
    anyone.wait_for_canvas()
    anyone.wait_for_rest()  # what was below the answer goes, under a finger that taps
    anyone.press(anyone.button("undo"))
    anyone.wait_for_ink(lambda ink: ink == alone)
    anyone.press(anyone.button("undo"))
    anyone.wait_for_ink(lambda ink: ink > alone)
    anyone.wait_for_kept_strokes(2)
    anyone.press(anyone.button("erase"))
    anyone.stroke(line((0.2, 0.9), (0.1, 0.8)))
    anyone.wait_for_kept_strokes(1)
    anyone.load_again()
    expect(anyone.digit).to_have_text("0")
    assert anyone.ink() == alone
