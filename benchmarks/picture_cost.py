"""What one picture costs: milliseconds and megabytes from its bytes to the answer, on one core, without HTTP.

    python -m benchmarks.picture_cost

A drawing of the canvas, a 28x28 icon, and telephone pictures of squared paper; each in a process of its own. The
memory is what the first picture adds to the resident memory of a process that has the model loaded (Linux only).
"""

import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.pictures import PICTURES
from benchmarks.process import forget_peak, megabytes
from digits.decode import decode
from digits.recogniser import Recogniser

RUNS = 30


def cost(picture: bytes) -> tuple[float, float, int | None]:
    """Median milliseconds, megabytes of the first run, and the answer."""
    threadpool_limits(1)
    recogniser = Recogniser.load(Path(__file__).parent.parent)
    forget_peak(os.getpid())
    before = megabytes(os.getpid())
    prediction = recogniser.recognise(decode(picture)).prediction
    added = megabytes(os.getpid(), peak=True) - before
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        recogniser.recognise(decode(picture))
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times), added, prediction


def main() -> None:
    """Measure every picture and print the table."""
    print("| picture | KiB | ms | MB | read as |\n|---|---:|---:|---:|---:|")
    for name, make in PICTURES.items():
        picture = make()
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            milliseconds, added, prediction = process.submit(cost, picture).result()
        print(f"| {name} | {len(picture) // 1024} | {milliseconds:.1f} | {added:.0f} | {prediction} |", flush=True)


if __name__ == "__main__":
    main()
