"""Ink in cells, led on along strokes that are fainter than the rest: a pen leaves less where the hand presses less.

Constants were chosen on made tables by writers kept out of training (docs/notebook.md, "Pens that fade").
"""

from typing import Final

import cv2
import numpy as np

from digits.ink.components import Grey, Mask, connected_components, dilated
from digits.ink.filters import noise_deviation, smoothed
from digits.ink.photograph import EDGE_WIDTH, MIN_INK_CONTRAST, MIN_OWN_INK
from digits.number.runs import reached

GRAIN: Final = 0.6
"""Pixels of the blur against noise, and..."""

COARSE: Final = 2.0
"""...of the blur that leaves none."""

BESIDE: Final = 0.12
"""Digits' height around a pixel of which the darkest is a stroke's own darkness..."""

SHARE: Final = 0.5
"""...and share of that from which on it is ink, if it has at least..."""

MIN_SHARE: Final = 0.18
"""...this share of the darkest ink within a digit's height, and..."""

MIN_NOISES: Final = 4.0
"""...so many standard deviations of the noise."""

MIN_PART: Final = 0.3
"""Length by a digit's height of what is led on at least: smaller parts are dirt, and rests of type."""


def with_faint_strokes(ink: Grey, contrast: Grey, free: Mask, height: float) -> Grey:
    """The ink and what hangs together with it that is as dark as its surroundings allow.

    Args:
        ink: (height, width) float32 in [0, 1].
        contrast: (height, width) float32, distance of each pixel from its paper, in grey levels.
        free: (height, width) bool, where there may be more ink.
        height: of a digit in pixels, about.

    Returns:
        (height, width) float32 in [0, 1].

    """
    parts = connected_components(ink > MIN_OWN_INK)
    own = parts.pixels_of(parts.length >= MIN_PART * height)
    if not own.any():
        return ink
    smooth = smoothed(contrast, GRAIN)
    beside = max(1, round(BESIDE * height))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * beside + 1, 2 * beside + 1))
    far = 2 * max(1, round(height)) + 1
    darkest = cv2.dilate(np.where(own, smooth, np.float32(0)), np.ones((far, far), np.uint8))
    noise = noise_deviation((contrast - smoothed(contrast, COARSE))[::2, ::2])
    least = np.maximum(MIN_SHARE * darkest, max(MIN_NOISES * noise, MIN_INK_CONTRAST / 2))
    threshold = np.maximum(SHARE * np.minimum(cv2.dilate(smooth, around), darkest), least)
    dark = own | ((smooth > threshold) & free & (darkest > 0))
    added = reached(dark.view(np.uint8), own.view(np.uint8)).view(np.bool_) & ~own
    soft = np.clip((smooth - threshold) / (2 * EDGE_WIDTH * threshold) + 0.5, 0, 1)
    return np.where(dilated(added, 1) & free, np.maximum(ink, soft), ink).astype(np.float32)
