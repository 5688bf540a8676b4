"""Cells -> tables, their rows from top to bottom, and the cells of each from left to right."""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from digits.number.parts import connected_parts

Number = TypeVar("Number", np.float64, np.intp)

NEXT_ROW: Final = 1.0

NEXT_COLUMN: Final = 1.2
"""Distance of boxes that are apart up to which they are of one table, by their height."""


def distances(boxes: NDArray[Number]) -> tuple[NDArray[Number], NDArray[Number]]:
    """How far (n, 4) boxes are apart across and down, (n, n) each; negative where they overlap that way."""
    left, top, right, bottom = boxes.T
    across: NDArray[Number] = np.maximum(left[:, None] - right, left - right[:, None])
    down: NDArray[Number] = np.maximum(top[:, None] - bottom, top - bottom[:, None])
    return across, down


def in_order(boxes: NDArray[np.float64]) -> list[list[list[int]]]:
    """Cells of each row from left to right, for each table, both from top to bottom."""
    left, top, _, bottom = boxes.T
    height = bottom - top
    across, down = distances(boxes)
    lower = np.minimum(height[:, None], height)
    close = ((down < 0) & (across < NEXT_COLUMN * lower)) | ((across < 0) & (down < NEXT_ROW * lower))
    _, number = connected_parts(len(close), *np.nonzero(close))
    tables = [np.flatnonzero(number == each) for each in np.unique(number)]
    tables.sort(key=lambda own: (float(top[own].min()), float(left[own].min())))
    return [_rows(boxes, own) for own in tables]


def _rows(boxes: NDArray[np.float64], own: NDArray[np.intp]) -> list[list[int]]:
    """Cells of one table, row by row: a cell joins the row whose last one lies most beside it."""
    rows: list[list[int]] = []
    for cell in sorted(own.tolist(), key=lambda each: float(boxes[each, 0])):
        top, bottom = boxes[cell, 1], boxes[cell, 3]
        best, most = None, 0.5
        for row in rows:
            other = boxes[row[-1]]
            share = (min(bottom, other[3]) - max(top, other[1])) / min(bottom - top, other[3] - other[1])
            if share > most and other[2] < (boxes[cell, 0] + boxes[cell, 2]) / 2:
                best, most = row, share
        if best is None:
            rows.append([cell])
        else:
            best.append(cell)
    return sorted(rows, key=lambda row: float(np.mean(boxes[row, 1] + boxes[row, 3])))
