"""Untrusted bytes -> picture: formats, limits, EXIF turn, transparency."""

import re
from io import BytesIO
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.JpegImagePlugin import JpegImageFile

from digits.limits import MAX_PIXELS

try:
    import pyspng  # type: ignore[import-untyped]
except ImportError:  # there are no wheels for Macs with Intel processors; Pillow reads the same pictures
    pyspng = None

MAX_SIDE: Final = 512
"""Pixels a side of a picture in which one digit is looked for: enough for a digit on a sheet, and for what later steps
cost."""

MAX_NUMBER_SIDE: Final = 1024
"""The same where a number is looked for, which may be small in its picture."""

MAX_SCANS: Final = 64
"""How often a JPEG may go over its pixels; encoders need up to about 20. A scan of nothing takes 100 bytes and a
decoder's time for the whole picture."""

MAX_COEFFICIENT_BYTES: Final = 220_000_000
"""A JPEG of several scans is held in memory whole by its decoder, two bytes for each sample of each channel. Enough for
64 megapixels with colours at half the size, as cameras write them, or for 36 with colours as fine as the light."""

MAX_PLAIN_BYTES: Final = 1_000_000
"""Size up to which a PNG of nothing but pixels is read by a faster decoder than Pillow's."""

MAX_DEEP_PIXELS: Final = 24_000_000
"""Pixels up to which colours of 16 bits that use only the low ones are read at full depth, eight bytes a pixel."""

MAX_FAINT_LEVEL: Final = 127
"""Brightest high byte of a picture of 16 bits that is read again at full depth: it does not use its highest bit."""

Image.MAX_IMAGE_PIXELS = None  # MAX_PIXELS stands in its place: Pillow's own limit only warns up to twice its value

_SIGNATURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_PNG_START: Final = _SIGNATURES[0] + b"\0\0\0\rIHDR"
_SIXTEEN_BITS: Final = 16
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


class BadPictureError(ValueError):
    """The bytes cannot be made a picture of; the text says why in one English sentence."""


class NotAPictureError(BadPictureError):
    """Neither PNG nor JPEG."""


class UnreadablePictureError(BadPictureError):
    """A PNG or JPEG that is broken or cut off."""


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
        return Picture(np.asarray(_within(Image.fromarray(self.pixels), max_side)), self.width, self.height)


