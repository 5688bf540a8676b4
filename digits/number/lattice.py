"""A word's readings: what each segment hypothesis may be, and the likeliest paths through them that a grammar takes.

An arc says that a hypothesis is a digit, a sign, a mark that is neither, or litter or crossed out, which is not read;
its score is the logarithm of its probability. The search is dynamic programming over places and states of the grammar,
which keeps the best few readings of each (Viterbi with lists: Seshadri & Sundberg, IEEE Trans. Communications 42,
1994).
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digits.answers import SIGNS
from digits.number.grammar import UNREAD, Grammar, State
from digits.number.segments import SegmentHypothesis
from digits.sign_classifier import CROSSED, LETTER, SPECK

LITTER: Final = ""
"""Symbol of an arc that is not read."""

PROBABILITY_FLOOR: Final = 0.001
"""Probability below which hypotheses are alike and the classifier is not asked. Set by hand."""

MARK_SCORE: Final = float(np.log(0.002))
"""Score of each connected component as a mark that is no digit. Set by hand."""

SEAM_SCORE: Final = -0.5
"""Added to the score for each seam, as people's digits touch less often than those that the segment verifier has learnt
from. Chosen on 600 composed numbers of each kind: up to 0.5 % more of those apart are read, as many that touch."""

SIGN_SCORE: Final = float(np.log(0.45))
"""Added to the score of a sign: most of what people write are digits. With 0.7 one number in 100 without signs was
read worse, with 0.45 none."""

LETTER_SCORE: Final = float(np.log(0.3))
"""The same of a letter, or of something else that is neither sign nor digit; digits that touch look like one. Set by
hand."""

LITTER_SCORE: Final = float(np.log(0.1))
"""Added to the score of litter: a point that is dropped is worse than one too many."""

MIN_LARGE_LITTER: Final = 0.97
"""Probability of litter from which on something larger than dirt may be left out: a digit that goes missing is worse
than a mark too many. Set by hand."""

MIN_CROSSED: Final = 0.5
"""Probability from which on digits are crossed out, and left out."""

MIN_DIGIT_SCORE: Final = -9.0
"""Score of a hypothesis as any digit below which it is none: two marks cost no more. Set by hand."""

MIN_ARC: Final = 0.004
"""Probability from which on a second digit, a sign or litter is an arc beside what is likeliest. Set by hand."""

MAX_READINGS: Final = 4
"""Readings that are kept at each place and state."""

BEAM: Final = 9.0
"""What scores so much less than the best at its place is not followed."""


class Arc(NamedTuple):
    """What a hypothesis may be.

    Attributes:
        hypothesis: of some segments.
        symbol: a digit, a sign, `UNREAD` for a mark, or `LITTER`.
        score: logarithm of its probability, with what seams and signs cost.

    """

    hypothesis: SegmentHypothesis
    symbol: str
    score: float

    @property
    def probability(self) -> float:
        """Of what it says, without what that costs."""
        costs = {LITTER: LITTER_SCORE, UNREAD: LETTER_SCORE}
        cost = costs.get(self.symbol, SIGN_SCORE if self.symbol in SIGNS else 0.0)
        return float(np.exp(self.score - cost))


class Found(NamedTuple):
    """A path to a place.

    Attributes:
        score: of the path.
        mass: logarithm of the sum of the probabilities of all paths that read the same.
        text: what it reads.
        arcs: from left to right.

    """

    score: float
    mass: float
    text: str
    arcs: tuple[Arc, ...]


def arcs_of(
    hypothesis: SegmentHypothesis,
    whole: float,
    digits: NDArray[np.float64],
    kinds: NDArray[np.float64],
    *,
    is_speck: bool,
    generous: bool = False,
) -> list[Arc]:
    """What a hypothesis may be.

    Args:
        hypothesis: of some segments.
        whole: probability that it is one whole digit rather than a part or several.
        digits: (11,) probabilities of the ten digits and of none.
        kinds: (CLASSES,) probabilities of the sign classifier.
        is_speck: whether it is small enough to be dirt.
        generous: whether more than the likeliest two digits are arcs, as hints may ask for any.

    """
    cost = SEAM_SCORE * hypothesis.begins_at_a_seam
    no_sign = 1 - float(kinds[:LETTER].sum()) - float(kinds[SPECK]) - float(kinds[CROSSED])
    weight = float(np.log(max(whole, PROBABILITY_FLOOR)) + np.log(max(no_sign, PROBABILITY_FLOOR)))
    found = []
    if weight > MIN_DIGIT_SCORE or generous:
        likeliest = digits[:10].argsort()[::-1][: 4 if generous else 2].tolist()
        for number, digit in enumerate(likeliest):
            share = max(float(digits[digit]), PROBABILITY_FLOOR)
            if not number or (share > MIN_ARC and whole > MIN_ARC):
                found.append(Arc(hypothesis, str(digit), weight + float(np.log(share)) + cost))
    for sign in np.flatnonzero(kinds[:LETTER] > MIN_ARC).tolist():
        found.append(Arc(hypothesis, SIGNS[sign], float(np.log(kinds[sign]) + SIGN_SCORE + cost)))
    if kinds[CROSSED] > MIN_CROSSED and not (hypothesis.begins_at_a_seam or hypothesis.ends_at_a_seam):
        found.append(Arc(hypothesis, LITTER, float(np.log(kinds[CROSSED]) + LITTER_SCORE)))
    if hypothesis.component_count == 1:
        mark = MARK_SCORE
        if not (hypothesis.begins_at_a_seam or hypothesis.ends_at_a_seam):
            mark = max(mark, float(np.log(max(kinds[LETTER], PROBABILITY_FLOOR)) + LETTER_SCORE))
            if kinds[SPECK] > (MIN_ARC if is_speck else MIN_LARGE_LITTER):
                found.append(Arc(hypothesis, LITTER, float(np.log(kinds[SPECK]) + LITTER_SCORE)))
        found.append(Arc(hypothesis, UNREAD, mark + cost))
    return found


def without_signs(hypotheses: Sequence[SegmentHypothesis], kinds: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) chance that no component of a hypothesis that joins several is a sign or dirt: the point behind an 8.

    Args:
        hypotheses: of a word.
        kinds: (n, CLASSES) probabilities of the sign classifier.

    """
    signs = kinds[:, :LETTER].sum(axis=1) + kinds[:, SPECK]
    of_sign: dict[int, float] = {}
    joined = []
    for place, (each, share) in enumerate(zip(hypotheses, signs.tolist(), strict=True)):
        own = {segment.component for segment in each.segments}
        if len(own) > 1:
            joined.append((place, own))
        if share > MIN_ARC and not (each.begins_at_a_seam or each.ends_at_a_seam):
            of_sign |= {number: max(share, of_sign.get(number, 0.0)) for number in own}
    chance = np.ones(len(hypotheses))
    for place, own in joined:
        chance[place] = np.prod([1 - of_sign.get(number, 0.0) for number in own])
    return chance


