"""How long does a start take, and how much memory? This checkout and another in turns, in one run.

    git worktree add ../before REVISION
    python -m tools.benchmarks.starts ../before [--rounds 5]

Seconds from a command until it is of use, and those of a processor in it, which a busy machine changes less: the
recogniser imported, one picture recognised in bulk, the API and the page answering. Of each the best is told, as
whatever else the machine does can only add to it. Memory is that of the API and its processes, which have answered
`ASKED` pictures. Both run with the libraries of this Python, whose compiled modules are at hand, as a round before the
first is not counted.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests

from tools.benchmarks.api_rate import ROOT
from tools.benchmarks.pictures import CANVAS_PNG
from tools.processes import cpu_seconds, family, megabytes, private_megabytes
from tools.servers import free_port, wait_until

ASKED: Final = 64
QUIET_SECONDS: Final = 3.0
"""After which processes do no more on their own."""

Measured = dict[str, float]


def imported(checkout: Path) -> Measured:
    """A Python that imports what recognises."""
    return _run("`import digits.recogniser`", checkout, "-c", "import digits.recogniser")


def bulk(checkout: Path) -> Measured:
    """One picture, by the command for many."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "answers.csv")
        return _run(
            "`python -m digits.bulk` on one picture", checkout, "-m", "digits.bulk", str(CANVAS_PNG), "--out", out
        )


def api(checkout: Path) -> Measured:
    """The API, and the memory of it and its processes."""
    port = free_port()
    with _started(checkout, "uvicorn", "main:app", "--port", str(port), "--log-level", "warning") as (process, began):
        address = f"http://127.0.0.1:{port}"
        _wait_for(process, address + "/health/ready")
        seconds, processor_seconds = time.perf_counter() - began, cpu_seconds(process.pid)
        time.sleep(QUIET_SECONDS)
        for _ in range(ASKED):
            with CANVAS_PNG.open("rb") as picture:
                requests.post(f"{address}/predict/", files={"file": picture}, timeout=30).raise_for_status()
        return {
            "`uvicorn main:app` to `/health/ready`, s": seconds,
            "the same, of a processor": processor_seconds,
            "its processes": len(family(process.pid)),
            "their memory (RSS added up), MB": megabytes(process.pid),
            "what each has for itself, MB": private_megabytes(process.pid),
        }


def page(checkout: Path) -> Measured:
    """The page, which starts the API."""
    port = free_port()
    command = ("streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true")
    with _started(checkout, *command, API_PORT=str(free_port())) as (process, began):
        _wait_for(process, f"http://127.0.0.1:{port}/_stcore/health")
        return {"`streamlit run app.py` to the page answering, s": time.perf_counter() - began}


PARTS: Final[dict[str, Callable[[Path], Measured]]] = {"import": imported, "bulk": bulk, "api": api, "page": page}


def _environment(checkout: Path, **more: str) -> dict[str, str]:
    """Of this process, without what keeps Python from its compiled modules, and without anybody's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIGITS_", "API_", "PYTHONDONT"))}
    return kept | {"PYTHONPATH": str(checkout), "DIGITS_WORKERS": "2"} | more


def _run(name: str, checkout: Path, *arguments: str) -> Measured:
    began, before = time.perf_counter(), os.times()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=_environment(checkout),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = os.times()
    processor_seconds = sum(after[2:4]) - sum(before[2:4])  # of processes that have ended
    return {f"{name}, s": time.perf_counter() - began, f"{name}, of a processor": processor_seconds}


@contextmanager
def _started(checkout: Path, *module: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A server, and when it was started; what it keeps goes with it."""
    folder = tempfile.mkdtemp()
    store = f"sqlite:///{folder}/store.db"
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=checkout,
        env=_environment(checkout, DIGITS_DATABASE_URL=store, **environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, began
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} has ended")
        try:
            return requests.get(url, timeout=5).status_code == requests.codes.ok
        except requests.RequestException:
            return False

    wait_until(answers)


def main() -> None:
    """Measure both in turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=[*PARTS])
    chosen = parser.parse_args()
    checkouts = ROOT, chosen.other.absolute()
    print("| | this | other | this by other |\n|---|---:|---:|---:|")
    for part in chosen.parts:
        turns: list[list[Measured]] = [[], []]
        for number in range(chosen.rounds + 1):
            for which in (0, 1) if number % 2 else (1, 0):
                turns[which].append(PARTS[part](checkouts[which]))
        for name in turns[0][0]:
            this, other = (min(each[name] for each in turn[1:]) for turn in turns)
            print(f"| {name} | {this:.3g} | {other:.3g} | {this / other:.2f} |", flush=True)


if __name__ == "__main__":
    main()
