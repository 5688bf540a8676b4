"""What the recogniser says of each digit, sign or mark that was found."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from digits.answers import SIGN_OF
from digits.ink.components import Grey
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


def viewed(recogniser: Recogniser, lines: list[list[Word]], budget: Budget, contrast: Grey | None) -> list[list[Found]]:
    """What the recogniser says of each hypothesis that is no litter, unless all is; over the budget, from one view.

    In a photograph, whose `contrast` is known, the ink of each is taken anew, as it is and sharpened.
    """
    read = [[(word, arc) for word in line for arc in word.arcs if arc.symbol != LITTER] for line in lines]
    read = [line for line in read if line] or [[(word, arc) for word in line for arc in word.arcs] for line in lines]
    hypotheses = [arc.hypothesis for line in read for _, arc in line]
    if contrast is None:
        seen = [_normalised(each.ink for each in hypotheses)]
        views = recogniser.model.predict_proba(seen[0])
    else:
        seen = [_normalised(_taken_anew(hypotheses, contrast, sharpened=sharpened)) for sharpened in (False, True)]
        views = softmax(np.mean([np.log(recogniser.model.predict_proba(pictures)) for pictures in seen], axis=0))
    is_sign = np.array([arc.symbol in SIGN_OF for line in read for _, arc in line])
    unsure = np.array([place for place in unsure_of(views) if not is_sign[place]], np.intp)
    recogniser.augment(views, seen, unsure[: budget.augmented])
    budget.augmented = max(budget.augmented - len(unsure), 0)
    memory = recogniser.model.memory
    recalled = [NONE_RECALLED] * len(views) if memory is None else memory.settle(views, seen[0]).tolist()
    of_all = zip(views, seen[0], recalled, strict=True)
    return [[_found(word, arc, *next(of_all)) for word, arc in line] for line in read]


def _normalised(inks: Iterable[Grey]) -> NDArray[np.uint8]:
    return np.stack([normalise(ink) for ink in inks])


def _found(word: Word, arc: Arc, view: NDArray[np.float64], seen: NDArray[np.uint8], recalled: int) -> Found:
    """What stands there; what was taught is that, whatever the search takes it for."""
    if recalled != NONE_RECALLED:
        arc = arc._replace(symbol=UNREAD if recalled == NO_DIGIT else str(recalled), score=0.0)
    return Found(arc.hypothesis, view, arc, word, seen)


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
