"""Files of all kinds but PNG and JPEG are decoded in a process of their own, whose memory and time are bounded.

Their decoders need up to 16 bytes a pixel, believe what a file says of itself, or may run for hours: a PDF of 38 KB
keeps its renderer busy for half a minute, another of 1 MB takes 1.8 GB. The process is started when the first such file
comes, in a quarter of a second, and serves until its caller ends.
"""

import atexit
import json
import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from digits.formats import Format

MAX_FALLS: Final = 3
"""Pages of one file at which the process may end, before its other pages are not tried any more."""

_PROJECT: Final = Path(__file__).parent.parent


class ContainedError(Exception):
    """A file or a page cannot be decoded; the text says why: unreadable, too-many-pixels or too-heavy."""


class ContainedFile:
    """A file that is open in the process.

    Attributes:
        pages: how many it has; one more than `digits.limits.MAX_PAGES` where there are more than that.
        size: width and height of the first page in pixels; 0 and 0 of a PDF, which has none.

    """

    def __init__(self, data: bytes, kind: Format) -> None:
        """Open it; raises ContainedError."""
        self._data = data
        self._kind = kind
        self._falls = 0
        with _DECODER.lock:
            self._open()

    def page(self, index: int, max_side: int) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        """Pixels of a page, no longer than `max_side`, and width and height before they were scaled down.

        Raises:
            ContainedError: see there.

        """
        with _DECODER.lock:
            if self._falls == MAX_FALLS:
                raise ContainedError("too-heavy")
            try:
                if _DECODER.opened != self._number:
                    self._open()
                page, pixels = _DECODER.ask({"page": index, "max_side": max_side})
            except ContainedError:
                self._falls += not _DECODER.is_running
                raise
            finally:
                if index == self.pages - 1:
                    _DECODER.opened = 0
            return np.frombuffer(pixels, np.uint8).reshape(page["shape"]), (page["size"][0], page["size"][1])

    def _open(self) -> None:
        opened, _ = _DECODER.ask({"format": self._kind.name, "bytes": len(self._data)}, self._data)
        self.pages: int = opened["pages"]
        self.size: tuple[int, int] = (opened["size"][0], opened["size"][1])
        self._number = _DECODER.opened


class _Decoder:
    """The process.

    Attributes:
        lock: to be held while a file is opened and asked for a page.
        opened: number of the file that is open, each time another one.

    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.opened = 0
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self._end)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ask(self, question: dict[str, int | str], data: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Its answer, and the pixels that belong to it; `data` is a file to be opened."""
        if data:
            self.opened = next(self._numbers)
        if not self.is_running:
            self._end()
            self._process = _started()
        assert self._process is not None
        asked, said = self._process.stdin, self._process.stdout
        assert asked is not None
        assert said is not None
        try:
            asked.write(json.dumps(question).encode() + b"\n")
            asked.write(data)
            asked.flush()
            answer: dict[str, Any] = json.loads(said.readline())
            pixels = said.read(int(np.prod(answer.get("shape", 0))))
        except (OSError, ValueError):  # it has ended: the file takes too much memory or time, or its decoder fell
            self._end()
            raise ContainedError("too-heavy") from None
        except BaseException:  # an answer that was not waited for would be taken for the next one
            self._end()
            raise
        if "error" in answer:
            raise ContainedError(answer["error"])
        return answer, pixels

    def _end(self) -> None:
        process, self._process, self.opened = self._process, None, 0
        if process is not None:
            process.kill()
            process.communicate()


def _started() -> "subprocess.Popen[bytes]":
    paths = [str(_PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    given_back = {"MALLOC_MMAP_THRESHOLD_": str(2**20)}  # glibc returns large blocks to the system when they are free
    return subprocess.Popen(
        [sys.executable, "-m", "digits.contained_decoder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | one_thread | given_back | {"PYTHONPATH": os.pathsep.join(paths)},
    )


_DECODER: Final = _Decoder()
