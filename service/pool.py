"""The bounded number of requests under way: which process answers which of them, and which are answered together."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from digits.decode import BadPictureError
from service.problems import Problem
from service.telemetry import UNDER_WAY
from service.worker_process import ProcessEndedError, RecognitionProcess

MOST_TOGETHER: Final = 8
"""So many requests that wait are answered together, as features and model of many pictures take less time than of each
by itself; no more, as the first of them waits for the last."""

LARGEST_TOGETHER: Final = 100_000
"""Bytes of all pictures of a request above which it is answered alone: there it is decoding that takes the time."""

LONG_WAIT: Final = 0.1
"""Seconds of waiting after which it is asked whether the caller is still there, which itself takes a tenth of the time
of a small picture."""


@dataclass(eq=False)
class _Question:
    """What a request asks: for "digits" a list with a picture's bytes and extras in each place, for "number" bytes.

    Attributes:
        came: by the monotonic clock, in seconds.
        alone: whether it was answered together with others once, and one of them was too much for the program.

    """

    request: Request
    task: str
    argument: Any
    answer: asyncio.Future[Any]
    came: float
    alone: bool = False

    def is_small(self) -> bool:
        """Whether it may be answered together with others."""
        if self.alone or self.task != "digits":
            return False
        return sum(len(data) for data, _ in self.argument) <= LARGEST_TOGETHER

    async def is_given_up(self) -> bool:
        """Whether nobody waits for the answer any more."""
        if time.monotonic() > self.came + LONG_WAIT and await self.request.is_disconnected():
            self.fail(ClientDisconnect())
        return self.answer.done()

    def fail(self, error: Exception) -> None:
        """Raise the error where the answer is awaited."""
        if not self.answer.done():
            self.answer.set_exception(error)

    def succeed(self, answer: Any) -> None:
        """Give the answer to whoever waits."""
        if not self.answer.done():
            self.answer.set_result(answer)


class Recognitions:
    """At most `at_once` processes that recognise, and at most so many requests plus `waiting` under way.

    Attributes:
        model: the record of the model that all processes have loaded, or as text why they could not.

    """

    def __init__(self, at_once: int, waiting: int, model_folder: Path | None) -> None:
        self._at_once = at_once
        self._model_folder = model_folder
        self._places = asyncio.Semaphore(at_once + waiting)
        self._line: deque[_Question] = deque()
        self._idle: list[RecognitionProcess] = []
        self._processes: set[RecognitionProcess] = set()
        self._under_way: set[asyncio.Task[Any]] = set()
        self.model: dict[str, Any] | str = "it is being loaded"

    async def start(self) -> None:
        """Start the processes; returns as soon as the first can be asked, or has said why it cannot."""
        self.model = await self._start()
        if isinstance(self.model, dict):
            for _ in range(self._at_once - 1):
                self._meanwhile(self._start())

    async def _start(self) -> dict[str, Any] | str:
        process = await RecognitionProcess.start(self._model_folder)
        self._processes.add(process)
        try:
            return await process.model()
        except ProcessEndedError:
            return "the process that should load it has ended"
        finally:
            self._idle.append(process)
            self._serve_next()

    def _meanwhile(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def refuse_when_full(self) -> None:
        """Raise Problem (busy) when no place is left."""
        if self._places.locked():
            raise Problem("busy")

    async def digits(
        self, request: Request, pictures: Sequence[tuple[bytes, Sequence[str]]]
    ) -> list[dict[str, Any] | BadPictureError]:
        """What `service.worker.digits` returns; raises what `_ask` does."""
        found: list[dict[str, Any] | BadPictureError] = await self._ask(request, "digits", pictures)
        return found

    async def number(self, request: Request, data: bytes) -> dict[str, Any]:
        """What `service.worker.number` returns or raises; raises what `_ask` does."""
        found: dict[str, Any] = await self._ask(request, "number", data)
        return found

    async def _ask(self, request: Request, task: str, argument: Any) -> Any:
        """What the task of `service.worker.TASKS` returns or raises.

        Raises Problem (busy) at once when no place is left, ClientDisconnect when the caller left meanwhile, and
        ProcessEndedError when the process of this recognition broke.
        """
        self.refuse_when_full()
        async with self._places:
            with UNDER_WAY.track_inprogress():
                answer = asyncio.get_running_loop().create_future()
                self._line.append(_Question(request, task, argument, answer, time.monotonic()))
                self._serve_next()
                return await answer

    def _serve_next(self) -> None:
        while self._idle and self._line:
            self._meanwhile(self._serve(self._idle.pop(), self._next_together()))

    def _next_together(self) -> list[_Question]:
        """The first that waits, and, if its picture is small, those behind it that are small too: a fair share."""
        share = min(-(-len(self._line) // self._at_once), MOST_TOGETHER)
        together = [self._line.popleft()]
        while self._line and len(together) < share and together[0].is_small() and self._line[0].is_small():
            together.append(self._line.popleft())
        return together

    async def _serve(self, process: RecognitionProcess, together: list[_Question]) -> None:
        asked = [question for question in together if not await question.is_given_up()]
        if len(asked) == 1:
            await _answer(process, asked[0])
        elif asked and not await _answer_together(process, asked):
            for question in reversed(asked):
                question.alone = True
                self._line.appendleft(question)
        if process.busy:
            self._end(process)
            self._meanwhile(self._start())
        else:
            self._idle.append(process)
            self._serve_next()

    def _end(self, process: RecognitionProcess) -> None:
        process.end()
        self._processes.discard(process)

    def close(self) -> None:
        """End all processes, and drop what waits."""
        for task in self._under_way:
            task.cancel()
        for process in [*self._processes]:
            self._end(process)


async def _answer(process: RecognitionProcess, question: _Question) -> None:
    try:
        question.succeed(await process.ask(question.task, question.argument))
    except Exception as error:
        question.fail(error)


async def _answer_together(process: RecognitionProcess, asked: list[_Question]) -> bool:
    """Whether all have their answers; not so when one of the pictures, whichever it is, is too much for the program."""
    try:
        found = iter(await process.ask("digits", [picture for question in asked for picture in question.argument]))
    except Exception:
        return False
    for question in asked:
        question.succeed([next(found) for _ in question.argument])
    return True
