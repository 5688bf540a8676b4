"""Does the ink of a photograph look like something written? Strokes are evenly wide, and around them lies paper.

A model that has seen letters and scribbles only takes the rim of a cup for a 0 and a mast for a 1. What gives such
pictures away is not the shape but the rest: the "strokes" are here thin, there broad, and there is contrast everywhere.
How much of it is too much, the candidate judge has learnt (`digits.candidate_judge`).
"""

from typing import Final

import cv2
import numpy as np
from PIL import Image

from digits.ink.components import RIM_SHARE, Grey

STROKE_SIDE: Final = 64
"""Pixels a side at which the width of the strokes is measured."""

CLUTTER_SIDE: Final = 128
"""Pixels a side at which contrast around the ink is measured."""

MIN_STROKE_INK: Final = 0.3
"""Share of full ink from which on a pixel lies in a stroke."""

FULL_INK_QUANTILE: Final = 0.8
"""Quantile of the ink's contrast that counts as full."""

NEAR_INK: Final = 2
"""Pixels of `CLUTTER_SIDE` around the ink that are still its edge."""


def unevenness(ink: Grey) -> float:
    """How much the width of the strokes varies: standard deviation by mean, over the middle lines of the strokes."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    closely = _reduced(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], STROKE_SIDE)
    inside = np.pad(closely > MIN_STROKE_INK, 1)
    distance = cv2.distanceTransform(inside.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    widths = distance[inside & (distance == cv2.dilate(distance, np.ones((3, 3), np.uint8)))]
    return float(widths.std() / widths.mean()) if len(widths) else 0.0


def clutter(contrast: Grey, ink: Grey) -> float:
    """Mean contrast of what is not ink, as a share of the ink's own."""
    dark = ink > 0.5
    if not dark.any():
        return 0.0
    full = max(float(np.quantile(contrast[dark], FULL_INK_QUANTILE)), 1.0)
    contrast = _reduced(np.clip(contrast / full, 0, 1), CLUTTER_SIDE)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inked = (_reduced(ink, CLUTTER_SIDE) > 0.02).view(np.uint8)
    near = cv2.dilate(inked, cross, iterations=NEAR_INK).view(np.bool_)
    height, width = near.shape
    top, left = round(RIM_SHARE * height), round(RIM_SHARE * width)
    inner = slice(top, height - top), slice(left, width - left)
    around = contrast[inner][~near[inner]]
    return float(around.mean()) if around.size else 0.0


def _reduced(grey: Grey, max_side: int) -> Grey:
    scale = max_side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    return np.asarray(Image.fromarray(np.ascontiguousarray(grey)).resize((width, height), Image.Resampling.BOX))
