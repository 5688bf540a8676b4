"""What a recognition process does: pictures come in, members of answers go out. It knows nothing of HTTP."""

import base64
import io
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from socket import socket
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.answers import Illustration, digit_as_json, number_as_json
from digits.decode import MAX_NUMBER_SIDE, BadPictureError, Picture, decode
from digits.explain import influence, influence_picture
from digits.features import hog_picture
from digits.model import ModelNotReadyError
from digits.number import read_number
from digits.recogniser import Recogniser, Recognition, use_one_thread
from service.worker_process import LENGTH_BYTES

GIVES_WAY: Final = 10
"""By so much is a process nicer (POSIX) than the API's own, which answers health checks while all cores recognise."""


def work(connection: socket, model_folder: Path | None) -> None:
    """Load the model and tell its record, or as text why it cannot be used; then answer until nobody asks any more."""
    for signal_to_stop in (signal.SIGINT, signal.SIGTERM):  # the API ends its processes, once they have answered
        signal.signal(signal_to_stop, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(GIVES_WAY)
    use_one_thread()
    try:
        recogniser = Recogniser.load(model_folder)
    except ModelNotReadyError as error:
        _send(connection, str(error))
        return
    _send(connection, recogniser.record)
    with connection.makefile("rb") as questions, suppress(EOFError, ConnectionError):
        while True:
            task, argument = pickle.load(questions)
            _send(connection, _answer(recogniser, task, argument))


def _answer(recogniser: Recogniser, task: str, argument: Any) -> Any:
    try:
        return TASKS[task](recogniser, argument)
    except BadPictureError as error:
        return error
    except Exception as error:
        error.add_note(traceback.format_exc())  # a pickled exception leaves its traceback behind
        return error


def _send(connection: socket, message: Any) -> None:
    pickled = pickle.dumps(message)
    connection.sendall(len(pickled).to_bytes(LENGTH_BYTES) + pickled)


def digits(
    recogniser: Recogniser, questions: Sequence[tuple[bytes, Sequence[Illustration]]]
) -> list[dict[str, Any] | BadPictureError]:
    """For each PNG or JPEG its answer as a JSON object, with its illustrations, or what is wrong with it."""
    found = recogniser.recognise_in_batches(_decoded(data) for data, _ in questions)
    return [
        each if isinstance(each, BadPictureError) else _illustrated(recogniser, each, include)
        for each, (_, include) in zip(found, questions, strict=True)
    ]


def _decoded(data: bytes) -> Picture | BadPictureError:
    try:
        return decode(data)
    except BadPictureError as error:
        return error


def number(recogniser: Recogniser, data: bytes) -> dict[str, Any]:
    """The number in a PNG or JPEG as a JSON object; raises BadPictureError."""
    return number_as_json(read_number(recogniser, decode(data, MAX_NUMBER_SIDE)))


TASKS: Final[Mapping[str, Callable[[Recogniser, Any], Any]]] = {"digits": digits, "number": number}


def _illustrated(recogniser: Recogniser, found: Recognition, include: Sequence[Illustration]) -> dict[str, Any]:
    pictures = {name: _illustration(recogniser, found, name) for name in include}
    return digit_as_json(found) | pictures


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
