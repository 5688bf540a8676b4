"""Picture -> ink candidates, the likeliest first: paper, drawings, photographs, pixels, ruling, components."""

from digits.ink.candidates import InkCandidate as InkCandidate
from digits.ink.candidates import ink_candidates as ink_candidates
from digits.ink.digit import DigitCandidate as DigitCandidate
from digits.ink.digit import digit_candidates as digit_candidates
