"""The table of answers: a CSV file that grows row by row and outlives the process, and Parquet made of it."""

import csv
import errno
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from filelock import FileLock, Timeout

from digits.bulk.worker import CellRow, Row, Rows
from digits.csv_cells import APOSTROPHE, harmless, harmless_number

WHOLE_NUMBERS: Final = ("table", "row", "column", "rows")
"""Columns that hold whole numbers."""

TEXTS: Final = ("file", "prediction", "text")
"""Columns in which no formula stands."""

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


def pictures_done(table: Path, columns: Sequence[str], names: Iterator[str]) -> int:
    """How many pictures the table has, after what a killed process left of a last one has been cut off.

    The table is created where there is none. Takes as many `names` as there are pictures.

    Raises:
        TableError: the rows are not of these names in this order, the file is no table of these columns, or it cannot
            be written.

    """
    with _writing(table), table.open("a+b") as file:
        file.seek(0)
        header = ",".join(columns).encode() + b"\n"
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
        for row, found, size in _complete_pictures(file, columns, table):
            expected = harmless(next(names, ""))
            if found != expected:
                raise TableError("other_pictures", out=table, row=row, found=found, expected=expected or "-")
            done, end = done + 1, end + size
        file.truncate(end)
    return done


def _complete_pictures(file: BinaryIO, columns: Sequence[str], table: Path) -> Iterator[tuple[int, str, int]]:
    """Of each picture all of whose rows are in the file: number of its first row, name, and bytes of its rows."""
    first, name, size, left = 0, "", 0, 0
    for row, line in enumerate(file, start=1):
        if not line.endswith(b"\n"):
            return
        cells = _cells(line)
        found = "".join(cells[:1])
        if left == 0:
            first, name, size = row, found, 0
            left = _count_of_rows(cells, columns, table)
        elif found != name:
            raise TableError("other_pictures", out=table, row=row, found=found, expected=name)
        size, left = size + len(line), left - 1
        if left == 0:
            yield first, name, size


def _count_of_rows(cells: Sequence[str], columns: Sequence[str], table: Path) -> int:
    """How many rows the picture has to which this one belongs."""
    if columns != CellRow._fields or not cells:
        return 1
    if len(cells) != len(columns) or not re.fullmatch("[1-9][0-9]{0,8}", cells[-1]):
        raise TableError("not_a_table", out=table)
    return int(cells[-1])


def _cells(line: bytes) -> list[str]:
    return next(csv.reader([line.decode(errors="replace")]), [])


def append(table: Path, results: Iterable[list[Rows]]) -> Iterator[list[Rows]]:
    """Writes the rows of each list of pictures as soon as they come, and passes them on when they are in the file."""
    for pictures in results:
        with _writing(table), table.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(_harmless(row) for rows in pictures for row in rows)
        yield pictures


def _harmless(row: Row | CellRow) -> Row | CellRow:
    """The row without formulas."""
    if isinstance(row, Row):
        prediction = None if row.prediction is None else harmless_number(row.prediction)
        return row._replace(file=harmless(row.file), prediction=prediction)
    text = None if row.text is None else harmless_number(row.text)
    return row._replace(file=harmless(row.file), text=text)


def to_parquet(table: Path, columns: Sequence[str], out: Path) -> None:
    """The table as one Parquet file, which appears when it is complete; names and texts are as they were."""
    import pyarrow as pa
    from pyarrow import compute, parquet
    from pyarrow import csv as arrow_csv

    types = {name: pa.string() for name in columns}
    types |= {name: pa.int64() for name in WHOLE_NUMBERS if name in columns} | {"confidence": pa.float64()}
    options = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False)
    unfinished = out.with_name(f".{out.name}.part")
    try:
        with (
            _writing(out),
            arrow_csv.open_csv(table, convert_options=options) as batches,
            parquet.ParquetWriter(unfinished, batches.schema) as writer,
        ):
            for batch in batches:
                for place, name in enumerate(columns):
                    if name in TEXTS:
                        texts = compute.replace_substring_regex(batch[name], pattern=APOSTROPHE, replacement=r"\1")
                        batch = batch.set_column(place, batches.schema.field(place), texts)
                writer.write_batch(batch)
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
