"""The bounded number of recognitions under way, each in a process of its own."""

import asyncio
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request

from service.problems import Problem
from service.process import ProcessEnded, RecognitionProcess
from service.telemetry import UNDER_WAY


class Recognitions:
    """At most `at_once` recognitions, and at most `waiting` more that wait.

    Attributes:
        model: the record of the model that all processes have loaded, or as text why they could not.

    """

    def __init__(self, at_once: int, waiting: int, model_folder: Path) -> None:
        self._at_once = at_once
        self._model_folder = model_folder
        self._places = asyncio.Semaphore(at_once + waiting)
        self._idle: asyncio.LifoQueue[RecognitionProcess] = asyncio.LifoQueue()
        self._processes: set[RecognitionProcess] = set()
        self._starts: set[asyncio.Task[dict[str, Any] | str]] = set()
        self.model: dict[str, Any] | str = "it is being loaded"

    async def start(self) -> None:
        """Start the processes; returns as soon as the first can be asked, or has said why it cannot."""
        self.model = await self._start()
        if isinstance(self.model, dict):
            for _ in range(self._at_once - 1):
                self._start_meanwhile()

    async def _start(self) -> dict[str, Any] | str:
        process = await RecognitionProcess.start(self._model_folder)
        self._processes.add(process)
        try:
            return await process.model()
        except ProcessEnded:
            return "the process that should load it has ended"
        finally:
            self._idle.put_nowait(process)

    def _start_meanwhile(self) -> None:
        start = asyncio.create_task(self._start())
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)

    def refuse_when_full(self) -> None:
        """Raise Problem (busy) when no place is left."""
        if self._places.locked():
            raise Problem("busy")

    async def run(self, request: Request, task: str, *arguments: Any) -> Any:
        """What the task of `service.recognition.TASKS` returns or raises.

        Raises Problem (busy) at once when no place is left, ClientDisconnect when the caller left meanwhile, and
        ProcessEnded when the process of this recognition broke.
        """
        self.refuse_when_full()
        async with self._places:
            with UNDER_WAY.track_inprogress():
                has_to_wait = self._idle.empty()
                process = await self._idle.get()
                try:
                    if has_to_wait and await request.is_disconnected():
                        raise ClientDisconnect
                    return await process.ask(task, *arguments)
                finally:
                    if process.busy:
                        self._end(process)
                        self._start_meanwhile()
                    else:
                        self._idle.put_nowait(process)

    def _end(self, process: RecognitionProcess) -> None:
        process.end()
        self._processes.discard(process)

    def close(self) -> None:
        """End all processes, and drop what waits."""
        for start in self._starts:
            start.cancel()
        for process in [*self._processes]:
            self._end(process)
