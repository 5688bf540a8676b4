"""Untrusted bytes -> picture: formats, limits, EXIF turn, transparency."""

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from digits.contained import ContainedError, ContainedFile
from digits.formats import JPEG, PNG, Format, format_of, names
from digits.image_pixels import grey_or_on_backdrop, orientation_of, small_image, upright, within
from digits.limits import MAX_PAGES, MAX_PIXELS

try:
    import pyspng  # type: ignore[import-untyped]
except ImportError:  # there are no wheels for Macs with Intel processors; Pillow reads the same pictures
    pyspng = None

MAX_SIDE: Final = 512
"""Pixels a side of a picture in which one digit is looked for: enough for a digit on a sheet, and for what later steps
cost."""

MAX_NUMBER_SIDE: Final = 1600
"""The same where numbers are looked for, which may be small in their picture."""

MAX_SCANS: Final = 64
"""How often a JPEG may go over its pixels; encoders need up to about 20. A scan of nothing takes 100 bytes and a
decoder's time for the whole picture."""

MAX_COEFFICIENT_BYTES: Final = 220_000_000
"""A JPEG of several scans is held in memory whole by its decoder, two bytes for each sample of each channel. Enough for
64 megapixels with colours at half the size, as cameras write them, or for 36 with colours as fine as the light."""

MEGAPIXEL: Final = 1_000_000

MAX_PLAIN_BYTES: Final = 1_000_000
"""Size up to which a PNG of nothing but pixels is read by a faster decoder than Pillow's."""

Image.MAX_IMAGE_PIXELS = None  # MAX_PIXELS stands in its place: Pillow's own limit only warns up to twice its value

_PNG_START: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_EIGHT_BITS: Final = (b"\x08\x00", b"\x08\x02", b"\x08\x06")
_MARKER: Final = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
_START_OF_SCAN: Final = b"\xda"
_END_OF_PICTURE: Final = b"\xd9"


class BadPictureError(ValueError):
    """The bytes cannot be made a picture of; the text says why in one English sentence."""


class NotAPictureError(BadPictureError):
    """A file of no kind that is read; `digits.formats` has those that are."""


class UnreadablePictureError(BadPictureError):
    """A picture that is broken, cut off or locked by a password."""


class TooHeavyError(UnreadablePictureError):
    """A picture whose decoder takes more memory or time than it is given."""


class TooManyPagesError(BadPictureError):
    """Stands for the pages after the first `MAX_PAGES`."""


