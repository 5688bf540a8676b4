"""Text line -> words: where a gap is so wide that a new number begins."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from digits.number.segments import Segment, TextLine

MIN_SPACE: Final = 0.75
"""Width of a space by the line's height, at least, and..."""

MIN_SPACE_BY_GAP: Final = 2.2
"""...by the usual gap of the line, and..."""

MIN_PITCH: Final = 1.5
"""...how far the middles at both sides are apart, by the usual distance. Chosen on composed lines; a line of three has
no usual gap but its narrower one."""

MIN_LONE_SPACE: Final = 2.0
"""Width by the line's height where there is only one gap, and so no usual one. Set by hand."""


def words_of(line: Sequence[Segment], height: float) -> list[TextLine]:
    """A line's components, cut into words.

    Args:
        line: connected components from left to right; at least one.
        height: typical of the line, in pixels.

    """
    lefts, rights, middles = (np.array(sides, np.float64) for sides in zip(*map(_sides, line), strict=True))
    gaps = (lefts[1:] - np.maximum.accumulate(rights)[:-1]).clip(0)
    if len(gaps) < 2:
        is_space = gaps > MIN_LONE_SPACE * height
    else:
        pitches = np.diff(middles)
        usual, usual_pitch = (float(np.quantile(each, 0.5, method="lower")) for each in (gaps, pitches))
        is_space = (gaps > MIN_SPACE * height) & (gaps > MIN_SPACE_BY_GAP * usual) & (pitches > MIN_PITCH * usual_pitch)
    words: list[TextLine] = [[line[0]]]
    for segment, begins in zip(line[1:], is_space, strict=True):
        if begins:
            words.append([])
        words[-1].append(segment)
    return words


def _sides(segment: Segment) -> tuple[int, int, float]:
    return segment.left, segment.right, segment.middle
