"""Ink -> text lines: its connected components, sorted into lines from top to bottom."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Components, Counts, Grey, connected_components, dilated
from digits.ink.digit import MIN_DIGIT_SHARE, MIN_DRAWN_INK, MIN_PHOTOGRAPHED_INK, MIN_SOFT_INK, SOFT_EDGE
from digits.number.budget import MAX_COMPONENT_PIXELS, MAX_COMPONENTS
from digits.number.segments import Segment, TextLine, typical_height

MIN_DRAWN_LENGTH: Final = 2
"""Pixels of a drawing's component along its longer side; less is a speck. Set by hand."""

MIN_LENGTH_BY_DIGIT: Final = 0.08
"""The same of a photograph's, by the smallest digit's: a point beside it. Set by hand."""

MIN_MARK: Final = 0.16
"""Longer side of a low component by the height of the nearest tall one; less is a point or a speck. Set by hand."""

MIN_POINT: Final = 0.04
"""The same of a point that stands in a line; less is a speck. Set by hand: a pen's width at least."""

MIN_SHARED_HEIGHT: Final = 0.3
"""Share of the lower of two components that must lie beside the other for both to stand in one line. Set by hand."""

LOW: Final = 0.6
"""Share of the typical height below which a component does not begin a line and is not cut. Set by hand."""

MIN_BESIDE: Final = 0.7
"""Share of a low component's height from which it lies beside another rather than above or below. Set by hand."""

CLOSE: Final = 0.3
"""Distance by a component's height within which a low one above or below belongs to its line: the bar of a 5. Set by
hand."""

CLOSE_BESIDE: Final = 2.0
"""The same for a low one that lies beside it: a dash, a decimal point. Set by hand."""

CLOSE_HANGING: Final = 0.8
"""The same for what hangs below the line beside it: a comma, a point that sank; it begins no lower below the other's
bottom than..."""

MAX_HUNG: Final = 0.12
"""...this share of the other's height, and its longer side is less than..."""

MAX_HANGING: Final = 0.4
"""...this share. Set by hand."""


def components(ink: Grey, *, drawn: bool) -> list[Segment]:
    """The connected components of the ink, the longest first, at most `MAX_COMPONENTS`.

    Left out are a photograph's grain, what lies along its rim, and of many components around each other the broadest.

    Args:
        ink: (height, width) float32 in [0, 1].
        drawn: whether it is of a drawing rather than of a photograph.

    """
    found = connected_components(ink > (MIN_DRAWN_INK if drawn else MIN_PHOTOGRAPHED_INK))
    if not len(found.size):
        return []
    shortest = MIN_DRAWN_LENGTH if drawn else MIN_DIGIT_SHARE * MIN_LENGTH_BY_DIGIT * max(ink.shape)
    wanted = found.length >= shortest
    if not drawn:
        wanted &= ~(found.lie_along_the_rim() | (found.lie_in_the_rim() & found.touch_the_rim()))
    longest = np.argsort(-found.length * wanted)[: min(MAX_COMPONENTS, np.count_nonzero(wanted))]
    return [_component(ink, found, int(index)) for index in _of_bounded_boxes(found, longest)]


def _of_bounded_boxes(found: Components, indices: Counts) -> Counts:
    """Those that are left when the largest boxes are taken out until `MAX_COMPONENT_PIXELS` suffice for the others."""
    pixels = (found.width * found.height)[indices]
    smallest = np.argsort(pixels, kind="stable")
    kept = np.empty(len(indices), np.bool_)
    kept[smallest] = np.cumsum(pixels[smallest]) <= MAX_COMPONENT_PIXELS
    return indices[kept]


def _component(ink: Grey, found: Components, index: int) -> Segment:
    """One component with its soft edge, which lies up to `SOFT_EDGE` pixels outside of what was labelled."""
    top, left = (max(int(of_all[index]) - SOFT_EDGE, 0) for of_all in (found.top, found.left))
    place = slice(top, int(found.bottom[index]) + SOFT_EDGE), slice(left, int(found.right[index]) + SOFT_EDGE)
    own = found.labels[place] == index + 1
    near = dilated(own, SOFT_EDGE) & (own | (found.labels[place] == 0))
    return Segment.closely(
        np.where(near & (ink[place] > MIN_SOFT_INK), ink[place], np.float32(0)), top, left, index + 1
    )


def text_lines(found: list[Segment]) -> list[TextLine]:
    """Components sorted into text lines, top to bottom, each from left to right; specks are left out.

    A component joins the line whose last component lies most beside it. What is much lower than the others, such as the
    bar of a 5, joins the line that it is close to, or makes lines with its like.
    """
    if not found:
        return []
    lowest = LOW * typical_height(found)
    lines: list[TextLine] = []
    for segment in sorted((each for each in found if each.height >= lowest), key=lambda each: each.middle):
        beside = [_share_beside(segment, line[-1]) for line in lines]
        best = int(np.argmax(beside)) if beside else 0
        if beside and beside[best] >= MIN_SHARED_HEIGHT:
            lines[best].append(segment)
        else:
            lines.append([segment])
    boxes = np.array([segment.box for line in lines for segment in line], np.float64)
    places = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    apart: list[Segment] = []
    for segment in (each for each in found if each.height < lowest):
        distance, height, place = _nearest(segment, boxes, places)
        length = max(segment.height, segment.width)
        if distance < 1 and length >= MIN_POINT * height:
            lines[place].append(segment)
        elif length >= MIN_MARK * height:
            apart.append(segment)
    lines += text_lines(apart)
    for line in lines:
        line.sort(key=lambda each: each.middle)
    return sorted(lines, key=lambda line: float(np.mean([each.top + each.bottom for each in line])))


def _nearest(segment: Segment, boxes: NDArray[np.float64], places: NDArray[np.intp]) -> tuple[float, float, int]:
    """The component that is nearest to a low one, among (n, 4) boxes that stand in the lines of (n,) indices.

    Returns:
        Its distance by what is close to it, its height in pixels, and the index of its line. What lies beside it is
        close from farther away than what lies above or below.

    """
    left, top, right, bottom = boxes.T
    height = bottom - top
    beside = np.minimum(segment.bottom, bottom) - np.maximum(segment.top, top)
    across = np.maximum(np.maximum(segment.left - right, left - segment.right), 0)
    down = np.maximum(np.maximum(segment.top - bottom, top - segment.bottom), 0)
    hangs = (segment.top - bottom < MAX_HUNG * height) & (segment.top > (top + bottom) / 2) & (across > 0)
    hangs &= max(segment.height, segment.width) < MAX_HANGING * height
    is_beside = beside / np.minimum(segment.height, height) > MIN_BESIDE
    close = np.where(is_beside, CLOSE_BESIDE, np.where(hangs, CLOSE_HANGING, CLOSE))
    distance = np.hypot(across, down) / (height * close)
    nearest = np.lexsort((places, height, distance))[0]
    return float(distance[nearest]), float(height[nearest]), int(places[nearest])


def _share_beside(one: Segment, other: Segment) -> float:
    """Share of the lower one's height that lies beside the other; negative where none does."""
    beside = min(one.bottom, other.bottom) - max(one.top, other.top)
    return beside / min(one.height, other.height)
