"""Evidence of lines -> the curves of the lines that run about from left to right, followed over gaps and bends.

Each curve starts on a piece of a line that is surely one, and is followed to both sides, all at once, by where it leads
and by where the evidence around that place is highest.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey

Curves = NDArray[np.float32]
"""(n, width) float32: y of each curve in each column; not a number where it does not reach."""

MAX_BREADTH: Final = 15
"""Pixels of a line's breadth at most."""

WINDOW: Final = 17
"""Pixels along a line over which the evidence is averaged."""

MIN_RIDGE: Final = 0.06
"""Evidence of the piece that a curve starts on at least, and..."""

MIN_SEED: Final = 3.0
"""...its sum over the piece, and..."""

SEED_LENGTH: Final = 10
"""...pixels of its length."""

MAX_SEEDS: Final = 200
"""Curves that are followed, of those pieces with most evidence."""

STEP: Final = 4
"""Pixels from one place to the next at which a curve is looked for."""

REACH: Final = 4
"""Pixels up and down within which it is looked for at most."""

MIN_EVIDENCE: Final = 0.04
"""Evidence from which on a curve goes on, and..."""

MIN_SHARE: Final = 0.35
"""...the same by what it was up to there."""

MAX_EVIDENCE: Final = 1.3
"""The same that counts at most, and..."""

ASIDE: Final = 0.05
"""...how much less counts what is a pixel farther from where a curve leads, by the same."""

MAX_GAP: Final = 40
"""Pixels over which a curve is followed without evidence, and at most..."""

GAP_SHARE: Final = 0.5
"""...that share of its length."""

SAME: Final = 4.0
"""Pixels apart within which two curves are one, over..."""

MIN_SHARED: Final = 16
"""...so many pixels at least."""

THINNED: Final = 4
"""Pixels from one place to the next at which curves are compared."""


MAX_JOINED: Final = 1.0
"""Gap between two curves that may be one by the length of both."""

END: Final = 40
"""Pixels of a curve's end by which is told where it leads."""

EVEN: Final = 14.0

STRENGTH: Final = 0.7

NO_LINE: Final = 16.2
"""Weights of how even the evidence along a curve is, 0 to 1, of the logarithm of its median, beside that of the length
in pixels, and the least sum of a line: a logistic regression on curves of made forms, rounded."""


def along_lines(evidence: Grey) -> Grey:
    """Mean along level lines of what is narrow from top to bottom, (height, width) float32."""
    column = np.ones((MAX_BREADTH, 1), np.uint8)
    narrow = evidence - np.asarray(cv2.morphologyEx(evidence, cv2.MORPH_OPEN, column), np.float32)
    thick = np.asarray(cv2.dilate(narrow, np.ones((3, 1), np.uint8)), np.float32)
    mean = cv2.blur(thick, (WINDOW, 1), borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.GaussianBlur(mean, (1, 5), 0, sigmaY=1.0), np.float32)


