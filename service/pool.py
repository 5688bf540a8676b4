"""The processes that recognise: each is started, asked, watched, and replaced when it breaks."""

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

from service.jobs import WATCH_SECONDS, Job, JobQueue
from service.problems import ProblemError
from service.settings import Settings
from service.telemetry import Metrics
from service.worker_process import (
    NotReadyError,
    ProcessBrokenError,
    RecognitionFailedError,
    WorkerProcess,
    make_checks,
)

MAX_LOAD_SECONDS: Final = 120.0
"""A process that has not loaded its model by then is replaced; that takes one second, on a busy machine ten."""

MIN_PAUSE_SECONDS: Final = 0.1
"""Before a process is replaced; twice as long for each one in a row that cannot load its model."""

MAX_PAUSE_SECONDS: Final = 30.0

POINTER: Final = Path(__file__).parent.parent / "learnt" / "model.json"
"""Which model is promoted, as `digits.learn.pointer` writes it; the processes read it, here it is only watched, as what
that module imports takes a second and 40 MB."""

POINTER_SECONDS: Final = 1.0
"""So often it is looked at."""

PointerState = tuple[int, int] | None
"""What tells one pointer file from the next: its inode and the time of its last change; None where there is none."""

CLASSIFIER: Final = "best_classification_model.pkl"
"""By whose SHA-256 a model is named."""

log = logging.getLogger("uvicorn.error")