def readings(count: int, arcs: Iterable[Arc], of: Grammar) -> list[Found]:
    """The likeliest readings of a word of so many segments, the likeliest first; none where the grammar takes none."""
    starting: list[list[Arc]] = [[] for _ in range(count)]
    for arc in arcs:
        starting[arc.hypothesis.start].append(arc)
    places: list[dict[State, dict[str, Found]]] = [{} for _ in range(count + 1)]
    places[0][State()] = {"": Found(0.0, 0.0, "", ())}
    for place, here in enumerate(starting):
        states = _best(places[place])
        for arc in here:
            reached = places[arc.hypothesis.stop]
            for state, known in states:
                if not arc.symbol:
                    step: tuple[State, float] | None = state, 0.0
                elif arc.symbol == UNREAD and not of.is_free:
                    step = None
                else:
                    step = of.step(state, arc.symbol)
                if step is not None:
                    _reach(reached.setdefault(step[0], {}), known, arc, step[1] + arc.score)
    ended: dict[str, Found] = {}
    for state, by_text in places[count].items():
        score = of.end(state)
        if score is not None:
            for found in by_text.values():
                whole = score + of.prefer(found.text)
                _join(ended, found._replace(score=found.score + whole, mass=found.mass + whole))
    return sorted(ended.values(), key=lambda found: -found.mass)[:MAX_READINGS]


def _best(place: dict[State, dict[str, Found]]) -> list[tuple[State, list[Found]]]:
    """The best readings of each state of a place, without those far behind."""
    best = max((found.score for by_text in place.values() for found in by_text.values()), default=0.0)
    kept = []
    for state, by_text in place.items():
        near = sorted((found for found in by_text.values() if found.score > best - BEAM), key=lambda found: -found.mass)
        if near:
            kept.append((state, near[:MAX_READINGS]))
    return kept


def _reach(reached: dict[str, Found], known: list[Found], arc: Arc, score: float) -> None:
    for found in known:
        text = found.text + arc.symbol
        _join(reached, Found(found.score + score, found.mass + score, text, (*found.arcs, arc)))


def _join(reached: dict[str, Found], found: Found) -> None:
    """Add a path to those that read the same; the better one stands for both."""
    other = reached.get(found.text)
    if other is not None:
        found = (found if found.score > other.score else other)._replace(
            mass=float(np.logaddexp(found.mass, other.mass))
        )
    reached[found.text] = found
