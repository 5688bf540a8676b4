"""What a made page is drawn on: masks finer than the picture, and how the sheet lies before the camera."""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.pen import Ink

Points = NDArray[np.float32]
"""(n, 2) float32, x to the right, y downwards, in pixels of the picture."""

FRACTION_BITS: Final = 4
"""Bits behind the point of the coordinates that OpenCV is given."""

MAX_FIXED: Final = 1 << 22
"""Coordinate so far outside that OpenCV need not be told more exactly."""

FINE_SIDE: Final = 256
"""Pixels of the longer side up to which a mask has four times the picture's resolution instead of twice."""


class Lie(NamedTuple):
    """How the sheet lies before the camera: turned, seen at a slant, bent.

    Attributes:
        matrix: (2, 2) turn and shear.
        slant: (2,) by how much the distance grows for each pixel to the right and down.
        bend: pixels by which the sheet's waves move what lies on it.
        waves: (2, 3) cycles for each pixel to the right and down, and the phase, of the two waves.
        middle: (2,) the picture's middle in pixels, around which the sheet is turned.

    """

    matrix: NDArray[np.float32]
    slant: NDArray[np.float32]
    bend: float
    waves: NDArray[np.float32]
    middle: NDArray[np.float32]

    def __call__(self, points: Points) -> Points:
        """From the sheet, whose origin is the picture's middle, to the picture."""
        phase = 2 * np.pi * (points @ self.waves[:, :2].T + self.waves[:, 2])
        moved = points @ self.matrix.T + self.bend * np.sin(phase)
        placed: Points = (moved / (1 + moved @ self.slant)[:, None] + self.middle).astype(np.float32)
        return placed

    def along(self, place: Points) -> NDArray[np.float32]:
        """(2, 3) the affine transformation that is nearly the same around that place, (2,)."""
        around = (place + np.array([(0, 0), (1, 0), (0, 1)])).astype(np.float32)
        origin, right, down = self(around)
        linear = np.stack([right - origin, down - origin], axis=1)
        return np.column_stack([linear, origin - linear @ place]).astype(np.float32)


def random_lie(rng: Generator, height: int, width: int) -> Lie:
    """Some way in which a sheet lies; most lie nearly straight."""
    side = max(height, width)
    turn = np.deg2rad(rng.normal(0, rng.choice([1.5, 6.0, 14.0], p=[0.5, 0.35, 0.15])))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    sheared = turned @ np.array([[1, rng.normal(0, 0.03)], [0, 1]])
    slant = rng.normal(0, rng.choice([0.0, 0.15]), 2) / side
    bend = rng.choice([0.0, 0.004, 0.015], p=[0.4, 0.4, 0.2]) * side
    waves = np.column_stack([rng.normal(0, 0.6 / side, (2, 2)), rng.random(2)])
    middle = np.array([width / 2, height / 2], np.float32)
    matrix, slants = np.asarray(sheared, np.float32), np.asarray(slant, np.float32)
    return Lie(matrix, slants, float(bend), waves.astype(np.float32), middle)


class Layer:
    """A mask on which lines, areas and pictures are drawn, in the picture's pixels.

    Args:
        height: of the picture in pixels.
        width: of it.

    """

    def __init__(self, height: int, width: int) -> None:
        self.size = height, width
        self._finer = 2 if max(height, width) > FINE_SIDE else 4
        self._mask = np.zeros((height * self._finer, width * self._finer), np.uint8)

    def line(self, points: Points, width: float, value: float = 1.0) -> None:
        """A line through the points, that many pixels broad and at least half of one."""
        pen = max(1, round(width * self._finer))
        cv2.polylines(self._mask, [self._fixed(points)], False, round(255 * value), pen, cv2.LINE_AA, FRACTION_BITS)

    def area(self, points: Points, value: float = 1.0) -> None:
        """A filled convex polygon."""
        cv2.fillConvexPoly(self._mask, self._fixed(points), round(255 * value), cv2.LINE_AA, FRACTION_BITS)

    def discs(self, centres: Points, radius: float, value: float = 1.0) -> None:
        """A disc of so many pixels around each centre."""
        fine = max(1, round(radius * self._finer * (1 << FRACTION_BITS)))
        for x, y in self._fixed(centres).tolist():
            cv2.circle(self._mask, (x, y), fine, round(255 * value), -1, cv2.LINE_AA, FRACTION_BITS)

    def picture(self, ink: Ink, placed: NDArray[np.float32]) -> None:
        """Ink of a picture where it is the stronger; `placed` (2, 3) from its pixels to the picture's."""
        height, width = self._mask.shape
        grey = np.asarray(255 * ink, np.uint8)
        drawn = cv2.warpAffine(grey, (placed * self._finer).astype(np.float64), (width, height), flags=cv2.INTER_LINEAR)
        np.maximum(self._mask, drawn, out=self._mask)

    def share(self) -> Ink:
        """(height, width) float32 in [0, 1]: how much of each pixel is covered."""
        height, width = self.size
        reduced = cv2.resize(self._mask, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(reduced, np.float32) / np.float32(255)

    def _fixed(self, points: Points) -> NDArray[np.int32]:
        fixed = np.rint((points * self._finer - 0.5) * (1 << FRACTION_BITS))
        return np.asarray(fixed.clip(-MAX_FIXED, MAX_FIXED), np.int32)
