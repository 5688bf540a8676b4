"""An ink candidate -> evidence of lines: printed lines, and whatever is narrow and stands out."""

from typing import Final

import cv2
import numpy as np

from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey

MAX_BREADTH: Final = 15
"""Pixels of a line's breadth at most."""

GRAIN: Final = 0.8
"""Pixels of the blur against a camera's grain."""

FULL_QUANTILE: Final = 0.97
"""Quantile of what is narrow in a photograph that is full evidence, but at least..."""

MIN_FULL: Final = 4.0
"""...so many times the usual noise."""

NOISE: Final = 2.0
"""So many times the usual noise is none."""


def line_evidence(candidate: InkCandidate) -> Grey:
    """(height, width) float32 in [0, 1]: of a drawing its ink; of a photograph also what is faint."""
    if candidate.printed is None or candidate.writing is None or candidate.darkness is None:
        return candidate.ink
    narrow = narrow_parts(smoothed(candidate.darkness), MAX_BREADTH)
    noise = float(np.median(narrow))
    full = max(float(np.quantile(narrow, FULL_QUANTILE)), MIN_FULL * noise, 1.0)
    faint = np.sqrt(np.clip((narrow - NOISE * noise) / full, 0, 1))
    return np.asarray(np.maximum(np.maximum(candidate.printed, candidate.writing), faint), np.float32)


def smoothed(dark: Grey) -> Grey:
    """A photograph's darkness without its finest grain."""
    return np.asarray(cv2.GaussianBlur(dark, (0, 0), GRAIN), np.float32)


def narrow_parts(smooth: Grey, breadth: int) -> Grey:
    """What is narrower than so many pixels (white top-hat)."""
    broad = cv2.morphologyEx(smooth, cv2.MORPH_OPEN, np.ones((breadth, breadth), np.uint8))
    return np.asarray(smooth - broad, np.float32)
