"""What a pixel of a photograph looks like from its surroundings: the numbers by which the pixel classifier knows ink.

Only pixels that stand out of their paper at all are described; the others cannot be ink. Every number is a byte, so
that OpenCV works each out for a whole picture of 512 by 384 in a tenth of a millisecond, and a million described pixels
are small enough to learn from.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import chain
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.ink.filters import noise_deviation
from digits.ink.paper import INK_COLOUR_QUANTILE, Channels, along, difference_from_background, ink_direction

Bytes = NDArray[np.uint8]

FULL_LEVEL: Final = 160.0
"""Byte that stands for the picture's darkest ink; what is darker still, a table's edge, fits above."""

PEAK_QUANTILE: Final = 0.995
"""Quantile of the contrast that stands for the darkest ink."""

MIN_PEAK: Final = 12.0
"""Grey levels that the darkest ink has at least: below, a picture shows the noise of its camera."""

MIN_OTHER_TAIL: Final = 0.02
"""Sum of cubes of the strongest contrasts on one side by that on the other, from which on either may be the ink. The
longer side was the ink in all but one of 200 made pages where the other had less."""

MIN_ASKED: Final = 0.12
"""Share of the darkest ink's contrast from which on a pixel may be ink."""

MIN_ASKED_NOISE: Final = 1.5
"""Standard deviations of the noise likewise."""

MAX_ASKED: Final = 300_000
"""Pixels that are described at most, the darkest: of 1,024 by 1,024 pixels writing takes a tenth."""

MEAN_SIDES: Final = (3, 5, 9, 19, 39, 79)
"""Pixels a side of the squares over which contrast is averaged."""

TOP_HAT_SIDES: Final = (25, 61, 121)
"""Pixels a side of the windows in which the lightest place stands for the paper."""

MAXIMUM_SIDES: Final = (5, 21, 61, 101)
"""Pixels a side of the windows whose darkest pixel is told."""

OPENING_SIDES: Final = (3, 5, 9, 17, 33)
"""Pixels a side of the squares that must fit into a stroke."""

LINE_MEANS: Final = (15, 45, 91, 181)
"""Pixels along a row over which contrast is averaged."""

SIDED_MEANS: Final = (31, 91)
"""Pixels to the left and to the right, of whose means the smaller is told."""

LINE_OPENINGS: Final = (13, 31, 75, 151)
"""Pixels along a row that must all be dark."""

SECTIONS: Final = 8
"""Parts of a row, of whose mean contrasts the third smallest tells a line that runs through the picture."""

RINGS: Final = ((2, 3), (4, 5), (8, 9), (16, 19))
"""Distance in pixels at which the surroundings are sampled in eight directions, and the side of the square that is
averaged there."""

DIRECTIONS: Final = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
"""Columns and rows, clockwise."""

MAX_TURN: Final = 10.0
"""Degrees by which paper may be turned."""

COARSE_TURNS: Final = 21
"""Angles that are tried first, and..."""

FINE_TURNS: Final = 7
"""...around the best of them."""

SLOPE_SIDE: Final = 128
"""Pixels a side, about, at which the angle is looked for."""

MAX_RIM: Final = 255
"""Pixels from the rim beyond which its distance no longer counts."""


FEATURES: Final = 90
"""Numbers that describe a pixel."""


class PixelFeatures(NamedTuple):
    """The described pixels of a picture.

    Attributes:
        places: (n,) index of each pixel, row by row.
        values: (FEATURES, n) uint8.
        ink: (height, width) uint8, contrast to the paper, `FULL_LEVEL` for the darkest ink.
        colour: (height, width) uint8, contrast that has not the ink's colour, in the same unit.

    """

    places: NDArray[np.intp]
    values: Bytes
    ink: Bytes
    colour: Bytes


class _Contrast(NamedTuple):
    """A picture as contrast to its paper.

    Attributes:
        ink: (height, width) uint8, contrast towards ink, `FULL_LEVEL` for the darkest.
        light: (height, width) uint8, brightness turned so that ink is high, in the same unit.
        colour: (height, width) uint8, contrast that has not the ink's colour, in the same unit.
        noise: of the paper, in the same unit.
        peak: grey levels of the darkest ink.
        dark: whether ink is darker than its paper.

    """

    ink: Bytes
    light: Bytes
    colour: Bytes
    noise: float
    peak: float
    dark: bool


def pixel_features(channels: Channels) -> Iterator[PixelFeatures]:
    """Describe the pixels that may be ink; twice where ink may be the darker or the brighter side of the picture.

    Args:
        channels: (channels, height, width) uint8.

    """
    difference = difference_from_background(channels)
    direction = ink_direction(difference)
    values = along(direction, difference)
    smooth = _averaged(values, 3)[::2, ::2]
    strong = smooth[np.abs(smooth) > np.quantile(np.abs(smooth), INK_COLOUR_QUANTILE)]
    tails = [float(np.sum(np.maximum(side, 0) ** 3)) for side in (strong, -strong)]
    sides = (1, -1) if tails[1] > MIN_OTHER_TAIL * tails[0] else (1,)
    colour = _other_colour(difference, direction, values)
    del difference
    level = along(direction, channels)
    for side in sides:
        yield _described(_contrast(side * values, side * level, colour, dark=side * direction.sum() < 0))


