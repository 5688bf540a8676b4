"""A process that recognises: started, asked one question at a time, ended. `service.worker` is what runs in it."""

import asyncio
import multiprocessing
import multiprocessing.process
import pickle
import socket
import sys
from pathlib import Path
from typing import Any, Final

LENGTH_BYTES: Final = 8
"""Before each answer stands how many bytes its pickle has, the highest byte first."""

if sys.platform == "win32":
    _PROCESSES: Final = multiprocessing.get_context("spawn")
else:
    _PROCESSES: Final = multiprocessing.get_context("forkserver")
    _PROCESSES.set_forkserver_preload(["service.worker"])


class ProcessEndedError(RuntimeError):
    """The process is no more; what it was asked stays without an answer."""


class RecognitionProcess:
    """Recognises in a process of its own, so that neither the event loop nor another recognition waits for it.

    Python's lock would let threads take turns, at more cost than a small picture's recognition.

    Attributes:
        busy: whether it owes an answer; after an `ask` that did not get its answer, the process is of no more use.

    """

    def __init__(
        self, process: multiprocessing.process.BaseProcess, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self.busy = True

    @classmethod
    async def start(cls, model_folder: Path | None) -> "RecognitionProcess":
        """Start a process; its first answer is for `model`."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = _PROCESSES.Process(target=_work, args=(theirs, model_folder), daemon=True)
            process.start()
        return cls(process, *await asyncio.open_connection(sock=ours))

    async def model(self) -> dict[str, Any] | str:
        """The record of the model that it has loaded, or why it has none; to be called once, before `ask`.

        Raises ProcessEndedError.
        """
        record: dict[str, Any] | str = await self._answer()
        return record

    async def ask(self, task: str, argument: Any) -> Any:
        """What the task of `service.worker.TASKS` returns or raises; raises ProcessEndedError."""
        self.busy = True
        self._writer.write(pickle.dumps((task, argument)))
        return await self._answer()

    async def _answer(self) -> Any:
        try:
            length = await self._reader.readexactly(LENGTH_BYTES)
            answer = pickle.loads(await self._reader.readexactly(int.from_bytes(length)))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ProcessEndedError("a recognition process has ended") from error
        self.busy = False
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._writer.close()


def _work(connection: socket.socket, model_folder: Path | None) -> None:
    from service.worker import work  # in its own process only: the API itself needs none of what this imports

    work(connection, model_folder)
