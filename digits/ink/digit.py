"""Ink -> the ink of one digit: told from specks, from what the rim cuts off and from what stands beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.candidates import InkCandidate, ink_candidates
from digits.ink.components import Components, Counts, Grey, connected_components, dilated
from digits.ink.drawing import MAX_BLURRED_SIDE
from digits.ink.pixel_classifier import PixelClassifier
from digits.normalise import stroke_width

MIN_DRAWN_INK: Final = 0.3
"""Share of full ink from which on a drawing's pixel belongs to a component: faint strands belong to it. With 0.5
load_digits was read at 97.2 in place of 97.4 %."""

MIN_PHOTOGRAPHED_INK: Final = 0.5
"""The same of a photograph, whose ink is thresholded there."""

SOFT_EDGE: Final = 2
"""Pixels that the soft edge of a component reaches beyond what is labelled, and..."""

MIN_SOFT_INK: Final = 0.05
"""...the share of full ink that belongs to it there."""

MIN_DIGIT_SHARE: Final = 0.025
"""Share of a photograph's longer side below which nothing is a digit: paper's grain."""

MIN_RIVAL_ASPECT: Final = 0.25
"""Width by height of a photograph's component that may be a digit beside the digit; a thinner one may be ruling."""

MIN_RIVAL_HEIGHT: Final = 0.6
"""Height of a component that may be a digit beside the digit, by the digit's."""

MIN_MARK_HEIGHT: Final = 0.4
MAX_MARK_HEIGHT: Final = 2.2
"""Height of a mark beside the digit that makes both of them a word or a number, by the digit's. These and the bounds
below were chosen on words and digits of kept-out writers, drawn and on made photographs (docs/notebook.md)."""

MAX_MARK_GAP: Final = 1.2
"""Distance of such a mark, by the digit's height."""

MIN_MARK_ASPECT: Final = 0.15
"""Its width by its height; what is thinner may be a printed line."""

MIN_SHARED_HEIGHT: Final = 0.5
"""Share of the lower one's height that digit and mark have side by side, and..."""

MAX_SHARED_WIDTH: Final = 0.5
"""...share of the narrower one's width that they may have above each other."""

MAX_STROKE_RATIO: Final = 1.5
"""Width of the one's strokes by the other's: what is broader or finer is not written with the same pen."""

MAX_DOT_GAP: Final = 0.6
"""Distance of a drawing's mark above or below the digit, by the digit's height: a dot makes it an i, a j, a ?."""

MAX_DOT_SHIFT: Final = 0.15
"""How far beside the digit such a mark may begin, by the digit's height."""

MIN_DOT_LENGTH: Final = 0.6
MAX_DOT_ASPECT: Final = 2.0
"""Its width by its height: what is wider is a line under the digit."""

MAX_DOT_LENGTH: Final = 2.5
"""Its longer side by the width of the digit's strokes: what is smaller is a speck, what is longer has a stroke."""

RIM_WEIGHT: Final = 0.3
"""Weight of the size of a component that touches the rim where the digit is looked for among several."""

REACH: Final = 0.15
"""Distance by the digit's longer side within which another component belongs to it, such as the bar of a 5."""

MIN_MEMBER_SIZE: Final = 0.02
"""Pixels of a component by the digit's, below which it is a speck."""


@dataclass(eq=False)
class DigitCandidate:
    """One view of which ink is the digit.

    Attributes:
        source: the ink it is part of.
        labels: (height, width) integers, the component of each pixel from 1, 0 for paper.
        members: (n,) components that make up the digit.
        rivals: (n,) components about as tall as it; members among them.
        marks: (n,) components beside it, or above or below a drawing's, that may be written with it: a word's other
            letters, the dot of an i.
        runs_into_the_rim: whether the digit touches the rim of a photograph, or crosses a drawing from rim to rim, or
            what the classifier of pixels found: it is then rather a printed line or the sheet's edge than a stroke.

    """

    source: InkCandidate
    labels: NDArray[np.integer]
    members: Counts
    rivals: Counts
    marks: Counts
    runs_into_the_rim: bool

    @cached_property
    def ink(self) -> Grey:
        """(height, width) float32: the digit's largest component and what lies with it."""
        return self._ink_of(self.members)

    def beside(self) -> list[Grey]:
        """Ink of each component that is about as tall as the digit and stands beside it."""
        return [self._ink_of(rival) for rival in self.rivals if rival not in self.members]

    def is_one_of_several_marks(self) -> bool:
        """Whether another mark by the same pen belongs to it: it is part of a word, or of a letter with a dot."""
        if not len(self.marks):
            return False
        own = stroke_width(self.ink)
        return any(self._is_by_the_same_pen(mark, own) for mark in self.marks)

    def _is_by_the_same_pen(self, mark: np.intp, own: float) -> bool:
        inked = self.labels == mark
        length = max(np.ptp(np.flatnonzero(inked.any(axis=axis))) for axis in (0, 1)) + 1
        if length <= MAX_DOT_LENGTH * own:
            return bool(length >= MIN_DOT_LENGTH * own)
        width = stroke_width(self._ink_of(np.array([mark])))
        return max(width, own) < MAX_STROKE_RATIO * min(width, own)

    def parts_in_a_row(self) -> list[Grey]:
        """Ink of each part of the digit that is about as tall as it and stands beside another one that is."""
        parts = [self._ink_of(part) for part in self.members if part in self.rivals]
        boxes = [cv2.boundingRect((part > MIN_DRAWN_INK).view(np.uint8)) for part in parts]
        beside = [any(_share_a_row(own, other) for other in boxes if other is not own) for own in boxes]
        return [part for part, stands_beside in zip(parts, beside, strict=True) if stands_beside]

    def components(self) -> list[Grey]:
        """Ink of each component, in the digit or beside it, that is about as tall as the digit."""
        return [self._ink_of(rival) for rival in self.rivals]

    def _ink_of(self, components: Counts) -> Grey:
        wanted = np.zeros(int(self.labels.max()) + 1, np.bool_)
        wanted[components] = True
        ink = self.source.ink
        return ink * (dilated(wanted.take(self.labels), SOFT_EDGE) & (ink > MIN_SOFT_INK))


