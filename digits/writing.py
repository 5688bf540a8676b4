"""Does the ink of a photograph look like something written? Strokes are evenly wide, and around them lies paper.

A model that has seen letters and scribbles only takes the rim of a cup for a 0 and a mast for a 1. What gives such
pictures away is not the shape but the rest: the "strokes" are here thin, there broad, and there is contrast everywhere.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from scipy.special import expit

Grey = NDArray[np.float32]

MARGIN: Final = 0.06
"""Part of a photograph's height or width in whose rim contrast says nothing: the sheet's edge, a table, a finger."""

CLUTTER_WEIGHT: Final = 3.0
DOUBTFUL: Final = 0.85
"""Unevenness plus weighted clutter at which a picture is as likely writing as not; photographs of digits stay
below 0.75, nine in ten below 0.45."""

STEEPNESS: Final = 25.0


def probability_of_no_writing(contrast: Grey, ink: Grey) -> float:
    """How probable it is that this ink is part of a photograph of something else than writing, 0..1.

    Args:
        contrast: (height, width) float32, distance of each pixel from the light around it, in grey levels.
        ink: (height, width) float32 in [0, 1], what is taken for the digit.

    """
    unlikeness = unevenness(ink) + CLUTTER_WEIGHT * clutter(contrast, ink)
    return float(expit(STEEPNESS * (unlikeness - DOUBTFUL)))


def unevenness(ink: Grey) -> float:
    """How much the width of the strokes varies: standard deviation by mean, over the middle lines of the strokes."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    closely = _reduced(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 64)
    inside = np.pad(closely > 0.3, 1)
    distance = ndimage.distance_transform_edt(inside)
    widths = distance[inside & (distance == ndimage.maximum_filter(distance, 3))]
    return float(widths.std() / widths.mean()) if len(widths) else 0.0


def clutter(contrast: Grey, ink: Grey) -> float:
    """Mean contrast of what is not ink, as a share of the ink's own."""
    dark = ink > 0.5
    if not dark.any():
        return 0.0
    full = max(float(np.quantile(contrast[dark], 0.8)), 1.0)
    contrast = _reduced(np.clip(contrast / full, 0, 1), 128)
    near = ndimage.binary_dilation(_reduced(ink, 128) > 0.02, iterations=2)
    height, width = near.shape
    top, left = round(MARGIN * height), round(MARGIN * width)
    inner = slice(top, height - top), slice(left, width - left)
    around = contrast[inner][~near[inner]]
    return float(around.mean()) if around.size else 0.0


def _reduced(grey: Grey, longest: int) -> Grey:
    scale = longest / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    return np.asarray(Image.fromarray(np.ascontiguousarray(grey)).resize((width, height), Image.Resampling.BOX))
