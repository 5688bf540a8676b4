"""What runs in the process of `digits.contained`: opens one file after the other, and gives its pages as small pixels.

Asked on the standard input by a line of JSON and the file's bytes, it answers on the standard output by a line of JSON
and the pixels. A file is closed when its last page was asked for. The operating system ends the process when a file
takes too much memory or time, where it has such limits.
"""

import json
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, BinaryIO, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image

from digits.formats import AVIF, BMP, FORMATS, GIF, HEIC, PDF, TIFF, WEBP, Format
from digits.image_pixels import grey_or_on_backdrop, orientation_of, small_image, small_of_bands, upright
from digits.limits import MAX_PAGES

MAX_DATA_BYTES: Final = 240 * 2**20
"""Memory that a file may take in this process, itself included (Linux)."""

MAX_CPU_SECONDS: Final = 4.0
"""Time that opening a file may take, and each of its pages (POSIX); less than a request to the API may."""

MAX_RLE_PIXELS: Final = 8_000_000
"""Of a BMP that is packed by run lengths, which Pillow unpacks in Python; and bytes of such a file."""

ROUNDING: Final = 0.01
"""Pixels by which a page of a PDF is rendered smaller than is asked for."""

_RUN_LENGTHS: Final = (1, 2)
_REDUCED_COPY: Final = 1
_NEW_SUBFILE_TYPE: Final = 254
_PILLOW_NAMES: Final = {WEBP: "WEBP", AVIF: "AVIF", GIF: "GIF", BMP: "BMP", TIFF: "TIFF"}

Page = tuple[NDArray[np.uint8], tuple[int, int]]
"""Pixels, (height, width) or (height, width, 3), and width and height before they were scaled down."""


class Opened(Protocol):
    """A file that is open.

    Attributes:
        size: width and height of its first page, in pixels.
        pages: how many it has; one more than `MAX_PAGES` where there are more than that.

    """

    size: tuple[int, int]
    pages: int

    def page(self, index: int, max_side: int) -> Page:
        """One of them, no longer than `max_side`."""


class TooManyPixelsFound(Exception):
    """The header announces more pixels than a file of its kind may have."""


class PillowFile:
    """WebP, AVIF, GIF and BMP: the first picture of each; TIFF: all but the reduced copies that cameras put behind."""

    def __init__(self, data: bytes, kind: Format) -> None:
        Image.MAX_IMAGE_PIXELS = kind.max_pixels // 2  # Pillow refuses twice as many, before it decodes
        try:
            self._image = Image.open(BytesIO(data), formats=(_PILLOW_NAMES[kind],))
        except Image.DecompressionBombError:
            raise TooManyPixelsFound from None
        self.size = self._image.size
        is_packed = kind is BMP and self._image.info.get("compression") in _RUN_LENGTHS
        if is_packed and max(self.size[0] * self.size[1], len(data)) > MAX_RLE_PIXELS:
            raise TooManyPixelsFound
        self._frames = list(self._pages()) if kind is TIFF else [0]
        self.pages = len(self._frames)

    def _pages(self) -> Iterator[int]:
        """Numbers of the frames that are pages, one more than `MAX_PAGES` at most; a broken one is the last."""
        found = 0
        for index in range(sys.maxsize):
            try:
                self._image.seek(index)
                is_copy = bool(int(self._image.tag_v2.get(_NEW_SUBFILE_TYPE, 0)) & _REDUCED_COPY)  # type: ignore[attr-defined]
            except EOFError:
                return
            except Image.DecompressionBombError:
                is_copy = False
            except Exception:
                yield index
                return
            if index == 0 or not is_copy:
                yield index
                found += 1
            if found > MAX_PAGES:
                return

    def page(self, index: int, max_side: int) -> Page:
        """See `Opened`."""
        self._image.seek(self._frames[index])
        small = small_image(self._image, max_side)
        return upright(small, self._image.size, orientation_of(self._image))  # a TIFF has turned itself by now


class HeifFile:
    """The primary image of a HEIF file; its decoder has turned it already, whatever the EXIF says."""

    pages = 1

    def __init__(self, data: bytes) -> None:
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        opened = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
        self._image = opened[opened.primary_index]
        self.size = self._image.size
        if self.size[0] * self.size[1] > HEIC.max_pixels:
            raise TooManyPixelsFound

    def page(self, index: int, max_side: int) -> Page:
        """See `Opened`."""
        pixels = np.asarray(self._image)
        height, width = pixels.shape[:2]

        def band(top: int, end: int) -> Image.Image:
            return Image.fromarray(pixels[top:end])

        return np.asarray(small_of_bands(band, (width, height), max_side)), (width, height)


class PdfFile:
    """Pages as they are printed, with what was written on them by hand or into forms, on white."""

    size = (0, 0)

    def __init__(self, data: bytes) -> None:
        import pypdfium2

        self._document = pypdfium2.PdfDocument(data)
        if self._document.get_formtype():
            self._document.init_forms()
        self.pages = min(len(self._document), MAX_PAGES + 1)
        if not self.pages:
            raise ValueError("no page")

    def page(self, index: int, max_side: int) -> Page:
        """See `Opened`."""
        page = self._document[index]
        scale = (max_side - ROUNDING) / max(page.get_size())  # sides are rounded up
        pixels = grey_or_on_backdrop(page.render(scale=scale, rev_byteorder=True).to_numpy())
        return pixels, (pixels.shape[1], pixels.shape[0])


_KINDS: Final = {kind.name: kind for kind in FORMATS}


def open_file(data: bytes, kind: Format) -> Opened:
    """Open a file of a kind other than PNG and JPEG; a broken one may raise anything, here or at its pages."""
    if kind is HEIC:
        return HeifFile(data)
    return PdfFile(data) if kind is PDF else PillowFile(data, kind)


def limit_memory() -> None:
    """Let this process have no more memory than now and `MAX_DATA_BYTES`, where the system can see to it."""
    try:
        import resource

        with open("/proc/self/status", "rb") as status:
            now = int(status.read().partition(b"VmData:")[2].split()[0]) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (now + MAX_DATA_BYTES, resource.RLIM_INFINITY))
    except (ImportError, OSError, ValueError):
        return


@contextmanager
def limited_time() -> Iterator[None]:
    """End this process when what is done takes too long, where the system can see to it."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, MAX_CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def serve(asked: BinaryIO, said: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    opened: Opened | None = None
    while line := asked.readline():
        question = json.loads(line)
        answer: dict[str, Any]
        pixels = b""
        try:
            with limited_time():
                if "bytes" in question:
                    opened = None  # its memory is free before another file comes
                    limit_memory()
                    opened = open_file(asked.read(question["bytes"]), _KINDS[question["format"]])
                    answer = {"pages": opened.pages, "size": opened.size}
                else:
                    assert opened is not None
                    page, size = opened.page(question["page"], question["max_side"])
                    answer, pixels = {"shape": page.shape, "size": size}, page.tobytes()
        except (TooManyPixelsFound, Image.DecompressionBombError):
            answer = {"error": "too-many-pixels"}
        except MemoryError:
            answer = {"error": "too-heavy"}
        except Exception:  # a broken file may fail anywhere inside a decoder, with any exception
            answer = {"error": "unreadable"}
        if opened is not None and question.get("page") == opened.pages - 1:
            opened = None
        said.write(json.dumps(answer).encode() + b"\n" + pixels)
        said.flush()


def main() -> None:
    """Answer on the standard streams."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; whoever asks ends this process
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each takes memory for itself
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
