"""What the worst pages cost the reader of numbers: seconds of one core from pixels to answer, beside ordinary pages.

    python -m tools.benchmarks.page_cost [--runs 3] [--first 72]

Of the runs of a page the fastest counts. What a page may cost is bounded (`digits.number.budget`), so that none takes
more than two seconds; where one does, the program ends with 1. `--first` takes only so many of the hostile pages.
"""

import argparse
import sys
import time
from itertools import islice
from typing import Final

from digits.decode import Picture
from digits.number import read_number
from digits.recogniser import Recogniser, use_one_thread
from tools.benchmarks.hostile_pages import ORDINARY, Grey, hostile_pages

MAX_SECONDS: Final = 2.0


def seconds(recogniser: Recogniser, page: Grey, runs: int) -> float:
    """Of one core, the fastest of the runs."""
    picture = Picture.of_pixels(page)
    taken = []
    for _ in range(runs):
        started = time.process_time()
        read_number(recogniser, picture)
        taken.append(time.process_time() - started)
    return min(taken)


def main() -> None:
    """Print the table, the dearest page first; end with 1 if one takes too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--first", type=int)
    chosen = parser.parse_args()
    use_one_thread()
    recogniser = Recogniser.load()
    ordinary = {name: seconds(recogniser, make(), chosen.runs) for name, make in ORDINARY.items()}
    hostile = {name: seconds(recogniser, page, chosen.runs) for name, page in islice(hostile_pages(), chosen.first)}
    usual = max(ordinary.values())
    print("| page | seconds | by the dearest ordinary page |\n|---|---:|---:|")
    for name, taken in [*ordinary.items(), *sorted(hostile.items(), key=lambda each: -each[1])]:
        print(f"| {name} | {taken:.2f} | {taken / usual:.1f} |")
    if max(hostile.values()) > MAX_SECONDS:
        sys.exit(1)


if __name__ == "__main__":
    main()
