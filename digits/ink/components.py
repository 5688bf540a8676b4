"""Connected components of ink, and which of them belong to the rim of the picture rather than to what is written."""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]
Labels = NDArray[np.integer]
Counts = NDArray[np.intp]

MAX_PIXELS_OF_SHORT_LABELS: Final = 200_000
"""Pixels of a picture that has fewer than 65,536 components whatever it shows: labels of 16 bits, which are twice as
fast, are enough for it."""

MIN_RIM_CONTACT: Final = 0.4
"""Share of a component's longer side that must touch one side of the picture for it to lie along that side; a stroke
that runs out of the picture touches it with its width. Set by hand on photographed sheets' edges."""

RIM_SHARE: Final = 0.06
"""Share of a photograph's height or width: what lies within a rim of this breadth is the sheet's edge, not writing. Set
by hand on photographed sheets' edges."""


class Components(NamedTuple):
    """The connected components of a mask, by edge or corner; component 1 is at index 0 of the arrays.

    Attributes:
        labels: (height, width) integers: the component of each pixel from 1, 0 for none.
        left: (n,) first column of each.
        top: (n,) first row.
        width: (n,) in pixels.
        height: (n,) in pixels.
        size: (n,) how many pixels it has.

    """

    labels: Labels
    left: Counts
    top: Counts
    width: Counts
    height: Counts
    size: Counts

    @property
    def right(self) -> Counts:
        """(n,) the column behind the last."""
        return self.left + self.width

    @property
    def bottom(self) -> Counts:
        """(n,) the row below the last."""
        return self.top + self.height

    @property
    def length(self) -> Counts:
        """(n,) the longer side in pixels."""
        return np.maximum(self.width, self.height)

    def pixels_of(self, chosen: Mask) -> Mask:
        """(height, width) whether a pixel belongs to one of the chosen, (n,), components."""
        of_all: Mask = np.concatenate([[False], chosen]).take(self.labels)
        return of_all

    def touch_the_rim(self) -> Mask:
        """(n,) whether it has a pixel on a side of the picture."""
        height, width = self.labels.shape
        touches: Mask = (self.top == 0) | (self.left == 0) | (self.bottom == height) | (self.right == width)
        return touches

    def lie_in_the_rim(self) -> Mask:
        """(n,) whether all of it lies within `RIM_SHARE` of a side."""
        height, width = self.labels.shape
        upright = (self.bottom <= RIM_SHARE * height) | (self.top >= (1 - RIM_SHARE) * height)
        within: Mask = upright | (self.right <= RIM_SHARE * width) | (self.left >= (1 - RIM_SHARE) * width)
        return within

    def lie_along_the_rim(self) -> Mask:
        """(n,) whether it lies along a side rather than runs into it: a table's edge, a shadow, a finger."""
        rims = (self.labels[0], self.labels[-1], self.labels[:, 0], self.labels[:, -1])
        contact = np.stack([np.bincount(rim, minlength=len(self.size) + 1)[1:] for rim in rims], axis=1)
        along: Mask = contact.max(axis=1) > MIN_RIM_CONTACT * self.length
        return along


def connected_components(mask: Mask) -> Components:
    """Label the components of a (height, width) bool mask."""
    kind = cv2.CV_16U if mask.size < MAX_PIXELS_OF_SHORT_LABELS else cv2.CV_32S
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8, ltype=kind)
    return Components(np.asarray(labels), *np.asarray(statistics[1:], np.intp).T)


def dilated(mask: Mask, reach: int) -> Mask:
    """The mask grown by `reach` pixels to each side, corners included."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate(mask.view(np.uint8), square).view(np.bool_)
