"""What a recognition process does: payloads come in, answers as JSON go out. It knows nothing of HTTP."""

import signal
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from socket import socket
from typing import BinaryIO, Final

from digits.decode import pixels_of
from digits.learn.pointer import promoted_folder
from digits.limits import MAX_PIXELS
from digits.model import ModelNotReadyError
from digits.recogniser import Recogniser, use_one_thread
from service.messages import Kind, Payload, Reader, message
from service.tasks import Tasks

MEGAPIXEL: Final = 1_000_000


def work(connection: socket, model_folder: Path | None, max_megapixels: int) -> None:
    """Load the model and tell its record, or why it cannot be used; then answer until nobody asks any more.

    Without a `model_folder` it is the promoted model, or the project's own where none was promoted.
    """
    for signal_to_stop in (signal.SIGINT, signal.SIGTERM):  # the API ends its processes, once they have answered
        signal.signal(signal_to_stop, signal.SIG_IGN)
    use_one_thread()
    with suppress(EOFError, ConnectionError), connection.makefile("rb") as asked, connection.makefile("wb") as said:
        try:
            recogniser = Recogniser.load(promoted_folder() if model_folder is None else model_folder)
        except ModelNotReadyError as error:
            said.write(message(Kind.NOT_READY, str(error)))
            return
        said.write(message(Kind.RECORD, recogniser.record))
        said.flush()
        reader, tasks = Reader(asked), Tasks(recogniser)
        while True:
            payloads = reader.read()
            if payloads:
                _answer(tasks, payloads, max_megapixels, said)
                said.flush()
            else:
                said.write(message(Kind.IDLE))
                said.flush()
                tasks.prepare()


def _answer(tasks: Tasks, payloads: Sequence[Payload], max_megapixels: int, said: BinaryIO) -> None:
    """Say in order for each file of each payload its answer or its fault, or one fault for a whole payload."""
    try:
        too_many = [_has_more_pixels(payload.files, max_megapixels * MEGAPIXEL) for payload in payloads]
        accepted = [payload for payload, refused in zip(payloads, too_many, strict=True) if not refused]
        answers = tasks.answers(accepted, said.flush)  # what is answered of a batch does not wait for the rest of it
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
