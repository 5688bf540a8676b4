"""Recognises many pictures at once, on all cores or on a cluster, and writes a table of the answers.

    python -m digits.bulk scans --out answers.csv
    python -m digits.bulk 'class/*.png' homework.zip train-images-idx3-ubyte.gz --out answers.parquet
    python -m digits.bulk scans --out answers.csv --backend dask --address tcp://scheduler:8786

Each picture is a row: file, prediction, confidence, rejected, error. When the run was interrupted, however it was, the
same command goes on where it stopped.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from digits.bulk.sources import Picture, pictures
from digits.bulk.table import OtherTableError, append, rows_done, to_parquet
from digits.bulk.worker import Chunk, Row, end_with, model_sha256, recognise_chunk
from digits.languages import language_of_this_machine
from digits.model import ModelNotReadyError

CHUNK: Final = 256
"""Pictures that a worker gets at once, unless their bytes are sent along and are more than `CHUNK_BYTES`."""

CHUNK_BYTES: Final = 4 * 2**20

DISPATCH: Final[dict[str, Any]] = {"batch_size": 1, "pre_dispatch": "3*n_jobs"}

TRIES: Final = 3
"""How often a picture's worker on Ray may die, as on Dask."""

ROUND: Final = 64
"""Chunks after which Ray's backend is waited for."""

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "done": "{count} pictures, {failed} of them not read, {rate:.0f} a second: {out}",
        "stopped": "Stopped. The same command goes on from here.",
        "nothing_found": "nothing found: {}",
        "complete": "{} is complete. To make it anew, remove it.",
        "no_table": "{} is not a table of answers.",
        "other_pictures": "{}, row {row}: {found}, but now {expected} comes here. Choose another --out.",
        "no_model": "No model: {}",
    },
    "ru": {
        "done": "изображений: {count}, не прочитано: {failed}, в секунду: {rate:.0f}; {out}",
        "stopped": "Остановлено. Та же команда продолжит отсюда.",
        "nothing_found": "ничего не найдено: {}",
        "complete": "{} уже готов. Чтобы сделать его заново, удалите его.",
        "no_table": "{} — не таблица ответов.",
        "other_pictures": "{}, строка {row}: {found}, а теперь здесь {expected}. Выберите другой --out.",
        "no_model": "Нет модели: {}",
    },
}


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="folder, picture, zip or IDX file, or a pattern")
    parser.add_argument("--out", required=True, type=Path, help="the table: .csv, or .parquet")
    parser.add_argument("--numbers", action="store_true", help="read all digits of each picture, line by line")
    parser.add_argument("--jobs", type=int, default=-1, help="processes on this machine (default: one for each core)")
    parser.add_argument("--backend", choices=WAYS, default="local", help="this machine (default), or a cluster")
    parser.add_argument("--address", default="", help="of the cluster: tcp://host:8786 (Dask) or host:6379 (Ray)")
    chosen = parser.parse_args()
    if (chosen.backend == "local") != (chosen.address == ""):
        parser.error("--backend and --address go together")
    if chosen.out.suffix not in (".csv", ".parquet"):
        parser.error("--out must end in .csv or .parquet")
    sentences = SENTENCES[language_of_this_machine()]
    try:
        run(chosen.inputs, chosen.out, chosen.jobs, chosen.backend, chosen.address, chosen.numbers)
    except KeyboardInterrupt:
        print(sentences["stopped"], file=sys.stderr)
        sys.exit(130)
    except FileNotFoundError as error:
        parser.error(sentences["nothing_found"].format(error.args[0]))
    except FileExistsError:
        sys.exit(sentences["complete"].format(chosen.out))
    except OtherTableError as error:
        sentence = sentences["other_pictures" if error.row else "no_table"]
        sys.exit(sentence.format(chosen.out, row=error.row, found=error.found, expected=error.expected))
    except ModelNotReadyError as error:
        sys.exit(sentences["no_model"].format(error))


def run(inputs: list[str], out: Path, jobs: int, backend: str, address: str, numbers: bool) -> None:
    """Recognise what is not yet in the table.

    A Parquet file is made of a CSV file beside it when all is done; until then that file holds what is done.
    """
    is_parquet = out.suffix == ".parquet"
    table = out.with_name(out.name + ".csv") if is_parquet else out
    if is_parquet and out.exists():
        raise FileExistsError(out)
    besides = {os.path.abspath(path) for path in (out, table)}
    names = (picture.name for picture in pictures(inputs, besides))
    done = rows_done(table, names)
    total = done + sum(1 for _ in names)
    started, failed = time.monotonic(), 0
    if done < total:
        left = chunks(islice(pictures(inputs, besides), done, None), shared_files=backend == "local")
        with tqdm(total=total, initial=done, unit=" pictures", smoothing=0.1, disable=None) as bar:
            for rows in append(table, recognised(left, jobs, backend, address, numbers)):
                failed += sum(row.error is not None for row in rows)
                bar.update(len(rows))
    if is_parquet:
        to_parquet(table, out)
        table.unlink()
    rate = (total - done) / (time.monotonic() - started)
    said = SENTENCES[language_of_this_machine()]["done"]
    print(said.format(count=total - done, failed=failed, rate=rate, out=out))


def recognised(
    chunks: Iterator[Chunk], jobs: int, backend: str, address: str, numbers: bool = False
) -> Iterator[list[Row]]:
    """The rows of each chunk, in their order; only so many chunks are under way at once."""
    model = model_sha256()
    tasks = (delayed(recognise_chunk)(chunk, model, numbers) for chunk in chunks)
    with parallel_config(n_jobs=jobs, **WAYS[backend](address)):
        if backend != "ray":
            yield from Parallel(return_as="generator", **DISPATCH)(tasks)
        else:  # its backend gives lists only
            with Parallel(**DISPATCH) as parallel:
                while results := parallel(islice(tasks, ROUND)):
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
    return {"backend": "ray", "ray_remote_args": {"max_restarts": TRIES, "max_task_retries": TRIES}}


WAYS: Final = {"local": on_this_machine, "dask": on_dask, "ray": on_ray}


def chunks(left: Iterable[Picture], shared_files: bool) -> Iterator[Chunk]:
    """Pictures for one worker at a time: as paths of their files where those are shared with it, else with content."""
    chunk: Chunk = []
    size = 0
    for picture in left:
        source = picture.path if shared_files and picture.path is not None else picture.read()
        chunk.append((picture.name, source))
        size += len(source) if isinstance(source, bytes) else 0
        if len(chunk) == CHUNK or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


if __name__ == "__main__":
    main()
