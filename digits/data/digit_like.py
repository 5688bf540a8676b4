"""Letters and signs that are digits when nothing stands beside them: no examples of what is "not a digit"."""

from typing import Final

DIGIT_LIKE: Final = frozenset(
    "0123456789OoОоΟοDØø∅ΘθѲѳӨө°º○◦∘Il|/\\()',-_`ІΙӀӏ∣′‘’‚‐‑–—−.·•●∙!]}^sѕZzΖЗзƷʒЧчSЅbЬьбBВвΒgqԛɡ"
)
"""Latin first, then Cyrillic and Greek letters of the same shape; circles with a bar, which are slashed zeros; dots,
which are small circles; lines of one stroke; a bracket, a brace and a caret, which are a 7, a 3 and a 1."""
