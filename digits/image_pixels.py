"""An opened image of any mode and depth -> small, upright pixels without transparency, grey where all is grey."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

MAX_DEEP_PIXELS: Final = 24_000_000
"""Pixels up to which colours of 16 bits that use only the low ones are read at full depth, eight bytes a pixel."""

MAX_FAINT_LEVEL: Final = 127
"""Brightest high byte of a picture of 16 bits that is read again at full depth: it does not use its highest bit."""

BAND_PIXELS: Final = 1_000_000
"""Of a large image, so many are converted and scaled down at once."""

_PNG_START: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_SIXTEEN_BITS: Final = 16
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


def orientation_of(image: Image.Image) -> int:
    """What the EXIF of a decoded image says; asked before, Pillow decodes here and a broken PNG goes unnoticed."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # nonsense in the EXIF block is no reason to refuse the picture
        return 1


def upright(small: Image.Image, size: tuple[int, int], orientation: int) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Pixels of an image scaled down, and width and height that it had (`size`), both turned as EXIF says."""
    turn = _UPRIGHT.get(orientation)
    turned = small if turn is None else small.transpose(turn)
    return np.asarray(turned), size[::-1] if orientation in _LYING else size


def small_image(image: Image.Image, max_side: int, data: bytes = b"") -> Image.Image:
    """The image in L or RGB, no longer than `max_side`, with few more bytes in memory than the file's own pixels.

    JPEGs are decoded at 1/2, 1/4 or 1/8 where that is enough; what is still large is scaled down band by band. `data`
    is the file: a PNG of 16 bits may be read again.
    """
    image.draft(None, (max_side, max_side))
    image = _at_full_depth(image, data)
    largest = _largest_sample(image)
    return small_of_bands(lambda top, end: image.crop((0, top, image.width, end)), image.size, max_side, largest)


def small_of_bands(
    band: Callable[[int, int], Image.Image], size: tuple[int, int], max_side: int, largest: float = 255
) -> Image.Image:
    """The same of an image of width and height `size`, whose rows from the first number up to the second `band` gives.

    `largest` is the brightest sample of it, where samples have more than 8 bits.
    """
    width, height = size
    factor = max(size) // max_side
    if factor < 2:
        return within(_on_backdrop(_in_known_mode(band(0, height), largest)), max_side)
    rows = factor * max(1, BAND_PIXELS // (factor * width))
    whole = None
    for top in range(0, height, rows):
        reduced = _in_known_mode(band(top, min(top + rows, height)), largest).reduce(factor)
        if whole is None:
            whole = Image.new(reduced.mode, (reduced.width, -(-height // factor)))
        whole.paste(reduced, (0, top // factor))
    assert whole is not None
    return _on_backdrop(within(whole, max_side))


def within(plain: Image.Image, max_side: int) -> Image.Image:
    """The image scaled down to so many pixels a side, itself where it is no larger."""
    scale = max_side / max(plain.size)
    if scale >= 1:
        return plain
    width, height = (max(1, round(side * scale)) for side in plain.size)
    return plain.resize((width, height), Image.Resampling.BOX)


def grey_or_on_backdrop(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Decoded (height, width[, 3 or 4]) pixels without transparency, (height, width) where all is grey."""
    grey = _grey_of(pixels) if pixels.shape[2:] == (4,) else None
    return np.asarray(_on_backdrop(Image.fromarray(pixels))) if grey is None else grey


def _at_full_depth(image: Image.Image, data: bytes) -> Image.Image:
    """Colours of 16 bits a sample, of which the file uses only the low ones, in 8 bits; any other image as it is.

    Pillow keeps the high byte of each colour, which is nothing of data of 8 bits and 16 levels of data of 12; such
    pictures are read again by OpenCV, at two bytes a sample.
    """
    if not data.startswith(_PNG_START) or data[24] != _SIXTEEN_BITS or image.mode not in ("RGB", "RGBA", "LA"):
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


def _largest_sample(image: Image.Image) -> float:
    """The brightest sample of a grey image of more than 8 bits, else 255."""
    if image.mode[0] not in "IF":
        return 255
    if image.mode == "I;16B":  # as big-endian TIFF files have it; Pillow tells no extremes of it
        return float(np.asarray(image).max())
    return float(image.getextrema()[1])  # type: ignore[arg-type]


def _in_eight_bits(samples: NDArray[np.integer | np.floating], largest: float) -> Image.Image:
    """Samples of any depth, by the smallest number of bits (8 or more) that holds the largest of them.

    Fractions are of 1, as scientific programs write them.
    """
    import cv2

    whole = 2 ** int(min(largest, 2**32)).bit_length() - 1
    full = 1 if samples.dtype.kind == "f" and largest <= 1 else max(whole, 255)
    native = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    return Image.fromarray(cv2.convertScaleAbs(native, alpha=255 / full))


def _in_known_mode(image: Image.Image, largest: float) -> Image.Image:
    """Any mode as L, RGB or RGBA; `largest` is of the whole image, where its samples have more than 8 bits."""
    if image.mode[0] in "IF":
        return _in_eight_bits(np.asarray(image), largest)
    if image.mode == "RGBA":
        return image
    if image.mode in ("LA", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _on_backdrop(image: Image.Image) -> Image.Image:
    """An image without transparency, L where all is grey.

    The opaque parts of a transparent picture are its ink: light ink is put on black, dark ink on white.
    """
    if image.mode == "RGBA":
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
