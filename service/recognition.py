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
from dataclasses import asdict
from pathlib import Path
from socket import socket
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.decode import BadPicture, decode
from digits.explain import influence, influence_picture
from digits.features import hog_picture
from digits.numbers import read_number
from digits.recogniser import Answer, ModelNotReady, Recogniser, one_thread
from service.process import LENGTH_BYTES

GIVES_WAY: Final = 10
"""By so much is a process nicer (POSIX) than the API's own, which answers health checks while all cores recognise."""


def work(connection: socket, model_folder: Path) -> None:
    """Load the model and tell its record, or as text why it cannot be used; then answer until nobody asks any more."""
    for signal_to_stop in (signal.SIGINT, signal.SIGTERM):  # the API ends its processes, once they have answered
        signal.signal(signal_to_stop, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(GIVES_WAY)
    one_thread()
    try:
        recogniser = Recogniser.load(model_folder)
    except ModelNotReady as error:
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
    except BadPicture as error:
        return error
    except Exception as error:
        error.add_note(traceback.format_exc())  # a pickled exception leaves its traceback behind
        return error


def _send(connection: socket, message: Any) -> None:
    pickled = pickle.dumps(message)
    connection.sendall(len(pickled).to_bytes(LENGTH_BYTES) + pickled)


def digits(
    recogniser: Recogniser, questions: Sequence[tuple[bytes, Sequence[str]]]
) -> list[dict[str, Any] | BadPicture]:
    """For each PNG or JPEG the members of `service.answers.Prediction`, with its extras, or what is wrong with it."""
    found = recogniser.recognise_in_groups(_decoded(data) for data, _ in questions)
    return [
        each if isinstance(each, BadPicture) else _members(recogniser, each, include)
        for each, (_, include) in zip(found, questions, strict=True)
    ]


def _decoded(data: bytes) -> NDArray[np.uint8] | BadPicture:
    try:
        return decode(data)
    except BadPicture as error:
        return error


def number(recogniser: Recogniser, data: bytes) -> dict[str, Any]:
    """The members of `service.answers.Number` for a PNG or JPEG; raises BadPicture."""
    found = read_number(recogniser, data)
    return {
        "lines": [
            {
                "text": line.text,
                "confidence": line.confidence,
                "box": line.box,
                "digits": [asdict(digit) for digit in line.digits],
            }
            for line in found.lines
        ],
        "rejected": found.rejected,
        "width": found.width,
        "height": found.height,
    }


TASKS: Final[Mapping[str, Callable[[Recogniser, Any], Any]]] = {"digits": digits, "number": number}


def _members(recogniser: Recogniser, found: Answer, include: Sequence[str]) -> dict[str, Any]:
    prediction: dict[str, Any] = {
        "prediction": found.prediction,
        "confidence": found.confidence,
        "probabilities": found.probabilities,
        "rejected": found.rejected,
    }
    return prediction | {extra: _extra_picture(recogniser, found, extra) for extra in include}


def _extra_picture(recogniser: Recogniser, found: Answer, extra: str) -> str | None:
    """One of the pictures that an answer may include, as a data URL; None for a blank picture."""
    if found.ink is None or found.picture is None or found.probabilities is None:
        return None
    match extra:
        case "ink":
            return _data_url((255 * found.ink).astype(np.uint8))
        case "picture":
            return _data_url(found.picture)
        case "hog":
            return _data_url(hog_picture(found.picture))
        case "influence":
            likeliest = int(np.argmax(found.probabilities))
            return _data_url(influence_picture(influence(recogniser, found.picture, likeliest), found.picture))
    raise ValueError(extra)


def _data_url(pixels: NDArray[np.uint8]) -> str:
    """A picture, (height, width) or (height, width, 3) uint8, as a data URL that holds a PNG."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")
