"""What a recognition process does: payloads come in, answers as JSON go out. It knows nothing of HTTP."""

import base64
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from socket import socket
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.answers import Illustration, digit_as_json, number_as_json
from digits.decode import (
    MAX_NUMBER_SIDE,
    MAX_SIDE,
    BadPictureError,
    NotAPictureError,
    Picture,
    TooManyPixelsError,
    decode,
    pixels_of,
)
from digits.explain import influence, influence_picture
from digits.features import hog_picture
from digits.limits import MAX_PIXELS
from digits.model import ModelNotReadyError
from digits.number import read_number
from digits.number.hints import Hints
from digits.recogniser import Recogniser, Recognition, use_one_thread
from service.messages import Kind, Payload, message, read

NICENESS: Final = 10
"""By so much is a process nicer (POSIX) than the API's own, which answers health checks while all cores recognise."""

MEGAPIXEL: Final = 1_000_000


def work(connection: socket, model_folder: Path | None, max_megapixels: int) -> None:
    """Load the model and tell its record, or why it cannot be used; then answer until nobody asks any more."""
    for signal_to_stop in (signal.SIGINT, signal.SIGTERM):  # the API ends its processes, once they have answered
        signal.signal(signal_to_stop, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(NICENESS)
    use_one_thread()
    with suppress(EOFError, ConnectionError), connection.makefile("rb") as asked, connection.makefile("wb") as said:
        try:
            recogniser = Recogniser.load(model_folder)
        except ModelNotReadyError as error:
            said.write(message(Kind.NOT_READY, str(error)))
            return
        said.write(message(Kind.RECORD, recogniser.record))
        said.flush()
        while True:
            payloads = read(asked)
            if payloads:
                _answer(recogniser, payloads, max_megapixels, said)
            else:
                said.write(message(Kind.IDLE))
            said.flush()


def _answer(recogniser: Recogniser, payloads: Sequence[Payload], max_megapixels: int, said: BinaryIO) -> None:
    """Say in order for each file of each payload its answer or its fault, or one fault for a whole payload."""
    try:
        too_many = [_has_more_pixels(payload.files, max_megapixels * MEGAPIXEL) for payload in payloads]
        accepted = [payload for payload, refused in zip(payloads, too_many, strict=True) if not refused]
        answers = _answers(recogniser, accepted, said)
        for payload, refused in zip(payloads, too_many, strict=True):
            if refused:
                said.write(message(Kind.FAULT, {"name": "too-many-pixels-together", "limit": max_megapixels}))
            else:
                for _ in payload.files:
                    said.write(message(*next(answers)))
    except ConnectionError:
        raise
    except Exception:
        said.write(message(Kind.FAILED, traceback.format_exc()))


def _has_more_pixels(files: Sequence[bytes], max_pixels: int) -> bool:
    """Whether the files have more than so many pixels together, by their headers: nothing is decoded.

    A single picture is not asked where the decoder's own limit is as strict, which spares a small one 4 % of its time.
    """
    if len(files) * MAX_PIXELS <= max_pixels:
        return False
    return sum(map(pixels_of, files)) > max_pixels


def _answers(
    recogniser: Recogniser, payloads: Sequence[Payload], said: BinaryIO
) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """For each file of the payloads, which are all of one task, its answer or fault, as soon as it is known."""
    if any(payload.task == "number" for payload in payloads):
        for asked, data in ((payload, file) for payload in payloads for file in payload.files):
            picture = _decoded(data, MAX_NUMBER_SIDE)
            if isinstance(picture, BadPictureError):
                yield _fault(picture)
            else:
                hints = Hints(asked.format, asked.lengths)
                yield Kind.ANSWER, number_as_json(read_number(recogniser, picture, hints))
        return

    def pictures() -> Iterator[Picture | BadPictureError]:
        for payload in payloads:
            for data in payload.files:
                said.flush()  # what is answered already does not wait for the rest of a batch
                yield _decoded(data, MAX_SIDE)

    includes = (payload.include for payload in payloads for _ in payload.files)
    for found, include in zip(recogniser.recognise_in_batches(pictures()), includes, strict=True):
        if isinstance(found, BadPictureError):
            yield _fault(found)
        else:
            if include:
                shown: dict[str, Any] = {name: _illustration(recogniser, found, name) for name in include}
                found = replace(found, **shown)
            yield Kind.ANSWER, digit_as_json(found, include)


def _decoded(data: bytes, max_side: int) -> Picture | BadPictureError:
    try:
        return decode(data, max_side)
    except BadPictureError as error:
        return error


def _fault(error: BadPictureError) -> tuple[Kind, dict[str, Any]]:
    if isinstance(error, TooManyPixelsError):
        return Kind.FAULT, {"name": "too-many-pixels", "limit": error.limit}
    return Kind.FAULT, {"name": "not-a-picture" if isinstance(error, NotAPictureError) else "unreadable-picture"}


def _illustration(recogniser: Recogniser, found: Recognition, name: Illustration) -> str | None:
    """One of the pictures that an answer may include, as a data URL; None for a blank picture."""
    if found.digit_ink is None or found.normalised is None or found.probabilities is None:
        return None
    match name:
        case "ink":
            return _data_url((255 * found.digit_ink).astype(np.uint8))
        case "picture":
            return _data_url(found.normalised)
        case "hog":
            return _data_url(hog_picture(found.normalised))
        case "influence":
            likeliest = int(np.argmax(found.probabilities))
            shares = influence(recogniser.model, found.normalised, likeliest)
            return _data_url(influence_picture(shares, found.normalised))


def _data_url(pixels: NDArray[np.uint8]) -> str:
    """A picture, (height, width) or (height, width, 3) uint8, as a data URL that holds a PNG."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")
