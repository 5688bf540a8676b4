"""Ink -> 28x28 grey by MNIST's own convention.

LeCun, Cortes & Burges (http://yann.lecun.com/exdb/mnist/): the digit is scaled, its aspect ratio kept, to fit a
20x20 box with anti-aliasing, and put into 28x28 so that its centre of mass is the centre of the picture.
"""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.features import SIDE

BOX: Final = 20
"""Pixels of the 28x28 picture that the digit's longer side takes, by MNIST's convention."""

MIN_STROKE_WIDTH: Final = 1.6
"""Width of the thinnest stroke, in pixels of the 28x28 picture. MNIST's pens were broader than a ballpoint on a
large sheet: a thinner stroke would fade to grey when it is scaled down, so it is broadened first. Set by hand on
drawings of MNIST's strokes and of pen digits."""

MIN_BROADENED_SIDE: Final = 3 * BOX
"""Pixels a side from which on a digit's strokes may be too thin for its size."""

MAX_BROADENED_SIDE: Final = 6 * BOX
"""Pixels a side above which a digit is reduced before its strokes are measured, and..."""

REDUCED_SIDE: Final = 5 * BOX
"""...pixels to which it is: enough to measure them, at a fraction of the time."""

DIAGONAL: Final = 1.27
"""Mean of |cos| + |sin| over all directions, about 4 / pi: so much longer is an outline in pixels than it is."""

_PLACES: Final = np.arange(BOX, dtype=np.float64)


def normalise(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scale and centre a digit.

    Args:
        ink: (height, width) float32, 0 for paper and up to 1 for full ink; any size.

    Returns:
        (28, 28) uint8, ink bright on 0, brightest pixel 255.

    Raises:
        ValueError: there is no ink.

    """
    left, top, width, height = cv2.boundingRect((ink > 0).view(np.uint8))
    if not width:
        raise ValueError("no ink")
    digit = _broaden_thin_strokes(ink[top : top + height, left : left + width])
    scale = BOX / max(digit.shape)
    height, width = (max(1, round(side * scale)) for side in digit.shape)
    small = _resize(digit, height, width)
    small *= 255 / small.max()
    return _centre(small)


def _broaden_thin_strokes(digit: NDArray[np.float32]) -> NDArray[np.float32]:
    longest = max(digit.shape)
    if longest < MIN_BROADENED_SIDE:
        return digit
    if longest > MAX_BROADENED_SIDE:
        scale = REDUCED_SIDE / longest
        digit = _resize(digit, *(max(1, round(side * scale)) for side in digit.shape))
        longest = max(digit.shape)
    width = stroke_width(digit) * BOX / longest
    missing = round((MIN_STROKE_WIDTH - width) * longest / BOX)
    if missing < 1:
        return digit
    padded = np.pad(digit, missing // 2 + 1)
    return np.asarray(cv2.dilate(padded, disc(missing + 1).view(np.uint8)), np.float32)


def stroke_width(ink: NDArray[np.float32]) -> float:
    """Mean width of the strokes in pixels: twice their area by the length of their outline."""
    dark = np.zeros((ink.shape[0] + 2, ink.shape[1] + 2), np.bool_)
    np.greater(ink, 0.5 * ink.max(), out=dark[1:-1, 1:-1])
    line = dark.ravel()  # its rim is paper, so that no pixel has another row's for a neighbour
    width = dark.shape[1]
    outline = np.count_nonzero(line[width:] ^ line[:-width]) + np.count_nonzero(line[1:] ^ line[:-1])
    return 2.0 * float(np.count_nonzero(line)) * DIAGONAL / outline


def disc(diameter: int) -> NDArray[np.bool_]:
    """A round pen of so many pixels: (diameter, diameter) bool."""
    offset = np.arange(diameter) - (diameter - 1) / 2
    return np.asarray(np.hypot(offset[:, None], offset) <= diameter / 2)


def _resize(grey: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    if (height, width) == grey.shape:
        return grey.copy()
    if height * width < grey.size:
        return np.asarray(_boxes(grey.shape[0], height) @ grey @ _boxes(grey.shape[1], width).T, np.float32)
    larger = Image.fromarray(grey).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(larger).clip(0, None)


@lru_cache(maxsize=1024)
def _boxes(side: int, count: int) -> NDArray[np.float32]:
    """Weights by which Pillow makes `count` pixels of `side`, each the mean of those that lie in it: (count, side)."""
    each = Image.fromarray(np.eye(side, dtype=np.float32))
    return np.asarray(each.resize((side, count), Image.Resampling.BOX))


def _centre(small: NDArray[np.float32]) -> NDArray[np.uint8]:
    height, width = small.shape
    rows, columns = small.sum(axis=1), small.sum(axis=0)
    total = float(rows.sum())
    middle = SIDE // 2
    top = min(max(round(middle - float(rows @ _PLACES[:height]) / total), 0), SIDE - height)
    left = min(max(round(middle - float(columns @ _PLACES[:width]) / total), 0), SIDE - width)
    picture = np.zeros((SIDE, SIDE), np.uint8)
    picture[top : top + height, left : left + width] = np.minimum(np.rint(small), 255)
    return picture
