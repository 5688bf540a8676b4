"""The page in a real browser when its API is late, busy or another one, and the processes that `make run` starts."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.stand_in import problem
from tools.browser import SEVEN, Visitor, visit, zero
from tools.drawing import draw, encoded
from tools.servers import PROJECT, START_SECONDS, Gate, answers, foreign_program, free_port, page_server, wait_until

pytest_plugins = ["tests.fixtures"]

NOBODY = "http://127.0.0.1:9"
INVALID = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def another_address() -> str:
    """An address of this machine that is not the usual one for this machine alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unsent:
        try:
            unsent.connect(("192.0.2.1", 9))  # sends nothing; tells by which address it would go
        except OSError:
            return "127.0.0.2"
        return str(unsent.getsockname()[0])


def lets_in(address: str, port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(START_SECONDS)
        return caller.connect_ex((address, port)) == 0


def test_an_invalid_response_can_be_asked_for_again(desktop: Visitor, gate: Gate) -> None:
    gate.answer = INVALID
    desktop.stroke(zero())
    expect(desktop.error).to_be_visible()
    gate.answer = None
    desktop.page.locator(".st-key-retry button").click()
    expect(desktop.digit).to_have_text("0")


def test_a_busy_api_is_asked_again_by_itself(phone: Visitor, gate: Gate) -> None:
    busy = problem("busy", 503, "Сервис занят", "Слишком много изображений в очереди.")
    head = f"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: {len(busy.body)}\r\nConnection: close\r\n\r\n"
    gate.answer = head.encode() + busy.body
    asked = gate.questions
    phone.stroke(zero())
    expect(phone.error).to_contain_text("Сервис занят")
    gate.wait_for(asked + 1)
    card, *sentences = phone.places(".answer.error, .answer.error p")
    assert len(sentences) == 3
    assert max(sentence["x"] for sentence in sentences) < card["x"] + card["width"] / 3
    assert card["x"] + card["width"] <= 390
    gate.answer = None
    expect(phone.digit).to_have_text("0")
    gate.wait_for(asked + 2)


def test_a_late_answer_is_announced_holds_nothing_up_and_is_shown_at_last(desktop: Visitor, gate: Gate) -> None:
    gate.hold()
    asked = gate.questions
    desktop.stroke(zero())
    expect(desktop.page.locator(".waiting")).to_be_visible()
    desktop.choose_mode(1)
    expect(desktop.page.get_by_test_id("stFileUploader")).to_be_visible()
    desktop.choose_mode(0)
    expect(desktop.page.locator(".waiting")).to_be_visible()
    gate.release()
    expect(desktop.digit).to_have_text("0")
    expect(desktop.page.locator(".waiting")).to_have_count(0)
    gate.wait_for(asked + 1)


@pytest.mark.linux
def test_the_page_alone_starts_the_api_keeps_it_running_and_stops_it(browser: Browser) -> None:
    port = free_port()
    api_health = f"http://127.0.0.1:{port}/health/live"
    with page_server(API_URL="", API_PORT=str(port)) as page:
        with visit(browser, page.url) as one, visit(browser, page.url) as other:
            for visitor in (one, other):
                visitor.stroke(zero())
                expect(visitor.digit).to_have_text("0")
            (api,) = page.children()
            wait_until(lambda: answers(api_health))
            os.kill(api, signal.SIGKILL)
            for visitor in (one, other):
                visitor.press(visitor.button("clear"))
                visitor.stroke(SEVEN)
                expect(visitor.digit).to_have_text("7")
            assert len(page.children()) == 1
            assert page.children() != [api]
        assert not lets_in(another_address(), page.port)
    assert not answers(api_health)


def test_another_program_on_the_apis_port_is_left_alone(desktop: Visitor) -> None:
    port = free_port()
    with foreign_program(port), page_server(API_URL="", API_PORT=str(port)) as page:
        desktop.arrive(page.url)
        desktop.stroke(zero())
        expect(desktop.digit).to_have_text("0")


@contextmanager
def make_run(*settings: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """`make run` as in a terminal, ended as by Ctrl+C."""
    command = ["make", "run", f"BIN={Path(sys.executable).parent}", "--assume-old=.venv/runs", *settings]
    environment = {"STREAMLIT_SERVER_HEADLESS": "true"} | environment
    with subprocess.Popen(
        command, cwd=PROJECT, env=os.environ | environment, stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as make:
        try:
            yield make
        finally:
            os.killpg(make.pid, signal.SIGINT)
            make.communicate(timeout=START_SECONDS)


@pytest.mark.posix
def test_make_run_starts_page_and_api_at_once_and_ends_both() -> None:
    port, api_port = free_port(), free_port()
    page, api = f"http://127.0.0.1:{port}/_stcore/health", f"http://127.0.0.1:{api_port}"
    with make_run(API_URL="", API_PORT=str(api_port), STREAMLIT_SERVER_PORT=str(port)) as make:
        assert make.stdout is not None
        printed = next(line for line in make.stdout if "API: " in line)
        assert api in printed
        wait_until(lambda: answers(page))
        response = requests.post(f"{api}/predict/", files={"file": encoded(draw(7))}, timeout=START_SECONDS)
        assert response.json()["prediction"] == 7
        assert not lets_in(another_address(), port)
        assert not lets_in(another_address(), api_port)
    assert not answers(page)
    assert not answers(f"{api}/health/live")


@pytest.mark.posix
def test_the_network_is_let_in_only_when_asked() -> None:
    port = free_port()
    with make_run("ADDRESS=0.0.0.0", API_URL=NOBODY, STREAMLIT_SERVER_PORT=str(port)):
        wait_until(lambda: answers(f"http://{another_address()}:{port}/_stcore/health"))
    with page_server("--server.address", "0.0.0.0", API_URL=NOBODY) as page:
        assert lets_in(another_address(), page.port)


@pytest.mark.posix
def test_two_pages_run_beside_each_other() -> None:
    """What has no port of its own moves to the next one, and says so; what it does not start it shares."""
    with make_run(API_URL=NOBODY) as one, make_run(API_URL=NOBODY) as other:
        ports = set()
        for make in (one, other):
            assert make.stdout is not None
            ports.add(next(line.rpartition(":")[2].strip() for line in make.stdout if "URL: " in line))
        assert len(ports) == 2
        for port in ports:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/_stcore/health"))  # noqa: B023
