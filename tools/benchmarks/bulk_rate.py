"""How fast is bulk recognition? Beside reading and decoding the same files, and beside a loop through POST /predict/.

Decoding stands there twice: as Pillow does it by itself, and as `digits.decode` does it, by a faster way to the pixels.

    python -m tools.benchmarks.bulk_rate INPUT [--first 20000]

INPUT is what `python -m digits.bulk` takes. What starting takes (processes, libraries, the model: a few seconds) is not
in the rates: every way is run on a few pictures first. The loop asks one picture after the other, `LOOP` at most.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import islice

import numpy as np
from joblib import Parallel, delayed, parallel_config
from PIL import Image
from tqdm import tqdm

from client import predict
from digits.bulk.backends import DISPATCH, chunks, on_this_machine, recognised
from digits.bulk.sources import Content, Unread, sources
from digits.bulk.worker import Chunk, content_of, decoded_or_error
from tools.benchmarks.api_rate import running
from tools.drawing import encoded

LOOP = 2_000
WARM_UP = 1_000
"""Pictures at most, before the clock runs."""

Way = Callable[[Iterator[Chunk]], Iterable[int]]


def contents(chunk: Chunk) -> list[Content]:
    """Reads each file."""
    return [content_of(item.source) for item in chunk]


def read(chunk: Chunk) -> int:
    return len(contents(chunk))


def decode_by_pillow(chunk: Chunk) -> int:
    files = contents(chunk)
    return len([np.asarray(Image.open(BytesIO(each))) if isinstance(each, bytes) else each for each in files])


def decode(chunk: Chunk) -> int:
    return len([decoded_or_error(item) for item in chunk])


def with_processes(work: Callable[[Chunk], int], jobs: int) -> Way:
    """Way to do this with chunks in so many processes."""

    def way(left: Iterator[Chunk]) -> Iterator[int]:
        with parallel_config(n_jobs=jobs, **on_this_machine("")):
            yield from Parallel(return_as="generator", **DISPATCH)(delayed(work)(chunk) for chunk in left)

    return way


def bulk(jobs: int) -> Way:
    """Way of `python -m digits.bulk --jobs`."""
    return lambda left: map(len, recognised(left, jobs, "local", ""))


def loop(api: str) -> Way:
    """Way of one picture after the other through `POST /predict/` of the API at this address."""

    def way(left: Iterator[Chunk]) -> Iterator[int]:
        for content in (content for chunk in left for content in contents(chunk)):
            assert not isinstance(content, Unread)
            predict(api, encoded(Image.fromarray(content)) if isinstance(content, np.ndarray) else content, "en")
            yield 1

    return way


def main() -> None:
    """Measure each way and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+", metavar="INPUT")
    parser.add_argument("--first", type=int, default=1_000_000_000, help="pictures (default: all)")
    chosen = parser.parse_args()

    def rate(way: Way, most: int) -> float:
        count = 0
        started = time.perf_counter()
        for each in tqdm(way(chunks(islice(sources(chosen.inputs), most), shared_files=True)), disable=None):
            count += each
        return count / (time.perf_counter() - started)

    ways: dict[str, tuple[Way, int]] = {
        "files read, one process": (with_processes(read, 1), chosen.first),
        "decoded by Pillow, one process": (with_processes(decode_by_pillow, 1), chosen.first),
        "decoded by Pillow, two processes": (with_processes(decode_by_pillow, 2), chosen.first),
        "decoded, one process": (with_processes(decode, 1), chosen.first),
        "decoded, two processes": (with_processes(decode, 2), chosen.first),
        "bulk, one process": (bulk(1), chosen.first),
        "bulk, two processes": (bulk(2), chosen.first),
    }
    print("| way | pictures a second |\n|---|---:|")
    with running("main:app", 1) as server:
        ways["loop through `/predict/`"] = loop(f"http://127.0.0.1:{server.port}"), min(LOOP, chosen.first)
        for name, (way, most) in ways.items():
            rate(way, min(WARM_UP, most))
            print(f"| {name} | {rate(way, most):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
