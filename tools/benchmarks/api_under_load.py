"""Does the API stay awake when it has more to do than it can? Times of /health/* and /metrics meanwhile, and refusals.

    python -m tools.benchmarks.api_under_load

Sixty callers post 12-megapixel photographs, each the next as soon as the last is answered; one more asks for the
health of the API and its metrics. The callers run in processes of their own.
"""

import itertools
import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import requests

from tools.benchmarks.api_rate import running
from tools.benchmarks.pictures import telephone

CALLERS = 60
SECONDS = 20.0
WATCHED = ("/health/live", "/health/ready", "/metrics")


def post_until(url: str, picture: Path, end: float) -> Counter[int]:
    """Post the picture from half of the callers until `end`; how often each status came."""
    body = picture.read_bytes()

    def caller() -> Counter[int]:
        statuses: Counter[int] = Counter()
        with requests.Session() as session:
            while time.time() < end:
                response = session.post(f"{url}/predict/", files={"file": body}, timeout=60)
                statuses[response.status_code] += 1
                time.sleep(float(response.headers.get("Retry-After", 0)))
        return statuses

    with ThreadPoolExecutor(CALLERS // 2) as callers:
        return sum((each.result() for each in [callers.submit(caller) for _ in range(CALLERS // 2)]), Counter())


def main() -> None:
    """Load one server, watch it, print what came."""
    with running("main:app", 1) as server, tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{server.port}"
        picture = Path(folder) / "photograph.jpg"
        picture.write_bytes(telephone(4000, 3000))
        end = time.time() + SECONDS
        milliseconds: dict[str, list[float]] = {path: [] for path in WATCHED}
        with ProcessPoolExecutor(2) as processes:
            under_way = [processes.submit(post_until, url, picture, end) for _ in range(2)]
            time.sleep(2)
            with requests.Session() as session:
                for path in itertools.cycle(WATCHED):
                    if time.time() > end:
                        break
                    started = time.perf_counter()
                    session.get(url + path, timeout=30).raise_for_status()
                    milliseconds[path].append(1000 * (time.perf_counter() - started))
                    time.sleep(0.01)
            statuses = sum((each.result() for each in under_way), Counter[int]())
    print("answers by status:", dict(sorted(statuses.items())))
    for path, times in milliseconds.items():
        cuts = statistics.quantiles(times, n=100)
        print(f"{path:14} median {cuts[49]:5.1f} ms, 95 % within {cuts[94]:5.1f}, 99 % within {cuts[98]:5.1f}")
    if set(statuses) - {200, 503}:
        sys.exit("not every answer was 200 or 503")


if __name__ == "__main__":
    main()
