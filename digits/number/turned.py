"""Pages that lie on their side or upside down: which turn makes most of what is written surely digits."""

from collections.abc import Callable
from typing import Final

import numpy as np

from digits.answers import Box, Turn
from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey

TURNS: Final[tuple[Turn, ...]] = (90, 270, 180)
"""Degrees clockwise that are tried, besides none."""

SIDEWAYS_GAIN: Final = 0.25
"""By how much the mean score must rise for a quarter turn to be believed, and..."""

UPSIDE_DOWN_GAIN: Final = (0.4, 0.25)
"""...for half a turn, without cells and with them: half of the digits look like digits upside down too. Chosen on made
pages (docs/notebook.md, "Cells")."""

MAX_DOUBTFUL: Final = (0.45, 0.9)
"""Mean score of a page up to which turns are tried, without cells and with them."""

MIN_TURNED: Final = (0.5, 0.85)
"""Mean score of a turned page at least, without cells and with them: made ones reach 0.94."""

SURELY_TURNED: Final = 0.95
"""The same from which on any lower score rises clearly."""


def min_turned(score: float, turn: Turn, *, in_cells: bool) -> float:
    """Mean score from which on a turn is believed of a page of that score as it is, with cells or without."""
    gain = UPSIDE_DOWN_GAIN[in_cells] if turn == 180 else SIDEWAYS_GAIN
    return min(score + gain, SURELY_TURNED)


def best_turn(
    candidate: InkCandidate, score: float, scored: Callable[[InkCandidate, Turn], float | None], *, in_cells: bool
) -> Turn:
    """The turn that makes the ink's score rise clearly; 0 where none does.

    Args:
        candidate: of the ink.
        score: of its page as it is, -1 to 1.
        scored: the mean score of the page of a candidate turned so; None where there is nothing.
        in_cells: whether the page has cells.

    """
    if score > MAX_DOUBTFUL[in_cells]:
        return 0
    best: Turn = 0
    highest = MIN_TURNED[in_cells]
    for turn in TURNS:
        found = scored(turned(candidate, turn), turn)
        if found is not None and found > max(highest, min_turned(score, turn, in_cells=in_cells)):
            best, highest = turn, found
    return best


def turned(candidate: InkCandidate, turn: Turn) -> InkCandidate:
    """Ink and contrast of the candidate turned clockwise by so many degrees; its place is left as it was."""

    def of(grey: Grey) -> Grey:
        return np.ascontiguousarray(np.rot90(grey, -turn // 90))

    contrast = None if candidate.contrast is None else of(candidate.contrast)
    return candidate._replace(
        ink=of(candidate.ink), contrast=contrast, light=None, writing=None, printed=None, darkness=None, from_paper=None
    )


def turned_back(box: Box, turn: Turn, width: float, height: float) -> Box:
    """A box of a turned picture in the picture before, which is so wide and high."""
    left, top, right, bottom = box
    return {
        0: box,
        90: (top, height - right, bottom, height - left),
        180: (width - right, height - bottom, width - left, height - top),
        270: (width - bottom, left, width - top, right),
    }[turn]