def _described(contrast: _Contrast) -> PixelFeatures:
    hats = [_top_hat(contrast.light, side) for side in TOP_HAT_SIDES]
    asked = _asked(mean(np.maximum(contrast.ink, hats[-1]), 3, 3), contrast.noise)
    places = np.flatnonzero(asked)
    whole = [8 * contrast.noise, contrast.peak, 255 * asked.mean(), 8 * np.log2(asked.size), 255 * contrast.dark]
    found = chain(
        (plane.ravel().take(places) for plane in chain(hats, _planes(contrast))),
        _darker_around(contrast.ink, places),
        _along_lines(contrast.ink, places, turned=False),
        _along_lines(contrast.ink, places, turned=True),
        _rim_distances(contrast.ink.shape, places),
        (min(value, 255) for value in whole),
    )
    return PixelFeatures(places, filled(found, FEATURES, len(places)), contrast.ink, contrast.colour)


def filled(rows: Iterable[Bytes | float], count: int, length: int) -> Bytes:
    """(count, length) uint8 of so many rows, which are made one after the other and not kept beside it."""
    values = np.empty((count, length), np.uint8)
    for row, value in zip(values, rows, strict=True):
        row[:] = value
    return values


def _asked(level: Bytes, noise: float) -> NDArray[np.bool_]:
    """(height, width) which pixels may be ink, by the contrast of each."""
    least = max(MIN_ASKED * FULL_LEVEL, MIN_ASKED_NOISE * noise)
    asked: NDArray[np.bool_] = level > least
    if np.count_nonzero(asked) > MAX_ASKED:
        as_dark = np.bincount(level.ravel(), minlength=256)[::-1].cumsum()[::-1]
        asked = level >= min(int(np.count_nonzero(as_dark > MAX_ASKED)), 255)
    return asked


def _contrast(values: Grey, level: Grey, colour: Grey, *, dark: bool) -> _Contrast:
    """Contrast to the paper and brightness towards ink, contrast of other colours, in grey levels, as bytes."""
    steps = values[1::2, ::2] - values[:-1:2, ::2]
    noise = noise_deviation(steps) / np.sqrt(2) if steps.size else 0.0
    peak = max(float(np.quantile(_averaged(values, 3)[::2, ::2], PEAK_QUANTILE)), MIN_PEAK)
    scale = FULL_LEVEL / peak
    ink = cv2.convertScaleAbs(np.maximum(values, 0), alpha=scale)
    paper = float(np.median(level[::4, ::4]))
    light = np.clip((level - paper) * (scale / 2) + 128, 0, 255).astype(np.uint8)
    others = np.asarray(cv2.convertScaleAbs(colour, alpha=scale), np.uint8)
    return _Contrast(np.asarray(ink, np.uint8), light, others, noise * scale, peak, dark)


def _other_colour(difference: Grey, direction: Grey, values: Grey) -> Grey:
    """(height, width) float32, contrast to the paper that has not the ink's colour, in grey levels."""
    if len(difference) == 1:
        return np.zeros_like(values)
    axis = direction / max(float(np.vdot(direction, direction)), 1e-6)
    apart = (np.abs(part - share * values) for part, share in zip(difference, axis, strict=True))
    return _averaged(reduce(np.maximum, apart), 3)


def _averaged(plane: Grey, side: int) -> Grey:
    return np.asarray(cv2.boxFilter(plane, -1, (side, side), borderType=cv2.BORDER_REPLICATE))


def _top_hat(light: Bytes, side: int) -> Bytes:
    """Contrast to the lightest place near by: what a median of the paper misses where strokes are broad."""
    return np.asarray(cv2.subtract(light, _opened(mean(light, 5, 5), side, side)), np.uint8)


def _planes(contrast: _Contrast) -> Iterator[Bytes]:
    ink, light = contrast.ink, contrast.light
    yield ink
    yield light
    yield contrast.colour
    for side in MEAN_SIDES:
        yield mean(ink, side, side)
    for side in MEAN_SIDES[2:]:
        yield np.asarray(cv2.addWeighted(light, 0.5, mean(light, side, side), -0.5, 128), np.uint8)
    smooth = mean(ink, 3, 3)
    for side in MAXIMUM_SIDES:
        yield darkest(smooth, side, side)
    for side in OPENING_SIDES:
        yield _opened(smooth, side, side)
    detail = np.asarray(cv2.absdiff(light, mean(light, 3, 3)), np.uint8)
    yield np.asarray(cv2.convertScaleAbs(mean(detail, 41, 41), alpha=8), np.uint8)


def darkest(plane: Bytes, width: int, height: int) -> Bytes:
    """The highest byte around each pixel, in a window of that many pixels."""
    return np.asarray(cv2.dilate(plane, np.ones((height, width), np.uint8)), np.uint8)


def _opened(plane: Bytes, width: int, height: int) -> Bytes:
    return np.asarray(cv2.morphologyEx(plane, cv2.MORPH_OPEN, np.ones((height, width), np.uint8)), np.uint8)