class Pool:
    """The processes that recognise, and the queue of requests for them.

    Attributes:
        queue: of the requests.

    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.queue = JobQueue(
            settings.workers, settings.queue_size, settings.deadline_seconds, metrics.recognitions_under_way
        )
        self._settings = settings
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._first_report = asyncio.Event()
        self._record: dict[str, Any] | None = None
        self._pointer: PointerState = None
        self._processes: dict[WorkerProcess, PointerState] = {}
        self._ready: deque[tuple[WorkerProcess, PointerState]] = deque()
        self._fault: str | None = None

    async def start(self) -> None:
        """Start the processes; returns as soon as the first can be asked, or has said why it cannot."""
        self._in_background(self.queue.watch(self._not_begun))
        self._in_background(self._watch())
        if self._settings.model_folder is None:
            self._in_background(self._follow_pointer())
        self._in_background(self._keep_worker())
        await asyncio.to_thread(make_checks)  # meanwhile: it waits for the process anyway
        await self._first_report.wait()
        for _ in range(self._settings.workers - 1):
            self._in_background(self._keep_worker())

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End all processes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._ready:
            self._ready.popleft()[0].end()

    def record(self) -> dict[str, Any]:
        """The record of the model that answers; raises ProblemError (not-ready) while no process can."""
        if self._record is None or not self._processes:
            raise ProblemError("not-ready", reason=self._fault or "the process that loads it is being started")
        return self._record

    def model_sha256(self) -> str:
        """Of the classifier of the model that answers, which names the model; raises ProblemError (not-ready)."""
        return str(self.record()["files"][CLASSIFIER]["sha256"])

    def refuse_when_faulty_or_full(self) -> None:
        """Raise ProblemError (not-ready) when no process can load the model, busy when the queue is full.

        Where processes are merely being replaced, a request waits for them.
        """
        if self._fault is not None:
            self.record()
        self.queue.refuse_when_full()

    def _not_begun(self) -> ProblemError:
        try:
            self.record()
        except ProblemError as not_ready:
            return not_ready
        return ProblemError("busy")

    async def _keep_worker(self) -> None:
        """Start a process, let it serve, and replace it when it breaks; for ever."""
        pause = MIN_PAUSE_SECONDS
        while True:
            try:
                async with self._worker() as process:
                    pause = MIN_PAUSE_SECONDS
                    while not process.is_retired:
                        await self._serve(process)
            except NotReadyError as error:
                self._report(str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, MAX_PAUSE_SECONDS)
            except ProcessBrokenError as error:
                log.error("A recognition process is replaced: %s", error)
                await asyncio.sleep(pause)
            except Exception:
                log.exception("A recognition process is replaced")
                self._report("something went wrong on our side; it has been logged")
                await asyncio.sleep(MAX_PAUSE_SECONDS)

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[WorkerProcess]:
        """A process that has loaded the model, and is ended; raises NotReadyError."""
        process, pointer = self._ready.popleft() if self._ready else await self._loaded()
        try:
            process.leaving.add_done_callback(lambda _: self.queue.wake_all())
            self._processes[process] = pointer
            yield process
        finally:
            self._processes.pop(process, None)
            process.end()

    async def _loaded(self) -> tuple[WorkerProcess, PointerState]:
        """A process that has loaded the model, and the pointer by which it found it; raises NotReadyError."""
        pointer = _pointer_state() if self._settings.model_folder is None else None
        process: WorkerProcess | None = None
        try:
            try:
                async with asyncio.timeout(MAX_LOAD_SECONDS):
                    process = await WorkerProcess.start(self._settings.model_folder, self._settings.max_megapixels)
                    record = await process.record()
            except TimeoutError as error:
                raise NotReadyError("the process that should load it does not answer") from error
            except ProcessBrokenError as error:
                raise NotReadyError("the process that should load it has ended") from error
            self._accept(record, pointer)
        except BaseException:
            if process is not None:
                process.end()
            raise
        return process, pointer

    def _accept(self, record: dict[str, Any], pointer: PointerState) -> None:
        """Raises NotReadyError for another model than the one that answers, unless another has been promoted since."""
        if self._record is None or pointer != self._pointer:
            self._record, self._pointer = record, pointer
            self._metrics.model_is(record)
        differing = [name for name, file in self._record["files"].items() if record["files"].get(name) != file]
        if differing:
            raise NotReadyError(f"{differing[0]} is another than at the start: restart the service to change its model")
        self._fault = None
        self._first_report.set()

    async def _follow_pointer(self) -> None:
        """Have the model answer that is promoted, soon after it was; for ever.

        Each process answers until another has loaded the new model, so nobody is refused or waits. Where it cannot be
        loaded, the model that answers goes on.
        """
        refused: PointerState | Literal["none"] = "none"
        while True:
            await asyncio.sleep(POINTER_SECONDS)
            pointer = await asyncio.to_thread(_pointer_state)
            behind = [process for process, followed in self._processes.items() if followed != pointer]
            try:
                for process in behind if pointer != refused else ():
                    await self._replace(process)
                    refused = "none"
            except NotReadyError as error:
                log.error("The promoted model does not answer, the one before does: %s", error)
                refused = pointer

    async def _replace(self, process: WorkerProcess) -> None:
        """Have another process take the place of this one; raises NotReadyError where it cannot."""
        fresh, pointer = await self._loaded()
        if process in self._processes:
            self._ready.append((fresh, pointer))
            process.retire()
        else:
            fresh.end()

    def _report(self, fault: str) -> None:
        if fault != self._fault:
            log.error("A recognition process cannot load the model: %s", fault)
        self._fault = fault
        self._first_report.set()

    async def _serve(self, process: WorkerProcess) -> None:
        """Have the process answer what waits, or, where nothing does, say that it is there; raises ProcessBrokenError.

        Whatever happens, each request that it was asked has been answered, or waits for another process.
        """
        left = deque(await self.queue.micro_batch(process.ended))
        try:
            await self._answer(process, left)
        except ProcessBrokenError:
            for job in reversed(left):
                if process.hung:
                    job.fail(self.queue.timeout(job))
                else:
                    self.queue.lost_worker(job)
            left.clear()
            raise
        finally:
            for job in left:
                job.fail(ProblemError("internal"))

    async def _answer(self, process: WorkerProcess, left: deque[Job]) -> None:
        """Ask the process and take each answered job from `left`; within a batch each renews the patience."""
        loop = asyncio.get_running_loop()
        together = len(left) > 1
        process.ask([job.payload for job in left])
        patience = max((job.payload.patience for job in left), default=1.0)
        process.expected = loop.time() + patience * self._settings.deadline_seconds
        if not left:
            await process.is_idle()
        try:
            while left:
                if left[0].take(await process.answer(left[0].payload)):
                    left.popleft()
                else:
                    process.expected = left[0].deadline = loop.time() + self._settings.deadline_seconds
        except RecognitionFailedError as error:
            if not together:
                log.error("A recognition failed:\n%s", error)
                left.popleft().fail(ProblemError("internal"))
            while left:
                self.queue.give_back(left.pop())
        process.expected = math.inf

    async def _watch(self) -> None:
        """End the processes that have not answered when they were expected to, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for process in self._processes:
                if loop.time() >= process.expected:
                    process.give_up()


def _pointer_state() -> PointerState:
    try:
        status = POINTER.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns
