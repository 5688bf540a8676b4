"""How sure a word is: the chance that all of its text is right, shared out among what stands in it.

The product of what the recogniser says of each digit is too sure where the word may be divided in another way, and the
search's own probability where its digits are doubtful: the lower of both counts. In a photograph a sign may be lost
before anything is searched. A power and a factor for each symbol, chosen on 300 composed lines by hands that are kept
out of training, make that honest; docs/numbers.md tells how far.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from digits.answers import Reading
from digits.number.lattice import Found

POWERS: Final = (2.0, 1.0)
"""Of the lower of both probabilities, in a photograph and in a drawing, and..."""

FACTORS: Final = (0.99, 0.998)
"""...factors for each digit, sign or mark."""

MAX_ALTERNATIVES: Final = 2
"""Other readings that are told."""


def item_confidences(alone: Sequence[float], text: str, found: Sequence[Found], *, drawn: bool) -> list[float]:
    """How sure each digit, sign or mark of a word is; their product is how sure the word is.

    Args:
        alone: how sure each is, seen alone.
        text: that they make.
        found: the word's readings.
        drawn: whether it is a drawing rather than a photograph.

    """
    own = float(np.prod(alone))
    word = min(own, _share(text, found)) ** POWERS[drawn] * FACTORS[drawn] ** len(alone)
    return [each * (word / own) ** (1 / len(alone)) if own else 0.0 for each in alone]


def alternatives(text: str, confidence: float, found: Sequence[Found]) -> tuple[Reading, ...]:
    """The next likeliest readings of a word that is read so surely, sharing what is left of the probability."""
    others = [each for each in found if each.text not in ("", text)]
    if not others:
        return ()
    mass = np.exp(np.array([each.mass for each in others]) - others[0].mass)
    known = [each.mass for each in found if each.text == text]
    rest = max(float(mass.sum()), 1e-9)
    left = min(1 - confidence, rest / (rest + float(np.exp(known[0] - others[0].mass))) if known else 1.0)
    shares = left * mass / rest
    order = np.argsort(-shares, kind="stable")[:MAX_ALTERNATIVES]
    return tuple(Reading(others[place].text, float(shares[place])) for place in order)


def _share(text: str, found: Sequence[Found]) -> float:
    """Share of the probability of all readings that this one has, or the likeliest where it is not among them."""
    masses = np.array([each.mass for each in found])
    shares = np.exp(masses - masses.max())
    shares /= shares.sum()
    return float(next((share for each, share in zip(found, shares, strict=True) if each.text == text), shares[0]))
