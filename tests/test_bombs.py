"""Small files that announce, hide or make much: each is refused or read within the limits of memory and time."""

import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pillow_heif
import pytest
from PIL import Image

from digits.decode import (
    MAX_NUMBER_SIDE,
    BadPictureError,
    Picture,
    TooHeavyError,
    TooManyPixelsError,
    UnreadablePictureError,
    decode,
    pages,
)
from digits.formats import AVIF, BMP, GIF, HEIC, TIFF, WEBP, Format
from digits.limits import MAX_PAGES, MAX_PIXELS
from tests.pdfs import packed_zeros, pdf, pdf_of_content, stream
from tools.drawing import encoded
from tools.processes import forget_peak, megabytes

pillow_heif.register_heif_opener()

LIMIT: Final = 300
"""Megabytes that this process and the one that decodes for it may come to have more than before."""

DEFLATE: Final = b"/Filter/FlateDecode"


@contextmanager
def little_memory() -> Iterator[None]:
    """What is done takes little (measured where the system is Linux)."""
    forget_peak(os.getpid())
    before = megabytes(os.getpid())
    yield
    assert not megabytes(os.getpid(), peak=True) - before >= LIMIT


def sized(kind: str, side: int, mode: str = "RGB", **options: Any) -> Callable[[], bytes]:
    """A file with a flat picture of side x side pixels."""
    return lambda: encoded(Image.new(mode, (side, side), 9), kind, **options)


WHITE_HEIC: Final = Path(__file__).parent / "corpus" / "white-8064x6048.heic"
"""As large as a telephone takes them; to make one takes 20 s."""

LARGE: Final[dict[str, Callable[[], bytes]]] = {
    "WebP": sized("WEBP", 3870, method=0),
    "WebP, transparent": lambda: encoded(Image.new("RGBA", (3870, 3870), (9, 9, 9, 9)), "WEBP", method=0),
    "AVIF": sized("AVIF", 4470, speed=10),
    "AVIF, transparent": lambda: encoded(Image.new("RGBA", (4470, 4470), (9, 9, 9, 9)), "AVIF", speed=10),
    "HEIC": WHITE_HEIC.read_bytes,
    "GIF": sized("GIF", 8000, "L"),
    "BMP": sized("BMP", 8000, "1"),
    "TIFF, grey, in one strip": sized("TIFF", 8000, "L", compression="tiff_adobe_deflate", tiffinfo={278: 8000}),
    "TIFF, colours": sized("TIFF", 6900, compression="tiff_adobe_deflate"),
}


@pytest.mark.parametrize("large", LARGE.values(), ids=LARGE)
def test_many_megapixels_take_little_memory(large: Callable[[], bytes]) -> None:
    file = large()
    with little_memory():
        assert max(decode(file, MAX_NUMBER_SIDE).pixels.shape) == MAX_NUMBER_SIDE


def announced(kind: Format, width: int, height: int) -> bytes:
    """A small file whose header says that the picture has this size."""
    small = Image.new("RGB", (64, 64))
    match kind.name:
        case "WebP":
            file = encoded(small, "WEBP", xmp=b"x")  # with which it has a header of its own
            return file[:24] + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + file[30:]
        case "AVIF" | "HEIC":
            return extent(encoded(small, "AVIF" if kind is AVIF else "HEIF"), width, height)
        case "GIF":
            return b"GIF89a" + struct.pack("<HH", width, height) + encoded(small, "GIF")[10:]
        case "BMP":
            file = encoded(small, "BMP")
            return file[:18] + struct.pack("<ii", width, height) + file[26:]
        case _:
            return tiff({256: width, 257: height, 258: 8, 262: 1, 259: 1, 273: 8, 278: height, 279: 8})


