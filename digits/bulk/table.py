"""The table of answers: a CSV file that grows row by row and outlives the process, and Parquet made of it."""

import csv
import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from digits.bulk.worker import Row
from digits.csv_cells import APOSTROPHE, harmless

COLUMNS: Final = Row._fields

_FAULTS: Final = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "forbidden"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "full"),
}


class TableError(Exception):
    """The table cannot be read or written; `name` is a sentence among the texts' `table`, `values` what is in it."""

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__(name, values)
        self.name = name
        self.values = values


@contextmanager
def locked(table: Path, out: Path) -> Iterator[None]:
    """Keep other runs from the table and from what is made of it; the lock of a killed process ends with it.

    Raises:
        TableError: another run has it, or one of the two cannot be a file.

    """
    with _writing(table):
        if not table.parent.is_dir():
            raise TableError("no_folder", out=out, folder=table.parent)
        for each in (out, table):
            if each.exists() and not each.is_file():
                raise TableError("not_a_file", out=each)
        lock = FileLock(table.with_name(f".{table.name}.lock"))
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise TableError("in_use", out=out) from None
    try:
        yield
    finally:
        with suppress(OSError):  # Windows lets nobody remove it before it is released, and then does so itself
            os.unlink(lock.lock_file)
        lock.release()


def rows_done(table: Path, names: Iterator[str]) -> int:
    """How many rows the table has, after what a killed process left of a last row has been cut off.

    The table is created where there is none. Takes as many `names` as there are rows.

    Raises:
        TableError: the rows are not of these names in this order, the file is no table, or it cannot be written.

    """
    with _writing(table), table.open("a+b") as file:
        file.seek(0)
        header = ",".join(COLUMNS).encode() + b"\n"
        first = file.readline()
        if not first.endswith(b"\n"):
            if not header.startswith(first):
                raise TableError("not_a_table", out=table)
            file.truncate(0)
            file.write(header)
            return 0
        if first != header:
            raise TableError("not_a_table", out=table)
        done, end = 0, len(header)
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(end)
                break
            found = "".join(next(csv.reader([line.decode(errors="replace")]))[:1])
            expected = harmless(next(names, ""))
            if found != expected:
                raise TableError("other_pictures", out=table, row=done + 1, found=found, expected=expected or "-")
            done, end = done + 1, end + len(line)
    return done


def append(table: Path, results: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Writes each list of rows as soon as it comes, and passes it on when it is in the file."""
    for rows in results:
        with _writing(table), table.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows(row._replace(file=harmless(row.file)) for row in rows)
        yield rows


def to_parquet(table: Path, out: Path) -> None:
    """The table as one Parquet file, which appears when it is complete; names are as they were."""
    import pyarrow as pa
    from pyarrow import compute, parquet
    from pyarrow import csv as arrow_csv

    types = {name: pa.float64() if name == "confidence" else pa.string() for name in COLUMNS}
    options = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False)
    unfinished = out.with_name(f".{out.name}.part")
    try:
        with (
            _writing(out),
            arrow_csv.open_csv(table, convert_options=options) as batches,
            parquet.ParquetWriter(unfinished, batches.schema) as writer,
        ):
            for batch in batches:
                names = compute.replace_substring_regex(batch["file"], pattern=APOSTROPHE, replacement=r"\1")
                writer.write_batch(batch.set_column(0, batches.schema.field(0), names))
        os.replace(unfinished, out)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """Raises TableError for what goes wrong with this file."""
    try:
        yield
    except OSError as error:
        fault = _FAULTS.get(error.errno or 0, "failed")
        raise TableError(fault, out=file, reason=error.strerror or error) from error
