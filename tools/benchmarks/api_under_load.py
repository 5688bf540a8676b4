"""Does the API stay awake when it has more to do than it can? Times of /health/* and /metrics meanwhile, and refusals.

    python -m tools.benchmarks.api_under_load [--callers 60] [--seconds 20]

The callers post 12-megapixel photographs, each the next as soon as the last is answered; one more asks for the health
of the API and its metrics. The callers run in two processes of their own.
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
import requests

from tools.benchmarks.api_rate import running
from tools.benchmarks.pictures import telephone

PROCESSES: Final = 2
"""In which the callers run."""

HEAD_START_SECONDS: Final = 2.0
"""That the callers have to start before anything is timed."""

PAUSE_SECONDS: Final = 0.01
"""Between two questions that are timed."""

WATCHED: Final = ("/health/live", "/health/ready", "/metrics")
EXPECTED: Final = {200, 503, 504}
"""Statuses of a picture: read, no place for it, no time for it."""


def post_for(url: str, picture: Path, callers: int, seconds: float) -> Counter[int]:
    """Post the picture from so many callers for so many seconds; how often each status came."""
    body = picture.read_bytes()
    end = time.monotonic() + seconds

    def caller() -> Counter[int]:
        statuses: Counter[int] = Counter()
        with requests.Session() as session:
            while time.monotonic() < end:
                response = session.post(f"{url}/predict/", files={"file": body}, timeout=60)
                statuses[response.status_code] += 1
                time.sleep(float(response.headers.get("Retry-After", 0)))
        return statuses

    with ThreadPoolExecutor(callers) as threads:
        return sum((each.result() for each in [threads.submit(caller) for _ in range(callers)]), Counter())


def main() -> None:
    """Load one server, watch it, print what came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=20)
    chosen = parser.parse_args()
    with running("main:app", 1) as server, tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{server.port}"
        picture = Path(folder) / "photograph.jpg"
        picture.write_bytes(telephone(4000, 3000))
        milliseconds: dict[str, list[float]] = {path: [] for path in WATCHED}
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
            each = chosen.callers // PROCESSES
            under_way = [processes.submit(post_for, url, picture, each, chosen.seconds) for _ in range(PROCESSES)]
            time.sleep(min(HEAD_START_SECONDS, chosen.seconds))
            with requests.Session() as session:
                for path in itertools.cycle(WATCHED):
                    if all(milliseconds.values()) and all(half.done() for half in under_way):
                        break
                    started = time.perf_counter()
                    session.get(url + path, timeout=30).raise_for_status()
                    milliseconds[path].append(1000 * (time.perf_counter() - started))
                    time.sleep(PAUSE_SECONDS)
            statuses = sum((half.result() for half in under_way), Counter[int]())
    print("answers by status:", dict(sorted(statuses.items())))
    for path, times in milliseconds.items():
        median, most, nearly_all = np.percentile(times, [50, 95, 99])
        print(f"{path:14} median {median:5.1f} ms, 95 % within {most:5.1f}, 99 % within {nearly_all:5.1f}")
    if unexpected := set(statuses) - EXPECTED:
        sys.exit(f"unexpected answers: {unexpected}")


if __name__ == "__main__":
    main()
