"""Untrusted bytes -> picture: formats, limits, EXIF turn, transparency."""

from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MAX_PIXELS: Final = 64_000_000
"""More than any telephone's camera takes; checked in the header, before anything is decoded."""

LONGEST_SIDE: Final = 512
"""Pictures come out no longer than this, in pixels: enough for a digit on a sheet, and what the later steps cost."""

Image.MAX_IMAGE_PIXELS = None  # MAX_PIXELS stands in its place: Pillow's own limit only warns up to twice its value

_SIGNATURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
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


class BadPicture(ValueError):
    """The bytes cannot be made a picture of; the text says why in one English sentence."""


class NotAPicture(BadPicture):
    """Neither PNG nor JPEG."""


class UnreadablePicture(BadPicture):
    """A PNG or JPEG that is broken or cut off."""


class TooManyPixels(BadPicture):
    """A picture of more than `MAX_PIXELS` pixels."""


def decode(data: bytes) -> NDArray[np.uint8]:
    """Decode a PNG or JPEG the way a person sees it: turned as its EXIF says, transparent parts filled.

    Args:
        data: the whole file.

    Returns:
        (height, width, 3) uint8 RGB, or (height, width) uint8 where the file is grey; at most `LONGEST_SIDE` long.

    Raises:
        NotAPicture, UnreadablePicture, TooManyPixels: see there.
    """
    if not data.startswith(_SIGNATURES):
        raise NotAPicture("The file is neither a PNG nor a JPEG picture.")
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise TooManyPixels(f"The picture has more than {MAX_PIXELS // 1_000_000} megapixels.")
            orientation = _orientation(image)
            return np.asarray(_upright(_small(image), orientation))
    except BadPicture:
        raise
    except Exception as error:  # a broken file may fail anywhere inside Pillow, with any exception
        raise UnreadablePicture("The picture is damaged or cut off.") from error


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # nonsense in the EXIF block is no reason to refuse the picture
        return 1


def _small(image: Image.Image) -> Image.Image:
    """Load the picture at about the wanted size: JPEGs are decoded at 1/2, 1/4 or 1/8 where that is enough."""
    if image.format == "JPEG":
        image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    factor = max(image.size) / LONGEST_SIDE
    plain = _plain(image)
    if factor > 1:
        width, height = (max(1, round(side / factor)) for side in image.size)
        plain = plain.resize((width, height), Image.Resampling.BOX)
    return plain


def _plain(image: Image.Image) -> Image.Image:
    """Any mode as grey (L) or colour (RGB) without transparency."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        return _on_backdrop(image.convert("RGBA"))
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGB")


def _on_backdrop(image: Image.Image) -> Image.Image:
    """Opaque parts are the ink: light ink is put on black, dark ink on white."""
    alpha = image.getchannel("A")
    lowest, highest = alpha.getextrema()
    if lowest == 255:
        return image.convert("RGB")
    if highest == 0:
        return Image.new("L", image.size, 255)
    grey = np.asarray(image.convert("L"), np.float64)
    brightness = np.average(grey, weights=np.asarray(alpha))
    backdrop = Image.new("RGBA", image.size, "black" if brightness > 127 else "white")
    return Image.alpha_composite(backdrop, image).convert("RGB")


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)
