"""The bounded number of recognitions under way, all of them off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from service.problems import Problem
from service.telemetry import UNDER_WAY

Result = TypeVar("Result")


class Recognitions:
    """At most `at_once` recognitions, each in its own thread, and at most `waiting` more that wait."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self.threads = ThreadPoolExecutor(at_once, thread_name_prefix="recognition")
        self.places = asyncio.Semaphore(at_once + waiting)
        self.turns = asyncio.Semaphore(at_once)

    def refuse_when_full(self) -> None:
        """Raise Problem (busy) when no place is left."""
        if self.places.locked():
            raise Problem("busy")

    async def run(self, request: Request, recognition: Callable[[], Result]) -> Result:
        """What `recognition()` returns or raises.

        Raises Problem (busy) at once when no place is left, ClientDisconnect when the caller left meanwhile.
        """
        self.refuse_when_full()
        async with self.places:
            with UNDER_WAY.track_inprogress():
                has_to_wait = self.turns.locked()
                async with self.turns:
                    if has_to_wait and await request.is_disconnected():
                        raise ClientDisconnect
                    return await asyncio.get_running_loop().run_in_executor(self.threads, recognition)

    def close(self) -> None:
        """Let what is under way finish, and drop what waits."""
        self.threads.shutdown(wait=False, cancel_futures=True)
