"""Picture -> ink: light, paper, ruling and specks removed; several readings where one is not sure.

What is ink is told by its contrast to the paper next to it, in the one colour direction in which the picture varies
most, whichever side is the brighter. Photographs keep ruling, shadows and edges that no single threshold separates
from ink: `readings` therefore yields several views of the same picture, the likeliest first, and the recogniser
judges among them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.filters import threshold_otsu

Grey = NDArray[np.float32]

FAINTEST_INK: Final = 10.0
"""Contrast in grey levels (of 255) below which nothing is ink."""


def readings(picture: NDArray[np.uint8]) -> Iterator[Grey]:
    """Views of what the ink is, the likeliest first.

    Args:
        picture: (height, width) or (height, width, 3) uint8.

    Yields:
        (height, width) float32, 0 for paper and up to 1 for full ink. Nothing for a blank picture.
    """
    colour = picture.astype(np.float32)
    if colour.ndim == 2:
        colour = colour[:, :, None]
    paper = flat_paper(colour)
    if paper is not None and (framed := within_frame(colour, paper)) is not None:
        colour, paper = framed, flat_paper(framed)
    if paper is not None:
        found = _drawing_readings(along_ink(colour - paper))
    else:
        found = _photo_readings(along_ink(colour - lit_paper(colour)))
    for ink in found:
        digit = keep_digit(ink)
        if digit.any():
            yield digit


def flat_paper(colour: Grey) -> Grey | None:
    """The paper's colour if the picture's rim has one: drawings, scans and icons."""
    rim = np.concatenate([colour[0], colour[-1], colour[1:-1, 0], colour[1:-1, -1]])
    paper = np.median(rim, axis=0)
    off = np.abs(rim - paper).max(axis=1)
    return paper if max(colour.shape[:2]) <= 32 or np.mean(off <= 6) > 0.9 else None


def within_frame(colour, paper):
    """What a plain frame of one colour surrounds, if the picture is framed."""
    off = np.abs(colour - paper).max(axis=2) > 6
    rows, columns = np.flatnonzero(off.mean(axis=1) > 0.5), np.flatnonzero(off.mean(axis=0) > 0.5)
    if len(rows) < 0.5 * off.shape[0] or len(columns) < 0.5 * off.shape[1] or off.all():
        return None
    inner = colour[rows[0] + 1 : rows[-1], columns[0] + 1 : columns[-1]]
    return inner if min(inner.shape[:2]) > 16 else None


def _resize(plane, size, method):
    return np.asarray(Image.fromarray(plane).resize(size, method))


def lit_paper(colour):
    height, width = colour.shape[:2]
    scale = min(1, 64 / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    planes = np.moveaxis(colour, 2, 0)
    small = np.stack([_resize(plane, size, Image.Resampling.BOX) for plane in planes], axis=2)
    paper = ndimage.median_filter(small, (25, 25, 1), mode="nearest")
    off = np.abs(small - paper).max(axis=2)
    free = (off < max(6.0, float(np.median(off)) * 3)).astype(np.float32) + 1e-3
    weight = ndimage.gaussian_filter(free, 4)
    paper = ndimage.gaussian_filter(small * free[:, :, None], (4, 4, 0)) / weight[:, :, None]
    return np.stack([_resize(plane, (width, height), Image.Resampling.BICUBIC) for plane in np.moveaxis(paper, 2, 0)], axis=2)


def along_ink(difference):
    flat = difference.reshape(-1, difference.shape[2])
    size = np.abs(flat).sum(axis=1)
    strong = flat[size >= max(float(np.quantile(size, 0.95)), 1.0)] if len(flat) > 400 else flat
    if not len(strong):
        return np.zeros(difference.shape[:2], np.float32)
    _, vectors = np.linalg.eigh(strong.T @ strong)
    direction = vectors[:, -1] / np.abs(vectors[:, -1]).max()
    values = difference @ direction
    if np.sum((strong @ direction) ** 3) < 0:
        values = -values
    return values / np.sqrt(difference.shape[2]) * 1.0


def _drawing_readings(values):
    peak = float(values.max())
    if peak < FAINTEST_INK:
        return
    inked = values[values > 0.15 * peak]
    full = float(np.quantile(inked, 0.8))
    yield np.clip(values / full, 0, 1)
    yield from _photo_readings(values)


def _photo_readings(values):
    values = ndimage.gaussian_filter(values, max(values.shape) / BLUR)
    noise = 1.4826 * float(np.median(np.abs(values)))
    peak = float(np.quantile(values, 0.998))
    if peak < max(FAINTEST_INK, 4 * noise):
        return
    lines = ruling(values)
    strength = float(np.quantile(lines, 0.98))
    unruled = without(values, lines)
    first, second = (unruled, values) if strength > max(2 * noise, 0.1 * peak) else (values, unruled)
    for share in SHARES:
        yield above(first, noise, share)
        yield above(second, noise, share)


BLUR = float(__import__("os").environ.get("BLUR", "640"))
SHARES = [float(x) for x in __import__("os").environ.get("SHARES", "0.35,0.55,0.2").split(",")]


def above(values, noise, share):
    """Soft threshold at a share of the ink's own darkness."""
    strong = values[values > max(4 * noise, FAINTEST_INK / 2)]
    if len(strong) < 8:
        return np.zeros_like(values)
    full = float(np.quantile(strong, 0.9))
    threshold = max(share * full, 2.5 * noise)
    width = 0.35 * full
    return np.clip((values - threshold) / width + 0.5, 0, 1)


