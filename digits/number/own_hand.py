"""A page's own hand: digits of a page that are in doubt, compared with those that are sure.

A page with many digits is mostly by one hand. What looks like its sure digits of one class gains by as much as if these
had been taught (`digits.memory`), only less. Self-training, after Nagy & Shelton, Self-Corrective Character Recognition
System (IEEE Transactions on Information Theory 12, 1966).
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.layers import softmax
from digits.memory import Memory
from digits.number.found import Found, Page
from digits.recogniser import Recogniser, unsure_of
from digits.taught import Taught, unit_length

MIN_SURE: Final = 24
"""Sure digits of a page from which on they speak for its hand: pages of 10 and of 20 by one hand hardly gain."""

STRENGTH: Final = 4.0
"""Added to the log probability of a class for what looks just like a sure digit of it. With 3 to 14 about as many
digits of kept-out writers are put right; from 6 on those of photographs are said to be surer than they are."""


def by_its_own_hand(recogniser: Recogniser, page: Page) -> Page:
    """The page with its doubtful digits judged by its sure ones too, if it has enough of these."""
    digits = [found for found in page.all if found.is_digit]
    if len(digits) <= MIN_SURE:
        return page
    views = np.array([found.view for found in digits])
    unsure = unsure_of(views)
    sure = np.setdiff1d(np.arange(len(digits)), unsure)
    if not len(unsure) or len(sure) < MIN_SURE:
        return page
    hidden = _hidden(recogniser, digits)
    pictures, labels = np.stack([digits[place].seen[0] for place in sure]), views[sure, :10].argmax(axis=1)
    strengths = np.full(len(sure), STRENGTH, np.float32)
    support = Memory(Taught(pictures, labels), unit_length(hidden[sure]), strengths).log_support(hidden[unsure])
    judged = softmax(np.log(views[unsure]) + support)
    of_digit = {id(digits[place]): view for place, view in zip(unsure, judged, strict=True)}
    lines = [[replace(found, view=of_digit.get(id(found), found.view)) for found in line] for line in page.lines]
    return replace(page, lines=lines)


def _hidden(recogniser: Recogniser, digits: list[Found]) -> NDArray[np.float32]:
    """(n, units) the network's last hidden layer, the mean of the ways in which each digit was seen."""
    ways = [len(found.seen) for found in digits]
    hidden = recogniser.model.hidden(np.concatenate([found.seen for found in digits]))
    starts = np.cumsum([0, *ways[:-1]])
    summed: NDArray[np.float32] = np.add.reduceat(hidden, starts, axis=0)
    return summed / np.array(ways, np.float32)[:, None]
