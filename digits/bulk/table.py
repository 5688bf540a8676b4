"""The table of answers: a CSV file that grows row by row and outlives the process, and Parquet made of it."""

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from digits.bulk.worker import Row

COLUMNS: Final = Row._fields


class OtherTableError(ValueError):
    """The file is no table of answers, or in the row numbered `row` one of another picture than `expected`."""

    def __init__(self, row: int = 0, found: str = "", expected: str = "") -> None:
        super().__init__(row, found, expected)
        self.row = row
        self.found = found
        self.expected = expected


def rows_done(table: Path, names: Iterator[str]) -> int:
    """How many rows the table has, after what a killed process left of a last row has been cut off.

    The table is created where there is none. Takes as many `names` as there are rows.

    Raises:
        OtherTableError: the rows are not of these names, in this order.

    """
    with table.open("a+b") as file:
        file.seek(0)
        header = ",".join(COLUMNS).encode() + b"\n"
        first = file.readline()
        if not first.endswith(b"\n"):
            if not header.startswith(first):
                raise OtherTableError
            file.truncate(0)
            file.write(header)
            return 0
        if first != header:
            raise OtherTableError
        done, end = 0, len(header)
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(end)
                break
            name = next(csv.reader([line.decode()]))[0]
            expected = next(names, None)
            if name != expected:
                raise OtherTableError(done + 1, name, expected or "-")
            done, end = done + 1, end + len(line)
    return done


def append(table: Path, results: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Writes each list of rows as soon as it comes, and passes it on when it is in the file."""
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for rows in results:
            writer.writerows(rows)
            file.flush()
            yield rows


def to_parquet(table: Path, out: Path) -> None:
    """The table as one Parquet file, which appears when it is complete."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    types = {name: pa.float64() if name == "confidence" else pa.string() for name in COLUMNS}
    options = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False)
    unfinished = out.with_name(out.name + ".part")
    with (
        arrow_csv.open_csv(table, convert_options=options) as batches,
        parquet.ParquetWriter(unfinished, batches.schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    os.replace(unfinished, out)
