"""Picture -> ink: light, paper and specks removed; several readings where one is not sure.

What is ink is told by its contrast to the paper next to it, in the one colour direction in which the picture varies
most, whichever side is the brighter. Photographs keep ruling, shadows and edges that no single threshold separates
from ink: `readings` therefore yields several views of the same picture, the likeliest first, and the recogniser
judges among them.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from digits.ruling import ruling, without_ruling

Grey = NDArray[np.float32]

FAINTEST_INK: Final = 10.0
"""Contrast in grey levels (of 255) below which nothing is ink."""

THRESHOLDS: Final = (0.35, 0.55, 0.2)
"""Shares of the ink's own darkness at which a photograph is cut into ink and paper, the likeliest first."""

ICON: Final = 32
"""Side in pixels up to which a picture is too small for light to vary over it."""


def readings(picture: NDArray[np.uint8]) -> Iterator[Grey]:
    """Views of what the ink is, the likeliest first.

    Args:
        picture: (height, width) or (height, width, 3) uint8.

    Yields:
        (height, width) float32, 0 for paper and up to 1 for full ink, never without ink. Nothing for a blank picture.
    """
    colour = picture.astype(np.float32)
    if colour.ndim == 2:
        colour = colour[:, :, None]
    paper = flat_paper(colour)
    if paper is not None and (inner := within_frame(colour, paper)) is not None:
        colour, paper = inner, flat_paper(inner)
    if paper is not None:
        found = _drawing(along_ink(colour - paper))
    else:
        found = _photograph(along_ink(colour - lit_paper(colour)))
    for ink in found:
        digit = keep_digit(ink)
        if digit.any():
            yield digit


def flat_paper(colour: Grey) -> Grey | None:
    """Colour of the rim of a drawing, scan or icon: (channels,); None where the rim has not one colour."""
    rim = np.concatenate([colour[0], colour[-1], colour[:, 0], colour[:, -1]])
    paper = np.median(rim, axis=0)
    off = np.abs(rim - paper).max(axis=1)
    return paper if max(colour.shape[:2]) <= ICON or np.mean(off <= 6) > 0.9 else None


def within_frame(colour: Grey, paper: Grey) -> Grey | None:
    """The picture inside a plain frame, None where there is no frame."""
    off = np.abs(colour - paper).max(axis=2) > 6
    rows, columns = np.flatnonzero(off.mean(axis=1) > 0.5), np.flatnonzero(off.mean(axis=0) > 0.5)
    height, width = off.shape
    if len(rows) < max(height / 2, ICON) or len(columns) < max(width / 2, ICON) or off.all():
        return None
    return colour[rows[0] + 1 : rows[-1], columns[0] + 1 : columns[-1]]


def lit_paper(colour: Grey) -> Grey:
    """Paper as it would look without ink, under the light that falls on it: the shape of `colour`.

    A median over a window broader than any stroke, then a smooth surface through what is close to it.
    """
    height, width = colour.shape[:2]
    coarse = _scaled(colour, 40 / max(height, width, 40))
    middle = ndimage.median_filter(coarse, (15, 15, 1), mode="nearest")
    off = np.abs(coarse - middle).max(axis=2)
    bare = (off < max(6.0, 3 * float(np.median(off)))).astype(np.float32) + 1e-3
    weight = ndimage.gaussian_filter(bare, 2.5)[:, :, None]
    surface = ndimage.gaussian_filter(coarse * bare[:, :, None], (2.5, 2.5, 0)) / weight
    return _resized(surface, width, height, Image.Resampling.BICUBIC)


def _scaled(colour: Grey, scale: float) -> Grey:
    height, width = (max(2, round(side * scale)) for side in colour.shape[:2])
    return _resized(colour, width, height, Image.Resampling.BOX)


def _resized(colour: Grey, width: int, height: int, method: Image.Resampling) -> Grey:
    planes = [Image.fromarray(colour[:, :, channel]) for channel in range(colour.shape[2])]
    return np.stack([np.asarray(plane.resize((width, height), method)) for plane in planes], axis=2)


def along_ink(difference: Grey) -> Grey:
    """How far each pixel is from paper towards ink, in grey levels: (height, width, channels) to (height, width).

    The first principal axis of the strongest differences is the ink's colour; its longer tail is the ink's side.
    """
    pixels = difference.reshape(-1, difference.shape[2])
    size = np.abs(pixels).max(axis=1)
    strong = pixels[size >= max(float(np.quantile(size, 0.95)), 1.0)]
    if not len(strong):
        return np.zeros(difference.shape[:2], np.float32)
    axis = np.linalg.eigh(strong.T @ strong)[1][:, -1]
    values: Grey = difference @ (axis / np.abs(axis).sum())
    return values if np.sum((strong @ axis) ** 3) >= 0 else -values


def _drawing(values: Grey) -> Iterator[Grey]:
    """Drawn with a program, or scanned: ink as it is, and what a photograph's readings make of it when that fails."""
    peak = float(values.max())
    if peak < FAINTEST_INK:
        return
    full = float(np.quantile(values[values > 0.15 * peak], 0.8))
    yield np.clip(values / full, 0, 1)
    if max(values.shape) > ICON:
        yield from _photograph(values)


def _photograph(values: Grey) -> Iterator[Grey]:
    values = ndimage.gaussian_filter(values, max(values.shape) / 640)
    noise = 1.4826 * float(np.median(np.abs(values)))
    peak = float(np.quantile(values, 0.998))
    if peak < max(FAINTEST_INK, 4 * noise):
        return
    unruled: Grey | None = None
    for threshold in THRESHOLDS:
        yield cut(values, noise, threshold)
        if unruled is None:
            unruled = without_ruling(values, ruling(values))
        yield cut(unruled, noise, threshold)


def cut(values: Grey, noise: float, threshold: float) -> Grey:
    """Ink by a soft threshold at a share of the ink's own darkness, 0.5 at the threshold."""
    strong = values[values > max(4 * noise, FAINTEST_INK / 2)]
    if len(strong) < 8:
        return np.zeros_like(values)
    full = float(np.quantile(strong, 0.9))
    middle = max(threshold * full, 2.5 * noise)
    return np.clip((values - middle) / (0.35 * full) + 0.5, 0, 1)


def keep_digit(ink: Grey) -> Grey:
    """The ink of one digit: its largest part and what lies with it, without specks and what the rim cuts off."""
    labels, count = ndimage.label(ink > 0.5, np.ones((3, 3)))
    if count == 0:
        return np.zeros_like(ink)
    sizes = np.bincount(labels.ravel())[1:]
    boxes = np.array([[rows.start, columns.start, rows.stop, columns.stop] for rows, columns in ndimage.find_objects(labels)])
    at_rim = (boxes[:, 0] == 0) | (boxes[:, 1] == 0) | (boxes[:, 2] == ink.shape[0]) | (boxes[:, 3] == ink.shape[1])
    main = int(np.argmax(sizes * np.where(at_rim, 0.3, 1.0)))
    top, left, bottom, right = boxes[main]
    reach = 0.15 * max(bottom - top, right - left)
    near = (
        (boxes[:, 0] <= bottom + reach)
        & (boxes[:, 2] >= top - reach)
        & (boxes[:, 1] <= right + reach)
        & (boxes[:, 3] >= left - reach)
    )
    kept = near & (sizes >= 0.02 * sizes[main]) & (~at_rim | at_rim[main])
    mask = ndimage.binary_dilation(np.concatenate([[False], kept])[labels], iterations=2)
    return np.where(mask & (ink > 0.05), ink, 0).astype(np.float32)
