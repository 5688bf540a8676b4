"""The container image, as far as it can be tried without an engine that builds it: its files and its commands."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import yaml

from tests.serving import ROOT
from tools.servers import answers, free_port, wait_until

pytestmark = pytest.mark.posix

DOCKERFILE: Final = (ROOT / "deploy" / "Dockerfile").read_text("utf-8").replace("\\\n", "").splitlines()
COMPOSED: Final[dict[str, Any]] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
SECONDS: Final = 60


def instruction(name: str) -> str:
    """What stands behind the last line of the Dockerfile that begins with a word."""
    return [line.partition(" ")[2] for line in DOCKERFILE if line.startswith(f"{name} ")][-1]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the image gets, and no more."""
    folder = tmp_path_factory.mktemp("image")
    for line in DOCKERFILE:
        if line.startswith("COPY "):
            *patterns, target = line.split()[1:]
            for source in (path for pattern in patterns for path in ROOT.glob(pattern)):
                if source.is_dir():
                    shutil.copytree(source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    (folder / target).mkdir(parents=True, exist_ok=True)
                    shutil.copy(source, folder / target)
    return folder


@contextmanager
def container(image: Path, command: list[str], health: list[str], **environment: str) -> Iterator[None]:
    """A command that runs among the image's files, with its environment, once its health check says so."""
    own = dict(re.findall(r"(\w+)=(\S+)", instruction("ENV"))) | {"STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    everything = os.environ | own | {"HOME": str(image.parent), "PATH": path} | environment
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=image, env=everything)

    def healthy() -> bool:
        assert process.poll() is None
        return subprocess.run(health, env=everything, stderr=subprocess.DEVNULL).returncode == 0

    try:
        wait_until(healthy, SECONDS)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)


def test_the_walk_to_a_space_takes_along_what_the_image_gets() -> None:
    walk = (ROOT / "docs" / "hosting.md").read_text("utf-8")
    taken = next(line.split() for line in walk.splitlines() if line.startswith("cp -r "))
    copied = [line.split()[1:-1] for line in DOCKERFILE if line.startswith("COPY ")]
    assert {path.partition("/")[0] for paths in copied for path in paths} <= set(taken)


def test_its_own_command_serves_the_page_and_starts_the_api(image: Path) -> None:
    port, of_api = str(free_port()), str(free_port())
    api = f"http://127.0.0.1:{of_api}/health/ready"
    command, health = json.loads(instruction("CMD")), ["sh", "-c", instruction("HEALTHCHECK").partition(" CMD ")[2]]
    with container(image, command, health, STREAMLIT_SERVER_PORT=port, API_PORT=of_api, DIGITS_WORKERS="1"):
        assert requests.get(f"http://127.0.0.1:{port}", timeout=10).ok
        wait_until(lambda: answers(api), SECONDS)
    assert not answers(api), "the API ends with the container"


def test_compose_runs_the_api_alone_by_the_same_image(image: Path) -> None:
    port = str(free_port())
    moved = {"0.0.0.0": "127.0.0.1", "8000": port}
    command = [moved.get(word, word) for word in COMPOSED["api"]["command"]]
    health = [word.replace("8000", port) for word in COMPOSED["api"]["healthcheck"]["test"][1:]]
    with container(image, command, health, DIGITS_WORKERS="1"):
        assert requests.get(f"http://127.0.0.1:{port}/model", timeout=10).ok
    assert "command" not in COMPOSED["page"], "the page's is the image's own"
