"""The bounded queue of requests for a recognition: who waits, until when, and which are answered together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Gauge
from starlette.requests import ClientDisconnect, Request

from service.messages import Payload
from service.problems import ProblemError
from service.worker_process import Answer, Fault

MAX_MICRO_BATCH: Final = 8
"""So many requests that wait are answered together, as features and model of many pictures take less time than of each
by itself; no more, as the first of them waits for the last."""

MAX_MICRO_BATCH_FILE_BYTES: Final = 100_000
"""Bytes of all pictures of a request above which it is answered alone: there it is decoding that takes the time."""

MAX_LOST_WORKERS: Final = 2
"""So many processes may break while they work on a request; then it is given up, lest its picture breaks them all."""

WATCH_SECONDS: Final = 0.1
"""So often it is seen to requests past their deadline, or whose callers have left. Asking whether a caller is still
there takes a tenth of the time of a small picture, so it is not asked of requests that are younger than this."""


@dataclass(eq=False)
class Job:
    """One request, its answers so far, and the future that it waits for.

    Attributes:
        queued: when it came, by the event loop's clock, in seconds.
        deadline: when it is answered whatever has become of it, by the same clock.
        began: whether a process works on it.
        alone: whether it is not to be answered together with others: one of them was too much for the program.
        lost_workers: how many processes broke while they worked on it.

    """

    request: Request
    payload: Payload
    done: asyncio.Future[list[Answer | Fault]]
    queued: float
    deadline: float
    began: bool = False
    alone: bool = False
    lost_workers: int = 0
    answers: list[Answer | Fault] = field(default_factory=list)

    def is_small(self) -> bool:
        """Whether it may be answered together with others."""
        if self.alone or self.payload.task != "digits" or self.payload.memory is not None:
            return False
        return sum(map(len, self.payload.files)) <= MAX_MICRO_BATCH_FILE_BYTES

    def take(self, answer: Answer | Fault) -> bool:
        """Take the answer for its next file, or a fault of all of them; whether it was the last."""
        if isinstance(answer, Fault) and answer.name == "too-many-pixels-together":
            self.fail(ProblemError(answer.name, limit=str(answer.limit)))
            return True
        self.answers.append(answer)
        if len(self.answers) < len(self.payload.files):
            return False
        if not self.done.done():
            self.done.set_result(self.answers)
        return True

    def fail(self, error: Exception) -> None:
        """Raise the error where the answers are awaited."""
        if not self.done.done():
            self.done.set_exception(error)


class JobQueue:
    """At most `capacity` requests, each answered or refused within `deadline` seconds.

    The time runs from when the request is here as a whole, and for a batch anew from each picture's answer; a sheet has
    more of it.
    """

    def __init__(self, workers: int, queue_size: int, deadline: float, under_way: Gauge) -> None:
        self.capacity = workers + queue_size
        self.deadline = deadline
        self._workers = workers
        self._under_way = under_way
        self._jobs: set[Job] = set()
        self._waiting: deque[Job] = deque()
        self._idle: list[tuple[asyncio.Future[None], float]] = []

    def refuse_when_full(self) -> None:
        """Raise ProblemError (busy) when as many requests are here as there may be."""
        if len(self._jobs) >= self.capacity:
            raise ProblemError("busy")

    async def answers(self, request: Request, payload: Payload) -> list[Answer | Fault]:
        """What a process says to each file of the payload.

        Raises:
            ProblemError: too-many-pixels-together; busy, at once when the queue is full, or at the deadline when no
                process had begun; not-ready in its place when no process can answer; timeout, at the deadline when one
                had begun; internal.
            ClientDisconnect: the caller has left meanwhile.

        """
        self.refuse_when_full()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + payload.patience * self.deadline
        job = Job(request, payload, loop.create_future(), loop.time(), deadline)
        self._jobs.add(job)
        self._waiting.append(job)
        self._wake()
        try:
            with self._under_way.track_inprogress():
                return await job.done
        finally:
            self._jobs.discard(job)
            if not job.began:
                self._waiting.remove(job)

    def _wake(self) -> None:
        """Have the process that has been idle for the shortest time look what there is to do."""
        while self._idle:
            awake, _ = self._idle.pop()
            if not awake.done():
                awake.set_result(None)
                return

    def wake_all(self) -> None:
        """Have all idle processes look what there is to do, or whether they have ended."""
        for awake, _ in self._idle:
            if not awake.done():
                awake.set_result(None)
        self._idle.clear()

    async def micro_batch(self, leaving: asyncio.Future[None]) -> Sequence[Job]:
        """The job that waits longest, and, if it is small, those behind it that are small too: a fair share of all.

        Empty for a process that is `leaving` meanwhile, and where there was nothing to do for as long as the deadline.
        """
        loop = asyncio.get_running_loop()
        came = loop.time()
        while not self._waiting:
            awake = loop.create_future()
            self._idle.append((awake, loop.time()))
            await awake
            if leaving.done():
                self._wake()
                return []
            if not self._waiting and loop.time() >= came + self.deadline:
                return []
        share = min(-(-len(self._waiting) // self._workers), MAX_MICRO_BATCH)
        together = [self._waiting.popleft()]
        while self._waiting and len(together) < share and together[0].is_small() and self._waiting[0].is_small():
            together.append(self._waiting.popleft())
        for job in together:
            job.began = True
        if self._waiting:
            self._wake()
        return together

    def give_back(self, job: Job) -> None:
        """Have another process answer the job, by itself and before all that wait."""
        if not job.done.done():
            job.answers.clear()
            job.began, job.alone = False, True
            self._waiting.appendleft(job)
            self._wake()

    def lost_worker(self, job: Job) -> None:
        """The process that worked on the job broke: it is asked again once, then given up."""
        job.lost_workers += 1
        if job.lost_workers < MAX_LOST_WORKERS:
            self.give_back(job)
        else:
            job.fail(ProblemError("internal"))

    def timeout(self, job: Job) -> ProblemError:
        """What is answered at the deadline to a request that a process works on."""
        return ProblemError("timeout", seconds=f"{job.payload.patience * self.deadline:g}")

    async def watch(self, not_begun: Callable[[], ProblemError]) -> None:
        """Answer those whose deadline has come, let go those whose callers have left, wake who idles long; for ever.

        Args:
            not_begun: what to answer at the deadline to a request that no process has begun with.

        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for job in [*self._jobs]:
                if loop.time() >= job.deadline:
                    job.fail(self.timeout(job) if job.began else not_begun())
                elif loop.time() >= job.queued + WATCH_SECONDS and await job.request.is_disconnected():
                    job.fail(ClientDisconnect())
            if self._idle and loop.time() >= self._idle[0][1] + self.deadline:
                self.wake_all()
