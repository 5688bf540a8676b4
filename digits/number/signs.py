"""How a segment hypothesis stands in its text line, in units of the line: `PLACE` numbers for the sign classifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.normalise import stroke_width
from digits.number.segments import Segment, SegmentHypothesis, typical_height

TALL: Final = 0.6
"""Height of a component by the line's from which it tells where the line stands. Set by hand, as are the others here:
the network has learnt with them."""

NEIGHBOURS: Final = 4
"""Nearest tall components that tell it."""

FAR: Final = 1.5
"""Distances and shifts are told up to so many heights, logarithms up to..."""

MAX_LOGARITHM: Final = 3.0
"""...this."""


@dataclass(frozen=True, eq=False)
class LineShape:
    """The connected components of a text line, described for all its hypotheses.

    Attributes:
        height: typical of the line, in pixels.
        boxes: (n, 4) left, top, right and bottom of each component.
        numbers: (n,) of the components.
        stroke: typical width of the strokes, in pixels.
        darkness: typical ink of a pixel of it, 0..1.

    """

    height: float
    boxes: NDArray[np.float64]
    numbers: NDArray[np.intp]
    stroke: float
    darkness: float

    @classmethod
    def of(cls, line: Sequence[Segment]) -> "LineShape":
        """Describe a line before it is cut."""
        height = typical_height(line)
        tall = [segment for segment in line if segment.height >= TALL * height] or list(line)
        return cls(
            height,
            np.array([segment.box for segment in line], np.float64),
            np.array([segment.component for segment in line]),
            float(np.median([stroke_width(segment.ink) for segment in tall])),
            float(np.median([_darkness(segment.ink) for segment in tall])),
        )

    def places(
        self, hypotheses: Sequence[SegmentHypothesis], inks: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """(n, PLACE) how n hypotheses, whose ink is given, stand in the line."""
        boxes = np.array([hypothesis.box for hypothesis in hypotheses], np.float64)
        own = np.array([np.isin(self.numbers, [each.component for each in one.segments]) for one in hypotheses])
        left, top, right, bottom = boxes.T
        height, width, middle = bottom - top, right - left, (left + right) / 2
        above, below = self._lines_at(middle, own)
        beside = self._beside(boxes, own)
        of_ink = [
            (
                np.log(stroke_width(ink) / self.stroke),
                _darkness(ink) / self.darkness,
                np.count_nonzero(ink > 0.5 * ink.max()) / ink.size,
                hypothesis.component_count,
                hypothesis.begins_at_a_seam,
                hypothesis.ends_at_a_seam,
            )
            for hypothesis, ink in zip(hypotheses, inks, strict=True)
        ]
        own_sides = (
            np.stack([(bottom - below), (top - above), (top + bottom - above - below) / 2], axis=1) / self.height
        )
        sizes = np.log(np.stack([height, width, width * height / height], axis=1) / self.height)
        count = np.full(len(boxes), np.log(len(self.boxes)))
        found = np.concatenate(
            [
                sizes[:, :2].clip(-MAX_LOGARITHM, MAX_LOGARITHM),
                own_sides.clip(-FAR, FAR),
                beside,
                np.array(of_ink, np.float64).clip(-MAX_LOGARITHM, MAX_LOGARITHM),
                count[:, None],
                (np.log(below - above) - np.log(self.height))[:, None].clip(-1, 1),
            ],
            axis=1,
        )
        return found.astype(np.float32)

    def _lines_at(
        self, middle: NDArray[np.float64], own: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n,) rows where the digits around n columns begin and end: medians of the nearest tall components' sides."""
        left, top, right, bottom = self.boxes.T
        distance = np.abs((left + right) / 2 - middle[:, None])
        low = bottom - top < TALL * self.height
        order = np.argsort(distance + 1e6 * own + 1e9 * low, axis=1, kind="stable")[:, :NEIGHBOURS]
        is_known = ~low[order] & ~np.take_along_axis(own, order, axis=1)
        is_known[:, 0] |= ~is_known.any(axis=1)
        return _medians(top[order], is_known), _medians(bottom[order], is_known)

    def _beside(self, boxes: NDArray[np.float64], own: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n, 7) distance to the neighbours at both sides, their heights, what stands above or below, and how near."""
        left, top, right, bottom = boxes.T[:, :, None]
        others_left, others_top, others_right, others_bottom = self.boxes.T[:, None, :]
        is_left = (others_left + others_right < left + right) & ~own
        is_right = ~is_left & ~own
        heights = np.log((others_bottom - others_top) / self.height)
        before = np.where(is_left, left - others_right, np.inf)
        behind = np.where(is_right, others_left - right, np.inf)
        shared = np.minimum(right, others_right) - np.maximum(left, others_left)
        shared = np.where(own, -1.0, shared / np.minimum(right - left, others_right - others_left)).clip(-1, 1)
        low = others_bottom - others_top < TALL * self.height
        down = np.maximum(others_top - bottom, top - others_bottom) / self.height
        found = [
            *(
                side
                for gap, exists in ((before, is_left), (behind, is_right))
                for side in (
                    (gap.min(axis=1) / self.height).clip(-1, FAR),
                    np.where(
                        exists.any(axis=1), np.broadcast_to(heights, gap.shape)[_rows(gap), gap.argmin(axis=1)], 0
                    ),
                )
            ),
            np.where(low, shared, -1).max(axis=1),
            np.where(low, -1, shared).max(axis=1),
            np.where(shared > 0, down, FAR).min(axis=1).clip(-1, FAR),
        ]
        return np.stack(found, axis=1)


def _medians(values: NDArray[np.float64], is_known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n,) the median of what is known of each row, faster than `numpy.nanmedian` for so few."""
    in_order, known = np.sort(np.where(is_known, values, np.inf), axis=1), is_known.sum(axis=1)
    rows = _rows(values)
    medians: NDArray[np.float64] = (in_order[rows, (known - 1) // 2] + in_order[rows, known // 2]) / 2
    return medians


def _rows(values: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.arange(len(values))


def _darkness(ink: NDArray[np.float32]) -> float:
    """Mean ink of the darker pixels, 0..1."""
    dark = ink > 0.5 * ink.max()
    return float(ink[dark].mean())
