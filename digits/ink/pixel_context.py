"""What a first classification says of a pixel's surroundings: auto-context, the inputs of a second network.

After Tu & Bai, Auto-context and its application to high-level vision tasks (PAMI 32, 2010): where writing and printed
lines lie near by, along the row and the column, and how dark each of them is compared with the pixel.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.ink.pixel_features import Bytes, PixelFeatures, darkest, filled, mean, ring_samples

MEAN_SIDES: Final = (5, 15, 41, 101)
"""Pixels a side of the squares over which the probability of a class is averaged."""

LINE_MEANS: Final = (45, 181)
"""Pixels along a row and a column likewise."""

LINE_BREADTH: Final = 3
"""Pixels across."""

RINGS: Final = ((3, 3), (8, 7), (20, 15), (45, 31))
"""Distance in pixels at which a class is sampled in eight directions, and the side of the square averaged there."""

MAXIMUM_SIDES: Final = (31, 101)
"""Pixels a side of the windows whose surest pixel of writing is told."""

DARKNESS_SIDES: Final = (41, 121)
"""Pixels a side of the squares in which the darkness of a class is averaged."""

SOFT_LEVEL: Final = 8.0
"""Added to the darkness of a class before a pixel's own is divided by it."""

EVEN: Final = 128.0
"""Byte that stands for as dark as the class."""

COARSE: Final = 4
"""Pixels a side of those of which darkness and colour of a class are averaged."""

CONTEXT_FEATURES: Final = 98
"""Numbers that describe a pixel's surroundings."""


def context_features(described: PixelFeatures, printed: Grey, writing: Grey) -> Bytes:
    """Describe the surroundings of the described pixels by what they were first taken for.

    Args:
        described: the pixels, n of them.
        printed: (height, width) float32, probability of a printed line.
        writing: (height, width) float32, probability of writing.

    Returns:
        (CONTEXT_FEATURES, n) uint8.

    """
    of_both = chain(_context(described, writing, of_writing=True), _context(described, printed, of_writing=False))
    return filled(of_both, CONTEXT_FEATURES, len(described.places))


def _context(described: PixelFeatures, shares: Grey, *, of_writing: bool) -> Iterator[Bytes]:
    """What lies around the described pixels of one class, (n,) uint8 each."""
    places = described.places
    own = described.ink.ravel().take(places).astype(np.float32)
    plane = (255 * shares).astype(np.uint8)
    yield plane.ravel().take(places)
    for side in MEAN_SIDES:
        yield mean(plane, side, side).ravel().take(places)
    for length in LINE_MEANS:
        yield mean(plane, length, LINE_BREADTH).ravel().take(places)
        yield mean(plane, LINE_BREADTH, length).ravel().take(places)
    yield from ring_samples(plane, places, RINGS)
    if of_writing:
        for side in MAXIMUM_SIDES:
            yield darkest(plane, side, side).ravel().take(places)
    yield from _darkness(described, plane, own)


def _darkness(described: PixelFeatures, plane: Bytes, own: Grey) -> list[Bytes]:
    """How dark the class is near by and in the whole picture, absolutely and by the pixels' own darkness."""
    places, (height, width) = described.places, plane.shape
    rows, columns = np.divmod(places, width)
    coarse_size = -(-width // COARSE), -(-height // COARSE)
    coarse_places = rows * coarse_size[1] // height * coarse_size[0] + columns * coarse_size[0] // width

    def reduced(values: Bytes) -> Grey:
        """The class's part of the values, in coarse pixels."""
        weighted = cv2.multiply(values, plane, scale=1 / 255, dtype=cv2.CV_32F)
        return np.asarray(cv2.resize(weighted, coarse_size, interpolation=cv2.INTER_AREA), np.float32)

    weight = reduced(np.full_like(plane, 255)) / np.float32(255)
    ink, colour = reduced(described.ink), reduced(described.colour)
    found: list[Bytes] = []
    for side in DARKNESS_SIDES:
        near = _weighted_mean(ink, weight, side).ravel().take(coarse_places)
        found += [_as_bytes(near), _as_bytes(EVEN * own / (near + SOFT_LEVEL))]
    found.append(_as_bytes(_weighted_mean(colour, weight, DARKNESS_SIDES[-1]).ravel().take(coarse_places)))
    total = float(plane.sum(dtype=np.int64)) / 255
    everywhere = float(ink.sum(dtype=np.float64) / (weight.sum(dtype=np.float64) + 1 / COARSE**2))
    found.append(_as_bytes(EVEN * own / (everywhere + SOFT_LEVEL)))
    found.append(np.full(len(places), min(255, 8 * np.log2(1 + total)), np.uint8))
    return found


def _weighted_mean(weighted: Grey, weight: Grey, side: int) -> Grey:
    """Mean around each coarse pixel, in a window of so many fine ones, of what is weighted already."""
    size = (side // COARSE | 1,) * 2
    above, below = (
        np.asarray(cv2.boxFilter(part, -1, size, borderType=cv2.BORDER_REPLICATE), np.float32)
        for part in (weighted, weight)
    )
    return np.asarray(above / (below + np.float32(1e-3)), np.float32)


def _as_bytes(values: NDArray[np.float32]) -> Bytes:
    return np.clip(values, 0, 255).astype(np.uint8)