def ruling(values):
    level = _level_lines(values)
    upright = _level_lines(values.T).T
    return np.maximum(level, upright)


def _shear(values, slope):
    h, w = values.shape
    shift = np.rint((np.arange(w) - w / 2) * slope).astype(int)
    rows = (np.arange(h)[:, None] + shift) % h
    return values[rows, np.arange(w)[None]]


def _level_lines(values):
    h, w = values.shape
    if h < 24 or w < 24: return np.zeros_like(values)
    step = max(1, max(h, w) // 200)
    small = ndimage.uniform_filter(values, step)[step // 2::step, step // 2::step]
    def score(slope):
        rows = np.quantile(_shear(small, slope), 0.4, axis=1)
        return float((np.clip(rows, 0, None) ** 2).sum())
    slopes = np.tan(np.deg2rad(np.arange(-10, 10.1, 1.0)))
    best = max(slopes, key=score)
    best = max(best + np.tan(np.deg2rad(np.arange(-0.75, 0.76, 0.25))), key=score)
    sheared = ndimage.maximum_filter1d(_shear(values, best), 3, axis=0)
    quarters = np.array_split(np.arange(w), 4)
    marks = np.stack([np.quantile(sheared[:, q], 0.4, axis=1) for q in quarters], 1)
    marks = np.clip(marks - np.median(marks, axis=0), 0, None)
    present = ndimage.maximum_filter1d(marks, 3, axis=0).min(axis=1)
    marks = np.where(present[:, None] > 0.25 * marks.mean(axis=1, keepdims=True), marks, 0)
    position = np.clip(np.arange(w) / w * 4 - 0.5, 0, 3)
    lo = np.minimum(position.astype(int), 2); f = position - lo
    lines = marks[:, lo] * (1 - f) + marks[:, lo + 1] * f
    # unshear
    shift = np.rint((np.arange(w) - w / 2) * best).astype(int)
    rows = (np.arange(h)[:, None] - shift) % h
    return lines[rows, np.arange(w)[None]].astype(np.float32)


def without(values, lines):
    left = values - 1.2 * lines
    closed = ndimage.grey_closing(left, (5, 5))
    return np.where(lines > 0.2 * lines.max(), np.maximum(left, closed * 0.9), left).astype(np.float32)


def keep_digit(ink):
    mask = ink > 0.5
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    if count == 0:
        return np.zeros_like(ink)
    sizes = np.bincount(labels.ravel())[1:]
    boxes = ndimage.find_objects(labels)
    h, w = ink.shape
    def rim(b): return b[0].start == 0 or b[1].start == 0 or b[0].stop == h or b[1].stop == w
    extent = np.array([max(b[0].stop - b[0].start, b[1].stop - b[1].start) for b in boxes])
    score = sizes * np.where([rim(b) for b in boxes], 0.3, 1.0)
    main = int(np.argmax(score))
    keep = [main]
    b = boxes[main]; pad = 0.15 * extent[main]
    for i, o in enumerate(boxes):
        if i == main or sizes[i] < 0.02 * sizes[main] or (rim(o) and not rim(b)): continue
        if o[0].start > b[0].stop + pad or o[0].stop < b[0].start - pad or o[1].start > b[1].stop + pad or o[1].stop < b[1].start - pad: continue
        keep.append(i)
    kept = np.isin(labels, np.array(keep) + 1)
    kept = ndimage.binary_dilation(kept, iterations=2)
    return np.where(kept & (ink > 0.05), ink, 0).astype(np.float32)
