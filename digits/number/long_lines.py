"""Lines that run through a picture without cells: ruling, squared paper, the line of a comb with its ticks.

They are taken out all the same. Constants were chosen on made forms by writers kept out of training (docs/notebook.md,
"Cells").
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.ink.components import connected_components
from digits.number.cells import Cells
from digits.number.runs import Bits, Runs, closed, grown, line_breadth

THROUGHOUT: Final = 0.9
"""Share of the picture's side from which on a line is ruling."""

DASHES: Final = (8, 20)
"""Pixels between the dashes of ruling, if no other is seen; in small pictures, which are enlarged, the longer ones."""

MIN_MARGIN: Final = 0.75
"""Length of a ruled sheet's margin by the picture's height, or..."""

MIN_ROOMS: Final = 1.6
"""...by the room between its lines: no digit is so tall. Set by hand."""

MIN_UNDERLINE: Final = 2.2
"""Length of a line under all that is written by the height of all."""

MIN_SLIM: Final = 3

MIN_TICKS: Final = 3
"""Height of a comb's tick by its width at least, and how many of one height it has, or lines squared paper."""

MAX_UNLIKE: Final = 0.3
"""Difference of a tick's height from the others', by theirs, at most."""

MIN_RULED: Final = 0.4
"""Length of the lines of squared paper by the picture's side."""

MIN_ROOM: Final = 5
"""Pixels between the lines of squared paper at least: closer ones are one line in pieces."""

MIN_LINE_INK: Final = 0.7
"""Share of a line of squared paper that is ink where it was not found, by that of the others, at least."""

BESIDE_LINE: Final = 5
"""Pixels across of a margin, which is no tick of a comb."""

TICK_REACH: Final = 11
"""Pixels around its middle within which a tick stands on the line."""


def long_lines(mask: Bits) -> Cells | None:
    """Several lines that run through all of a drawing or a scan, or one under all that is written, with its ticks."""
    height, width = mask.shape
    _, _, broad, high = cv2.boundingRect(mask)
    all_level, all_upright = Runs.of(mask, 28, 3), Runs.of(mask.T, 28, 3)
    level = all_level.longer(round(max(THROUGHOUT * broad, MIN_UNDERLINE * high)))
    upright = np.zeros_like(mask)
    most, shortest = 1, THROUGHOUT * height
    for gap in (0, *DASHES):
        runs = Runs.of(closed(mask, 1, gap + 1), 28, 3) if gap else all_level
        ruled = runs.longer(round(THROUGHOUT * width))
        if Runs.labelled(ruled).number > 1:
            level = ruled
            if gap:
                all_upright = Runs.of(closed(mask, gap + 1, 1).T, 28, 3)
            most, shortest = 0, min(MIN_MARGIN * height, MIN_ROOMS * _room(ruled))
            break
    if Runs.labelled(ruled := all_upright.longer(round(shortest))).number > most:
        upright = np.ascontiguousarray(ruled.T)
    if not (level.any() or upright.any()):
        return None
    if Runs.labelled(level).number == 1:
        upright |= _ticks(mask & (1 - grown(upright, 1, BESIDE_LINE)), level)
    return Cells.of_lines(level, upright, line_breadth(mask, level | upright))


def _room(level: Bits) -> float:
    """Pixels between one line of ruling and the next, in the median."""
    _, _, _, middles = cv2.connectedComponentsWithStats(level, connectivity=8)
    return float(np.median(np.diff(np.sort(middles[1:, 1]))))


def squared_lines(mask: Bits, level: Bits, upright: Bits, breadth: float) -> Cells | None:
    """Only the lines of squared paper, which run through much of the picture; None where they do not.

    Args:
        mask: (height, width) uint8, 1 where ink or a line is.
        level: the same of lines from left to right.
        upright: those from top to bottom.
        breadth: of the lines in pixels.

    """
    (height, width), lines = level.shape, []
    for line, own, side in ((level, mask, width), (upright.T, mask.T, height)):
        long = Runs.labelled(line).longer(round(MIN_RULED * side))
        if Runs.labelled(long).number < MIN_TICKS:
            return None
        lines.append(_with_missing(long, np.ascontiguousarray(own)))
    return Cells.of_lines(lines[0], np.ascontiguousarray(lines[1].T), breadth)


def _with_missing(lines: Bits, mask: Bits) -> Bits:
    """Level lines of squared paper with those that are missing between and beside them, where there is ink."""
    _, labels, _, middles = cv2.connectedComponentsWithStats(lines, connectivity=8)
    order = np.argsort(middles[1:, 1]) + 1
    steps = np.diff(middles[order, 1])
    if not (steps >= MIN_ROOM).any():
        return lines
    room = float(np.median(steps[steps >= MIN_ROOM]))
    lines, inked = lines.copy(), grown(mask, 3, 1)
    found = [np.nonzero(labels == each) for each in order]
    least = MIN_LINE_INK * float(np.median([inked[line].mean() for line in found]))

    def add(line: tuple[NDArray[np.intp], ...], down: float) -> bool:
        """The line of these rows and columns moved down by so many pixels, if there is ink all along."""
        row = line[0] + round(down)
        inside = (row >= 0) & (row < len(lines))
        place = row[inside], line[1][inside]
        is_line = bool(inside.any()) and bool(inked[place].mean() >= least)
        if is_line:
            lines[place] = 1
        return is_line

    for line, step in zip(found, steps.tolist(), strict=False):
        parts = round(step / room)
        for part in range(1, parts):
            add(line, step * part / parts)
    for line, way in ((found[0], -room), (found[-1], room)):
        place = 1
        while add(line, way * place):
            place += 1
    return lines


def _ticks(mask: Bits, level: Bits) -> Bits:
    """1 on the ticks of a comb, which stand on its line and are all equally high."""
    found = connected_components((mask & (1 - grown(level, 5, 1))).view(np.bool_))
    below = np.minimum(found.bottom + 3, len(mask) - 1)
    on_line = grown(level, 1, 2 * TICK_REACH + 1)[below, found.left + found.width // 2] > 0
    slim = on_line & (found.width * MIN_SLIM < found.height)
    if np.count_nonzero(slim) < MIN_TICKS:
        return np.zeros_like(mask)
    typical = float(np.median(found.height[slim]))
    ticks = slim & (np.abs(found.height - typical) <= MAX_UNLIKE * typical + 1)
    if np.count_nonzero(ticks) < MIN_TICKS:
        return np.zeros_like(mask)
    return found.pixels_of(ticks).view(np.uint8)
