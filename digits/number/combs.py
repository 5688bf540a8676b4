"""A line with ticks on it, evenly apart from its one end to the other -> the cells of a comb, which are open above.

Constants were chosen on made forms by writers kept out of training (docs/notebook.md, "Cells").
"""

import itertools
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.number.cells import Cells
from digits.number.runs import Bits, Runs, draw_line, line_breadth

MAX_LINES: Final = 3
"""Lines that are tried, the longest first, if they are as long as..."""

MIN_LONG: Final = 0.3
"""...this share of the picture's width."""

MIN_TICK: Final = 5
"""Pixels of a tick's height at least, and..."""

MIN_SLIM: Final = 2.0
"""...its height by its width."""

MAX_UNLIKE: Final = 0.2
"""Difference of a tick's height from the others', by theirs, at most."""

MIN_CELLS: Final = 3

MAX_CELLS: Final = 24

MAX_ASIDE: Final = 0.18
"""How far a tick may be from where it should be, by a cell's width."""

MIN_SEEN: Final = 0.6
"""Share of the ticks that are seen at least; digits hide some."""

MIN_FITTING: Final = 0.8
"""Share of what may be ticks that is one."""

SLANTS: Final = (0.0, -0.3, -0.15, 0.15, 0.3)
"""In perspective ticks are closer together at one end: how much wider the first cell is than the mean, by that."""

MAX_HIGH: Final = 2.5
"""Height of a cell by its width at most, and..."""

MIN_HIGH: Final = 1.4
"""...by its ticks' at least."""

MIN_ROOM: Final = 0.3
"""Height without ink above what is written in a comb, by a cell's width."""


class _Comb(NamedTuple):
    """A comb.

    Attributes:
        x: (n + 1,) of its ticks.
        y: (n + 1,) of the line there.
        tick: height of a tick in pixels.
        width: of a tick.
        height: of the cells.

    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    tick: float
    width: float
    height: float


def comb(mask: Bits) -> Cells | None:
    """The cells of the longest comb of a picture, (height, width) uint8, 1 where ink or a line is; None without one."""
    lines = Runs.of(mask, 28, 3)
    for label in np.argsort(-lines.lengths)[:MAX_LINES].tolist():
        if lines.lengths[label] >= MIN_LONG * mask.shape[1]:
            found = _on_line(mask, (lines.labels == label).view(np.uint8))
            if found is not None:
                return _cells(found, mask)
    return None


def _on_line(mask: Bits, line: Bits) -> _Comb | None:
    """The comb whose line this is."""
    rows, columns = np.nonzero(line & mask)
    if len(rows) < 2:
        return None
    first, last = int(columns.min()), int(columns.max())
    x = np.arange(first, last + 1)
    line_of = np.polyfit(columns, rows, 1)
    y = np.polyval(line_of, x)
    breadth = line_breadth(mask, line)
    above = np.rint(y).astype(int) - np.arange(round(breadth / 2) + 2, len(mask))[:, None]
    inside = (above >= 0) & (above < len(mask))
    ink = np.where(inside, mask[above.clip(0, len(mask) - 1), x], 0)
    heights = np.cumprod(ink, axis=0).sum(axis=0)
    ticks = _alike(_ticks(heights))
    if len(ticks) <= MIN_CELLS:
        return None
    tick, width = float(np.median(ticks[:, 2])), float(np.median(ticks[:, 1]))
    at = _places(ticks[:, 0], len(x), width + breadth)
    if at is None:
        return None
    wide = (at[-1] - at[0]) / (len(at) - 1)
    inner = slice(max(int(at[0]), 0), int(at[-1]))
    written = np.flatnonzero(ink[: round(MAX_HIGH * wide), inner].any(axis=1))
    gaps = np.flatnonzero(np.diff(written) > MIN_ROOM * wide)
    height = float(written[gaps[0] if len(gaps) else -1])
    if height < MIN_HIGH * tick:
        return None
    y_of_ticks = np.polyval(line_of, at + first).astype(np.float64)
    return _Comb(at + first, y_of_ticks, tick, width, height + breadth)


def _ticks(heights: NDArray[np.intp]) -> NDArray[np.float64]:
    """(n, 3) middle, width and height of what is slim and stands on the line, by the height of the ink on it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (heights >= MIN_TICK).view(np.int8), [0]])))
    found = [
        ((begin + end - 1) / 2, end - begin, np.median(heights[begin:end]))
        for begin, end in edges.reshape(-1, 2).tolist()
        if heights[begin:end].max() >= MIN_SLIM * (end - begin)
    ]
    return np.array(found, np.float64).reshape(-1, 3)


def _alike(ticks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those that are as high as most."""
    heights = ticks[:, 2]
    alike = np.abs(heights[:, None] - heights) <= MAX_UNLIKE * heights
    return ticks[alike[:, alike.sum(axis=0).argmax()]] if len(ticks) else ticks


def _places(ticks: NDArray[np.float64], length: int, slack: float) -> NDArray[np.float64] | None:
    """(n + 1,) where all ticks of a line of that length stand, by those that are seen; None where they are uneven."""
    begin = ticks[0] if ticks[0] <= slack else 0.0
    end = ticks[-1] if length - 1 - ticks[-1] <= slack else length - 1.0
    best, most = None, (MIN_SEEN, 0.0)
    share = (ticks - begin) / (end - begin)
    for count, slant in itertools.product(range(MIN_CELLS, MAX_CELLS + 1), SLANTS):
        places = share * (1 + slant) / (1 + slant * share) * count
        aside = np.abs(places - np.rint(places))
        fits = aside <= MAX_ASIDE
        numbers = np.rint(places[fits])
        seen = len(np.unique(numbers)) / (count + 1)
        told = seen, -float(aside[fits].mean()) if fits.any() else 0.0
        if fits.mean() >= MIN_FITTING and told > most and len(np.unique(numbers)) > MIN_CELLS:
            slanted = np.polyfit(numbers, ticks[fits], 2)
            best, most = np.polyval(slanted, np.arange(count + 1)).astype(np.float64), told
    return best


def _cells(found: _Comb, mask: Bits) -> Cells:
    labels, level, upright = np.zeros(mask.shape, np.int32), np.zeros_like(mask), np.zeros_like(mask)
    core = np.zeros_like(mask)
    bottom = np.stack([found.x, found.y], axis=1)
    top = bottom - [0, found.height]
    draw_line(level, bottom[0], bottom[-1], 1)
    breadth = line_breadth(mask, level)
    draw_line(level, bottom[0], bottom[-1], round(breadth) + 2)
    inset = np.array([found.width / 2 + 1, 0])
    boxes = []
    for place in range(len(bottom) - 1):
        corners = np.stack([top[place], top[place + 1], bottom[place + 1], bottom[place]])
        cv2.fillConvexPoly(labels, np.rint(corners).astype(np.int32), place + 1)
        within = corners + inset * [[1], [-1], [-1], [1]] - [[0, 0], [0, 0], [0, breadth / 2 + 1], [0, breadth / 2 + 1]]
        cv2.fillConvexPoly(core, np.rint(within).astype(np.int32), 1)
        boxes.append([*corners.min(axis=0), *corners.max(axis=0)])
    for foot in bottom:
        draw_line(upright, foot, foot - [0, found.tick + breadth], round(found.width) + 2)
    rows = [list(range(len(boxes)))]
    return Cells(labels, core > 0, np.array(boxes), rows, [1], level, upright, max(breadth, found.width))