def decode(data: bytes, max_side: int = MAX_SIDE) -> Picture:
    """Decode a PNG or JPEG.

    Args:
        data: the whole file.
        max_side: pixels that neither side of the decoded picture exceeds, `MAX_SIDE` or more; `MAX_NUMBER_SIDE` for
            what is to be read as a number.

    Raises:
        NotAPictureError, UnreadablePictureError, TooManyPixelsError: see there.

    """
    if not data.startswith(_SIGNATURES):
        raise NotAPictureError("The file is neither a PNG nor a JPEG picture.")
    try:
        if pyspng is not None and _plain(data):
            pixels = pyspng.load(data)
            grey = _grey_of(pixels) if pixels.shape[2:] == (4,) else None
            return Picture.of_pixels(np.asarray(_on_backdrop(Image.fromarray(pixels))) if grey is None else grey)
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            max_pixels = _max_pixels(image, data)
            if width * height > max_pixels:
                raise TooManyPixelsError(max_pixels // 1_000_000)
            small = _small(image, max_side, data)
            orientation = _orientation(image)
            if orientation in _LYING:
                width, height = height, width
            return Picture(np.asarray(_upright(small, orientation)), width, height)
    except BadPictureError:
        raise
    except Exception as error:  # a broken file may fail anywhere inside Pillow, with any exception
        raise UnreadablePictureError("The picture is damaged or cut off.") from error


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


def _orientation(image: Image.Image) -> int:
    """What the EXIF of a decoded picture says; asked before, Pillow decodes here and a broken PNG goes unnoticed."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # nonsense in the EXIF block is no reason to refuse the picture
        return 1


def _small(image: Image.Image, max_side: int, data: bytes) -> Image.Image:
    """The picture in L or RGB, no longer than `max_side`, with few more bytes in memory than the file's own pixels.

    JPEGs are decoded at 1/2, 1/4 or 1/8 where that is enough; what is still large is scaled down band by band.
    """
    image.draft(None, (max_side, max_side))
    factor = max(image.size) // max_side
    image = _at_full_depth(image, data)
    largest = _largest_sample(image)
    plain = _in_known_mode(image, largest) if factor < 2 else _in_bands(image, factor, largest)
    return _within(_on_backdrop(plain), max_side)


def _at_full_depth(image: Image.Image, data: bytes) -> Image.Image:
    """Colours of 16 bits a sample, of which the file uses only the low ones, in 8 bits; any other picture as it is.

    Pillow keeps the high byte of each colour, which is nothing of data of 8 bits and 16 levels of data of 12; such
    pictures are read again by OpenCV, at two bytes a sample.
    """
    if data[24] != _SIXTEEN_BITS or not data.startswith(_PNG_START) or image.mode not in ("RGB", "RGBA", "LA"):
        return image
    colours = image.getextrema()[: 3 if image.mode.startswith("RGB") else 1]
    faint = max(int(high) for _, high in colours) <= MAX_FAINT_LEVEL  # type: ignore[misc]
    if not faint or image.width * image.height > MAX_DEEP_PIXELS:
        return image
    import cv2

    deep = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if deep is None or deep.dtype != np.uint16 or deep.ndim != 3:
        return image
    colour, *alpha = np.split(deep, [3], axis=2)
    plain = _in_eight_bits(colour[:, :, ::-1], int(colour.max()))  # OpenCV's colours are blue, green, red
    for plane in alpha[: deep.shape[2] - 3]:
        plain.putalpha(_in_eight_bits(plane[:, :, 0], int(plane.max())))
    return plain


def _largest_sample(image: Image.Image) -> int:
    """The brightest sample of a grey picture of more than 8 bits, else 255."""
    return int(image.getextrema()[1]) if image.mode.startswith("I") else 255  # type: ignore[arg-type]


def _in_eight_bits(samples: NDArray[np.integer | np.floating], largest: int) -> Image.Image:
    """Samples of any depth, by the smallest number of bits (8 or more) that holds the largest of them."""
    import cv2

    full = max(2 ** largest.bit_length() - 1, 255)
    return Image.fromarray(cv2.convertScaleAbs(samples, alpha=255 / full))


def _within(plain: Image.Image, max_side: int) -> Image.Image:
    scale = max_side / max(plain.size)
    if scale >= 1:
        return plain
    width, height = (max(1, round(side * scale)) for side in plain.size)
    return plain.resize((width, height), Image.Resampling.BOX)


def _in_bands(image: Image.Image, factor: int, largest: int) -> Image.Image:
    """The picture at 1 / `factor`, in L, RGB or RGBA."""
    width, height = image.size
    rows = factor * max(1, 1_000_000 // (factor * width))
    bands = [
        _in_known_mode(image.crop((0, top, width, min(top + rows, height))), largest).reduce(factor)
        for top in range(0, height, rows)
    ]
    whole = Image.new(bands[0].mode, (bands[0].width, sum(band.height for band in bands)))
    top = 0
    for band in bands:
        whole.paste(band, (0, top))
        top += band.height
    return whole


def _in_known_mode(image: Image.Image, largest: int) -> Image.Image:
    """Any mode as L, RGB or RGBA; `largest` is of the whole picture, where its samples have more than 8 bits."""
    if image.mode.startswith("I"):
        return _in_eight_bits(np.asarray(image), largest)
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
    import cv2

    grey = pixels.view("<u4")[..., 0].astype(np.uint8)
    same = cv2.norm(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGBA), pixels, cv2.NORM_INF) == 0
    return grey if same else None


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)
