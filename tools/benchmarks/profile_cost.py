"""What it costs a drawing's request that corrections are kept, and that a full profile weighs in.

    python -m tools.benchmarks.profile_cost [--corrections 100000] [--rounds 400]

Four APIs of one worker each: one that keeps nothing, one whose database is empty, and two with so many corrections in
SQLite, one of which is asked with a full profile. They are asked in turn, so that whatever else the machine does meets
all alike; the differences are medians of the differences within a round. What they spend of a processor (Linux) is less
at the mercy of what else runs.
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
from tools.processes import cpu_seconds

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
        apis = {
            "keeps nothing": ("", {}),
            "empty database": (empty, {}),
            f"{chosen.corrections:,} corrections": (full, {}),
            "the same, with a full profile": (full, {"profile": code}),
        }
        running_apis = [
            servers.enter_context(running("main:app", 1, DIGITS_DATABASE_URL=database, DIGITS_WORKERS="1"))
            for database, _ in apis.values()
        ]
        askers = [asking(api, **query) for api, (_, query) in zip(running_apis, apis.values(), strict=True)]
        for first in range(WARM_UP_ROUNDS):
            in_turn(askers, first)
        before = [cpu_seconds(api.process) for api in running_apis]
        rounds = [in_turn(askers, first) for first in range(chosen.rounds)]
        spent = [cpu_seconds(api.process) - each for api, each in zip(running_apis, before, strict=True)]
    print("| API | ms | ms more | ratio | ms of a processor |\n|---|---:|---:|---:|---:|")
    for place, name in enumerate(apis):
        median = statistics.median(each[place] for each in rounds)
        more = statistics.median(each[place] - each[0] for each in rounds)
        ratio = statistics.median(each[place] / each[0] for each in rounds)
        print(f"| {name} | {median:.2f} | {more:.2f} | {ratio:.3f} | {1000 * spent[place] / chosen.rounds:.3f} |")


if __name__ == "__main__":
    main()
