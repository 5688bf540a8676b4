"""The kinds of files that are read, in one table: what each is called, and how its first bytes tell it."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from digits.limits import MAX_PIXELS


class Format(NamedTuple):
    """A kind of file.

    Attributes:
        name: as people know it.
        start: what the first `HEAD_BYTES` of such a file match.
        mime_types: the registered one first, then others that programs send.
        suffixes: of names of such files, in lower case, the usual one first.
        max_pixels: that such a file may have; as many as its decoder holds in memory (bytes a pixel beside each).
        has_pages: whether one file may hold several pictures that a person leafs through.

    """

    name: str
    start: re.Pattern[bytes]
    mime_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    max_pixels: int = MAX_PIXELS
    has_pages: bool = False


HEAD_BYTES: Final = 1024
"""Bytes from which a kind is told; a PDF may begin anywhere in them (ISO 32000-1, annex H.3.4.1)."""


def _start(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


PNG: Final = Format("PNG", _start(rb"\x89PNG\r\n\x1a\n"), ("image/png",), (".png", ".apng"))
JPEG: Final = Format("JPEG", _start(rb"\xff\xd8\xff"), ("image/jpeg", "image/jpg"), (".jpg", ".jpeg", ".jfif", ".mpo"))
WEBP: Final = Format("WebP", _start(rb"RIFF.{4}WEBP"), ("image/webp",), (".webp",), 15_000_000)  # 16
AVIF: Final = Format("AVIF", _start(rb".{4}ftyp.{0,56}avi[fs]"), ("image/avif",), (".avif",), 20_000_000)  # 9 to 11
HEIC: Final = Format(
    "HEIC",
    _start(rb".{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)"),
    ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"),
    (".heic", ".heif", ".hif"),
    49_000_000,  # 4.6, with transparency 6.6
)
GIF: Final = Format("GIF", _start(rb"GIF8[79]a"), ("image/gif",), (".gif",))
BMP: Final = Format(
    "BMP",
    _start(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0"),  # the lengths that its second header may have
    ("image/bmp", "image/x-ms-bmp"),
    (".bmp", ".dib"),
)
TIFF: Final = Format("TIFF", _start(rb"II[*+]\0|MM\0[*+]"), ("image/tiff",), (".tiff", ".tif"), has_pages=True)
PDF: Final = Format("PDF", _start(rb".{0,1019}%PDF-"), ("application/pdf",), (".pdf",), has_pages=True)

FORMATS: Final = (PNG, JPEG, WEBP, AVIF, HEIC, GIF, BMP, TIFF, PDF)
"""In the order in which their starts are tried."""

SUFFIXES: Final = tuple(suffix for each in FORMATS for suffix in each.suffixes)
"""Of all of them, as an uploader wants them."""

MIME_TYPES: Final = tuple(each.mime_types[0] for each in FORMATS)
"""Of all of them, as OpenAPI and a browser's file dialog want them."""


def format_of(data: bytes) -> Format | None:
    """What kind of file this is, by its first bytes; None where it is none that is read."""
    head = data[:HEAD_BYTES]
    return next((each for each in FORMATS if each.start.match(head)), None)


def names(last: str, formats: Iterable[Format] = FORMATS) -> str:
    """The names as a sentence has them: PNG, JPEG and WebP, where `last` is "and"."""
    *first, end = (each.name for each in formats)
    return f"{', '.join(first)} {last} {end}" if first else end
