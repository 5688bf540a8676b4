"""What the tests of the page stand on: both processes, and a gate between them that counts and can be held."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import psutil
import requests

PROJECT: Final = Path(__file__).parent.parent
START_SECONDS: Final = 120.0
IN_PASSING: Final = b"application/json"
"""What is asked while the pen moves comes as this; it may be dropped, so it is counted by itself."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    condition: Callable[[], object], seconds: float = START_SECONDS, found: Callable[[], object] = lambda: ""
) -> None:
    """Fails when the condition has not come true in time, and tells what was `found` instead."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain {found()}"
        time.sleep(0.02)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


class Server:
    """A process that answers at `url` on this machine once this has returned."""

    def __init__(
        self, command: list[str], port: int, health: str, *, checkout: Path = PROJECT, **environment: str
    ) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout)} | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: self.process.poll() is not None or answers(self.url + health))
            assert self.process.poll() is None, f"{command} has ended"
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_SECONDS)

    def children(self) -> list[int]:
        """The ids of the processes that this one has started."""
        return [child.pid for child in psutil.Process(self.process.pid).children()]


@contextmanager
def api_server(*, checkout: Path = PROJECT, **environment: str) -> Iterator[Server]:
    port = free_port()
    command = ["uvicorn", "main:app", "--timeout-keep-alive", "60", "--port", str(port)]
    server = Server(command, port, "/health/ready", checkout=checkout, **environment)
    yield from _until_stopped(server)


@contextmanager
def page_server(*options: str, checkout: Path = PROJECT, **environment: str) -> Iterator[Server]:
    port = free_port()
    command = ["streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true", *options]
    server = Server(command, port, "/_stcore/health", checkout=checkout, **environment)
    yield from _until_stopped(server)


def _until_stopped(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def both_servers(*, checkout: Path = PROJECT, **environment: str) -> Iterator[str]:
    """The API, with this environment, and the page that asks it, of a checkout; yields the page's address."""
    with (
        api_server(checkout=checkout, **environment) as api,
        page_server(checkout=checkout, API_URL=api.url) as page,
    ):
        yield page.url


class Gate:
    """Stands between page and API: counts the questions, and can be held, shut, or answer in the API's place."""

    def __init__(self, api_port: int) -> None:
        self.questions = self.in_passing = 0
        self.answer: bytes | None = None
        self._api_port = api_port
        self._may_pass, self._may_pass_by, self._may_tell = (threading.Event() for _ in range(3))
        self.release()
        self._callers: list[socket.socket] = []
        self.port = 0
        self.open()

    def open(self) -> None:
        """Listens, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Nobody answers any more, as when the API has ended."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for caller in self._callers:
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)
        self._callers.clear()

    def hold(self) -> None:
        """Questions wait here until they are released; they count already."""
        self._may_pass.clear()

    def hold_what_is_asked_in_passing(self) -> None:
        self._may_pass_by.clear()

    def hold_whether_it_learns(self) -> None:
        self._may_tell.clear()

    def release(self) -> None:
        for event in (self._may_pass, self._may_pass_by, self._may_tell):
            event.set()

    def wait_for(self, questions: int) -> None:
        """Waits until as many have come since the gate was made."""
        wait_until(lambda: self.questions >= questions)
        assert self.questions == questions

    def _accept(self) -> None:
        listener = self._listener
        while True:
            try:
                page, _ = listener.accept()
            except OSError:
                return
            self._callers.append(page)
            threading.Thread(target=self._serve, args=(page,), daemon=True).start()

    def _serve(self, page: socket.socket) -> None:
        with page, suppress(OSError), socket.create_connection(("127.0.0.1", self._api_port)) as api:
            threading.Thread(target=_pour, args=(api, page), daemon=True).start()
            while data := page.recv(65536):
                if IN_PASSING in data:
                    self.in_passing += 1
                    self._may_pass_by.wait(START_SECONDS)
                elif b"GET /learning" in data:
                    self._may_tell.wait(START_SECONDS)
                elif b"POST /predict/" in data or b"POST /read/" in data:
                    self.questions += 1
                    self._may_pass.wait(START_SECONDS)
                    if self.answer is not None:
                        page.sendall(self.answer)
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
