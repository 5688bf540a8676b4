"""Pictures in chunks -> rows, by processes on this machine or by the workers of a cluster."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

from digits.bulk.sources import Source
from digits.bulk.worker import Chunk, Item, Reading, Rows, end_with, model_sha256, recognise_chunk
from digits.number.hints import NO_HINTS, Hints

MAX_CHUNK_PICTURES: Final = 256
"""Pictures that a worker gets at once, unless their bytes are sent along and reach `CHUNK_BYTES`."""

MIN_CHUNK_PICTURES: Final = 8
"""Fewer are not worth sending for."""

FEW_PICTURES: Final = 16
"""So many are recognised in the process that was started: others would take longer to start."""

CHUNKS_OF_A_PROCESS: Final = 4
"""Each process gets so many chunks at least where there are enough pictures, so that none waits long for the last."""

CHUNK_BYTES: Final = 4 * 2**20

DISPATCH: Final[dict[str, Any]] = {"batch_size": 1, "pre_dispatch": "3*n_jobs"}

MAX_RETRIES: Final = 3
"""How often a picture's worker on Ray may die, as on Dask."""

CHUNKS_PER_ROUND: Final = 64
"""Chunks after which Ray's backend is waited for."""


class ClusterError(Exception):
    """The cluster does not answer, or what speaks to it is not installed; the text says why."""


def recognised(
    chunks: Iterator[Chunk],
    jobs: int,
    backend: str,
    address: str,
    reading: Reading = "digit",
    hints: Hints = NO_HINTS,
) -> Iterator[list[Rows]]:
    """The rows of each picture of each chunk, in their order; only so many chunks are under way at once.

    Raises:
        ModelNotReadyError: there is no model, or a worker has another.
        ClusterError: see there.

    """
    model = model_sha256()
    if backend == "local":
        first = list(islice(chunks, 2))
        if len(first) < 2:
            yield from (recognise_chunk(chunk, model, reading, hints) for chunk in first)
            return
        chunks = chain(first, chunks)
    from joblib import Parallel, delayed, parallel_config  # as long as all other imports, and only needed here

    tasks = (delayed(recognise_chunk)(chunk, model, reading, hints) for chunk in chunks)
    try:
        connected = parallel_config(n_jobs=jobs, **BACKENDS[backend](address))
    except Exception as error:  # each library raises its own
        raise ClusterError(error) from error
    with connected:
        if backend != "ray":
            yield from Parallel(return_as="generator", **DISPATCH)(tasks)
        else:  # its backend gives lists only
            with Parallel(**DISPATCH) as parallel:
                while results := parallel(islice(tasks, CHUNKS_PER_ROUND)):
                    yield from results


def on_this_machine(address: str) -> dict[str, Any]:
    """Processes of joblib's own."""
    return {"backend": "loky", "initializer": end_with, "initargs": (os.getpid(),)}


def on_dask(address: str) -> dict[str, Any]:
    """Workers of a Dask cluster; what one that dies was doing goes to another."""
    return {"backend": "dask", "scheduler_host": address}


def on_ray(address: str) -> dict[str, Any]:
    """Workers of a Ray cluster; one that dies is started again, and so is what it was doing."""
    import ray
    from ray.util.joblib import register_ray

    ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    register_ray()  # type: ignore[no-untyped-call]
    return {"backend": "ray", "ray_remote_args": {"max_restarts": MAX_RETRIES, "max_task_retries": MAX_RETRIES}}


BACKENDS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "local": on_this_machine,
    "dask": on_dask,
    "ray": on_ray,
}


def chunk_size(pictures: int, jobs: int) -> int:
    """How many of so many pictures a process of this machine gets at once; `jobs` below 0 is one for each core."""
    if pictures <= FEW_PICTURES:
        return FEW_PICTURES
    processes = jobs if jobs > 0 else os.cpu_count() or 1
    share = -(-pictures // (CHUNKS_OF_A_PROCESS * processes))
    return min(max(share, MIN_CHUNK_PICTURES), MAX_CHUNK_PICTURES)


def chunks(left: Iterable[Source], shared_files: bool, size: int = MAX_CHUNK_PICTURES) -> Iterator[Chunk]:
    """Pictures for one worker at a time: as paths of their files where those are shared with it, else with content.

    Args:
        left: the pictures.
        shared_files: whether the workers see the files.
        size: pictures of a chunk at most.

    """
    chunk: Chunk = []
    sent, last = 0, None
    for source in left:
        content = source.path if shared_files and source.path is not None else source.read()
        chunk.append(Item(source.name, content, source.page))
        if content is not last:  # pages of one file are sent along with it once
            sent += len(content) if isinstance(content, bytes) else 0
            last = content
        if len(chunk) == size or sent >= CHUNK_BYTES:
            yield chunk
            chunk, sent, last = [], 0, None
    if chunk:
        yield chunk
