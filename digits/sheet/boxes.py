"""Straightened page -> what is written in each box, without the box's own frame.

All constants were set on 64 made photographs of sheets filled in by writers kept out of training, a third of whose
digits touch or cross their frames.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey, connected_components, dilated
from digits.ink.filters import noise_deviation, smoothed
from digits.ink.paper import along, background, channels_of, ink_direction
from digits.ink.photograph import FULL_INK_QUANTILE, MIN_OWN_INK, soft_threshold
from digits.sheet.layout import box
from digits.sheet.straighten import SCALE, Pixels

MARGIN: Final = 1.0
"""Millimetres around a frame that belong to its box: half of the gap to the next one."""

FRAME_ZONE: Final = 0.55
"""Millimetres on either side of a frame's middle in which it may be seen, blurred or a little out of place."""

INK_BY_FRAME: Final = 1.5
INK_ABOVE_FRAME: Final = 0.1
"""How dark what crosses the frame must be to be ink: so many times as dark as the frame, and so much darker, as shares
of the paper's light. A blue frame that is printed takes a sixth to a third of it."""

BLUR: Final = 0.8
"""Standard deviation in pixels of the blur before the threshold."""

INK_THRESHOLD: Final = 0.4
"""Share of the ink's own darkness at which it is cut out. 0.3 left more of shadows' edges, 0.45 broke faint strokes."""

MIN_PART: Final = 0.03
"""Size of a component by the largest one's, below which it is a speck."""

MIN_DARKNESS: Final = 0.12
MIN_DARKNESS_BY_OTHERS: Final = 0.35
"""Share of the paper's light that ink takes at least: a pencil's 0.3, a pen's 0.7, the grain of an empty box up to
0.1; and at least so much of what the ink of the middle one of all boxes takes, for there a sharp shadow takes 0.4."""

EDGE_DISC: Final = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))
"""Four millimetres across: broader than any stroke, so closing with it fills strokes and keeps the edges of shadows."""

MIN_STEP: Final = 0.1
MIN_STEP_SHARE: Final = 0.05
"""A shadow's edge crosses a box where the smooth paper and the closed one differ by so large a share of the light in so
large a share of the box. To close all boxes cost 0.3 % of the digits where the light is soft."""

SOFT_EDGE: Final = 2
MIN_SOFT_INK: Final = 0.05
"""Pixels that a component's soft edge reaches, and the share of full ink that belongs to it there."""


def unframed(page: Pixels, index: int) -> Pixels:
    """A box with `MARGIN` around it, its frame painted over with paper, but for what is written across.

    Args:
        page: as `digits.sheet.straighten` makes it.
        index: of the box, 0 to 99.

    """
    left, top, right, bottom = (round(side * SCALE) for side in box(index))
    margin = round(MARGIN * SCALE)
    rim = margin + round(FRAME_ZONE * SCALE)
    cut = page[top - margin : bottom + margin, left - margin : right + margin]
    inside = channels_of(cut[rim:-rim, rim:-rim]).astype(np.float32)
    paper = np.pad(_paper(inside), ((0, 0), (rim, rim), (rim, rim)), mode="edge")
    dark = 1 - (channels_of(cut) / np.maximum(paper, 1)).min(axis=0)
    level = _frame_level(dark, margin)
    written = dilated(dark > max(INK_BY_FRAME * level, level + INK_ABOVE_FRAME), SOFT_EDGE)
    written[rim:-rim, rim:-rim] = True
    painted = np.where(written, channels_of(cut), paper.clip(0, 255)).astype(np.uint8)
    return painted[0] if page.ndim == 2 else np.ascontiguousarray(np.moveaxis(painted, 0, 2))


def _frame_level(dark: NDArray[np.floating], margin: int) -> float:
    """How dark the frame is: the median along its four sides, of the darkest of three pixels across."""
    turned = (np.rot90(dark, turn) for turn in range(4))
    sides = [side[margin - 1 : margin + 2, margin:-margin].max(axis=0) for side in turned]
    return float(np.median(np.concatenate(sides)))


def _paper(light: Grey) -> Grey:
    """Paper as it would look without ink, under the light that falls on it: (channels, height, width).

    A smooth surface; where the sharp edge of a shadow crosses the box, which no such surface can follow, the box with
    its strokes filled. Of sheets in such shadows 99.1 % of the digits are so taken rightly, and 98.2 % else.
    """
    smooth, middle = background(light), len(light) // 2
    apart = np.abs(_closed(light[middle]) / np.maximum(smooth[middle], 1) - 1) > MIN_STEP
    return np.stack([*map(_closed, light)]) if apart.mean() > MIN_STEP_SHARE else smooth


def _closed(channel: Grey) -> Grey:
    """(height, width) without what is dark and narrower than `EDGE_DISC`; level, as noise would lift it."""
    grey = np.rint(channel).clip(0, 255).astype(np.uint8)  # of bytes: a quarter of the time
    even = cv2.GaussianBlur(grey, (0, 0), 1)
    closed = cv2.morphologyEx(even, cv2.MORPH_CLOSE, EDGE_DISC, borderType=cv2.BORDER_REPLICATE).astype(np.float32)
    return np.asarray(closed * np.median(channel / np.maximum(closed, 1)), np.float32)


class Written(NamedTuple):
    """What is written in a box.

    Attributes:
        ink: (height, width) float32 in [0, 1].
        darkness: share of the paper's light that it takes.

    """

    ink: Grey
    darkness: float


def written_in(cells: Sequence[Pixels]) -> list[Written | None]:
    """What is written in each box of a sheet, as `unframed` cuts them out; None for an empty one.

    What is much lighter than in the other boxes is a shadow's edge or the paper's grain.
    """
    found = [_written(cell) for cell in cells]
    darkness = [each.darkness for each in found if each is not None]
    least = max(MIN_DARKNESS, MIN_DARKNESS_BY_OTHERS * float(np.median(darkness))) if darkness else 0
    return [None if each is None or each.darkness < least else each for each in found]


def _written(cell: Pixels) -> Written | None:
    """What a soft threshold finds; what lies outside of the frame alone belongs to a neighbour."""
    light = channels_of(cell).astype(np.float32)
    paper = _paper(light)
    difference = np.asarray(255 * (light / np.maximum(paper, 1) - 1), np.float32)
    dark = smoothed(along(ink_direction(difference), difference), BLUR)
    noise = noise_deviation(dark)
    ink = soft_threshold(dark, noise, INK_THRESHOLD, INK_THRESHOLD)
    found = connected_components(ink > MIN_OWN_INK)
    if not len(found.size):
        return None
    rim = round((MARGIN + FRAME_ZONE) * SCALE)
    inside = np.bincount(found.labels[rim:-rim, rim:-rim].ravel(), minlength=len(found.size) + 1)[1:]
    kept = (found.size > MIN_PART * found.size.max()) & (inside > 0)
    if not kept.any():
        return None
    own = found.pixels_of(kept)
    soft = dilated(own, SOFT_EDGE) & (ink > MIN_SOFT_INK)
    return Written(np.where(soft, ink, np.float32(0)), float(np.quantile(dark[own], FULL_INK_QUANTILE)) / 255)


def reduced(cell: Pixels, scale: float) -> Pixels:
    """The cell at that scale, below 1."""
    return np.asarray(cv2.resize(cell, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
