"""The API as its users meet it: a process of its own behind a real socket."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parent.parent
PARTS = ("main.py", "service", "digits", "*.pkl")
START_SECONDS = 60


@dataclass(frozen=True)
class Api:
    """A running API: where it answers, its process and the file that its log goes to."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path


@contextmanager
def running_api(folder: Path, log: Path, *options: str, **settings: str) -> Iterator[Api]:
    """`uvicorn main:app` in `folder` on a free port, with these options and settings; it answers when this returns."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=os.environ | settings)
    api = Api(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until_live(api)
        yield api
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def wait_until_live(api: Api) -> None:
    """Return once the process answers; fails with its log when it ends before."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert api.process.poll() is None, api.log.read_text()
        try:
            requests.get(f"{api.url}/health/live", timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail(api.log.read_text())


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


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of this project, ready."""
    with running_api(ROOT, tmp_path_factory.mktemp("api") / "log") as api:
        ready = requests.get(f"{api.url}/health/ready", timeout=30)
        assert ready.status_code == 200, ready.text
        yield api
