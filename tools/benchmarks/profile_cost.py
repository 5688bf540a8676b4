"""What it costs a drawing's request that corrections are kept, and that a full profile weighs in.

    python -m tools.benchmarks.profile_cost [--corrections 100000] [--rounds 400]

Three APIs of one worker each: one that keeps nothing, one whose database is empty, and one with so many corrections in
SQLite. They are asked in turn, so that whatever else the machine does meets all alike; the differences are medians of
the differences within a round.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import requests

from digits.store import Entry, Store
from tools.benchmarks.api_rate import Server, running
from tools.benchmarks.pictures import CANVAS_PNG

OF_A_KIND: Final = 20
KINDS: Final = 11
PER_PROFILE: Final = OF_A_KIND * KINDS
"""Digits of a profile that remembers all it may."""

WARM_UP_ROUNDS: Final = 20


def filled(url: str, corrections: int) -> str:
    """Fill a database with so many corrections, of profiles that are full; returns the code of the last."""
    store, random = Store.open(url), np.random.default_rng(0)
    code = ""
    for _ in range(-(-corrections // PER_PROFILE)):
        code = store.new_profile()
        store.add(code, [_entry(random, place % KINDS) for place in range(PER_PROFILE)], PER_PROFILE)
    store.close()
    return code


def _entry(random: np.random.Generator, label: int) -> Entry:
    """A blot of its own, so that no drawing is taken for it."""
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 4:24] = random.integers(0, 256, (20, 20))
    return Entry(picture, label, (label + 1) % KINDS, 0.9, "correction", True, 0.5, "0" * 64)


def asking(server: Server, **query: str) -> Callable[[], float]:
    """What asks once about a drawing, and returns how many milliseconds that took."""
    session, picture = requests.Session(), CANVAS_PNG.read_bytes()
    address = f"http://127.0.0.1:{server.port}/predict/"

    def ask() -> float:
        started = time.perf_counter()
        answer = session.post(address, params=query, files={"file": picture}, timeout=60)
        taken = 1000 * (time.perf_counter() - started)
        answer.raise_for_status()
        return taken

    return ask


def in_turn(askers: Sequence[Callable[[], float]], first: int) -> list[float]:
    """Milliseconds of each, asked one after the other, in each round from another one on."""
    places = [(first + place) % len(askers) for place in range(len(askers))]
    taken = {place: askers[place]() for place in places}
    return [taken[place] for place in range(len(askers))]


def main() -> None:
    """Fill the databases, ask in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corrections", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=400)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        empty, full = (f"sqlite:///{Path(folder) / name / 'digits.sqlite3'}" for name in ("empty", "full"))
        Store.open(empty).new_profile()
        code = filled(full, chosen.corrections)
        keeps_nothing, keeps_little, keeps_much = (
            servers.enter_context(running("main:app", 1, DIGITS_DATABASE_URL=each, DIGITS_WORKERS="1"))
            for each in ("", empty, full)
        )
        askers = {
            "keeps nothing": asking(keeps_nothing),
            "empty database": asking(keeps_little),
            f"{chosen.corrections:,} corrections": asking(keeps_much),
            "the same, with a full profile": asking(keeps_much, profile=code),
        }
        rounds = [in_turn([*askers.values()], first) for first in range(WARM_UP_ROUNDS + chosen.rounds)]
    print("| API | ms | ms more | ratio |\n|---|---:|---:|---:|")
    for place, name in enumerate(askers):
        measured = rounds[WARM_UP_ROUNDS:]
        times = [each[place] for each in measured]
        more = statistics.median(each[place] - each[0] for each in measured)
        ratio = statistics.median(each[place] / each[0] for each in measured)
        print(f"| {name} | {statistics.median(times):.2f} | {more:.2f} | {ratio:.3f} |")


if __name__ == "__main__":
    main()
