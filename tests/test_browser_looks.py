"""What the page looks like in a real browser, in both languages, and what more it tells."""

import re
from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect

from tools.browser import SEVEN, Visitor, visit, zero
from tools.servers import Gate, wait_until

pytest_plugins = ["tests.fixtures"]

SCHEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
"""The last one is what other tests find in the tabs that they share."""


def check_fit(visitor: Visitor, *parts: Locator) -> None:
    """Canvas, answer and these parts are on the screen without scrolling, and nothing is wider than it."""
    size = visitor.page.viewport_size
    assert size is not None
    for part in (visitor.page.locator(".st-key-canvas .upper-canvas"), visitor.card, *parts):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]
    assert visitor.overhang() == 0


def check_accessibility(visitor: Visitor) -> None:
    """WCAG 2.1, A and AA, as far as axe can tell: contrast, names of controls, roles, language."""
    visitor.wait_for_rest()
    results = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert not results.response["violations"], results.generate_report()


def check_in_both_lights(visitor: Visitor) -> None:
    """The same, as the page is by day and by night."""
    for scheme in SCHEMES:
        visitor.page.emulate_media(color_scheme=scheme)
        wait_until(lambda: (visitor.brightness(".stApp") < 0.5) == (scheme == "dark"))  # noqa: B023
        check_accessibility(visitor)


def test_fits_the_screen_and_keeps_the_rules_of_accessibility(anyone: Visitor) -> None:
    check_in_both_lights(anyone)
    anyone.stroke(zero())
    expect(anyone.digit).to_have_text("0")
    check_fit(anyone)
    assert anyone.canvas()["width"] >= 280
    anyone.choose_reading(1)
    expect(anyone.number).to_have_text("0")
    anyone.page.locator(".boxes").wait_for()
    check_fit(anyone, anyone.page.locator(".st-key-copy button"))
    assert anyone.canvas()["width"] >= (358 if anyone.finger else 600)
    check_in_both_lights(anyone)
    anyone.choose_reading(0)
    expect(anyone.digit).to_have_text("0")
    for name in ("undo", "clear"):
        box = anyone.button(name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    for panel, shown in (("how", ".way .influence"), ("about", ".about .confusion")):
        anyone.press(anyone.page.locator(f".st-key-{panel} label"))
        anyone.page.locator(shown).wait_for()
        assert anyone.overhang() == 0
    check_in_both_lights(anyone)
    for mode, shown in ((1, "stFileUploader"), (2, "stCameraInput")):
        anyone.choose_mode(mode)
        expect(anyone.page.get_by_test_id(shown)).to_be_visible()
        check_in_both_lights(anyone)


def test_the_page_speaks_the_browsers_language(browser: Browser, url: str, desktop: Visitor) -> None:
    with visit(browser, url, locale="en-GB") as english:
        said = [visitor.page.locator(".stMain").inner_text() for visitor in (desktop, english)]
        languages = [visitor.page.locator("html").get_attribute("lang") for visitor in (desktop, english)]
    assert languages == ["ru", "en"]
    assert [bool(re.search("[А-Яа-я]", text)) for text in said] == [True, False]


def test_nobody_sees_anothers_drawing(browser: Browser, url: str, desktop: Visitor) -> None:
    with visit(browser, url.replace("127.0.0.1", "localhost")) as other:
        desktop.stroke(zero())
        expect(desktop.digit).to_have_text("0")
        expect(other.digit).to_have_count(0)
        assert other.ink() == 0
        other.stroke(SEVEN)
        expect(other.digit).to_have_text("7")
        expect(desktop.digit).to_have_text("0")


def test_how_it_decided_is_one_click_away_and_follows_the_drawing(desktop: Visitor, gate: Gate) -> None:
    expect(desktop.page.locator(".st-key-how")).to_have_count(0)
    desktop.stroke(SEVEN)
    expect(desktop.digit).to_have_text("7")
    desktop.press(desktop.page.locator(".st-key-how label"))
    steps = desktop.page.locator(".way figure")
    expect(steps).to_have_count(5)
    expect(desktop.digit).to_have_text("7")
    for step in steps.all():
        assert step.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") >= 28
        assert step.inner_text().strip()
    assert desktop.overhang() == 0
    seen = desktop.page.locator(".way .picture img").get_attribute("src")
    assert seen is not None
    asked = gate.questions
    desktop.press(desktop.button("clear"))
    expect(steps).to_have_count(0)
    desktop.stroke(zero())
    expect(desktop.digit).to_have_text("0")
    expect(steps).to_have_count(5)
    expect(desktop.page.locator(".way .picture img")).not_to_have_attribute("src", seen)
    assert gate.questions == asked + 1


def test_tells_about_the_model(desktop: Visitor) -> None:
    desktop.press(desktop.page.locator(".st-key-about label"))
    matrix = desktop.page.locator(".about .confusion tbody tr")
    expect(matrix).to_have_count(10)
    for digit in range(10):
        counts = [int(text or 0) for text in matrix.nth(digit).locator("td").all_inner_texts()]
        assert max(range(11), key=counts.__getitem__) == digit
        assert 800 < sum(counts) < 1200
    expect(desktop.page.locator(".about .scores tbody tr").first).to_contain_text("99")
    assert desktop.overhang() == 0
