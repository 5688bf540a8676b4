"""What the recogniser says of each digit, sign or mark that was found."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.answers import SIGN_OF
from digits.ink.components import Grey, dilated
from digits.ink.photograph import CLOSE_REACH, MIN_OWN_INK, closely_thresholded
from digits.layers import softmax
from digits.memory import NONE_RECALLED
from digits.normalise import normalise
from digits.number.budget import Budget
from digits.number.found import Found
from digits.number.grammar import UNREAD
from digits.number.lattice import LITTER, Arc
from digits.number.paths import Word
from digits.number.segments import SegmentHypothesis
from digits.recogniser import Recogniser, unsure_of
from digits.taught import NO_DIGIT

MIN_SHARE: Final = 0.5
"""Share of a hypothesis' ink that ink without lines must have for it to be another way to see it."""


def viewed(
    recogniser: Recogniser,
    lines: list[list[Word]],
    budget: Budget,
    contrast: Grey | None,
    lineless: Grey | None = None,
) -> list[list[Found]]:
    """What the recogniser says of each hypothesis that is no litter, unless all is; over the budget, from one view.

    Args:
        recogniser: reads each digit.
        lines: what was chosen.
        budget: of the picture.
        contrast: of a photograph, in which the ink of each is taken anew, as it is and sharpened.
        lineless: ink of a drawing or scan with lines as the classifier of pixels finds it, another way to see each.

    """
    read = [[(word, arc) for word in line for arc in word.arcs if arc.symbol != LITTER] for line in lines]
    read = [line for line in read if line] or [[(word, arc) for word in line for arc in word.arcs] for line in lines]
    hypotheses = [arc.hypothesis for line in read for _, arc in line]
    seen = [np.stack([normalise(ink) for ink in inks]) for inks in _ways(hypotheses, contrast, lineless)]
    views = recogniser.model.predict_proba(seen[0])
    if len(seen) > 1:
        others = [recogniser.model.predict_proba(pictures) for pictures in seen[1:]]
        views = softmax(np.mean(np.log([views, *others]), axis=0))
    is_sign = np.array([arc.symbol in SIGN_OF for line in read for _, arc in line])
    unsure = np.array([place for place in unsure_of(views) if not is_sign[place]], np.intp)
    recogniser.augment(views, seen, unsure[: budget.augmented])
    budget.augmented = max(budget.augmented - len(unsure), 0)
    memory = recogniser.model.memory
    recalled = [NONE_RECALLED] * len(views) if memory is None else memory.settle(views, seen[0]).tolist()
    of_all = zip(views, np.stack(seen, axis=1), recalled, strict=True)
    return [[_found(word, arc, *next(of_all)) for word, arc in line] for line in read]


def _found(word: Word, arc: Arc, view: NDArray[np.float64], seen: NDArray[np.uint8], recalled: int) -> Found:
    """What stands there; what was taught is that, whatever the search takes it for."""
    if recalled != NONE_RECALLED:
        arc = arc._replace(symbol=UNREAD if recalled == NO_DIGIT else str(recalled), score=0.0)
    return Found(arc.hypothesis, view, arc, word, seen)


def _ways(hypotheses: Sequence[SegmentHypothesis], contrast: Grey | None, lineless: Grey | None) -> list[list[Grey]]:
    """The ink of each hypothesis, in one or two ways."""
    if contrast is not None:
        return [_taken_anew(hypotheses, contrast, sharpened=sharpened) for sharpened in (False, True)]
    own = [each.ink for each in hypotheses]
    return [own] if lineless is None else [own, [_without_lines(each, lineless) for each in hypotheses]]


def _without_lines(hypothesis: SegmentHypothesis, lineless: Grey) -> Grey:
    """Ink of a hypothesis as it is without lines; its own where there is too little of that."""
    left, top, right, bottom = hypothesis.box
    own = hypothesis.ink > MIN_OWN_INK
    ink = np.where(dilated(own, 1), lineless[top:bottom, left:right], np.float32(0))
    shown = np.count_nonzero(ink > MIN_OWN_INK)
    return ink if shown and shown >= MIN_SHARE * np.count_nonzero(own) else hypothesis.ink


def _taken_anew(hypotheses: Sequence[SegmentHypothesis], contrast: Grey, *, sharpened: bool) -> list[Grey]:
    """Ink of each hypothesis by its own darkness, from the contrast of its candidate."""
    owner = np.zeros(contrast.shape, np.int32)
    for number, each in enumerate(hypotheses, 1):
        left, top, right, bottom = each.box
        owner[top:bottom, left:right][each.ink > MIN_OWN_INK] = number
    inks = []
    for number, each in enumerate(hypotheses, 1):
        left, top, right, bottom = each.box
        around = max(1, round(CLOSE_REACH * each.height))
        place = slice(max(top - around, 0), bottom + around), slice(max(left - around, 0), right + around)
        above, before = top - place[0].start, left - place[1].start
        own = owner[place]
        ink = np.zeros(own.shape, np.float32)
        ink[above : above + each.height, before : before + each.width] = each.ink
        inks.append(closely_thresholded(ink, contrast[place], (own == 0) | (own == number), sharpened=sharpened))
    return inks
