"""The lock is what requirements.txt pulls in, and `make` installs without uv as with it."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.quick

ROOT: Final = Path(__file__).parent.parent


def listed(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


def pulled_in() -> dict[str, str]:
    """Each package that requirements.txt pulls in, with the version that is installed."""
    found: dict[str, str] = {}
    waiting = [(requirement, {""}) for requirement in listed("requirements.txt")]
    asked = set()
    while waiting:
        requirement, extras = waiting.pop()
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras):
            continue
        name = canonicalize_name(requirement.name)
        if (name, *sorted(requirement.extras)) in asked:
            continue
        asked.add((name, *sorted(requirement.extras)))
        found[name] = version(name)
        waiting += [(Requirement(each), requirement.extras or {""}) for each in requires(name) or ()]
    return found


@pytest.mark.linux
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the lock is made with Python 3.11")
def test_the_lock_is_what_requirements_pull_in() -> None:
    locked = {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in listed("requirements.lock")
    }
    assert locked == pulled_in()


@pytest.mark.posix
@pytest.mark.parametrize("status", [0, 1, None], ids=["uv", "uv that fails", "no uv"])
def test_make_installs_by_uv_or_else_by_pip(tmp_path: Path, status: int | None) -> None:
    """Only what `make` calls is tried: both installers note that they were called, and with what."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "tests").mkdir()
    programs = tmp_path / "programs"
    for name in ("uv", "pip", "python", "playwright"):
        program = (programs if name == "uv" else tmp_path / "bin") / name
        program.parent.mkdir(exist_ok=True)
        ends = f"exit {status}" if name == "uv" else ""
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/called"\n{ends}\n', "utf-8")
        program.chmod(0o755)
    for requirements in ("requirements.txt", "requirements.lock", "tests/requirements.txt"):
        (tmp_path / requirements).touch()
    (tmp_path / ".venv").mkdir()
    path = os.pathsep.join([*([] if status is None else [str(programs)]), "/usr/bin", "/bin"])
    command = ["make", ".venv/tests", "PYTHON=true", "BIN=bin"]
    subprocess.run(command, cwd=tmp_path, env={"PATH": path}, check=True, capture_output=True)
    called = (tmp_path / "called").read_text("utf-8").splitlines()
    of_each = {name: [line for line in called if line.startswith(f"{name} ")] for name in ("uv", "pip")}
    assert len(of_each["uv"]) == (0 if status is None else 2)
    assert len(of_each["pip"]) == (0 if status == 0 else 2)
    for lines in of_each.values():
        assert [line.split()[-1] for line in lines] == ["requirements.txt", "tests/requirements.txt"][: len(lines)]
