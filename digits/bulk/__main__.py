"""Recognises many pictures at once, on all cores or on a cluster, and writes a table of the answers.

    python -m digits.bulk scans --out answers.csv
    python -m digits.bulk 'class/*.png' homework.zip train-images-idx3-ubyte.gz --out answers.parquet
    python -m digits.bulk scans --out answers.csv --backend dask --address tcp://scheduler:8786

Each picture, and each page of a PDF or TIFF file, is a row: file, prediction, confidence, rejected, error. With --cells
each cell of a table is one: file, table, row, column, text, confidence, rejected, error, rows. --format and --length
tell what is known of the numbers. When the run was interrupted, however it was, the same command goes on where it
stopped.
"""

import argparse
import os
import sys
import time
import warnings
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path
from typing import Final

from tqdm import tqdm

from digits.answers import NUMBER_FORMATS
from digits.bulk.backends import BACKENDS, MAX_CHUNK_PICTURES, ClusterError, chunk_size, chunks, recognised
from digits.bulk.sources import NothingFoundError, sources
from digits.bulk.table import TableError, append, locked, pictures_done, to_parquet
from digits.bulk.worker import CellRow, Reading, Row
from digits.languages import language_of_this_machine
from digits.limits import MAX_LENGTH, lengths_in
from digits.model import ModelNotReadyError
from digits.number.hints import Hints
from digits.texts import Texts

TEXTS: Final = Path(__file__).parent / "texts"


def main() -> None:
    """Read the command line and run."""
    warnings.filterwarnings("ignore", message=".*You could benefit from adjusting")  # joblib's, of a run that is ended
    texts = Texts(TEXTS, language_of_this_machine())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="folder, picture, PDF, zip or IDX file, or a pattern"
    )
    parser.add_argument("--out", required=True, type=Path, help="the table: .csv, or .parquet")
    parser.add_argument("--numbers", action="store_true", help="read all numbers of each picture, line by line")
    parser.add_argument("--cells", action="store_true", help="the same, with a row for each cell and line")
    parser.add_argument("--format", choices=NUMBER_FORMATS, help="of numbers and cells: how each number is written")
    parser.add_argument("--length", metavar="DIGITS", help="of them: how many digits each has, such as 2 or 4-6")
    parser.add_argument("--jobs", type=int, default=-1, help="processes on this machine (default: one for each core)")
    parser.add_argument("--backend", choices=BACKENDS, default="local", help="this machine (default), or a cluster")
    parser.add_argument("--address", default="", help="of the cluster: tcp://host:8786 (Dask) or host:6379 (Ray)")
    chosen = parser.parse_args()
    if (chosen.backend == "local") != (chosen.address == ""):
        parser.error(texts("address"))
    if chosen.out.suffix not in (".csv", ".parquet"):
        parser.error(texts("suffix"))
    if chosen.jobs == 0:
        parser.error(texts("jobs"))
    reading: Reading = "cells" if chosen.cells else "numbers" if chosen.numbers else "digit"
    if reading == "digit" and (chosen.format or chosen.length):
        parser.error(texts("hints_of_numbers"))
    try:
        hints = Hints(chosen.format, lengths_in(chosen.length) if chosen.length else None)
    except ValueError:
        parser.error(texts("length", most=MAX_LENGTH))
    try:
        print(run(chosen.inputs, chosen.out, chosen.jobs, chosen.backend, chosen.address, reading, hints, texts))
    except KeyboardInterrupt:
        print(texts("stopped"), file=sys.stderr)
        sys.exit(130)
    except NothingFoundError as error:
        parser.error(texts("nothing_found", pattern=error))
    except TableError as error:
        sys.exit(texts(f"table.{error.name}", **error.values))
    except ClusterError as error:
        sys.exit(texts("no_cluster", address=chosen.address, reason=" ".join(str(error).split())))
    except ModelNotReadyError as error:
        sys.exit(texts("no_model", reason=error))
    except BrokenProcessPool:
        sys.exit(texts("worker_ended"))


def run(
    inputs: list[str],
    out: Path,
    jobs: int,
    backend: str,
    address: str,
    reading: Reading,
    hints: Hints,
    texts: Texts,
) -> str:
    """Recognise what is not yet in the table, and say how much that was.

    A Parquet file is made of a CSV file beside it when all is done; until then that file holds what is done.
    """
    is_parquet = out.suffix == ".parquet"
    table = out.with_name(out.name + ".csv") if is_parquet else out
    columns = CellRow._fields if reading == "cells" else Row._fields
    excluded = {os.path.abspath(path) for path in (out, table)}
    with locked(table, out):
        if is_parquet and out.exists():
            raise TableError("complete", out=out)
        names = (source.name for source in sources(inputs, excluded))
        done = pictures_done(table, columns, names)
        total = done + sum(1 for _ in names)
        started, failed = time.monotonic(), 0
        if done < total:
            is_here = backend == "local"
            size = chunk_size(total - done, jobs) if is_here else MAX_CHUNK_PICTURES
            left = chunks(islice(sources(inputs, excluded), done, None), is_here, size)
            with tqdm(total=total, initial=done, unit=" pictures", smoothing=0.1, disable=None) as bar:
                for pictures in append(table, recognised(left, jobs, backend, address, reading, hints)):
                    failed += sum(rows[0].error is not None for rows in pictures)
                    bar.update(len(pictures))
        if is_parquet:
            to_parquet(table, columns, out)
            table.unlink()
    rate = (total - done) / (time.monotonic() - started)
    return texts("done", count=total - done, failed=failed, rate=rate, out=out)


if __name__ == "__main__":
    main()
