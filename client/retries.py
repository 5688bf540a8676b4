"""Asking again what failed for a reason that passes."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from client.errors import ApiError

FIRST_PAUSE_SECONDS: Final = 0.25
MAX_PAUSE_SECONDS: Final = 8.0

Answer = TypeVar("Answer")


def with_retries(call: Callable[[], Answer], patience_seconds: float) -> Answer:
    """What `call` returns, tried again and again while the API is away, busy or not ready.

    The pauses double from one try to the next, but are as long as the API asks for where that is longer, and differ by
    chance, so that many callers do not come back at one moment. Raises the last ApiError when the next try would come
    after `patience_seconds`, and at once when it is not transient.
    """
    deadline = time.monotonic() + patience_seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return call()
        except ApiError as error:
            seconds = max(pause, error.retry_after) * random.uniform(1, 1.5)
            if not error.is_transient or time.monotonic() + seconds > deadline:
                raise
        time.sleep(seconds)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)
