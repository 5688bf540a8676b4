"""What passes between the API and a process that recognises: plain data of bounded length.

The process decodes what strangers send, so nothing of what it says is trusted: it is neither unpickled nor believed to
have the right length or shape. The process is told ``size of the head | head | files``, the head being JSON, and
answers in messages of ``kind | size of the body | body``, the body being JSON.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, BinaryIO, Final, Literal

from pydantic_core import to_json

from digits.answers import Illustration, NumberFormat

HEAD: Final = struct.Struct(">I")
"""How many bytes the head has."""

PREFIX: Final = struct.Struct(">BI")
"""The kind of a message, and how many bytes its body has."""

MAX_BODY_BYTES: Final = 4_000_000
"""An answer with all its illustrations has up to about 0.8 MB, that for a page of a thousand digits 0.4, or 0.8 where
each of them is a doubtful word in a cell of its own."""


class Kind(IntEnum):
    """What a message of the process says, and what its body is."""

    RECORD = 1
    """The model is loaded. An object: the record of the model."""

    NOT_READY = 2
    """In place of the record, and then the process ends. A string: why the model cannot be loaded."""

    ANSWER = 3
    """An object: the answer for one picture as the caller gets it."""

    FAULT = 4
    """An object: what is wrong with a picture, or with all pictures of one payload; `service.worker_process.Fault`."""

    FAILED = 5
    """The program failed, and what has no answer yet gets none. A string: the traceback."""

    IDLE = 6
    """Where nothing was asked. Null."""


@dataclass(frozen=True)
class Payload:
    """What one request asks.

    Attributes:
        task: "digits" for the digit in each of the files, "number" for all digits in the one file.
        files: as they were sent.
        include: illustrations that each answer shall have.
        format: how each word of a number is written, where that is known.
        lengths: fewest and most digits of each word of a number, where they are known.

    """

    task: Literal["digits", "number"]
    files: Sequence[bytes]
    include: Sequence[Illustration] = ()
    format: NumberFormat | None = None
    lengths: tuple[int, int] | None = None


def written(payloads: Sequence[Payload]) -> bytes:
    """The payloads as bytes for the process."""
    head = [{**vars(each), "files": [*map(len, each.files)]} for each in payloads]
    encoded = json.dumps(head).encode()
    return b"".join([HEAD.pack(len(encoded)), encoded, *(file for payload in payloads for file in payload.files)])


def read(connection: BinaryIO) -> list[Payload]:
    """The payloads that `written` made bytes of; raises EOFError when the API has gone."""
    head = json.loads(_exactly(connection, *HEAD.unpack(_exactly(connection, HEAD.size))))
    return [_payload(connection, **each) for each in head]


def _payload(connection: BinaryIO, files: list[int], lengths: list[int] | None, **members: Any) -> Payload:
    """A payload from the members of its head, in which `files` has the sizes of its files in bytes."""
    contents = [_exactly(connection, size) for size in files]
    return Payload(files=contents, lengths=None if lengths is None else (lengths[0], lengths[1]), **members)


def _exactly(connection: BinaryIO, size: int) -> bytes:
    data = connection.read(size)
    if len(data) < size:
        raise EOFError
    return data


def message(kind: Kind, content: object = None) -> bytes:
    """A message of the process, its body the content as JSON."""
    body = to_json(content)
    return PREFIX.pack(kind, len(body)) + body
