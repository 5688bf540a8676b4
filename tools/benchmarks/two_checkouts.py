"""Is this checkout as quick as another? Both in turns in one run: the API's rate and that of bulk recognition.

    git worktree add ../before REVISION
    python -m tools.benchmarks.two_checkouts ../before [--bulk FOLDER]

Prints for each load the median rate of both and the median ratio of a turn, this checkout by the other. Both run with
the libraries of this Python. FOLDER is what `python -m digits.bulk` takes; a whole run of it is timed, starting
included.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tools.benchmarks.api_rate import ROOT, multipart, own_client, running, wrk
from tools.benchmarks.pictures import CANVAS_PNG

PAUSE_SECONDS: Final = 0.5
"""Before each load, so that no request of the one before it is still under way."""

Rate = Callable[[], float]


def ratio(this: Rate, other: Rate, rounds: int) -> tuple[float, float, float]:
    """Median rates of both, and the median ratio of the turns, of which every second one begins with the other."""
    turns: list[tuple[float, float]] = []
    for number in range(rounds):
        if number % 2:
            of_other = other()
            turns.append((this(), of_other))
        else:
            turns.append((this(), other()))
    ones, others = zip(*turns, strict=True)
    return statistics.median(ones), statistics.median(others), statistics.median(a / b for a, b in turns)


def api_rate(port: int, clients: int, seconds: float) -> Rate:
    """Requests a second with the canvas PNG, by wrk where it is installed."""
    load = wrk if shutil.which("wrk") else own_client
    body = multipart(CANVAS_PNG.read_bytes())

    def rate() -> float:
        time.sleep(PAUSE_SECONDS)
        found = load(port, body, clients, seconds)
        if found.failed:
            sys.exit(f"{found.failed} requests failed: the figures mean nothing")
        return found.requests / found.seconds

    return rate


def bulk_rate(checkout: Path, folder: Path) -> Rate:
    """Pictures a second of a whole run, starting included."""

    def rate() -> float:
        with tempfile.TemporaryDirectory() as out:
            table = Path(out) / "answers.csv"
            command = [sys.executable, "-m", "digits.bulk", str(folder.absolute()), "--out", str(table)]
            started = time.perf_counter()
            subprocess.run(command, cwd=checkout, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            seconds = time.perf_counter() - started
            return (len(table.read_bytes().splitlines()) - 1) / seconds

    return rate


def main() -> None:
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, metavar="CHECKOUT")
    parser.add_argument("--bulk", type=Path, metavar="FOLDER", help="pictures to be recognised in bulk, too")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=2, help="of load on one API in one round")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 32])
    chosen = parser.parse_args()
    print("| load | this | other | this by other |\n|---|---:|---:|---:|")
    with ExitStack() as stack:
        ports = [stack.enter_context(running("main:app", 1, folder)).port for folder in (ROOT, chosen.other)]
        for clients in chosen.clients:
            for port in ports:
                api_rate(port, clients, chosen.seconds / 2)()
            this, other = (api_rate(port, clients, chosen.seconds) for port in ports)
            _print_row(f"`POST /predict/`, {clients} clients", *ratio(this, other, chosen.rounds))
    if chosen.bulk is not None:
        this, other = (bulk_rate(folder, chosen.bulk) for folder in (ROOT, chosen.other))
        _print_row("`python -m digits.bulk`", *ratio(this, other, chosen.rounds))


def _print_row(load: str, this: float, other: float, found: float) -> None:
    print(f"| {load} | {this:,.0f} | {other:,.0f} | {found:.2f} |", flush=True)


if __name__ == "__main__":
    main()
