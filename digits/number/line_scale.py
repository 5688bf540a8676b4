"""At which size of a picture its lines are looked for: they are thin there, and what is written is not low.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final

import numpy as np

from digits.ink.components import Grey, connected_components
from digits.number.runs import Bits, opened
from digits.number.segments import weighted_by_itself

MAX_ENLARGED: Final = 2.0
"""A small picture is enlarged so many times at most before its lines are looked for."""

MAX_SIDE: Final = 800
"""Pixels of the longer side to which a picture is reduced before lines are looked for, unless..."""

LOW: Final = 30
"""...the writing of a photograph would be lower than so many pixels, but to no more than..."""

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
        return BROAD / broadest if broadest * usual > MAX_LINE else usual
    if usual >= 1:
        return usual
    found = connected_components(ink > 0.5)
    heights = found.height[(found.length >= MIN_WRITING) & (found.length < MAX_LENGTH * longest)]
    if not len(heights):
        return usual
    return float(np.clip(LOW / weighted_by_itself(heights), usual, min(MAX_LOW_SIDE / longest, 1)))


def _broadest(mask: Bits) -> float:
    """Pixels of breadth of the broadest lines of a table, which has more than one of a kind; 0 where none are."""
    longest, broadest = max(mask.shape), 0.0
    for level in (mask, np.ascontiguousarray(mask.T)):
        lines = connected_components(opened(level, 1, round(RUN * longest)) > 0)
        breadths = lines.size / np.maximum(lines.width, 1)
        breadths = np.sort(breadths[(breadths < MAX_BROAD * longest) & ~lines.lie_along_the_rim()])
        broadest = max(broadest, float(breadths[-2]) if len(breadths) > 1 else 0.0)
    return broadest
