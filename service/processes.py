"""How recognition processes come to be: forked from one that has imported what they need, or spawned on Windows."""

import multiprocessing
import sys
from contextlib import suppress
from typing import Final

if sys.platform == "win32":
    CONTEXT: Final = multiprocessing.get_context("spawn")
else:
    from multiprocessing import forkserver

    CONTEXT: Final = multiprocessing.get_context("forkserver")
    CONTEXT.set_forkserver_preload(["service.worker"])


def begin() -> None:
    """Start the process from which the others are forked: it imports while this one does, on another core.

    A process that was started so itself, and imports its caller's script, is not let by Python, and need not.
    """
    if sys.platform != "win32":
        with suppress(RuntimeError):
            forkserver.ensure_running()
