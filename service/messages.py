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

from digits.answers import Box, Include, NumberFormat
from service.recent import Recent

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
    """An object: the answer for one file, a picture's as the caller gets it, others as `service.findings` has them."""

    FAULT = 4
    """An object: what is wrong with a picture, or with all pictures of one payload; `service.worker_process.Fault`."""

    FAILED = 5
    """The program failed, and what has no answer yet gets none. A string: the traceback."""

    IDLE = 6
    """Where nothing was asked. Null."""


Said = tuple[Kind, object]
"""Kind and content of a message."""

Task = Literal["digits", "number", "lesson", "sheet", "labels"]
"""What is wanted: the digit in each of the files; all digits in the one file; what is to be known of the one file's
digit that somebody says what it is, or of the one at `box`; the boxes of a photographed sheet; what each of many 28x28
is read as, whose bytes follow on each other in each file."""


@dataclass(frozen=True)
class TaughtDigits:
    """What a profile has been taught, as the process gets it.

    Attributes:
        key: which no other digits have.
        pictures: bytes of (n, 28, 28) uint8.
        labels: n bytes, 0..10.

    """

    key: str
    pictures: bytes
    labels: bytes


SHEET_PATIENCE: Final = 4.0
"""A sheet has a hundred digits: about a second of work, where a drawing takes five milliseconds."""


@dataclass(frozen=True)
class Payload:
    """What one request asks.

    Attributes:
        task: what is wanted of the files.
        files: as they were sent.
        include: what else each answer shall have.
        format: how each word of a number is written, where that is known.
        lengths: fewest and most digits of each word of a number, where they are known.
        memory: digits that weigh in.
        label: of a lesson: what it is, 0..10.
        is_drawn: whether the one file is no file but a JSON list of strokes, each a list of points [x, y].
        page: of the one file, from 1; of what is not "digits".
        box: of a lesson: where the digit stands in a number; None for a picture of one digit.

    """

    task: Task
    files: Sequence[bytes]
    include: Sequence[Include] = ()
    format: NumberFormat | None = None
    lengths: tuple[int, int] | None = None
    memory: TaughtDigits | None = None
    label: int | None = None
    box: Box | None = None
    is_drawn: bool = False
    page: int = 1

    @property
    def patience(self) -> float:
        """How many times as long as a picture it may take."""
        return SHEET_PATIENCE if self.task == "sheet" else 1.0


MAX_MEMORIES: Final = 32
"""So many profiles' digits a process keeps, of up to 0.4 MB each with what is made of them."""


class Written:
    """Makes bytes for one process of payloads, and knows which profiles' digits it still has."""

    def __init__(self) -> None:
        self._sent = Recent[bool](MAX_MEMORIES)

    def __call__(self, payloads: Sequence[Payload]) -> bytes:
        """The payloads as bytes for the process."""
        parts = [(each, self._parts(each.memory)) for each in payloads]
        head = [
            {
                **vars(each),
                "files": [*map(len, each.files)],
                "memory": each.memory and {"key": each.memory.key, "sizes": [*map(len, memory)]},
            }
            for each, memory in parts
        ]
        encoded = json.dumps(head).encode()
        bodies = (part for each, memory in parts for part in (*each.files, *memory))
        return b"".join([HEAD.pack(len(encoded)), encoded, *bodies])

    def _parts(self, memory: TaughtDigits | None) -> tuple[bytes, ...]:
        """What goes along: nothing for digits that the process has."""
        if memory is None or self._sent.get(memory.key):
            return ()
        self._sent.put(memory.key, True)
        return memory.pictures, memory.labels


class Reader:
    """Reads in the process the payloads that `Written` has made bytes of."""

    def __init__(self, connection: BinaryIO) -> None:
        self._connection = connection
        self._memories = Recent[TaughtDigits](MAX_MEMORIES)

    def read(self) -> list[Payload]:
        """The next payloads; raises EOFError when the API has gone."""
        head = json.loads(self._exactly(*HEAD.unpack(self._exactly(HEAD.size))))
        return [self._payload(**each) for each in head]

    def _payload(
        self,
        files: list[int],
        lengths: list[int] | None,
        memory: dict[str, Any] | None,
        box: list[float] | None,
        **members: Any,
    ) -> Payload:
        """A payload from the members of its head, in which `files` has the sizes of its files in bytes."""
        return Payload(
            files=[self._exactly(size) for size in files],
            lengths=None if lengths is None else (lengths[0], lengths[1]),
            memory=None if memory is None else self._memory(**memory),
            box=None if box is None else tuple(box),
            **members,
        )

    def _memory(self, key: str, sizes: list[int]) -> TaughtDigits:
        held = self._memories.get(key)
        if sizes:
            held = TaughtDigits(key, *map(self._exactly, sizes))
            self._memories.put(key, held)
        assert held is not None, "the API takes it for known"
        return held

    def _exactly(self, size: int) -> bytes:
        data = self._connection.read(size)
        if len(data) < size:
            raise EOFError
        return data


def message(kind: Kind, content: object = None) -> bytes:
    """A message of the process, its body the content as JSON; bytes in it are written in Base64."""
    body = to_json(content, bytes_mode="base64")
    return PREFIX.pack(kind, len(body)) + body
