"""Text line -> digits, signs and marks: the likeliest way to divide its segments, a path through their hypotheses.

The score of a path is a sum over its hypotheses: the logarithm of the probability that each is one whole digit (segment
verifier) and which one (classifier), or a sign (sign classifier), or that it is a mark. The best path is found by
dynamic programming: heuristic over-segmentation, after LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86 (1998), section
V.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from digits.features import hog_features
from digits.model import Model
from digits.normalise import normalise
from digits.number.budget import Budget
from digits.number.grammar import FREE, UNREAD, Grammar, grammar
from digits.number.hints import NO_HINTS, Hints
from digits.number.lattice import PROBABILITY_FLOOR, Arc, Found, arcs_of, readings, without_signs
from digits.number.seams import cut_line
from digits.number.segments import SegmentHypothesis, TextLine, hypotheses
from digits.number.signs import TALL, LineShape
from digits.number.words import words_of

WHOLE: Final = 0.8
"""Probability above which a hypothesis is one whole digit or sign for sure, and is not cut. 0.9, 0.95 and 0.97 read the
same; cutting all was four times dearer for nothing."""

DASH: Final = 0.2
"""Length of a dash by its line's height at least. Set by hand."""


@dataclass(frozen=True, eq=False)
class Word:
    """What stands together in a line.

    Attributes:
        segments: of which it is made, from left to right.
        shape: of its line.
        found: its likeliest readings, the likeliest first.
        hinted: whether they are such as a hint wants.

    """

    segments: TextLine
    shape: LineShape
    found: list[Found]
    hinted: bool = False

    @property
    def arcs(self) -> tuple[Arc, ...]:
        """The likeliest path."""
        return self.found[0].arcs


def divide(
    model: Model,
    lines: list[TextLine],
    budget: Budget,
    hints: Hints = NO_HINTS,
    *,
    is_clean: bool = False,
    in_cells: bool = False,
) -> list[list[Word]]:
    """The words of each text line and the likeliest division of each, from left to right.

    First without a cut; words in which not all is surely one whole digit or sign are then cut there and divided again.

    Args:
        model: tells digits and signs; without a memory, so that a number is divided as before one of its digits was
            taught, which then is found again.
        lines: of segments.
        budget: for all of them.
        hints: what is known of the numbers.
        is_clean: whether it is a drawing without lines, in which a dash is not what is left of one.
        in_cells: whether they stand in cells.

    """
    shapes = [LineShape.of(line) for line in lines]
    wanted = grammar(hints, in_cells=in_cells)
    words = [
        Word(segments, shape, [])
        for line, shape in zip(lines, shapes, strict=True)
        for segments in ([line] if hints.format == "expression" else words_of(line, shape.height))
    ]
    words = _read(model, words, budget, wanted, is_clean)
    is_whole = [
        [arc.probability > WHOLE and arc.symbol != UNREAD for arc in word.arcs for _ in arc.hypothesis.segments]
        for word in words
    ]
    doubtful = [
        place
        for place, of_word in enumerate(is_whole)
        if not all(of_word) or not (wanted.is_free or words[place].hinted)
    ]
    cut = [Word(cut_line(words[place].segments, is_whole[place], budget), words[place].shape, []) for place in doubtful]
    for place, word in zip(doubtful, _read(model, cut, budget, wanted, is_clean), strict=True):
        words[place] = word
    return [[word for word in words if word.shape is shape] for shape in shapes]


def _read(model: Model, words: list[Word], budget: Budget, wanted: Grammar, is_clean: bool) -> list[Word]:
    """The words with their readings; where none is such as wanted, with those that nothing is wanted of."""
    if not words:
        return []
    of_words = [hypotheses(word.segments, word.shape.height, budget) for word in words]
    inks = [[hypothesis.ink for hypothesis in of_word] for of_word in of_words]
    geometry = [
        hypothesis.geometry(word.shape.height)
        for word, of_word in zip(words, of_words, strict=True)
        for hypothesis in of_word
    ]
    places = [word.shape.places(*both) for word, both in zip(words, zip(of_words, inks, strict=True), strict=True)]
    pictures = np.stack([normalise(ink) for of_word in inks for ink in of_word])
    hog = hog_features(pictures)
    whole = model.probability_of_one_digit(hog, np.array(geometry, np.float32))
    kinds = model.sign_classifier.probabilities(hog, np.concatenate(places))
    digits = np.full((len(pictures), 11), PROBABILITY_FLOOR)
    is_likely = whole > PROBABILITY_FLOOR
    if is_likely.any():
        digits[is_likely] = model.predict_proba(pictures[is_likely])
    read = []
    ends = np.cumsum([0, *map(len, of_words)])
    for word, of_word, (start, stop) in zip(words, of_words, pairwise(ends), strict=True):
        apart = without_signs(of_word, kinds[start:stop])
        described = zip(of_word, whole[start:stop] * apart, digits[start:stop], kinds[start:stop], strict=True)
        height, generous = word.shape.height, not wanted.is_free
        arcs = [
            arc
            for each in described
            for arc in arcs_of(*each, is_speck=_may_be_a_speck(each[0], height, is_clean), generous=generous)
        ]
        found = readings(len(word.segments), arcs, wanted)
        hinted = bool(found) and not wanted.is_free
        read.append(Word(word.segments, word.shape, found or readings(len(word.segments), arcs, FREE), hinted))
    return read


def _may_be_a_speck(hypothesis: SegmentHypothesis, height: float, is_clean: bool) -> bool:
    """Whether something in a line of that height may easily be dirt, or what is left of a printed line."""
    return hypothesis.height < TALL * height and not (is_clean and hypothesis.width >= DASH * height)
