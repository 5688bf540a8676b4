"""Letters and signs that are digits when nothing stands beside them: no examples of what is "not a digit"."""

from typing import Final

import numpy as np

from digits.pen import PenSample

DIGIT_LIKE: Final = frozenset(
    "0123456789OoОоΟοDØø∅ΘθѲѳӨөΦφϕФф°º○◦∘Il|/\\()',-_`ІΙӀӏ∣′‘’‚‐‑–—−.·•●∙!]}^sѕZzΖЗзƷʒЧчSЅbЬьбBВвΒgqԛɡ"
)
"""Latin first, then Cyrillic and Greek letters of the same shape; circles with a bar, which are slashed zeros; dots,
which are small circles; lines of one stroke; a bracket, a brace and a caret, which are a 7, a 3 and a 1."""

OF_SEVERAL_STROKES: Final = frozenset('ij?;:"=+$%#*XTFHKA')
"""Letters and signs of which a single stroke is only a part, often a digit: an i without its dot is a 1."""

STRAIGHT: Final = 1.15
"""Length of a stroke by the distance between its ends, up to which it is a bare line, and so a 1."""


def is_digit_like(sample: PenSample) -> bool:
    """Whether a letter or sign is a digit when it stands alone, or only part of a letter, such as a bare line."""
    if sample.label in DIGIT_LIKE:
        return True
    if len(sample.strokes) > 1:
        return False
    stroke = sample.strokes[0]
    steps = np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum()
    return sample.label in OF_SEVERAL_STROKES or bool(steps <= STRAIGHT * np.linalg.norm(stroke[-1] - stroke[0]))
