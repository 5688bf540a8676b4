"""What the tests of bulk recognition share: runs of it, in this process or in one of their own, and their inputs."""

import csv
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from digits.bulk.__main__ import main
from tests.serving import ROOT

SECONDS = 120
HEADER = ["file", "prediction", "confidence", "rejected", "error"]
HEADER_OF_CELLS = ["file", "table", "row", "column", "text", "confidence", "rejected", "error", "rows"]


def bulk(*arguments: str | Path, before: Callable[[], None] | None = None) -> "subprocess.Popen[str]":
    """`python -m digits.bulk` with these arguments, started; `before` is called in its process."""
    command = [sys.executable, "-m", "digits.bulk", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, encoding="utf-8", preexec_fn=before)


def finished(process: "subprocess.Popen[str]", status: int = 0) -> str:
    """Wait for its end, which must be this one; what it said of what went wrong."""
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == status, errors
    return errors


def bulk_here(*arguments: str | Path) -> str | None:
    """The same in this process, one picture after the other; what it ends with when it ends early, else None."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["digits.bulk", "--jobs", "1", *map(str, arguments)])
        try:
            main()
        except SystemExit as end:
            return str(end.code)
    return None


def rows(table: Path, header: list[str] = HEADER) -> list[list[str]]:
    """The rows of a complete table."""
    with table.open(encoding="utf-8", newline="") as file:
        first, *found = csv.reader(file)
    assert first == header
    return found


def idx(pictures: NDArray[np.uint8]) -> bytes:
    """An IDX file as MNIST ships them."""
    return b"\0\0\x08\x03" + np.array(pictures.shape, ">u4").tobytes() + pictures.tobytes()


def small_digits(count: int) -> NDArray[np.uint8]:
    """Handwritten digits of scikit-learn in MNIST's size."""
    grey = (255 / 16 * load_digits().images[:count]).astype(np.uint8)
    enlarged = [np.asarray(Image.fromarray(digit).resize((20, 20), Image.Resampling.BICUBIC)) for digit in grey]
    small: NDArray[np.uint8] = np.pad(np.stack(enlarged), ((0, 0), (4, 4), (4, 4)))
    return small


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Return when the condition holds, while the process goes on."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
