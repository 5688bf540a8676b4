"""Pictures -> rows: what runs in each worker process, on this machine or another."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from threading import Thread
from typing import Literal, NamedTuple

import numpy as np
import psutil

from digits.answers import NumberAnswer, NumberLine
from digits.bulk.sources import Content, Unread, read_file
from digits.decode import (
    MAX_NUMBER_SIDE,
    MAX_SIDE,
    BadPictureError,
    NotAPictureError,
    Pages,
    Picture,
    TooManyPagesError,
    TooManyPixelsError,
    decode,
)
from digits.model import CLASSIFIER, ModelNotReadyError
from digits.number import read_number
from digits.number.hints import NO_HINTS, Hints
from digits.recogniser import Recogniser, use_one_thread


class Item(NamedTuple):
    """A picture to be read: its name, its file's path or content, and which page of several it is, from 0."""

    name: str
    source: str | Content
    page: int | None = None


Chunk = list[Item]

Reading = Literal["digit", "numbers", "cells"]
"""What is read of each picture: its digit, or all numbers in one row, or in a row for each cell of its tables."""


class Row(NamedTuple):
    """A line of the table; None is an empty cell.

    Attributes:
        file: the picture's name.
        prediction: the digit, or the lines of a number with spaces between; None for a picture that is rejected or
            could not be read.
        confidence: 0..1, of this very answer, be it a digit or a rejection; to six places. Of a number the product
            over its lines; a number that is rejected has none.
        rejected: blank, not_a_digit or several_digits.
        error: why there is no answer: not-a-picture, unreadable-picture, too-many-pixels and internal as in the
            API's problem details, too-many-pages for those after `MAX_PAGES`, or as in `digits.bulk.sources.Unread`.

    """

    file: str
    prediction: str | None = None
    confidence: float | None = None
    rejected: str | None = None
    error: str | None = None


class CellRow(NamedTuple):
    """A line of the table of cells; None is an empty cell of it.

    Attributes:
        file: the picture's name.
        table: number of the table in the picture, from 1; None for a line outside of tables.
        row: number of the row in its table, from 1; or of the line among those outside of tables.
        column: number of the cell in its row, from 1; None for a line outside of tables.
        text: of the cell or line, in one line; None for an empty cell, and where there is no answer.
        confidence: 0..1, of this text; to six places.
        rejected: blank or not_a_digit, of the picture.
        error: as in `Row`.
        rows: how many the picture has in this table, so that one which is not complete is known.

    """

    file: str
    table: int | None = None
    row: int | None = None
    column: int | None = None
    text: str | None = None
    confidence: float | None = None
    rejected: str | None = None
    error: str | None = None
    rows: int = 1


Rows = list[Row] | list[CellRow]
"""Of one picture."""


def model_sha256() -> str:
    """Of the model that this process answers with; raises ModelNotReadyError."""
    sha256: str = _recogniser().record["files"][CLASSIFIER]["sha256"]
    return sha256


def recognise_chunk(chunk: Chunk, model: str, reading: Reading, hints: Hints = NO_HINTS) -> list[Rows]:
    """The rows of each picture, in their order; one each but for cells. `hints` are of the numbers in all of them.

    Raises:
        ModelNotReadyError: this process has no model, or another than the one with the SHA-256 `model`.

    """
    if model_sha256() != model:
        raise ModelNotReadyError(f"this worker's {CLASSIFIER} is another than the caller's")
    try:
        return list(_digits(chunk) if reading == "digit" else _numbers(chunk, reading, hints))
    except Exception:  # whichever picture it is of
        if len(chunk) == 1:
            return [_one_row(chunk[0][0], reading, error="internal")]
        return [rows for each in chunk for rows in recognise_chunk([each], model, reading, hints)]


def end_with(caller: int) -> None:
    """Let this worker process end soon after the process that started it: one that was killed cannot tell."""

    def watch() -> None:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(caller)  # known by its start too, should another process get its id
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(1)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@cache
def _recogniser() -> Recogniser:
    use_one_thread()
    return Recogniser.load()


def _one_row(name: str, reading: Reading, *, rejected: str | None = None, error: str | None = None) -> Rows:
    """The row of a picture of which nothing was read."""
    if reading == "cells":
        return [CellRow(name, rejected=rejected, error=error)]
    return [Row(name, rejected=rejected, error=error)]


def _digits(chunk: Chunk) -> Iterator[Rows]:
    decoded = map(decoded_or_error, chunk)
    for item, found in zip(chunk, _recogniser().recognise_in_batches(decoded), strict=True):
        if isinstance(found, str):
            yield [Row(item.name, error=found)]
        else:
            prediction = None if found.prediction is None else str(found.prediction)
            yield [Row(item.name, prediction, round(found.confidence, 6), found.rejected)]


def _numbers(chunk: Chunk, reading: Reading, hints: Hints) -> Iterator[Rows]:
    for item in chunk:
        name, picture = item.name, decoded_or_error(item, MAX_NUMBER_SIDE)
        if isinstance(picture, str):
            yield _one_row(name, reading, error=picture)
            continue
        found = read_number(_recogniser(), picture, hints)
        if found.rejected:
            yield _one_row(name, reading, rejected=found.rejected)
        elif reading == "cells":
            yield rows_of_cells(name, found)
        else:
            yield [Row(name, " ".join(line.text for line in found.lines), round(found.confidence, 6))]


def rows_of_cells(name: str, number: NumberAnswer) -> list[CellRow]:
    """A row for each cell of the tables, empty ones too, and for each line outside of them, in reading order."""
    rows: list[CellRow] = []
    counted: dict[int | None, int] = {}
    for each in number.rows:
        table = None if isinstance(each, NumberLine) else each[0].table
        row = counted[table] = counted.get(table, 0) + 1
        if isinstance(each, NumberLine):
            rows.append(CellRow(name, None, row, None, each.text, round(each.confidence, 6)))
            continue
        for column, cell in enumerate(each, start=1):
            text = cell.text.replace("\n", " ") or None
            rows.append(CellRow(name, table, row, column, text, round(cell.confidence, 6)))
    return [row._replace(rows=len(rows)) for row in rows]


def decoded_or_error(item: Item, max_side: int = MAX_SIDE) -> Picture | str:
    """The picture as the API would decode it, or the name of what is wrong with it."""
    try:
        if item.page is not None and isinstance(item.source, str | bytes):
            opened = _pages_of(item.source)
            return opened.error if isinstance(opened, Unread) else opened.decode(item.page, max_side)
        content = content_of(item.source)
        if isinstance(content, np.ndarray):
            return Picture.of_pixels(content).within(max_side)
        if isinstance(content, Unread):
            return content.error
        return decode(content, max_side) if content else "no-file"
    except BadPictureError as error:
        return _name_of(error)


def _name_of(error: BadPictureError) -> str:
    match error:
        case NotAPictureError():
            return "not-a-picture"
        case TooManyPixelsError():
            return "too-many-pixels"
        case TooManyPagesError():
            return "too-many-pages"
        case _:
            return "unreadable-picture"


@lru_cache(maxsize=1)
def _pages_of(source: str | bytes) -> Pages | Unread:
    """The file at a path, or of these bytes, opened; the last one is kept, as its pages come one after the other."""
    content = content_of(source)
    return Pages(content) if isinstance(content, bytes) else Unread("no-file")


def content_of(source: str | Content) -> Content:
    """What is in a file, where it was not sent along."""
    return read_file(source) if isinstance(source, str) else source
