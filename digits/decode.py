"""Untrusted bytes -> picture: formats, limits, EXIF turn, transparency."""

import re
from io import BytesIO
from typing import Final
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.JpegImagePlugin import JpegImageFile

try:
    import pyspng  # type: ignore[import-untyped]
except ImportError:  # there are no wheels for Macs with Intel processors; Pillow reads the same pictures
    pyspng = None

MAX_PIXELS: Final = 64_000_000
"""More than any telephone's camera takes; checked in the header, before anything is decoded."""

MOST_SCANS: Final = 64
"""How often a JPEG may go over its pixels; encoders need up to about 20. A scan of nothing takes 100 bytes and a
decoder's time for the whole picture."""

MAX_COEFFICIENT_BYTES: Final = 220_000_000
"""A JPEG of several scans is held in memory whole by its decoder, two bytes for each sample of each channel. Enough for
64 megapixels with colours at half the size, as cameras write them, or for 36 with colours as fine as the light."""

LONGEST_SIDE: Final = 512
"""Pictures come out no longer than this, in pixels: enough for a digit on a sheet, and what the later steps cost."""

PLAIN_BYTES: Final = 1_000_000
"""Size up to which a PNG of nothing but pixels is read by a faster decoder than Pillow's."""

Image.MAX_IMAGE_PIXELS = None  # MAX_PIXELS stands in its place: Pillow's own limit only warns up to twice its value

_SIGNATURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_PNG_START: Final = _SIGNATURES[0] + b"\0\0\0\rIHDR"
_EIGHT_BITS: Final = (b"\x08\x00", b"\x08\x02", b"\x08\x06")
_MARKER: Final = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
_START_OF_SCAN: Final = b"\xda"
_END_OF_PICTURE: Final = b"\xd9"
_EXIF_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING: Final = (5, 6, 7, 8)
"""Orientations whose width is the height of the file's own rows."""


class BadPicture(ValueError):
    """The bytes cannot be made a picture of; the text says why in one English sentence."""


class NotAPicture(BadPicture):
    """Neither PNG nor JPEG."""


class UnreadablePicture(BadPicture):
    """A PNG or JPEG that is broken or cut off."""


class TooManyPixels(BadPicture):
    """A picture of more than `limit` megapixels, which is as many as a file of its kind may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"A picture of this kind may have at most {self.limit} megapixels."


def decode(data: bytes) -> NDArray[np.uint8]:
    """Decode a PNG or JPEG the way a person sees it: turned as its EXIF says, transparent parts filled.

    Args:
        data: the whole file.

    Returns:
        (height, width, 3) uint8 RGB, or (height, width) uint8 where the file is grey; at most `LONGEST_SIDE` long.

    Raises:
        NotAPicture, UnreadablePicture, TooManyPixels: see there.

    """
    return decode_with_size(data, LONGEST_SIDE)[0]


def decode_with_size(data: bytes, longest: int) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Decode as `decode` does, to another size.

    Args:
        data: the whole file.
        longest: pixels which neither side of the picture exceeds; `LONGEST_SIDE` or more.

    Returns:
        What `decode` returns, and the width and height of the file's picture, turned as its EXIF says, in pixels.

    Raises:
        NotAPicture, UnreadablePicture, TooManyPixels: see there.

    """
    if not data.startswith(_SIGNATURES):
        raise NotAPicture("The file is neither a PNG nor a JPEG picture.")
    try:
        if pyspng is not None and _plain(data):
            pixels = pyspng.load(data)
            grey = _grey_of(pixels) if pixels.shape[2:] == (4,) else None
            decoded = np.asarray(_small(Image.fromarray(pixels), longest)) if grey is None else grey
            return decoded, (decoded.shape[1], decoded.shape[0])
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            most = _most_pixels(image, data)
            if width * height > most:
                raise TooManyPixels(most // 1_000_000)
            small = _small(image, longest)
            orientation = _orientation(image)
            lies = orientation in _LYING
            return np.asarray(_upright(small, orientation)), (height, width) if lies else (width, height)
    except BadPicture:
        raise
    except Exception as error:  # a broken file may fail anywhere inside Pillow, with any exception
        raise UnreadablePicture("The picture is damaged or cut off.") from error


def _plain(data: bytes) -> bool:
    """Whether this is a small, undamaged PNG of nothing but 8-bit pixels, as a canvas writes it."""
    if len(data) > PLAIN_BYTES or not data.startswith(_PNG_START) or data[24:26] not in _EIGHT_BITS:
        return False
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    place, chunks = 8, set()
    while place < len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4])
        if crc32(data[place + 4 : end]) != int.from_bytes(data[end : end + 4]):  # pyspng does not look at it
            return False
        chunks.add(data[place + 4 : place + 8])
        place = end + 4
    return 0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE and chunks == {b"IHDR", b"IDAT", b"IEND"}


