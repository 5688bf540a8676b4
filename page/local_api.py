"""Where the API is: at API_URL, or on this machine, started by the page when nobody else has."""

import asyncio
import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

HOST: Final = "127.0.0.1"
PORT: Final = int(os.environ.get("API_PORT") or 8000)
"""Where an API is looked for, and where one is started if nobody listens there: that of `client.LOCAL_API`."""

START_SECONDS = 30.0
RESTART_SECONDS = 5.0
STOP_SECONDS = 5.0
_PROJECT = Path(__file__).parent.parent


class LocalApi:
    """The API on this machine for all sessions of this server: found running, or started and kept running."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._address = f"http://{HOST}:{PORT}"
        self._started = -RESTART_SECONDS
        atexit.register(self.stop)

    def address(self) -> str:
        """The API's address; finds or starts it, and waits until it answers (`START_SECONDS` at most)."""
        with self._one_at_a_time:
            if self._runs() or time.monotonic() - self._started < RESTART_SECONDS:
                return self._address
            standard = f"http://{HOST}:{PORT}"
            is_free = _is_free(PORT)
            if not is_free and _is_ready(standard):
                return standard
            self._start(PORT if is_free else _free_port())
            return self._address

    def stop(self) -> None:
        """Ends the process if this server started one."""
        if self._process is None or not self._runs():
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self, port: int) -> None:
        if port != PORT:
            print(f"Port {PORT} is taken by another program: the API moves to {port}.", flush=True)
        self._address = f"http://{HOST}:{port}"
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "main:app", "--host", HOST, "--port", str(port)],
            cwd=_PROJECT,
            stdin=subprocess.DEVNULL,
        )
        while self._runs() and time.monotonic() - self._started < START_SECONDS:
            if not _is_free(port):
                return
            time.sleep(0.02)


def start_api() -> Callable[[], str]:
    """What tells the address of the API, which starts again when it has died.

    That takes seconds: call what is returned off the page's thread.
    """
    configured = os.environ.get("API_URL", "").rstrip("/")
    return (lambda: configured) if configured else _local_api().address


@asynccontextmanager
async def beside_an_api(server: st.App) -> AsyncIterator[None]:
    """The lifespan of the page's server: the API answers before the page opens, and ends with it."""
    address = await asyncio.to_thread(start_api())
    ready = await asyncio.to_thread(_is_ready, address)
    print(f"\n  API: {address}{'' if ready else ' is not ready; its log says why'}\n", flush=True)
    yield
    if not os.environ.get("API_URL"):
        await asyncio.to_thread(_local_api().stop)


@cache
def _local_api() -> LocalApi:
    return LocalApi()


def _is_ready(address: str) -> bool:
    from client import is_ready  # what it imports takes as long as the page's server, which starts the API first

    return is_ready(address)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
