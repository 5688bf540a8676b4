"""Picture -> its ink, seen as large as what is written in it needs: small writing enlarged, large pictures reduced.

Constants were chosen on made pages by writers kept out of training (docs/notebook.md, "Small writing").
"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink import ink_candidates
from digits.ink.candidates import InkCandidate
from digits.ink.components import Grey, connected_components
from digits.ink.pixel_classifier import PixelClassifier
from digits.number.find_cells import MIN_DRAWN_LINE
from digits.number.line_scale import room_of_squares
from digits.number.segments import Segment, typical_height
from digits.number.text_lines import components

USUAL_SIDE: Final = 1024
"""Pixels a side to which a larger picture is reduced, unless its writing is small."""

LOW: Final = 45
"""Median height of what may be digits, in pixels, below which a picture that was reduced is looked at with its own
pixels, and..."""

DENSE: Final = 28
"""...pixels from line to line of squared paper in a drawing or a scan, with which what is written hangs together."""

ENLARGED: Final = ((18, 4.0), (28, 2.0))
"""Pixels of the digits' height below which a picture is enlarged before it is read, and by how much, the smallest
first; or as far as..."""

MIN_LEGIBLE: Final = 6
"""Pixels of a digit's height at least: dashes and dots are lower; and..."""

MAX_LENGTH: Final = 0.4
"""...length by the picture's longer side from which on a part is a table's lines or a ruled line, if no large digit."""

MARGIN: Final = 4.0
"""Margin around the writing of a photograph that is looked at larger, by its height; what lies beyond is table and
shadow."""

MIN_PRINTED: Final = 0.5
"""Probability from which on a photograph's pixel lies on a printed line, which belongs to the writing."""

MAX_ENLARGED_PIXELS: Final = 1_600_000
"""...so many pixels go, if that is at least..."""

MIN_ENLARGED: Final = 1.1
"""...this much."""

MAX_INK_CANDIDATES: Final = 3
"""Ink candidates of a picture that are tried. Set by hand."""


def ink_seen_closely(classifier: PixelClassifier, picture: NDArray[np.uint8]) -> tuple[float, Iterator[InkCandidate]]:
    """By how much a picture is enlarged, or reduced, and views of its ink, the likeliest first.

    Args:
        classifier: of the pixels of a photograph.
        picture: (height, width) or (height, width, 3) uint8.

    """
    height, width = picture.shape[:2]
    whole = _Part(0, 0, width, height, min(1.0, USUAL_SIDE / max(height, width)))
    candidates = _candidates(classifier, picture, whole)
    first = next(candidates, None)
    if first is None:
        return whole.enlarged, candidates
    closer = _closer(first, whole)
    if closer is None:
        return whole.enlarged, chain([first], candidates)
    return closer.enlarged, _candidates(classifier, picture, closer, is_photograph=first.printed is not None)


class _Part(NamedTuple):
    """A part of a picture: columns and rows in its pixels, and by how much it is enlarged."""

    left: int
    top: int
    right: int
    bottom: int
    enlarged: float

    def of(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Its pixels."""
        return _scaled(picture[self.top : self.bottom, self.left : self.right], self.enlarged)


def _candidates(
    classifier: PixelClassifier, picture: NDArray[np.uint8], part: _Part, *, is_photograph: bool = False
) -> Iterator[InkCandidate]:
    """Views of the ink of a part of a picture, which lie where the whole picture of that size has it."""
    found = ink_candidates(part.of(picture), classifier, one_digit=False, is_photograph=is_photograph)
    left, top = round(part.left * part.enlarged), round(part.top * part.enlarged)
    for each in islice(found, MAX_INK_CANDIDATES):
        yield each._replace(left=each.left + left, top=each.top + top)


def _scaled(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1:
        return picture
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _closer(first: InkCandidate, whole: _Part) -> _Part | None:
    """The part of a picture with small writing, larger by `ENLARGED` or as far as the limit allows.

    Args:
        first: ink candidate of the whole picture.
        whole: the picture as it was looked at.

    Returns:
        None where the writing is large, or no closer look is possible.

    """
    if first.icon:
        return None
    longest = MAX_LENGTH * max(first.ink.shape)
    found = components(first.ink, drawn=not first.thresholded)
    found = [each for each in found if each.height >= MIN_LEGIBLE and max(each.width, each.height) < longest]
    typical = typical_height(found) if found else np.inf
    enlarged = next((by for below, by in ENLARGED if typical < below), 1.0)
    if enlarged == 1 and whole.enlarged < 1 and (_is_low(found) or (first.printed is None and _is_dense(first.ink))):
        enlarged = 1 / whole.enlarged
    if enlarged == 1:
        return None
    box: tuple[int, ...] = whole[:4]
    if first.printed is not None:
        around = _around(found, first.printed, MARGIN * typical)
        box = tuple(min(round(side / whole.enlarged), end) for side, end in zip(around, 2 * box[2:], strict=True))
    left, top, right, bottom = box
    allowed = float(np.sqrt(MAX_ENLARGED_PIXELS / ((right - left) * (bottom - top)))) / whole.enlarged
    if allowed < MIN_ENLARGED:
        return None
    return _Part(left, top, right, bottom, whole.enlarged * min(enlarged, allowed))


def _is_low(found: list[Segment]) -> bool:
    """Whether most of what may be digits is low; where they touch lines and each other, others are high."""
    return bool(found) and float(np.median([each.height for each in found])) < LOW


def _is_dense(ink: Grey) -> bool:
    """Whether a drawing is on squared paper of small squares."""
    return room_of_squares((ink > MIN_DRAWN_LINE).view(np.uint8)) < DENSE


def _around(found: list[Segment], printed: Grey, margin: float) -> tuple[float, ...]:
    """Left, top, right and bottom of what is written and of printed lines, with a margin; of all where they go on."""
    height, width = printed.shape
    lines = connected_components(printed > MIN_PRINTED)
    is_line = (lines.length > margin) & ~(lines.lie_along_the_rim() | lines.lie_in_the_rim())
    if (is_line & lines.touch_the_rim()).any():
        return 0, 0, width, height
    sides = [(each.left, each.top, each.left + each.width, each.top + each.height) for each in found]
    sides += zip(*(side[is_line].tolist() for side in (lines.left, lines.top, lines.right, lines.bottom)), strict=True)
    left, top, right, bottom = zip(*sides, strict=True)
    return (
        max(min(left) - margin, 0),
        max(min(top) - margin, 0),
        min(max(right) + margin, width),
        min(max(bottom) + margin, height),
    )
