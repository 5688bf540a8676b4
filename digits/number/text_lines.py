"""Ink -> text lines: its connected components, sorted into lines from top to bottom."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Components, Counts, Grey, connected_components, dilated
from digits.ink.digit import MIN_DIGIT_SHARE, MIN_DRAWN_INK, MIN_PHOTOGRAPHED_INK, MIN_SOFT_INK, SOFT_EDGE
from digits.number.baselines import Flow, followed, in_reading_order, page_flow
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

LOW: Final = 0.6
"""Share of the typical height below which a component does not begin a line and is not cut. Set by hand."""

MIN_BESIDE: Final = 0.7
"""Share of a low component's height from which it lies beside another rather than above or below. Set by hand."""

CLOSE: Final = 0.3
"""Distance by a component's height within which a low one above or below belongs to its line: the bar of a 5. Set by
hand."""

CLOSE_BESIDE: Final = 2.0
"""The same for a low one that lies beside it: a dash, a decimal point. Set by hand."""

SMALL: Final = 0.35
"""Height, by the other's, of one that is a small digit rather than a sign; it may stand farther away, up to..."""

FAR_BESIDE: Final = 8.0
"""...so many heights."""

CLOSE_HANGING: Final = 0.8
"""The same for what hangs below the line beside it: a comma, a point that sank; it begins no lower below the other's
bottom than..."""

MAX_HUNG: Final = 0.3
"""...this share of the other's height, and its longer side is less than..."""

MAX_HANGING: Final = 1.2
"""...this share: many write a comma nearly as long as a digit. Set by hand."""

MAX_HUNG_TALL: Final = 0.18
"""The same as `MAX_HUNG` for what is as tall as a digit: in a dense page the next line is near."""

MAX_BEHIND: Final = 0.5
"""Distance by the other's height within which something as tall hangs behind it, if nothing else stands beside it..."""

MIN_COMPANY: Final = 0.6
"""...with so much of the lower one's height and..."""

FAR_COMPANY: Final = 1.5
"""...nearer than so many heights. Set by hand."""


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

    What is much lower than the others, such as the bar of a 5, or hangs beside a digit, such as a long comma, joins the
    line that it is close to, or makes lines with its like.
    """
    if not found:
        return []
    lowest = LOW * typical_height(found)
    flow = page_flow([each for each in found if each.height >= lowest])
    return in_reading_order(_sorted_lines(found, flow), flow)


def _sorted_lines(found: list[Segment], flow: Flow) -> list[TextLine]:
    """The lines, each from left to right, in any order."""
    if not found:
        return []
    lowest = LOW * typical_height(found)
    tall = [each for each in found if each.height >= lowest]
    hanging = {each.component for each, hangs in zip(tall, _hang(tall, flow), strict=True) if hangs}
    lines = followed([each for each in tall if each.component not in hanging], flow)
    boxes = np.array([segment.box for line in lines for segment in line], np.float64)
    places = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    apart: list[Segment] = []
    for segment in (each for each in found if each.height < lowest or each.component in hanging):
        distance, height, place = _nearest(segment, boxes, places, flow)
        length = max(segment.height, segment.width)
        if distance < 1 and length >= MIN_POINT * height:
            lines[place].append(segment)
        elif length >= MIN_MARK * height:
            apart.append(segment)
    lines += _sorted_lines(apart, flow)
    for line in lines:
        line.sort(key=lambda each: each.middle)
    return lines


def _hang(found: list[Segment], flow: Flow) -> NDArray[np.bool_]:
    """(n,) whether components as tall as digits hang behind another below its line, and none stands beside them."""
    left, top, right, bottom = np.array([each.box for each in found], np.float64).T
    height, middle = bottom - top, flow.at((left + right) / 2)
    top, bottom = top - middle, bottom - middle
    across = np.maximum(left[:, None] - right, left - right[:, None]).clip(0)
    beside = (np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)) / np.minimum(height[:, None], height)
    hangs = (top[:, None] > (top + bottom) / 2) & (top[:, None] - bottom < MAX_HUNG_TALL * height)
    hangs &= (height[:, None] < MAX_HANGING * height) & ((left + right)[:, None] > 2 * right)
    hangs &= across < MAX_BEHIND * height
    accompanied = (beside > MIN_COMPANY) & (across < FAR_COMPANY * height) & ~np.eye(len(found), dtype=np.bool_)
    return np.asarray(hangs.any(axis=1) & ~accompanied.any(axis=1), np.bool_)


def _nearest(
    segment: Segment, boxes: NDArray[np.float64], places: NDArray[np.intp], flow: Flow
) -> tuple[float, float, int]:
    """The component that is nearest to a low one, among (n, 4) boxes that stand in the lines of (n,) indices.

    Returns:
        Its distance by what is close to it, its height in pixels, and the index of its line. What lies beside it is
        close from farther away than what lies above or below.

    """
    left, top, right, bottom = boxes.T
    height = bottom - top
    shift = flow.at(np.array([segment.middle])) - flow.at((left + right) / 2)
    top, bottom = top + shift, bottom + shift
    beside = np.minimum(segment.bottom, bottom) - np.maximum(segment.top, top)
    across = np.maximum(np.maximum(segment.left - right, left - segment.right), 0)
    down = np.maximum(np.maximum(segment.top - bottom, top - segment.bottom), 0)
    hangs = (segment.top - bottom < MAX_HUNG * height) & (segment.top > (top + bottom) / 2) & (segment.middle > right)
    hangs &= max(segment.height, segment.width) < MAX_HANGING * height
    is_beside = beside / np.minimum(segment.height, height) > MIN_BESIDE
    reach = np.where(segment.height > SMALL * height, FAR_BESIDE, CLOSE_BESIDE)
    close = np.where(is_beside, reach, np.where(hangs, CLOSE_HANGING, CLOSE))
    distance = np.hypot(across, down) / (height * close)
    nearest = np.lexsort((places, height, distance))[0]
    return float(distance[nearest]), float(height[nearest]), int(places[nearest])