class TooManyPixelsError(BadPictureError):
    """A picture of more than `limit` megapixels, which is as many as a file of its kind may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"A picture of this kind may have at most {self.limit} megapixels."


class Picture(NamedTuple):
    """A picture the way a person sees it: turned as its EXIF says, transparent parts filled.

    Attributes:
        pixels: (height, width, 3) uint8 RGB, or (height, width) uint8 where the picture is grey; scaled down.
        width: of the picture before it was scaled down, in pixels.
        height: of the same, in pixels.

    """

    pixels: NDArray[np.uint8]
    width: int
    height: int

    @classmethod
    def of_pixels(cls, pixels: NDArray[np.uint8]) -> "Picture":
        """A picture that is decoded already: (height, width) or (height, width, 3) uint8."""
        return cls(pixels, pixels.shape[1], pixels.shape[0])

    def within(self, max_side: int) -> "Picture":
        """The picture scaled down to so many pixels a side, itself where it is no larger."""
        if max(self.pixels.shape) <= max_side:
            return self
        return Picture(np.asarray(within(Image.fromarray(self.pixels), max_side)), self.width, self.height)


def decode(data: bytes, max_side: int = MAX_SIDE) -> Picture:
    """Decode a file of any of the kinds in `digits.formats`: its first picture, or its first page.

    Args:
        data: the whole file.
        max_side: pixels that neither side of the decoded picture exceeds, `MAX_SIDE` or more; `MAX_NUMBER_SIDE` for
            what is to be read as a number.

    Raises:
        NotAPictureError, UnreadablePictureError, TooManyPixelsError: see there.

    """
    try:
        if pyspng is not None and _plain(data):  # asked before the kind, which would cost an icon 7 % of its time
            return Picture.of_pixels(grey_or_on_backdrop(pyspng.load(data)))
        kind = _kind_of(data)
        if kind not in (PNG, JPEG):
            return _page(_opened(data, kind), kind, 0, max_side)
        with warnings.catch_warnings(), Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            warnings.simplefilter("ignore")  # Pillow's, of an EXIF block that is wrong
            max_pixels = _max_pixels(image, data)
            if image.width * image.height > max_pixels:
                raise TooManyPixelsError(max_pixels // MEGAPIXEL)
            size = image.size
            small = small_image(image, max_side, data)
            pixels, (width, height) = upright(small, size, orientation_of(image))
            return Picture(pixels, width, height)
    except BadPictureError:
        raise
    except Exception as error:  # a broken file may fail anywhere inside Pillow, with any exception
        raise _unreadable() from error


class Pages:
    """A file with its pages: those of a PDF or TIFF; other files are one.

    Attributes:
        count: how many it has; one more than `MAX_PAGES` where there are more, and that one stands for the rest.

    """

    def __init__(self, data: bytes) -> None:
        """Open it.

        Raises:
            NotAPictureError, UnreadablePictureError, TooManyPixelsError: of the file as a whole.

        """
        self._data = data
        self._kind = _kind_of(data)
        self._opened = _opened(data, self._kind) if self._kind.has_pages else None
        self.count = 1 if self._opened is None else self._opened.pages

    @property
    def readable(self) -> int:
        """How many of them can be read."""
        return min(self.count, MAX_PAGES)

    def decode(self, index: int, max_side: int = MAX_SIDE) -> Picture:
        """A page, counted from 0.

        Raises:
            UnreadablePictureError, TooManyPixelsError: of this page; the others may be read.
            TooManyPagesError: it is beyond `MAX_PAGES`.

        """
        if index >= MAX_PAGES:
            raise TooManyPagesError(f"The file has more than {MAX_PAGES} pages.")
        if self._opened is None:
            return decode(self._data, max_side)
        return _page(self._opened, self._kind, index, max_side)


def pages(data: bytes, max_side: int = MAX_SIDE) -> Iterator[Picture | BadPictureError]:
    """Each page of a file, or what is wrong with it; one error where it is the file as a whole."""
    try:
        opened = Pages(data)
    except BadPictureError as error:
        yield error
        return
    for index in range(opened.count):
        try:
            yield opened.decode(index, max_side)
        except BadPictureError as error:
            yield error


def pixels_of(data: bytes) -> int:
    """How many pixels decoding will take, by the header alone; 0 of a PDF, and of what `decode` will refuse."""
    try:
        kind = _kind_of(data)
        if kind not in (PNG, JPEG):
            width, height = _opened(data, kind).size
        else:
            with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
                width, height = image.size
    except Exception:  # a broken file may fail anywhere inside Pillow, with any exception
        return 0
    return width * height if width * height <= kind.max_pixels else 0


def _kind_of(data: bytes) -> Format:
    kind = format_of(data)
    if kind is None:
        raise NotAPictureError(f"The file is no {names('or')}.")
    return kind


def _opened(data: bytes, kind: Format) -> ContainedFile:
    try:
        return ContainedFile(data, kind)
    except ContainedError as error:
        raise _refused(error, kind) from error


def _page(opened: ContainedFile, kind: Format, index: int, max_side: int) -> Picture:
    try:
        pixels, (width, height) = opened.page(index, max_side)
    except ContainedError as error:
        raise _refused(error, kind) from error
    return Picture(pixels, width, height)


def _refused(error: ContainedError, kind: Format) -> BadPictureError:
    match str(error):
        case "too-many-pixels":
            return TooManyPixelsError(kind.max_pixels // MEGAPIXEL)
        case "too-heavy":
            return TooHeavyError("The picture takes too much memory or time to read.")
        case _:
            return _unreadable()


def _unreadable() -> UnreadablePictureError:
    return UnreadablePictureError("The picture is damaged or cut off.")


def _plain(data: bytes) -> bool:
    """Whether this is a small, undamaged PNG of nothing but 8-bit pixels, as a canvas writes it."""
    if len(data) > MAX_PLAIN_BYTES or not data.startswith(_PNG_START) or data[24:26] not in _EIGHT_BITS:
        return False
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    place, chunks = 8, set()
    while place < len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4])
        if crc32(data[place + 4 : end]) != int.from_bytes(data[end : end + 4]):  # pyspng does not look at it
            return False
        chunks.add(data[place + 4 : place + 8])
        place = end + 4
    return 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and chunks == {b"IHDR", b"IDAT", b"IEND"}


def _max_pixels(image: Image.Image, data: bytes) -> int:
    """How many pixels a file of this make may have; raises UnreadablePictureError for a JPEG of too many scans."""
    if not isinstance(image, JpegImageFile):
        return MAX_PIXELS
    scans = _scans(data)
    if len(scans) > MAX_SCANS:
        raise UnreadablePictureError("The picture is made of too many scans.")
    if scans == [len(image.layer)] and "progressive" not in image.info:
        return MAX_PIXELS
    _, across, down, _ = zip(*image.layer, strict=True)
    samples = sum(x * y for x, y in zip(across, down, strict=True)) / (max(across) * max(down))
    return min(MAX_PIXELS, int(MAX_COEFFICIENT_BYTES / (2 * samples)))


def _scans(data: bytes) -> list[int]:
    """How many channels each scan of a JPEG has, read marker by marker up to the end of its first picture."""
    scans, place = [], 2
    while (marker := _MARKER.search(data, place)) is not None and marker[1] != _END_OF_PICTURE:
        segment = data[marker.end() : marker.end() + 3]
        if marker[1] == _START_OF_SCAN and len(segment) == 3:
            scans.append(segment[2])
        place = marker.end() + int.from_bytes(segment[:2])
    return scans