def tracks(mean: Grey) -> Curves:
    """Curves along the ridges of what `along_lines` returns, one for each line."""
    top = np.asarray(cv2.dilate(mean, np.ones((5, 1), np.uint8)))
    ridge = ((mean >= top) & (mean > MIN_RIDGE)).view(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(cv2.dilate(ridge, np.ones((2, 2), np.uint8)))
    lengths = statistics[:, cv2.CC_STAT_WIDTH]
    rows, columns = np.nonzero(ridge)
    of_all = labels[rows, columns]
    worth = np.bincount(of_all, mean[rows, columns], minlength=len(lengths))
    seeds = np.argsort(-worth)[:MAX_SEEDS]
    seeds = seeds[(worth[seeds] >= MIN_SEED) & (lengths[seeds] >= SEED_LENGTH)]
    y: Curves = np.full((len(seeds), mean.shape[1]), np.nan, np.float32)
    if not len(seeds):
        return y
    order = np.lexsort((np.abs(columns - (statistics[:, cv2.CC_STAT_LEFT] + lengths // 2)[of_all]), of_all))
    nearest = order[np.searchsorted(of_all[order], seeds)]  # the ridge's pixel next to the middle of each piece
    start_y, start_x = rows[nearest], columns[nearest]
    for direction in (1, -1):
        _march(mean, start_x, start_y, mean[start_y, start_x], direction, y)
    for curve in y:
        x = np.flatnonzero(np.isfinite(curve))
        curve[x[0] : x[-1] + 1] = np.interp(np.arange(x[0], x[-1] + 1), x, curve[x])
    return _merged(y, mean)


def _march(
    mean: Grey,
    x0: NDArray[np.intp],
    y0: NDArray[np.intp],
    strength0: Grey,
    direction: int,
    out: Curves,
) -> None:
    """Follow all curves to one side at once."""
    height, width = mean.shape
    offsets = np.arange(-REACH, REACH + 1)
    index = np.arange(len(x0))
    x, y, slope, strength = x0.copy(), y0.astype(np.float64), np.zeros(len(x0)), strength0.astype(np.float64)
    missed, covered = np.zeros(len(x0)), np.full(len(x0), 8.0)
    out[index, x] = y
    while len(index):
        x = x + direction * STEP
        y = y + slope * STEP
        rows = np.rint(y).astype(np.intp)
        inside = (x >= 0) & (x < width) & (rows >= 0) & (rows < height)
        alive = inside & (missed <= np.minimum(MAX_GAP, GAP_SHARE * covered + 4))
        if not alive.all():
            index, x, y, slope, strength, missed, covered, rows = (
                each[alive] for each in (index, x, y, slope, strength, missed, covered, rows)
            )
            if not len(index):
                break
        reach = np.minimum(1.5 + 0.08 * missed, REACH)
        around = mean[np.clip(rows[:, None] + offsets, 0, height - 1), x[:, None]]
        most = np.minimum(around, MAX_EVIDENCE * strength[:, None])  # strokes that cross are stronger
        value = np.where(np.abs(offsets) <= reach[:, None], most - ASIDE * strength[:, None] * np.abs(offsets), -1)
        best = value.argmax(axis=1)
        found = around[np.arange(len(index)), best]
        hit = found > np.maximum(MIN_EVIDENCE, MIN_SHARE * strength)
        aside = (rows + offsets[best]) - y
        gain = np.where(hit, 0.35, 0.0)
        y = y + gain * aside
        long = np.minimum(covered / 60, 1.0)
        slope = np.clip(slope + np.where(hit, (0.08 - 0.06 * long) * aside / STEP, 0.0), -0.25, 0.25)
        strength = strength + np.where(hit, 0.05 * (np.minimum(found, MAX_EVIDENCE * strength) - strength), 0.0)
        out[index[hit], x[hit]] = y[hit]
        covered = covered + np.where(hit, STEP, 0)
        missed = np.where(hit, 0, missed + STEP)


def thinned(mean: Grey, y: Curves) -> Grey:
    """(n, m) evidence along curves in each `THINNED`th column; not a number where they do not reach."""
    few = y[:, ::THINNED]
    rows = np.clip(np.rint(np.nan_to_num(few)), 0, len(mean) - 1).astype(np.intp)
    return np.where(np.isfinite(few), mean[rows, np.arange(0, mean.shape[1], THINNED)], np.float32(np.nan))


def sureness(values: Grey) -> NDArray[np.float64]:
    """(n,) log odds, about, that curves are lines, by the evidence along them as `thinned` has it.

    A line's evidence is more even than that of a curve through the strokes of several digits.
    """
    number = np.isfinite(values).sum(axis=1)
    in_order = np.sort(values, axis=1)
    middle = np.nan_to_num(in_order[np.arange(len(values)), number // 2 - (number > 0)]).astype(np.float64)
    shares = np.minimum(np.nan_to_num(values) / np.maximum(middle, 1e-6)[:, None], 1)
    even = shares.sum(axis=1) / np.maximum(number, 1)
    log_length, log_strength = np.log(np.maximum(THINNED * number, 1)), np.log(np.maximum(middle, 1e-6))
    return np.asarray(EVEN * even + log_length + STRENGTH * log_strength - NO_LINE, np.float64)


def _merged(y: Curves, mean: Grey) -> Curves:
    """Of curves that are the same somewhere one: the surest first, which takes of the others what is beyond it."""
    thin = np.ascontiguousarray(y[:, ::THINNED])
    order = np.argsort(-sureness(thinned(mean, y)))
    kept: list[NDArray[np.float32]] = []
    coarse = np.zeros((0, thin.shape[1]), np.float32)
    for curve, few in zip(y[order], thin[order], strict=True):
        apart = np.abs(coarse - few)
        close = (apart < SAME).sum(axis=1)
        best = int(close.argmax()) if len(kept) else -1
        if best >= 0 and close[best] * THINNED >= MIN_SHARED:
            if close[best] > 0.5 * np.isfinite(apart[best]).sum():
                free = np.isfinite(curve) & ~np.isfinite(kept[best])
                kept[best][free] = curve[free]
                coarse[best] = kept[best][::THINNED]
                continue
            if close[best] > 0.3 * np.isfinite(few).sum():
                continue
        kept.append(curve.copy())
        coarse = np.concatenate([coarse, few[None]])
    return _joined(np.stack(kept), mean)


def _joined(y: Curves, mean: Grey) -> Curves:
    """The curves; two of which one leads to the other are one if that is more surely a line than each."""
    width = y.shape[1]
    there = np.isfinite(y)
    first, last = there.argmax(axis=1), width - 1 - there[:, ::-1].argmax(axis=1)
    begins, ends = (_ends(y, first, last, side) for side in (0, 1))
    gap = (first - last[:, None]).astype(np.float64)
    middle = (first + last[:, None]) / 2
    aside = np.abs(
        ends[0][:, None] + ends[1][:, None] * (middle - last[:, None]) - begins[0] - begins[1] * (middle - first)
    )
    length = last - first
    fits = (gap > 0) & (gap < MAX_JOINED * np.minimum(length[:, None] + length, 240))
    fits &= aside < 2 + 0.03 * gap
    sure = sureness(thinned(mean, y))
    curve_of = np.arange(len(y))
    is_end, is_begin = np.ones(len(y), np.bool_), np.ones(len(y), np.bool_)
    y = y.copy()
    one, other = np.nonzero(fits)
    order = np.argsort(gap[one, other] + 10 * aside[one, other] - 0.5 * (length[one] + length[other]))
    for before, behind in zip(one[order].tolist(), other[order].tolist(), strict=True):
        if not (is_end[before] and is_begin[behind]):
            continue
        a, b = int(curve_of[before]), int(curve_of[behind])
        curve = np.where(np.isfinite(y[a]), y[a], y[b])
        between = np.arange(int(last[before]), int(first[behind]) + 1)
        curve[between] = np.linspace(curve[between[0]], curve[between[-1]], len(between))
        joined = float(sureness(thinned(mean, curve[None]))[0])
        if joined <= max(sure[a], sure[b]):
            continue
        is_end[before] = is_begin[behind] = False
        y[a], sure[a] = curve, joined
        curve_of[curve_of == b] = a
    return y[np.unique(curve_of)]


def _ends(y: Curves, first: NDArray[np.intp], last: NDArray[np.intp], side: int) -> tuple[Curves, Curves]:
    """(n,) y and slope of each curve's first or last end."""
    at = (first, last)[side]
    run = np.maximum(np.minimum(last - first, END), 1)
    inner = np.clip(at + (run if side == 0 else -run), first, last)
    each = np.arange(len(y))
    sign = 1 if side == 0 else -1
    return y[each, at], sign * (y[each, inner] - y[each, at]) / run