def _share_a_row(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two boxes, left, top, width and height, stand beside each other."""
    (left, top, width, height), (other_left, other_top, other_width, other_height) = one, other
    shared_height = min(top + height, other_top + other_height) - max(top, other_top)
    shared_width = min(left + width, other_left + other_width) - max(left, other_left)
    is_level = shared_height > MIN_SHARED_HEIGHT * min(height, other_height)
    return is_level and shared_width < MAX_SHARED_WIDTH * min(width, other_width)


def digit_candidates(picture: NDArray[np.uint8], classifier: PixelClassifier) -> Iterator[DigitCandidate]:
    """Views of the digit in a picture, the likeliest first, those that run into the rim last; none for a blank picture.

    Args:
        picture: (height, width) or (height, width, 3) uint8.
        classifier: of the pixels of a photograph.

    """
    doubtful: list[DigitCandidate] = []
    for source in ink_candidates(picture, classifier, one_digit=True):
        candidate = digit_in(source)
        if candidate is None:
            continue
        if candidate.runs_into_the_rim and (not source.flat_paper or max(picture.shape) > MAX_BLURRED_SIDE):
            doubtful.append(candidate)
        else:
            yield candidate
    yield from doubtful


def digit_in(source: InkCandidate) -> DigitCandidate | None:
    """The likeliest digit in this ink; None where no ink is left.

    What lies along the rim of a drawing is its digit, closely cut out; along that of a photograph it is something else.
    In an icon there is room for one digit only: all of its ink is that digit, in however many components.
    """
    drawn = source.flat_paper
    found = connected_components(source.ink > (MIN_DRAWN_INK if drawn else MIN_PHOTOGRAPHED_INK))
    if not len(found.size):
        return None
    height, width = source.ink.shape
    across = (found.width == width) | (found.height == height)
    if drawn and len(found.size) == 1:
        only, none = np.ones(1, np.intp), np.zeros(0, np.intp)
        return DigitCandidate(source, found.labels, only, only, none, bool(across[0]))
    at_rim = found.touch_the_rim()
    sizes = found.size if drawn else found.size * ~(found.lie_along_the_rim() | found.lie_in_the_rim())
    if not sizes.any():
        return None
    main = int(np.argmax(sizes * np.where(at_rim, RIM_WEIGHT, 1.0)))
    if not drawn and found.length[main] < MIN_DIGIT_SHARE * max(height, width):
        return None
    near = _near(found, main) | source.icon
    whole = (sizes >= MIN_MEMBER_SIZE * sizes[main]) & (~at_rim | at_rim[main])
    tall = found.height >= MIN_RIVAL_HEIGHT * found.height[main]
    if not drawn:
        tall &= found.width >= MIN_RIVAL_ASPECT * found.height
    member = near & whole
    marks = _beside(found, member)
    if drawn and source.way != "classified":  # which parts strokes where they cross printed lines
        marks |= _above_or_below(found, member)
    marks &= (sizes >= MIN_MEMBER_SIZE * sizes[main]) & ~at_rim & ~member
    cut_off = across if drawn or source.way == "classified" else at_rim
    members, rivals, marked = (1 + np.flatnonzero(chosen) for chosen in (member, tall & whole, marks))
    return DigitCandidate(source, found.labels, members, rivals, marked, bool(cut_off[main]))


def _near(found: Components, main: int) -> NDArray[np.bool_]:
    """(n,) whether each component lies within `REACH` of that one."""
    reach = REACH * found.length[main]
    above: NDArray[np.bool_] = (found.top <= found.bottom[main] + reach) & (found.bottom >= found.top[main] - reach)
    beside: NDArray[np.bool_] = (found.left <= found.right[main] + reach) & (found.right >= found.left[main] - reach)
    return above & beside


def _beside(found: Components, member: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) whether each component stands on one line with the members and is about as tall as they are together."""
    top, bottom = found.top[member].min(), found.bottom[member].max()
    left, right = found.left[member].min(), found.right[member].max()
    height, width = bottom - top, right - left
    shared_height = np.minimum(found.bottom, bottom) - np.maximum(found.top, top)
    gap = np.maximum(found.left - right, left - found.right)
    alike = (MIN_MARK_HEIGHT * height < found.height) & (found.height < MAX_MARK_HEIGHT * height)
    alike &= found.width >= MIN_MARK_ASPECT * found.height
    on_line = shared_height > MIN_SHARED_HEIGHT * np.minimum(found.height, height)
    on_line &= (gap < MAX_MARK_GAP * height) & (gap > -MAX_SHARED_WIDTH * np.minimum(found.width, width))
    beside: NDArray[np.bool_] = alike & on_line
    return beside


def _above_or_below(found: Components, member: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) whether each component stands right above or right below the members and is no taller than twice of them."""
    top, bottom = found.top[member].min(), found.bottom[member].max()
    left, right = found.left[member].min(), found.right[member].max()
    height = bottom - top
    gap = np.maximum(found.top - bottom, top - found.bottom)
    shift = np.maximum(found.left - right, left - found.right)
    near: NDArray[np.bool_] = (gap >= 0) & (gap < MAX_DOT_GAP * height) & (shift < MAX_DOT_SHIFT * height)
    near &= (found.height < MAX_MARK_HEIGHT * height) & (found.width < MAX_DOT_ASPECT * found.height)
    return near
