"""What the worst pages cost the reader of numbers: seconds of one core from pixels to answer, beside ordinary pages.

    python -m tools.benchmarks.page_cost

A page is read three times and the fastest counts. What is asked of the model is bounded (`digits.number.budget`), so
that no page may take more than a second; a page that does makes the program end with 1.
"""

import sys
import time

from digits.decode import Picture
from digits.number import read_number
from digits.recogniser import Recogniser, use_one_thread
from tools.benchmarks.hostile_pages import ORDINARY, Grey, hostile_pages

MAX_SECONDS = 1.0
RUNS = 3


def seconds(recogniser: Recogniser, page: Grey) -> float:
    """Of one core, the fastest of `RUNS`."""
    picture = Picture.of_pixels(page)
    taken = []
    for _ in range(RUNS):
        started = time.process_time()
        read_number(recogniser, picture)
        taken.append(time.process_time() - started)
    return min(taken)


def main() -> int:
    """Print the table, the dearest page first; 1 if one takes too long."""
    use_one_thread()
    recogniser = Recogniser.load()
    ordinary = {name: seconds(recogniser, make()) for name, make in ORDINARY.items()}
    hostile = {name: seconds(recogniser, page) for name, page in hostile_pages()}
    usual = max(ordinary.values())
    print("| page | seconds | by the dearest ordinary page |\n|---|---:|---:|")
    for name, taken in [*ordinary.items(), *sorted(hostile.items(), key=lambda each: -each[1])]:
        print(f"| {name} | {taken:.2f} | {taken / usual:.1f} |")
    return int(max(hostile.values()) > MAX_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
