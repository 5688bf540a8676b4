"""What the worst pages cost the reader of numbers, from pixels to answer on one core, beside ordinary pages.

    python -m tools.benchmarks.page_cost [--runs 3] [--first 72]

Of the runs of a page the fastest counts; the memory is what it adds at most to that of a process that has the model
loaded (Linux only). What a page may cost is bounded (`digits.number.budget`), so that none takes more than two seconds
and 300 MB; where one does, the program ends with 1. `--first` takes only so many of the hostile pages.
"""

import argparse
import os
import sys
import time
from itertools import islice
from typing import Final, NamedTuple

from digits.decode import Picture
from digits.number import read_number
from digits.recogniser import Recogniser, use_one_thread
from tools.benchmarks.hostile_pages import ORDINARY, Grey, hostile_pages
from tools.processes import forget_peak, megabytes

MAX_SECONDS: Final = 2.0
MAX_MEGABYTES: Final = 300


class Cost(NamedTuple):
    """Seconds of one core, and megabytes."""

    seconds: float
    megabytes: float


def cost(recogniser: Recogniser, page: Grey, runs: int, loaded: float) -> Cost:
    """Of the fastest run, and of the run that takes most memory; `loaded` are the megabytes before the first page."""
    picture = Picture.of_pixels(page)
    taken = []
    forget_peak(os.getpid())
    for _ in range(runs):
        started = time.process_time()
        read_number(recogniser, picture)
        taken.append(time.process_time() - started)
    return Cost(min(taken), megabytes(os.getpid(), peak=True) - loaded)


def main() -> None:
    """Print the table, the dearest page first; end with 1 if one takes too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--first", type=int)
    chosen = parser.parse_args()
    use_one_thread()
    recogniser = Recogniser.load()
    loaded = megabytes(os.getpid())
    ordinary = {name: cost(recogniser, make(), chosen.runs, loaded) for name, make in ORDINARY.items()}
    pages = islice(hostile_pages(), chosen.first)
    hostile = {name: cost(recogniser, page, chosen.runs, loaded) for name, page in pages}
    usual = max(each.seconds for each in ordinary.values())
    print("| page | seconds | by the dearest ordinary page | MB |\n|---|---:|---:|---:|")
    for name, taken in [*ordinary.items(), *sorted(hostile.items(), key=lambda each: -each[1].seconds)]:
        print(f"| {name} | {taken.seconds:.2f} | {taken.seconds / usual:.1f} | {taken.megabytes:.0f} |")
    if any(each.seconds > MAX_SECONDS or each.megabytes > MAX_MEGABYTES for each in hostile.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
