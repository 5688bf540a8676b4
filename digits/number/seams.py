"""Cuts where digits may touch: seams from top to bottom that cross as little ink as possible.

A seam is found by dynamic programming over the rows, as Avidan & Shamir carve them (SIGGRAPH 2007), but may go aside as
far as it likes in each row. For the older ways of cutting touching numerals see Casey & Lecolinet, IEEE PAMI 18 (1996).
What each choice brought stands in docs/notebook.md, "Numbers".
"""

from collections.abc import Sequence
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.ink.digit import MIN_DRAWN_INK
from digits.normalise import stroke_width
from digits.number.budget import Budget
from digits.number.segments import Segment, TextLine, typical_height
from digits.number.text_lines import LOW

SEAM_ROWS: Final = 72
"""Pixels of height, about, to which a component is reduced before seams are looked for. With 48 all
digits were held whole by some hypothesis in 3 of 100 composed numbers less."""

STEP_PRICES: Final = (0.15, 1.0)
"""What a seam pays for a step aside, where a pixel of ink costs 1: at the lower price seams go around what overhangs,
at the higher one nearly straight through it. Of six pairs one of the two best on 400 composed
numbers."""

MAX_SEAMS: Final = 32
"""Seams that cut one component at most, and..."""

SEAMS_PER_SQUARE: Final = 8
"""...seams for each time that its height goes into its width. Set by hand: eight a digit instead of two to three left
1 to 3 % more digits whole."""

MAX_SEAM_COST: Final = 8.0
"""Stroke widths of ink that a seam may cross. Set by hand."""

MIN_SEGMENT_SHARE: Final = 0.03
"""Share of a component's ink that lies between two of its seams at least. With 0.02 one of 100
composed numbers less was read."""

MIN_SIDE_SHARE: Final = 0.1
"""Share of a component's ink that lies on each side of a seam at least. Set by hand."""

WINDOW: Final = 0.08
"""Share of a component's height within which one seam is looked for; with 0.15 all digits were held whole in 2
of 100 composed numbers less, with 0.06 in no more."""

MAX_VALLEYS: Final = 20
"""Local minima of a row, about, at which seams are looked for beside one in each window. Set by hand."""

MIN_SEGMENT_INK: Final = MIN_DRAWN_INK
"""Share of full ink that some pixel of a segment must have."""


def cut_line(line: TextLine, is_whole: Sequence[bool], budget: Budget) -> TextLine:
    """The line with each component cut that is not marked as a whole digit, nor too low for two digits side by side.

    What is over the budget is left as it is.
    """
    lowest = LOW * typical_height(line)
    segments: TextLine = []
    for segment, whole in zip(line, is_whole, strict=True):
        pixels = segment.ink.size // _reduction(segment) ** 2
        if whole or segment.height < lowest or budget.segments < 0 or pixels > budget.seam_pixels:
            segments.append(segment)
            budget.segments -= 1
        else:
            cut = cut_component(segment)
            segments += cut
            budget.segments -= len(cut)
            budget.seam_pixels -= pixels
    return segments


def cut_component(component: Segment) -> TextLine:
    """The component cut by its cheapest seams, from left to right; the component itself where none is worth a try."""
    factor = _reduction(component)
    height, width = component.ink.shape
    padded = np.pad(component.ink, ((0, -height % factor), (0, -width % factor)))
    small = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor).mean(axis=(1, 3))
    paths, costs = _seams(small)
    borders = np.sort(paths.T.repeat(factor, axis=0)[:height] * factor, axis=1)
    borders = np.pad(borders, ((0, 0), (1, 1)), constant_values=((0, 0), (0, width))).clip(0, width)
    segments = []
    for number in range(len(costs) + 1):
        starts, stops = borders[:, number, None], borders[:, number + 1, None]
        left, right = int(starts.min()), int(stops.max())
        columns = np.arange(left, right)
        ink = np.where((columns >= starts) & (columns < stops), component.ink[:, left:right], np.float32(0))
        if (ink > MIN_SEGMENT_INK).any():
            cost = float(costs[number - 1]) if number else component.seam_cost
            segments.append(Segment.closely(ink, component.top, component.left + left, component.component, cost))
    return segments


def _reduction(component: Segment) -> int:
    """The factor by which a component is reduced before seams are looked for."""
    return max(1, round(max(component.height, 8) / SEAM_ROWS))


