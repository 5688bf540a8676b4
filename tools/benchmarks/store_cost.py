"""What does the store cost? Milliseconds of what a request asks of it, with little in it and with very much.

    python -m tools.benchmarks.store_cost [--address postgresql://USER:PASSWORD@HOST/NAME] [--digits 100000]

Without an address it is SQLite, in a file of its own. What was made is deleted in the end.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from digits.store import Entry, Store

PROFILE_SIZE = 250
"""Digits of each profile that fills the store."""

MANY = 10**9
ENOUGH = 220
"""Digits of the profile that is asked about: as many as teach."""

RANDOM = np.random.default_rng(0)


def entry(label: int) -> Entry:
    """A digit that was never seen before."""
    picture = RANDOM.integers(0, 256, (28, 28), dtype=np.uint8)
    return Entry(picture, label, (label + 1) % 11, 0.5, "correction", True, 0.1, "0" * 64)


def new_profile(store: Store, class_code: str, size: int) -> str:
    """A profile of that class which teaches so many digits."""
    code = store.new_profile(class_code)
    store.add(code, [entry(place % 11) for place in range(size)], MANY)
    return code


def milliseconds(work: Callable[[], object], runs: int) -> float:
    """Median over the runs."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return median(times) * 1000


def costs(store: Store, code: str, runs: int) -> dict[str, float]:
    """Milliseconds of each thing that is asked of the store."""
    asked: dict[str, Callable[[], object]] = {
        "the revision of a profile": lambda: store.revision(code),
        f"what it teaches, {ENOUGH} digits": lambda: store.taught(code),
        "a correction, until it is on disk": lambda: store.add(code, [entry(4)], MANY),
        "what waits for a look": lambda: store.waiting(100),
    }
    return {name: milliseconds(work, runs) for name, work in asked.items()}


def measured(store: Store, digits: int, runs: int) -> None:
    """Print a table of the costs before and after so many digits of others were added."""
    group = store.new_class()
    try:
        few = costs(store, new_profile(store, group, ENOUGH), runs)
        for _ in range(digits // PROFILE_SIZE):
            new_profile(store, group, PROFILE_SIZE)
        many = costs(store, new_profile(store, group, ENOUGH), runs)
    finally:
        store.delete_class(group)
    print(f"| {store.kind}, ms | few digits | {digits:,} digits |\n|---|---:|---:|")
    for name, cost in few.items():
        print(f"| {name} | {cost:.2f} | {many[name]:.2f} |")


def main() -> None:
    """Run what the module's docstring says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address")
    parser.add_argument("--digits", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=200)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        store = Store.open(arguments.address or f"sqlite:///{Path(folder) / 'digits.sqlite3'}")
        try:
            measured(store, arguments.digits, arguments.runs)
        finally:
            store.close()


if __name__ == "__main__":
    main()
