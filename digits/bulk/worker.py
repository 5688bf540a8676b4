"""Pictures -> rows: what runs in each worker process, on this machine or another."""

import math
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from threading import Thread
from typing import NamedTuple

import numpy as np
import psutil

from digits.bulk.sources import Content, Unread, read_file
from digits.decode import (
    MAX_NUMBER_SIDE,
    MAX_SIDE,
    BadPictureError,
    NotAPictureError,
    Picture,
    TooManyPixelsError,
    decode,
)
from digits.model import CLASSIFIER, ModelNotReadyError
from digits.number import read_number
from digits.recogniser import Recogniser, use_one_thread

Chunk = list[tuple[str, str | Content]]
"""Of each picture its name, and its file's path or its content."""


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
            API's problem details, or as in `digits.bulk.sources.Unread`.

    """

    file: str
    prediction: str | None = None
    confidence: float | None = None
    rejected: str | None = None
    error: str | None = None


def model_sha256() -> str:
    """Of the model that this process answers with; raises ModelNotReadyError."""
    sha256: str = _recogniser().record["files"][CLASSIFIER]["sha256"]
    return sha256


def recognise_chunk(chunk: Chunk, model: str, numbers: bool) -> list[Row]:
    """A row for each picture, in their order; with `numbers` all digits of a picture are read, line by line.

    Raises:
        ModelNotReadyError: this process has no model, or another than the one with the SHA-256 `model`.

    """
    if model_sha256() != model:
        raise ModelNotReadyError(f"this worker's {CLASSIFIER} is another than the caller's")
    try:
        return list(_numbers(chunk) if numbers else _rows(chunk))
    except Exception:  # whichever picture it is of
        if len(chunk) == 1:
            return [Row(chunk[0][0], error="internal")]
        return [row for each in chunk for row in recognise_chunk([each], model, numbers)]


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


def _rows(chunk: Chunk) -> Iterator[Row]:
    decoded = (decoded_or_error(content_of(source)) for _, source in chunk)
    for (name, _), found in zip(chunk, _recogniser().recognise_in_batches(decoded), strict=True):
        if isinstance(found, str):
            yield Row(name, error=found)
        else:
            prediction = None if found.prediction is None else str(found.prediction)
            yield Row(name, prediction, round(found.confidence, 6), found.rejected)


def _numbers(chunk: Chunk) -> Iterator[Row]:
    for name, source in chunk:
        picture = decoded_or_error(content_of(source), MAX_NUMBER_SIDE)
        if isinstance(picture, str):
            yield Row(name, error=picture)
            continue
        found = read_number(_recogniser(), picture)
        if found.rejected:
            yield Row(name, rejected=found.rejected)
        else:
            confidence = math.prod(line.confidence for line in found.lines)
            yield Row(name, " ".join(line.text for line in found.lines), round(confidence, 6))


def decoded_or_error(content: Content, max_side: int = MAX_SIDE) -> Picture | str:
    """The picture as the API would decode it, or the name of what is wrong with it."""
    if isinstance(content, np.ndarray):
        return Picture.of_pixels(content).within(max_side)
    if isinstance(content, Unread):
        return content.error
    try:
        return decode(content, max_side)
    except NotAPictureError:
        return "not-a-picture" if content else "no-file"
    except TooManyPixelsError:
        return "too-many-pixels"
    except BadPictureError:
        return "unreadable-picture"


def content_of(source: str | Content) -> Content:
    """What is in a file, where it was not sent along."""
    return read_file(source) if isinstance(source, str) else source