def tiff(tags: dict[int, int], content: bytes = bytes(8)) -> bytes:
    """A little-endian TIFF with this at its 8th byte, and one directory behind it."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return (
        struct.pack("<2sHI", b"II", 42, 8 + len(content)) + content + struct.pack("<H", len(tags)) + entries + bytes(4)
    )


@pytest.mark.parametrize("kind", [WEBP, AVIF, HEIC, GIF, BMP, TIFF], ids=lambda kind: kind.name)
def test_refuses_too_many_pixels_before_decoding(kind: Format) -> None:
    with little_memory(), pytest.raises(TooManyPixelsError) as refused:
        decode(announced(kind, kind.max_pixels // 8000 + 1, 8000))
    assert refused.value.limit == kind.max_pixels // 1_000_000 <= MAX_PIXELS // 1_000_000


def test_a_header_that_tells_too_little_gains_nothing() -> None:
    """The pixels are 20 and 48 million, of which the files say that they are 10,000."""
    for file in (encoded(Image.new("RGB", (5000, 4000)), "AVIF", speed=10), WHITE_HEIC.read_bytes()):
        with little_memory():
            refused_or_read(extent(file, 100, 100))


def extent(file: bytes, width: int, height: int) -> bytes:
    """An AVIF or HEIC with another width and height in its headers."""
    return re.sub(rb"ispe(....)........", rb"ispe\1" + struct.pack(">II", width, height), file, flags=re.DOTALL)


def refused_or_read(file: bytes) -> None:
    try:
        assert isinstance(decode(file), Picture)
    except BadPictureError:
        return


def run_lengths(width: int, height: int, pixels: bytes) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(pixels), 0, 0, 1078) + header + bytes(range(256)) * 4 + pixels


HIDDEN: Final[dict[str, Callable[[], bytes]]] = {
    "BMP of many short runs": lambda: run_lengths(2000, 2000, b"\1\1" * 5_000_000),
    "BMP of runs beyond its rows": lambda: run_lengths(1, 2000, b"\xff\1" * 3_000_000),
    "GIF of pictures, one on the other": lambda: encoded(Image.new("L", (16, 16)), "GIF")[:-1] * 9,
    "TIFF of one large tile": lambda: tiff(
        {256: 9, 257: 9, 258: 8, 262: 1, 259: 8, 322: 20_000, 323: 20_000, 324: 8, 325: 400_000}, packed_zeros(400)
    ),
    "TIFF of one large strip": lambda: tiff(
        {256: 30_000, 257: 2_000, 258: 8, 259: 8, 262: 1, 273: 8, 278: 2**31 - 1, 279: 300_000}, packed_zeros(300)
    ),
    "TIFF whose pages are a ring": lambda: tiff({256: 9, 257: 9})[:-4] + b"\x10\0\0\0",
    "TIFF of 100,000 pages": lambda: (
        b"II*\0\x08\0\0\0"
        + b"".join(struct.pack("<HHHIII", 1, 256, 4, 1, 9, 8 + 18 * place) for place in range(1, 100_000))
    ),
    "PDF of a picture of 256 MP": lambda: pdf_of_picture(16_000, packed_zeros(245)),
    "PDF that draws itself": lambda: pdf_of_content(b"/X Do"),
    "PDF of a large sheet": lambda: pdf_of_content(b"0 0 9 9 re f", box=b"0 0 1e9 1e9"),
    "PDF of a thin sheet": lambda: pdf_of_content(b"0 0 9 9 re f", box=b"0 0 1 1e9"),
    "PDF of nothing": lambda: b"%PDF-1.7",
    "PDF without pages": lambda: pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 99999>>"),
    "PDF whose pages are a ring": lambda: pdf(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"
    ),
}


def lines(count: int) -> bytes:
    return b"".join(b"%d 0 m %d 842 l S\n" % (place % 595, place * 7 % 595) for place in range(count))


def pdf_of_picture(side: int, content: bytes) -> bytes:
    picture = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % (side, side)
    return pdf_of_content(b"595 0 0 842 0 0 cm /X Do").replace(
        stream(b"/X Do /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>"),
        stream(content, picture + DEFLATE),
    )


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_what_is_hidden_in_a_file_takes_no_more(hidden: Callable[[], bytes]) -> None:
    file = hidden()
    assert len(file) < 11_000_000
    with little_memory():
        refused_or_read(file)


HEAVY: Final = {
    "300 MB of drawing": lambda: pdf_of_content(packed_zeros(300), DEFLATE),
    "300,000 lines": lambda: pdf_of_content(zlib.compress(lines(300_000)), DEFLATE),
}


@pytest.mark.parametrize("heavy", HEAVY.values(), ids=HEAVY)
def test_a_pdf_that_takes_too_much_or_too_long_is_ended(heavy: Callable[[], bytes]) -> None:
    with little_memory(), pytest.raises(TooHeavyError):
        decode(heavy())


def test_a_document_of_bombs_is_refused_page_by_page() -> None:
    heavy = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 3 0 R>>"] * 5
    kids = b" ".join(b"%d 0 R" % (4 + number) for number in range(len(heavy)))
    catalogue = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(heavy)))
    with little_memory():
        found = list(pages(pdf(*catalogue, stream(packed_zeros(300), DEFLATE), *heavy)))
    assert [isinstance(page, UnreadablePictureError) for page in found] == [True] * len(heavy)


def test_a_document_of_very_many_pages_is_cut() -> None:
    kids = b"3 0 R " * 100_000
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    found = list(pages(pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%b]/Count 100000>>" % kids, page)))
    assert len(found) == MAX_PAGES + 1
    assert isinstance(found[-1], BadPictureError)
    assert not isinstance(found[-1], UnreadablePictureError)
