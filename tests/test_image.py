"""The container image, as far as it can be tried without an engine that builds it: its files and its commands."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
import yaml

from tests.serving import ROOT
from tools.servers import free_port

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text().replace("\\\n", "").splitlines()
SECONDS = 60


def copied(folder: Path) -> Path:
    """A folder with what the image gets, and no more."""
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


@pytest.mark.posix
def test_the_image_holds_what_both_processes_and_the_health_checks_need(tmp_path: Path) -> None:
    image, home = copied(tmp_path / "image"), tmp_path / "home"
    home.mkdir()
    page = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]["page"]
    of_api = json.loads(next(line.removeprefix("CMD ") for line in DOCKERFILE if line.startswith("CMD ")))
    healthcheck = next(line for line in DOCKERFILE if line.startswith("HEALTHCHECK ")).partition(" CMD ")[2]
    ports = {"8000": str(free_port()), "8501": str(free_port())}
    environment = os.environ | {"HOME": str(home), "API_URL": f"http://127.0.0.1:{ports['8000']}"}

    def here(command: list[str]) -> list[str]:
        moved = [word.replace("0.0.0.0", "127.0.0.1") for word in command]
        for port, free in ports.items():
            moved = [word.replace(port, free) for word in moved]
        return moved

    def checked(command: list[str]) -> bool:
        assert command[0] == "python"
        return subprocess.run([sys.executable, *here(command)[1:]], stderr=subprocess.DEVNULL).returncode == 0

    commands = {tuple(of_api): json.loads(healthcheck), tuple(page["command"]): page["healthcheck"]["test"][1:]}
    processes = [
        subprocess.Popen([sys.executable, "-m", *here(list(command))], cwd=image, env=environment)
        for command in commands
    ]
    try:
        for health in commands.values():
            deadline = time.monotonic() + SECONDS
            while not checked(health):
                assert time.monotonic() < deadline
                assert all(process.poll() is None for process in processes)
        assert requests.get(f"http://127.0.0.1:{ports['8501']}", timeout=10).ok
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS)
