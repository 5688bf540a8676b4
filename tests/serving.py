"""The API as its users meet it, behind a real socket: in a process of its own, or in a thread of the tests' own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
import requests
import uvicorn
from fastapi import FastAPI

from digits.model import HOMES, model_path
from service.app import create_app
from service.settings import Settings
from tools import servers
from tools.processes import children

ROOT: Final = Path(__file__).parent.parent
PARTS: Final = ("main.py", "service", "digits", "*.pkl")
WAIT_SECONDS: Final = 120
DEADLINE_SECONDS: Final = 120
"""Of recognitions, where no test is about it: no machine is that busy."""


@dataclass(frozen=True)
class Api:
    """A running API, and where it answers."""

    url: str

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.url.rpartition(":")[2])


@dataclass(frozen=True)
class ApiProcess(Api):
    """An API with a process of its own, and the file that its log goes to."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def starters(self) -> list[int]:
        """The processes from which those that recognise are forked."""
        return [child for child in children(self.process.pid) if children(child)]

    def workers(self) -> list[int]:
        """The processes that recognise."""
        return [worker for starter in self.starters() for worker in children(starter)]


def wait_until(condition: Callable[[], object]) -> None:
    """Return once the condition holds."""
    servers.wait_until(condition, WAIT_SECONDS)


@contextmanager
def running_api(folder: Path, log: Path, *options: str, **settings: str) -> Iterator[ApiProcess]:
    """`uvicorn main:app` in `folder` on a free port, with these options and settings; it answers when this returns."""
    port = servers.free_port()
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port), *options]
    usual = {"DIGITS_DEADLINE_SECONDS": str(DEADLINE_SECONDS), "DIGITS_DATABASE_URL": ""}
    environment = os.environ | usual | settings
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=environment)
    api = ApiProcess(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until_live(api)
        yield api
    finally:
        process.terminate()
        process.wait(WAIT_SECONDS)


def wait_until_live(api: ApiProcess) -> None:
    """Return once the process answers; fails with its log when it ends before."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        assert api.process.poll() is None, api.log.read_text()
        with suppress(requests.ConnectionError):
            requests.get(f"{api.url}/health/live", timeout=WAIT_SECONDS)
            return
        time.sleep(0.05)
    pytest.fail(api.log.read_text())


def is_ready(api: Api) -> bool:
    return requests.get(f"{api.url}/health/ready", timeout=WAIT_SECONDS).status_code == 200


@contextmanager
def stopped(processes: list[int]) -> Iterator[None]:
    """The processes do nothing, as if what they do took for ever."""
    assert processes
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


@contextmanager
def served(app: FastAPI) -> Iterator[Api]:
    """The application in a thread of this process, with its processes that recognise; it answers when this returns."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=5))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            wait_until(lambda: server.started or not thread.is_alive())
            assert server.started
            yield Api(f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(WAIT_SECONDS)


@contextmanager
def served_api(**settings: Any) -> Iterator[Api]:
    """An application of these settings, served in a thread."""
    with served(create_app(settings_of(**settings))) as api:
        yield api


def settings_of(**settings: Any) -> Settings:
    """Settings in which nothing is kept of what people teach, where a test does not say otherwise."""
    usual: dict[str, Any] = {"deadline_seconds": DEADLINE_SECONDS, "database_url": ""}
    return Settings(**usual | settings)


def copy_of_the_api(folder: Path) -> Path:
    """All that the API needs, in another folder, for a test to spoil."""
    folder.mkdir()
    for part in (part for pattern in PARTS for part in ROOT.glob(pattern)):
        if part.is_dir():
            without = shutil.ignore_patterns("__pycache__", "training", "data")
            shutil.copytree(part, folder / part.name, ignore=without)
        else:
            shutil.copy(part, folder)
    return folder


def copy_of_the_model(folder: Path) -> Path:
    """The files of the model, in another folder, for a test to spoil."""
    folder.mkdir()
    for name in HOMES:
        shutil.copy(model_path(name), folder)
    return folder
