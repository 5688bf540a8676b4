"""At which size of a picture its lines are looked for: they are thin there, and what is written is not low.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final

import cv2
import numpy as np

from digits.ink.components import Grey, connected_components
from digits.number.runs import Bits, grown, opened
from digits.number.segments import weighted_by_itself

MAX_ENLARGED: Final = 2.0
"""A small picture is enlarged so many times at most before its lines are looked for."""

MAX_SIDE: Final = 800
"""Pixels of the longer side to which a picture is reduced before lines are looked for, unless..."""

LOW: Final = 30
"""...the writing of a photograph would be lower than so many pixels, or..."""

LOW_DRAWN: Final = 20
"""...that of a drawing or scan than so many, but to no more than..."""

MAX_LOW_SIDE: Final = 1400
"""...so many, as what is written is told from lines by its size. Parts longer than..."""

MAX_LENGTH: Final = 0.4
"""...that share of the longer side are no writing, nor are..."""

MIN_WRITING: Final = 8
"""...those shorter than so many pixels."""

MAX_LINE: Final = 13.0
"""Pixels of breadth above which a line would not be seen: a drawing is reduced until its broadest lines have..."""

BROAD: Final = 11.0
"""...so many, if they run for..."""

RUN: Final = 0.15
"""...that share of the picture's longer side, away from its rims, and are not broader than..."""

MAX_BROAD: Final = 0.08
"""...that share, as what is no line."""

ROOM: Final = 20.0
"""Pixels from line to line of squared paper that are asked for, as closer ones run into each other. Its lines are..."""

COVERED: Final = 0.5
"""...ink for more than that share of..."""

BAND: Final = 64
"""...so many pixels, through most of the picture."""


def line_scale(ink: Grey, mask: Bits, *, drawn: bool) -> float:
    """How much larger the picture in which lines are looked for is than the ink.

    Args:
        ink: (height, width) float32 in [0, 1].
        mask: 1 where ink or a line is.
        drawn: whether it is of a drawing or a scan; in a photograph thin lines would be lost with broad ones.

    """
    longest = int(max(ink.shape))
    usual = float(min(MAX_SIDE / longest, MAX_ENLARGED))
    if drawn:
        broadest = _broadest(mask)
        if broadest * usual > MAX_LINE:
            return BROAD / broadest
    if usual >= 1:
        return usual
    largest = min(MAX_LOW_SIDE / longest, 1)
    if drawn and np.isfinite(room := room_of_squares(mask)):
        return float(np.clip(ROOM / room, usual, largest))
    found = connected_components(ink > 0.5)
    heights = found.height[(found.length >= MIN_WRITING) & (found.length < MAX_LENGTH * longest)]
    if not len(heights):
        return usual
    low = LOW_DRAWN if drawn else LOW
    return float(np.clip(low / weighted_by_itself(heights), usual, largest))


def room_of_squares(mask: Bits) -> float:
    """Pixels from line to line of squared paper, the larger of both directions; infinity where there is none."""
    rooms = []
    for own in (mask, np.ascontiguousarray(mask.T)):
        height, width = own.shape
        bands = max(height // BAND, 1)
        covered = cv2.resize(grown(own, 1, 3).astype(np.float32), (width, bands), interpolation=cv2.INTER_AREA)
        is_line = covered > COVERED
        lines = float(np.median(np.count_nonzero(is_line[:, 1:] & ~is_line[:, :-1], axis=1)))
        rooms.append(width / lines if lines else np.inf)
    return max(rooms)


def _broadest(mask: Bits) -> float:
    """Pixels of breadth of the broadest lines of a table, which has more than one of a kind; 0 where none are."""
    longest, broadest = max(mask.shape), 0.0
    for level in (mask, np.ascontiguousarray(mask.T)):
        lines = connected_components(opened(level, 1, round(RUN * longest)) > 0)
        breadths = lines.size / np.maximum(lines.width, 1)
        breadths = np.sort(breadths[(breadths < MAX_BROAD * longest) & ~lines.lie_along_the_rim()])
        broadest = max(broadest, float(breadths[-2]) if len(breadths) > 1 else 0.0)
    return broadest
