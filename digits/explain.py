"""Why this digit: how much each part of the 28x28 picture speaks for it, found by covering that part (occlusion).

Zeiler & Fergus, Visualizing and Understanding Convolutional Networks (ECCV 2014), section 4.2: what lowers the
probability of the answer when it is covered spoke for it, what raises it spoke against it.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.features import SIDE
from digits.model import Model

PATCH: Final = 5
"""Side of what is covered, in pixels: about the width of a stroke and its edges."""

STEP: Final = 2
"""Pixels from one covered place to the next: 196 places, and a map that looks as smooth as with all 784."""

MIN_CLEAR_INFLUENCE: Final = 0.3
"""Log-odds by which a covered part must at least change the answer for the strongest colours."""

ENLARGED: Final = 8
"""Pixels of the drawn map for each of the picture's."""

FOR: Final = (56, 132, 255)
AGAINST: Final = (255, 140, 26)
"""Blue and orange, which colour-blind people tell apart."""


def influence(model: Model, picture: NDArray[np.uint8], digit: int) -> NDArray[np.float32]:
    """By how much the log-odds of `digit` fall when what lies around each pixel is covered.

    Args:
        model: that is asked.
        picture: (28, 28) uint8, ink bright.
        digit: 0..9.

    Returns:
        (28, 28) float32: above 0 where the ink speaks for the digit, below 0 where it speaks against it, 0 on paper.

    """
    places = [(row, column) for row in range(0, SIDE, STEP) for column in range(0, SIDE, STEP)]
    covered = np.repeat(picture[None], 1 + len(places), axis=0)
    for place, (row, column) in enumerate(places, start=1):
        top, left = max(row - PATCH // 2, 0), max(column - PATCH // 2, 0)
        covered[place, top : row + PATCH // 2 + 1, left : column + PATCH // 2 + 1] = 0
    shares = model.predict_proba(covered)[:, digit].clip(1e-9, 1 - 1e-9)
    odds = np.log(shares / (1 - shares))
    fall = (odds[0] - odds[1:]).reshape(SIDE // STEP, SIDE // STEP).astype(np.float32)
    smooth: NDArray[np.float32] = cv2.resize(fall, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return np.where(picture > 0, smooth, np.float32(0))


def influence_picture(influence: NDArray[np.float32], picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink in colours: blue where it speaks for the digit, orange where against, grey where it hardly matters.

    Args:
        influence: (28, 28) float32 of `influence`.
        picture: (28, 28) uint8.

    Returns:
        (224, 224, 3) uint8.

    """
    strength = np.clip(np.abs(influence) / max(float(np.abs(influence).max()), MIN_CLEAR_INFLUENCE), 0, 1)[..., None]
    colour = np.where(influence[..., None] > 0, np.array(FOR, np.float32), np.array(AGAINST, np.float32))
    mixed = (strength * colour + (1 - strength) * 200) * (picture[..., None] / np.float32(255))
    return np.asarray(
        Image.fromarray(mixed.astype(np.uint8)).resize((ENLARGED * SIDE, ENLARGED * SIDE), Image.Resampling.NEAREST)
    )
