"""What speaks for and against an ink candidate, before any model of digits has seen it."""

from typing import Final, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.ink.digit import DigitCandidate
from digits.ink.photograph import Way
from digits.ink.writing import clutter, unevenness
from digits.normalise import stroke_width

WAYS: Final[tuple[Way, ...]] = get_args(Way)
"""How an ink candidate may have been found."""

INK: Final = 0.5
"""Share of full ink from which on a pixel belongs to the candidate."""

AROUND: Final = 0.25
"""Share of the digit's longer side around it within which writing should be its own."""

MEASURED_SIDE: Final = 160
"""Pixels a side, about, at which a candidate is looked at: its statistics need no more."""

FLAT_PAPER: Final = len(WAYS) + 1
"""Place of the number that says whether the picture is a drawing."""

LOOKS: Final = slice(len(WAYS) + 9, len(WAYS) + 11)
"""Places of the unevenness of its strokes and of the clutter around it."""

OF_WRITING: Final = slice(len(WAYS) + 11, len(WAYS) + 14)
"""Places of what the pixel classifier's writing tells."""

EVIDENCE: Final = len(WAYS) + 14
"""Numbers that describe a candidate."""


def evidence(candidate: DigitCandidate) -> NDArray[np.float32]:
    """(EVIDENCE,) float32: how the candidate was found, where and how its ink lies, and what the pixels say of it.

    How uneven its strokes are, and how much else stands out around it, tells things from writing. The last ones
    compare it with the pixel classifier's writing: the share of the ink that is writing, and the share
    of all writing, and of that around it, that it holds; 1 where there is no such classification.
    """
    step = max(1, max(candidate.ink.shape) // MEASURED_SIDE)
    ink = candidate.ink[::step, ::step]
    left, top, width, height = cv2.boundingRect((candidate.ink > 0).view(np.uint8))
    longest = max(width, height, 1)
    dark = ink > INK
    count = max(int(np.count_nonzero(dark)), 1)
    rows, columns = candidate.ink.shape
    cut_out = candidate.ink[top : top + height, left : left + width]
    found = [way == candidate.source.way for way in WAYS]
    lies = [
        candidate.runs_into_the_rim,
        candidate.source.flat_paper,
        np.log(longest / max(rows, columns)),
        np.log(width / max(height, 1)),
        np.hypot(left + width / 2 - columns / 2, top + height / 2 - rows / 2) / max(rows, columns),
        np.log(stroke_width(cut_out) / longest),
        count * step * step / (width * height),
        np.log(len(candidate.members)),
        float(np.log1p(len(np.unique(candidate.labels[::step, ::step])))),
    ]
    contrast = candidate.source.contrast
    looks = unevenness(candidate.ink), 0.0 if contrast is None else clutter(contrast, candidate.ink)
    return np.array([*found, *lies, *looks, *_of_writing(candidate, ink, dark, step)], np.float32)


def _of_writing(candidate: DigitCandidate, ink: Grey, dark: NDArray[np.bool_], step: int) -> tuple[float, float, float]:
    """Purity, and completeness within the whole picture and around the candidate."""
    if candidate.source.writing is None:
        return 1.0, 1.0, 1.0
    writing = candidate.source.writing[::step, ::step]
    own = cv2.dilate(dark.view(np.uint8), np.ones((3, 3), np.uint8)).view(np.bool_)
    purity = float(writing[dark].mean()) if dark.any() else 0.0
    left, top, width, height = cv2.boundingRect((ink > 0).view(np.uint8))
    reach = round(AROUND * max(width, height))
    near = np.s_[max(top - reach, 0) : top + height + reach, max(left - reach, 0) : left + width + reach]
    return purity, _share(writing, own), _share(writing[near], own[near])


def _share(writing: Grey, own: NDArray[np.bool_]) -> float:
    everything = float(writing.sum())
    return float(writing[own].sum()) / everything if everything > 1 else 1.0