def mean(plane: Bytes, width: int, height: int, anchor: tuple[int, int] = (-1, -1)) -> Bytes:
    """The mean around each pixel, in a window of that many pixels, in which it lies at the anchor: its middle."""
    averaged = cv2.boxFilter(plane, -1, (width, height), anchor=anchor, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(averaged, np.uint8)


def _darker_around(ink: Bytes, places: NDArray[np.intp]) -> Iterator[Bytes]:
    """How much darker each pixel's surroundings are, in eight directions and at several distances."""
    for distance, side in RINGS:
        half = mean(ink, side, side).ravel().take(places) >> 1
        for sample in ring_samples(ink, places, ((distance, side),)):
            yield (sample >> 1) - half + np.uint8(128)


def ring_samples(plane: Bytes, places: NDArray[np.intp], rings: tuple[tuple[int, int], ...]) -> Iterator[Bytes]:
    """A plane around each of (n,) places in eight directions: (n,) uint8 each.

    Args:
        plane: (height, width) uint8.
        places: (n,) indices of pixels, row by row.
        rings: distance of each ring in pixels, and the side of the square that is averaged there.

    """
    rows, columns = np.divmod(places, plane.shape[1])
    for distance, side in rings:
        averaged = mean(plane, side, side)
        wide = cv2.copyMakeBorder(averaged, distance, distance, distance, distance, cv2.BORDER_REPLICATE)
        middle = (rows + distance) * wide.shape[1] + columns + distance
        samples = np.asarray(wide, np.uint8).ravel()
        for across, down in DIRECTIONS:
            yield samples.take(middle + distance * (down * wide.shape[1] + across))


def _along_lines(ink: Bytes, places: NDArray[np.intp], *, turned: bool) -> list[Bytes]:
    """What lies along the row of each pixel, or along its column, in the direction of the paper's lines."""
    width = ink.shape[1]
    rows, columns = np.divmod(places, width)
    if turned:
        ink, rows, columns, width = np.ascontiguousarray(ink.T), columns, rows, ink.shape[0]
    slope = _slope(ink)
    margin = int(np.ceil(abs(slope) * width / 2))
    level = _sheared(darkest(ink, 1, 3), slope, margin)
    index = (rows + margin + np.rint(-slope * (columns - width / 2)).astype(np.intp)) * width + columns
    planes = [mean(level, length, 1) for length in LINE_MEANS]
    for length in SIDED_MEANS:
        planes.append(np.minimum(mean(level, length, 1, (0, 0)), mean(level, length, 1, (length - 1, 0))))
    for length in LINE_OPENINGS:
        planes.append(_opened(level, length, 1))
    found = [plane.ravel().take(index) for plane in planes]
    sections = np.sort(cv2.resize(level, (SECTIONS, len(level)), interpolation=cv2.INTER_AREA), axis=1)
    presence = sections[:, SECTIONS // 4]
    found.append(presence.take(index // width))
    strongest = np.sort(presence)[-max(len(presence) // 20, 1)]
    found.append(np.full(len(places), strongest, np.uint8))
    return found


def _sheared(plane: Bytes, slope: float, margin: int) -> Bytes:
    """The plane with each column moved upwards by `slope` times its distance from the middle, in a higher picture."""
    height, width = plane.shape
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * width / 2 - margin]], np.float32)
    return np.asarray(
        cv2.warpAffine(
            plane,
            matrix,
            (width, height + 2 * margin),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def _slope(ink: Bytes) -> float:
    """Slope of the lines that run through the picture: the one that gathers the most darkness in few rows."""
    scale = SLOPE_SIDE / max(ink.shape)
    if min(ink.shape) * min(scale, 1) < SECTIONS:
        return 0.0
    if scale < 1:
        ink = np.asarray(cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    ink = np.minimum(ink, np.uint8(FULL_LEVEL / 2))

    def gathered(slope: float) -> float:
        level = cv2.resize(_sheared(ink, slope, 0), (SECTIONS // 2, len(ink)), interpolation=cv2.INTER_AREA)
        marks = np.sort(level, axis=1)[:, 1].astype(np.float32)
        return float(np.square(np.diff(marks)).sum())

    best = max(np.tan(np.deg2rad(np.linspace(-MAX_TURN, MAX_TURN, COARSE_TURNS))), key=gathered)
    step = np.tan(np.deg2rad(MAX_TURN / (COARSE_TURNS // 2)))
    return float(max(best + np.linspace(-0.75, 0.75, FINE_TURNS) * step, key=gathered))


def _rim_distances(shape: tuple[int, ...], places: NDArray[np.intp]) -> list[Bytes]:
    rows, columns = np.divmod(places, shape[1])
    upright = np.minimum(rows, shape[0] - 1 - rows)
    level = np.minimum(columns, shape[1] - 1 - columns)
    nearest = np.minimum(upright, level)
    found = [np.minimum(distance, MAX_RIM).astype(np.uint8) for distance in (upright, level)]
    return [*found, (nearest * 510 // max(shape)).astype(np.uint8)]
