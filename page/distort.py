"""The ink of a digit turned, shifted, thinned, thickened, blurred and sprinkled, to see when it is read otherwise."""

import io
from collections.abc import Callable
from typing import Final, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE: Final = 160
"""Pixels of a side of the square that the digit stands in."""

DIGIT: Final = 87
"""Pixels of the digit's longer side before it is distorted."""

SPECK: Final = 2
"""Pixels of a side of a speck."""

Kind = Literal["turn", "shift", "width", "blur", "specks"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PLACES: Final[dict[Kind, range]] = {
    "turn": range(-180, 181, 15),
    "shift": range(-80, 81, 10),
    "width": range(-5, 14),
    "blur": range(0, 25, 2),
    "specks": range(0, 51, 5),
}
"""How far each can go: degrees clockwise; per cent of the square's side to the right; pixels that each side of a stroke
gains; pixels of the blur as a standard deviation; per cent of the square that specks cover. Nothing is changed at 0."""


def ink_in_the_middle(grey: Image.Image) -> NDArray[np.float32]:
    """A digit's ink, grey, bright on black, scaled into the middle of the square: (SIDE, SIDE) float32 in 0..1."""
    digit = grey.crop(grey.getbbox())
    scale = DIGIT / max(digit.size)
    width, height = (max(1, round(side * scale)) for side in digit.size)
    square = Image.new("L", (SIDE, SIDE))
    square.paste(digit.resize((width, height), Image.Resampling.BICUBIC), ((SIDE - width) // 2, (SIDE - height) // 2))
    return np.asarray(square, np.float32) / np.float32(255)


def distorted(ink: NDArray[np.float32], kind: Kind, amount: int) -> bytes:
    """What is left of the ink of `ink_in_the_middle` once it is changed so far: white on black, as PNG."""
    if amount:
        ink = _CHANGES[kind](ink, amount)
    png = io.BytesIO()
    Image.fromarray(np.rint(255 * ink.clip(0, 1)).astype(np.uint8)).save(png, "PNG", compress_level=1)
    return png.getvalue()


def _turned(ink: NDArray[np.float32], degrees: int) -> NDArray[np.float32]:
    middle = (SIDE - 1) / 2
    move = cv2.getRotationMatrix2D((middle, middle), -degrees, 1)
    return np.asarray(cv2.warpAffine(ink, move, (SIDE, SIDE)), np.float32)


def _shifted(ink: NDArray[np.float32], percent: int) -> NDArray[np.float32]:
    move = np.array([[1, 0, percent * SIDE / 100], [0, 1, 0]])
    return np.asarray(cv2.warpAffine(ink, move, (SIDE, SIDE)), np.float32)


def _blurred(ink: NDArray[np.float32], pixels: int) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), pixels, borderType=cv2.BORDER_CONSTANT), np.float32)


def _with_strokes_wider(ink: NDArray[np.float32], pixels: int) -> NDArray[np.float32]:
    """Every point that is at most so far outside of the ink, or so far inside where `pixels` is below 0."""
    dark = (ink >= 0.5).astype(np.uint8)
    outside = cv2.distanceTransform(1 - dark, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inside = cv2.distanceTransform(dark, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray((inside - outside + pixels + 0.5).clip(0, 1), np.float32)


def _sprinkled(ink: NDArray[np.float32], percent: int) -> NDArray[np.float32]:
    """Specks over so much of the square, ink on paper and paper on ink; more of them hold all of fewer."""
    places = SIDE // SPECK
    covered = np.random.default_rng(0).random((places, places)) < percent / 100
    return np.where(np.kron(covered, np.ones((SPECK, SPECK), np.bool_)), 1 - ink, ink)


_CHANGES: Final[dict[Kind, Callable[[NDArray[np.float32], int], NDArray[np.float32]]]] = {
    "turn": _turned,
    "shift": _shifted,
    "width": _with_strokes_wider,
    "blur": _blurred,
    "specks": _sprinkled,
}
