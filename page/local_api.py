"""Where the API is: at API_URL, or on this machine, started by the page when nobody else has."""

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from digits.client import is_ready

HOST, PORT = "127.0.0.1", 8000
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
        """The API's address; finds or starts it, and waits until it is ready (`START_SECONDS` at most)."""
        with self._one_at_a_time:
            if self._runs() or time.monotonic() - self._started < RESTART_SECONDS:
                return self._address
            standard = f"http://{HOST}:{PORT}"
            if is_ready(standard):
                return standard
            self._start()
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

    def _start(self) -> None:
        port = PORT if _is_free(PORT) else _free_port()
        self._address = f"http://{HOST}:{port}"
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "main:app", "--host", HOST, "--port", str(port)],
            cwd=_PROJECT,
            stdin=subprocess.DEVNULL,
        )
        while self._runs() and time.monotonic() - self._started < START_SECONDS:
            if is_ready(self._address):
                return
            time.sleep(0.1)


def start_api() -> Callable[[], str]:
    """Sees to it that there is an API, and returns what tells its address.

    What is returned starts the API again when it has died, which takes seconds: call it off the page's thread.
    """
    configured = os.environ.get("API_URL", "").rstrip("/")
    return (lambda: configured) if configured else _local_api().address


@st.cache_resource(show_spinner=False)
def _local_api() -> LocalApi:
    api = LocalApi()
    threading.Thread(target=api.address, daemon=True).start()
    return api


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
