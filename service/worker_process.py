"""A process that recognises: started, asked, ended. `service.worker` is what runs in it."""

import asyncio
import math
import socket
from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from annotated_types import Ge, Len
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from digits.answers import DigitAnswer, NumberAnswer
from service.findings import Labels, Lesson, Sheet
from service.messages import MAX_BODY_BYTES, PREFIX, Kind, Payload, Task, Written
from service.processes import CONTEXT


class ProcessBrokenError(RuntimeError):
    """The process has ended or talks nonsense, and is of no more use."""


class NotReadyError(RuntimeError):
    """The process cannot load its model; the text says why in one line."""


class RecognitionFailedError(RuntimeError):
    """The program failed in the process, which can be asked further; the text is the traceback."""


@dataclass(frozen=True)
class Fault:
    """Why a file is refused: the name of a problem, its limit in megapixels or pages, and what is wrong in one word.

    "too-many-pixels-together" is of all files of a payload, and stands in place of their answers.
    """

    name: Literal[
        "not-a-picture",
        "unreadable-picture",
        "too-many-pixels",
        "too-many-pixels-together",
        "no-such-page",
        "nothing-to-learn",
        "no-sheet",
    ]
    limit: Annotated[int, Ge(1)] | None = None
    reason: Annotated[str, Len(1, 40)] | None = None


@plain_dataclass(frozen=True)
class Answer:
    """What was recognised.

    Attributes:
        json: as the process says it, which is what the caller gets of a digit or a number.
        found: the same; its shape has been checked.

    """

    json: bytes
    found: Any

    @property
    def rejected(self) -> str | None:
        """Why there is no digit or number, or None where there is one."""
        rejected: str | None = self.found.rejected
        return rejected


_SHAPES: Final[dict[Task, TypeAdapter[Any]]] = {
    "digits": TypeAdapter(DigitAnswer),
    "number": TypeAdapter(NumberAnswer),
    "lesson": TypeAdapter(Lesson),
    "sheet": TypeAdapter(Sheet),
    "labels": TypeAdapter(Labels),
}
_FAULT: Final = TypeAdapter(Fault)
_RECORD: Final = TypeAdapter(dict[str, Any])
_TEXT: Final = TypeAdapter(str)

Shape = TypeVar("Shape")


class _Reader(asyncio.StreamReader):
    """Tells that nothing more can come, also while nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = asyncio.get_running_loop().create_future()

    def feed_eof(self) -> None:
        super().feed_eof()
        self._end()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def make_checks() -> None:
    """Make now what checks digits and numbers; else the first request would wait for it."""
    for task in ("digits", "number"):
        _SHAPES[task].rebuild()


class WorkerProcess:
    """Recognises in a process of its own, so that neither the event loop nor another recognition waits for it.

    Python's lock would let threads take turns, at more cost than a small picture's recognition.

    Attributes:
        ended: done once the process says nothing more.
        is_retired: whether another stands ready to take its place.
        leaving: done once either is so.
        expected: when its next answer is expected at the latest, by the event loop's clock; infinite when idle.
        hung: whether it was given up.

    """

    def __init__(self, process: BaseProcess, reader: _Reader, transport: asyncio.WriteTransport) -> None:
        self._process, self._reader, self._transport = process, reader, transport
        self._written = Written()
        self.ended = reader.ended
        self.is_retired = False
        self.leaving: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended.add_done_callback(lambda _: self._leaves())
        self.expected = math.inf
        self.hung = False

    @classmethod
    async def start(cls, model_folder: Path | None, max_megapixels: int) -> "WorkerProcess":
        """Start a process; `record` is to be awaited before it is asked anything."""
        ours, theirs = socket.socketpair()
        try:
            process = CONTEXT.Process(target=_work, args=(theirs, model_folder, max_megapixels), daemon=True)
            await asyncio.to_thread(process.start)  # waits for another process, which may itself hang
            reader = _Reader()
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_connection(lambda: asyncio.StreamReaderProtocol(reader), sock=ours)
            return cls(process, reader, transport)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    async def record(self) -> dict[str, Any]:
        """The record of the model that it has loaded; raises NotReadyError, ProcessBrokenError."""
        kind, body = await self._receive()
        if kind == Kind.NOT_READY:
            raise NotReadyError(_checked(_TEXT, body))
        if kind != Kind.RECORD:
            raise ProcessBrokenError(f"it says {kind!r} in place of its model")
        return _checked(_RECORD, body)

    def ask(self, payloads: Sequence[Payload]) -> None:
        """Ask for answers, which `answer` returns in order; for none at all to hear that it `is_idle`."""
        self._transport.write(self._written(payloads))

    async def answer(self, payload: Payload) -> Answer | Fault:
        """The next file's answer, or what is wrong with it; raises RecognitionFailedError, ProcessBrokenError."""
        kind, body = await self._receive()
        if kind == Kind.FAULT:
            return _checked(_FAULT, body)
        if kind == Kind.ANSWER:
            return Answer(body, _checked(_SHAPES[payload.task], body))
        if kind == Kind.FAILED:
            raise RecognitionFailedError(_checked(_TEXT, body))
        raise ProcessBrokenError(f"it says {kind!r} in place of an answer")

    async def is_idle(self) -> None:
        """Return once it says that it was asked nothing; raises ProcessBrokenError."""
        kind, _ = await self._receive()
        if kind != Kind.IDLE:
            raise ProcessBrokenError(f"it says {kind!r} where it was asked nothing")

    async def _receive(self) -> tuple[int, bytes]:
        try:
            kind, size = PREFIX.unpack(await self._reader.readexactly(PREFIX.size))
            if size > MAX_BODY_BYTES:
                raise ProcessBrokenError(f"it announces {size} bytes")
            return kind, await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ProcessBrokenError("it does not answer" if self.hung else "it has ended") from error

    def retire(self) -> None:
        """Have it ask for nothing more to do."""
        self.is_retired = True
        self._leaves()

    def _leaves(self) -> None:
        if not self.leaving.done():
            self.leaving.set_result(None)

    def give_up(self) -> None:
        """End the process as it does not answer: whoever waits for it gets ProcessBrokenError."""
        self.hung = True
        self.end()

    def end(self) -> None:
        """End the process, whatever it is doing; multiprocessing clears away what is left when it starts the next."""
        self._transport.abort()
        if self._process.is_alive():
            self._process.kill()


def _checked(shape: TypeAdapter[Shape], body: bytes) -> Shape:
    """The body as this shape; raises ProcessBrokenError where it has another."""
    try:
        return shape.validate_json(body, strict=True)
    except ValidationError as error:
        raise ProcessBrokenError(f"it says what has another shape: {error.error_count()} faults") from error


def _work(connection: socket.socket, model_folder: Path | None, max_megapixels: int) -> None:
    from service.worker import work  # in its own process only: the API itself needs none of what this imports

    work(connection, model_folder, max_megapixels)
