"""What one picture costs: milliseconds and megabytes from its bytes to the answer, on one core, without HTTP.

    python -m tools.benchmarks.picture_cost [--runs 30] [--first 4]

A drawing of the canvas, a 28x28 icon, and telephone pictures of squared paper, and numbers read by `read_number`; each
in a process of its own. The memory is what the first run adds to the resident memory of a process that has the model
loaded (Linux only). `--first` takes only so many pictures of digits, and as many of numbers.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import numpy as np

from digits.decode import MAX_NUMBER_SIDE, decode
from digits.features import hog_features
from digits.ink import digit_candidates
from digits.normalise import normalise
from digits.number import read_number
from digits.recogniser import Recogniser, use_one_thread
from tools.benchmarks.pictures import CANVAS_PNG, NUMBERS, PICTURES
from tools.processes import forget_peak, megabytes

RUNS: Final = 30
"""Over which the median of a picture's time is taken."""

STEP_RUNS: Final = 20
"""So many times as many runs for the steps, which are short."""


def as_digit(recogniser: Recogniser, picture: bytes) -> str:
    return str(recogniser.recognise(decode(picture)).prediction)


def as_number(recogniser: Recogniser, picture: bytes) -> str:
    lines = [line.text for line in read_number(recogniser, decode(picture, MAX_NUMBER_SIDE)).lines]
    return f"{lines[0]} and {len(lines) - 1} lines" if len(lines) > 1 else "".join(lines)


def cost(picture: bytes, read: Callable[[Recogniser, bytes], str], runs: int) -> tuple[float, float, str]:
    """Median milliseconds, megabytes of the first run, and the answer."""
    use_one_thread()
    recogniser = Recogniser.load()
    forget_peak(os.getpid())
    before = megabytes(os.getpid())
    answer = read(recogniser, picture)
    added = megabytes(os.getpid(), peak=True) - before
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        read(recogniser, picture)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), added, answer


def steps(picture: bytes, runs: int) -> dict[str, float]:
    """Median milliseconds of each step of a picture whose first ink candidate is believed."""
    use_one_thread()
    recogniser = Recogniser.load()
    taken: dict[str, list[float]] = {}
    for _ in range(STEP_RUNS * runs):
        marks = [time.perf_counter()]
        decoded = decode(picture)
        marks.append(time.perf_counter())
        ink = next(digit_candidates(decoded.pixels, recogniser.model.pixel_classifier)).ink
        marks.append(time.perf_counter())
        small = normalise(ink)[None]
        marks.append(time.perf_counter())
        hog_features(small)
        marks.append(time.perf_counter())
        recogniser.model.predict_proba(small)
        marks.append(time.perf_counter())
        recogniser.recognise(decoded)
        marks.append(time.perf_counter())
        decoding, inking, normalising, features, features_and_model, after_decoding = np.diff(marks)
        found = {
            "decode": decoding,
            "ink": inking,
            "normalise": normalising,
            "features": features,
            "scale and model": features_and_model - features,
            "deciding": after_decoding - inking - normalising - features_and_model,
        }
        for name, seconds in found.items():
            taken.setdefault(name, []).append(1000 * seconds)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    """Measure every picture and print the table, then the steps of the first picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--first", type=int, default=max(len(PICTURES), len(NUMBERS)))
    chosen = parser.parse_args()
    print("| picture | KiB | ms | MB | read as |\n|---|---:|---:|---:|---:|")
    for pictures, read in ((PICTURES, as_digit), (NUMBERS, as_number)):
        for name, make in list(pictures.items())[: chosen.first]:
            picture = make()
            with ProcessPoolExecutor(1, get_context("spawn")) as process:
                milliseconds, added, answer = process.submit(cost, picture, read, chosen.runs).result()
            shown = f"{name}, as a number" if read is as_number else name
            print(f"| {shown} | {len(picture) // 1024} | {milliseconds:.1f} | {added:.0f} | {answer} |", flush=True)
    print("\n| step of the canvas PNG | ms |\n|---|---:|")
    for name, milliseconds in steps(CANVAS_PNG.read_bytes(), chosen.runs).items():
        print(f"| {name} | {milliseconds:.3f} |")


if __name__ == "__main__":
    main()
