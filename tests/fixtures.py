"""What tests of the page stand on: a plugin of pytest, so that the files that name it share one of each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, expect, sync_playwright
from streamlit.testing.v1 import AppTest

from tests.app_run import opened
from tests.stand_in import StandIn, standing_in
from tools.browser import TIMEOUT_MILLISECONDS, Visitor, launch, visit
from tools.servers import Gate, api_server, page_server


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """In the place of the API that the page asks."""
    with standing_in() as stand_in:
        monkeypatch.setenv("API_URL", stand_in.url)
        yield stand_in


@pytest.fixture
def page(stand_in: StandIn) -> AppTest:
    return opened()


@pytest.fixture(scope="session")
def _gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    learnt = tmp_path_factory.mktemp("learnt") / "digits.sqlite3"
    with api_server(DIGITS_DATABASE_URL=f"sqlite:///{learnt}", DIGITS_DEADLINE_SECONDS="60") as api:
        gate = Gate(api.port)
        yield gate
        gate.shut()


@pytest.fixture
def gate(_gate: Gate) -> Iterator[Gate]:
    """Between page and API; open again after the test."""
    yield _gate
    _gate.answer = None
    _gate.release()


@pytest.fixture(scope="session")
def url(_gate: Gate) -> Iterator[str]:
    """The page's address; a process, as is the API behind the gate."""
    with page_server(API_URL=f"http://127.0.0.1:{_gate.port}") as page:
        yield page.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _desktop_tab(browser: Browser, url: str) -> Iterator[Visitor]:
    """Stays open: a tab that has loaded the page before loads it again in half the time."""
    with visit(browser, url) as visitor:
        yield visitor


@pytest.fixture(scope="session")
def _phone_tab(browser: Browser, url: str) -> Iterator[Visitor]:
    with visit(browser, url, phone=True) as visitor:
        yield visitor


def _newcomer(visitor: Visitor, url: str) -> Iterator[Visitor]:
    visitor.arrive(url)
    yield visitor
    visitor.leave()


@pytest.fixture
def desktop(_desktop_tab: Visitor, url: str) -> Iterator[Visitor]:
    """Somebody with a mouse who was never there."""
    yield from _newcomer(_desktop_tab, url)


@pytest.fixture
def phone(_phone_tab: Visitor, url: str) -> Iterator[Visitor]:
    """Somebody with a finger who was never there."""
    yield from _newcomer(_phone_tab, url)


@pytest.fixture(params=["desktop", "phone"])
def anyone(request: pytest.FixtureRequest) -> Visitor:
    """One after the other, for what is touched in another way than it is clicked."""
    visitor: Visitor = request.getfixturevalue(request.param)
    return visitor


@pytest.fixture
def digit_files(tmp_path: Path) -> dict[str, Path]:
    """A seven on paper as JPEG, the same broken off, and a text called a picture."""
    seven = Image.new("L", (600, 800), 235)
    ImageDraw.Draw(seven).line([(180, 200), (430, 200), (270, 620)], fill=30, width=38, joint="curve")
    files = {name: tmp_path / f"{name}.jpg" for name in ("seven", "broken", "text")}
    seven.save(files["seven"])
    files["broken"].write_bytes(files["seven"].read_bytes()[:3000])
    files["text"].write_text("seven")
    return files