def _most_pixels(image: Image.Image, data: bytes) -> int:
    """How many pixels a file of this make may have; raises UnreadablePicture for a JPEG of too many scans."""
    if not isinstance(image, JpegImageFile):
        return MAX_PIXELS
    scans = _scans(data)
    if len(scans) > MOST_SCANS:
        raise UnreadablePicture("The picture is made of too many scans.")
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


def _orientation(image: Image.Image) -> int:
    """What the EXIF of a decoded picture says; asked before, Pillow decodes here and a broken PNG goes unnoticed."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # nonsense in the EXIF block is no reason to refuse the picture
        return 1


def _small(image: Image.Image, longest: int) -> Image.Image:
    """The picture in L or RGB, no longer than `longest`, with few more bytes in memory than the file's own pixels.

    JPEGs are decoded at 1/2, 1/4 or 1/8 where that is enough; what is still large is scaled down band by band.
    """
    image.draft(None, (longest, longest))
    factor = max(image.size) // longest
    plain = _on_backdrop(_eight_bits(image) if factor < 2 else _in_bands(image, factor))
    scale = longest / max(plain.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in plain.size)
        plain = plain.resize((width, height), Image.Resampling.BOX)
    return plain


def _in_bands(image: Image.Image, factor: int) -> Image.Image:
    """The picture at 1 / `factor`, in L, RGB or RGBA."""
    width, height = image.size
    rows = factor * max(1, 1_000_000 // (factor * width))
    bands = [
        _eight_bits(image.crop((0, top, width, min(top + rows, height)))).reduce(factor)
        for top in range(0, height, rows)
    ]
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    top = 0
    for band in bands:
        whole.paste(band, (0, top))
        top += band.height
    return whole


def _eight_bits(image: Image.Image) -> Image.Image:
    """Any mode as L, RGB or RGBA."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if image.mode == "RGBA":
        return image
    if image.mode in ("LA", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _on_backdrop(image: Image.Image) -> Image.Image:
    """A picture without transparency, L where all is grey.

    The opaque parts of a transparent picture are its ink: light ink is put on black, dark ink on white.
    """
    if image.mode == "RGBA":
        if (plain := _grey_of(np.asarray(image))) is not None:
            return Image.fromarray(plain)
        opacity = image.getchannel("A")
        if opacity.getextrema() != (255, 255):
            weight = np.asarray(opacity, np.float32)
            brightness = float((np.asarray(image.convert("L")) * weight).sum() / max(float(weight.sum()), 1.0))
            backdrop = Image.new("RGBA", image.size, "black" if brightness > 127 else "white")
            image = Image.alpha_composite(backdrop, image)
    if image.mode == "L":
        return image
    red, green, blue = image.split()[:3]
    grey = ImageChops.difference(red, green).getbbox() is None and ImageChops.difference(red, blue).getbbox() is None
    return red if grey else image.convert("RGB")


def _grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The grey of (height, width, 4) pixels that are all opaque, with three equal colours, as a canvas mostly sends."""
    grey = pixels.view("<u4")[..., 0].astype(np.uint8)
    same = cv2.norm(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGBA), pixels, cv2.NORM_INF) == 0
    return grey if same else None


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)