def _seams(ink: Grey) -> tuple[NDArray[np.intp], Grey]:
    """The cheapest of the seams that lie close together, from left to right.

    Returns:
        (seams, height) the column in each row, and (seams,) how many stroke widths each crosses.

    """
    height, width = ink.shape
    paths, crossed = _cheapest_paths(ink)
    left_of = np.pad(np.cumsum(ink, axis=1), ((0, 0), (1, 0)))
    left = left_of[np.arange(height), paths]
    total = float(ink.sum())
    share = left.sum(axis=1) / total
    crossed = crossed / max(1.0, stroke_width(ink))
    order = np.argsort(crossed)
    has_sides = (share[order] > MIN_SIDE_SHARE) & (share[order] < 1 - MIN_SIDE_SHARE)
    order = order[(crossed[order] <= MAX_SEAM_COST) & has_sides]
    most = min(MAX_SEAMS, 1 + round(SEAMS_PER_SQUARE * width / height))
    kept: list[int] = []
    for number in order:
        if len(kept) < most and (np.abs(left[kept] - left[number]).sum(axis=1) > MIN_SEGMENT_SHARE * total).all():
            kept.append(number)
    kept.sort(key=lambda number: share[number])
    return paths[kept], crossed[kept]


def _cheapest_paths(ink: Grey) -> tuple[NDArray[np.intp], Grey]:
    """Paths from top to bottom, each the cheapest through some pixel, at each of the prices.

    The pixels are the cheapest of their neighbourhood in three rows: at a quarter, half and three quarters of the
    height.

    Returns:
        (paths, height) the column in each row, and (paths,) the ink that each crosses.

    """
    height = len(ink)
    prices = np.array(STEP_PRICES, np.float32).repeat(2)
    arrivals, costs = _arrivals(np.stack([ink, ink[::-1]] * len(STEP_PRICES)), prices)
    left_of = np.pad(np.cumsum(ink, axis=1), ((0, 0), (1, 0)))
    rows = np.arange(height)[:, None]
    found, crossed = [], []
    for down, row in product(range(0, len(arrivals), 2), (height // 4, height // 2, 3 * height // 4)):
        of_row = costs[down, row] + costs[down + 1, height - 1 - row] - ink[row]
        columns = _cheapest_columns(of_row, max(2, round(WINDOW * height)))
        path = np.empty((height + 2, len(columns)), np.intp)  # with a column before the first and behind the last row
        path[row + 1] = columns
        for above in range(row, -1, -1):
            path[above] = arrivals[down, above].take(path[above + 1])
        for below in range(row, height):
            path[below + 2] = arrivals[down + 1, height - 1 - below].take(path[below + 1])
        around = np.stack([path[:-2], path[1:-1], path[2:]])
        around[2, :row] = around[1, :row]
        around[0, row + 1 :] = around[1, row + 1 :]
        crossed.append((left_of[rows, around.max(axis=0) + 1] - left_of[rows, around.min(axis=0)]).sum(axis=0))
        found.append(path[1:-1].T)
    return np.concatenate(found), np.concatenate(crossed)


def _cheapest_columns(costs: Grey, window: int) -> NDArray[np.intp]:
    """The cheapest column of each window, and some of the local minima, of (width,) costs."""
    width = len(costs)
    windows = np.pad(costs, (0, -width % window), constant_values=np.inf).reshape(-1, window)
    lowest = np.arange(0, width, window) + windows.argmin(axis=1)
    walled = np.pad(costs, 1, constant_values=np.inf)
    valleys = np.flatnonzero((costs <= walled[:-2]) & (costs <= walled[2:]))
    return np.union1d(lowest, valleys[:: max(1, len(valleys) // MAX_VALLEYS)])


def _arrivals(inks: Grey, prices: Grey) -> tuple[NDArray[np.intp], Grey]:
    """The cheapest path to each pixel from the top: the column in which it enters the pixel's row, and its cost.

    Args:
        inks: (n, height, width).
        prices: (n,) of a step aside.

    Returns:
        Both (n, height, width).

    """
    width = inks.shape[2]
    steps = inks + prices[:, None, None]
    walked = np.cumsum(np.stack([steps, steps[..., ::-1]]), axis=-1)  # to the right, and to the left
    start, cost = np.empty_like(walked), np.empty_like(inks)
    arriving = np.zeros_like(inks[:, 0])
    for row in range(inks.shape[1]):
        arriving = arriving + inks[:, row]
        np.subtract(arriving, walked[0, :, row], out=start[0, :, row])
        np.subtract(arriving[:, ::-1], walked[1, :, row], out=start[1, :, row])
        right, left = np.minimum.accumulate(start[:, :, row], axis=-1) + walked[:, :, row]
        arriving = cost[:, row] = np.minimum(right, left[:, ::-1])
    best = np.minimum.accumulate(start, axis=-1)
    right, left = best + walked
    from_left, from_right = np.maximum.accumulate(np.where(start == best, np.arange(width), 0), axis=-1)
    return np.where(right <= left[..., ::-1], from_left, width - 1 - from_right[..., ::-1]), cost
