"""What a memory of one's own digits costs a recognition: without one, with an empty one and with a full one.

    python -m tools.benchmarks.memory_cost [--rounds 300]

A full memory has 20 digits of each kind and 20 that are none. Every picture is recognised by all three in turns, so
that what else the machine does meets all of them alike; medians over the rounds, and of the differences and ratios
within a round. A clear digit takes one view; a doubtful one augmented views too.
"""

import argparse
import statistics
import time
from typing import Final

import numpy as np

from digits.decode import Picture, decode
from digits.known import COLUMNS, ROWS, Known, known_digits
from digits.memory import Memory
from digits.recogniser import CONFIDENT, Recogniser, use_one_thread
from digits.taught import CLASSES, NOTHING
from tools.benchmarks.pictures import CANVAS_PNG

ROUNDS: Final = 300

OF_A_KIND: Final = 20
"""Remembered digits of each kind at most."""


def full_memory(recogniser: Recogniser) -> Memory:
    """A memory with as many digits as one may have."""
    kinds = range(CLASSES)
    return Memory.of(
        recogniser.model,
        known_digits().at(kind * ROWS * COLUMNS + place for kind in kinds for place in range(OF_A_KIND)),
    )


def doubtful_picture(recogniser: Recogniser) -> Picture:
    """A known digit of which one view does not make sure."""
    known = known_digits()
    sure = recogniser.model.predict_proba(known.pictures)[:, :10].max(axis=1)
    doubtful = np.flatnonzero((sure < CONFIDENT) & (known.labels < 10))
    picture = known.pictures[doubtful[0]]
    return Picture.of_pixels(np.pad(picture, 14))


def turns(recognisers: list[Recogniser], picture: Picture, rounds: int) -> list[list[float]]:
    """Milliseconds of each recogniser in each round."""
    taken: list[list[float]] = []
    for number in range(rounds):
        of_round = [0.0] * len(recognisers)
        for step in range(len(recognisers)):
            place = (number + step) % len(recognisers)
            started = time.perf_counter()
            recognisers[place].recognise(picture)
            of_round[place] = 1000 * (time.perf_counter() - started)
        taken.append(of_round)
    return taken


def main() -> None:
    """Measure and print the table, then what a process does once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    use_one_thread()
    recogniser = Recogniser.load()
    started = time.perf_counter()
    Known.of(recogniser.model)
    known_seconds = time.perf_counter() - started
    started = time.perf_counter()
    full = full_memory(recogniser)
    memory_seconds = time.perf_counter() - started
    empty = Memory.of(recogniser.model, NOTHING)
    recognisers = [recogniser, recogniser.with_memory(empty), recogniser.with_memory(full)]
    pictures = {"drawing on the canvas": decode(CANVAS_PNG.read_bytes()), "doubtful": doubtful_picture(recogniser)}
    print("| picture | memory | ms | more ms | ratio |\n|---|---|---:|---:|---:|")
    for name, picture in pictures.items():
        turns(recognisers, picture, min(rounds, 10))
        taken = turns(recognisers, picture, rounds)
        for place, memory in enumerate(("none", "empty", f"full, {len(full)} digits")):
            milliseconds = statistics.median(each[place] for each in taken)
            more = statistics.median(each[place] - each[0] for each in taken)
            ratio = statistics.median(each[place] / each[0] for each in taken)
            print(f"| {name} | {memory} | {milliseconds:.2f} | {more:.3f} | {ratio:.2f} |")
    print("\n| once | ms |\n|---|---:|")
    print(f"| a process: the known digits as the network sees them | {1000 * known_seconds:.0f} |")
    print(f"| a memory: its digits likewise | {1000 * memory_seconds:.0f} |")


if __name__ == "__main__":
    main()
