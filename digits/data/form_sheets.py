"""What is printed and written on the flat sheet of each kind of form: boxes, combs, grids, tables, ruled paper.

How much all of it varies is set by eye, so that it looks like what people fill in.
"""

import itertools
from collections.abc import Callable
from typing import Final, Literal, get_args

import numpy as np
from numpy.random import Generator

from digits.data.composed_numbers import Source
from digits.data.flat_sheets import EMPTY, FILLS, FlatSheet, FormCell, fill_in, flat_sheet, print_lattice, write_number

FormKind = Literal[
    "boxes",
    "comb",
    "grid",
    "table",
    "ruled",
    "squared",
    "plain",
    "sudoku",
    "squares",
    "open table",
    "turned table",
    "drawn table",
    "large grid",
    "large table",
    "large plain",
    "large ruled",
    "large squared",
    "pen table",
    "merged table",
    "soft sudoku",
]
FORM_KINDS: Final[tuple[FormKind, ...]] = get_args(FormKind)
"""Single boxes in a row; a row of boxes wall to wall, or ticks on a line; a digit in each cell; numbers in cells; lines
of numbers on ruled, squared and plain paper; a small puzzle, printed and filled in; squared paper with something in
each square; a table without some outer lines, up to the picture's rim; a table on its side or upside down; one whose
lines are drawn by hand; much that is small on a page of 1,600 by 1,200 pixels or more; a table that is drawn with the
pen that fills it in, with room around the digits; one in some of whose rows cells are joined, or others than above;
a puzzle whose type is lighter than its lines, and softer."""

TYPE_INKS: Final = (0.3, 1.0)
"""How dark such type is by the lines, from and to, and..."""

TYPE_BLURS: Final = (0.01, 0.09)
"""...its blur by its height."""

MERGED_BY_HAND: Final = 0.4
"""Share of the tables with merged cells whose lines are drawn by hand."""

PAGE: Final = (1600, 1200)
"""Pixels of the longer and the shorter side of such a page."""


Form = tuple[FlatSheet, list[FormCell], list[str]]
"""A flat sheet, its cells and its lines."""


def _boxes(rng: Generator, source: Source) -> Form:
    unit, count = rng.uniform(40, 110), int(rng.integers(1, 9))
    width, gap = unit * rng.uniform(0.7, 1.2), unit * rng.uniform(0.08, 0.6)
    sheet, x, y = flat_sheet(rng, unit, count * (width + gap), unit)
    cells, fill, line = [], rng.uniform(*FILLS), ""
    empty = EMPTY if count > 1 else 0.0
    for column in range(count):
        box = x + column * (width + gap), y, x + column * (width + gap) + width, y + unit
        print_lattice(sheet, box[::2], box[1::2])
        text = write_number(rng, source, sheet, 1, (*box, fill * unit)) if rng.random() >= empty else ""
        cells.append(FormCell(0, column, text, box))
        line += text
    return sheet, cells, [line] if line else []


def _comb(rng: Generator, source: Source) -> Form:
    unit, count = rng.uniform(36, 100), int(rng.integers(4, 13))
    width = unit * rng.uniform(0.65, 1.1)
    sheet, x, y = flat_sheet(rng, unit, count * width, unit)
    xs, ys = [x + place * width for place in range(count + 1)], [y, y + unit]
    if rng.random() < 0.35:  # ticks on a line
        sheet.line(xs[0], ys[1], xs[-1], ys[1])
        for place in xs:
            sheet.line(place, ys[1] - 0.35 * unit, place, ys[1])
    else:
        print_lattice(sheet, xs, ys)
    return sheet, *fill_in(rng, source, sheet, xs, ys, 1)


def _grid(rng: Generator, source: Source) -> Form:
    columns, rows = (int(side) for side in rng.integers(2, 10, 2))
    if rng.random() < 0.3:
        columns = rows = 9
    return _grid_of(rng, source, columns, rows, rng.uniform(28, min(100, 900 / max(columns, rows))))


def _grid_of(rng: Generator, source: Source, columns: int, rows: int, unit: float) -> Form:
    width = unit * rng.uniform(0.8, 1.3)
    sheet, x, y = flat_sheet(rng, rows * unit, columns * width, unit)
    xs, ys = [x + place * width for place in range(columns + 1)], [y + place * unit for place in range(rows + 1)]
    print_lattice(sheet, xs, ys)
    return sheet, *fill_in(rng, source, sheet, xs, ys, 1)


def _table(rng: Generator, source: Source) -> Form:
    columns, rows = int(rng.integers(2, 7)), int(rng.integers(2, 11))
    return _table_of(rng, source, columns, rows, rng.uniform(28, min(90, 900 / rows)))


def _table_of(rng: Generator, source: Source, columns: int, rows: int, unit: float, *, by_hand: bool = False) -> Form:
    lengths = rng.integers(1, 5, columns).tolist()
    widths = [min(unit * rng.uniform(0.7, 1.1) * (length + 0.5), 180.0) for length in lengths]
    sheet, x, y = flat_sheet(rng, rows * unit, sum(widths), unit)
    sheet.by_hand = rng if by_hand else None
    xs = [x + sum(widths[:place]) for place in range(columns + 1)]
    ys = [y + place * unit for place in range(rows + 1)]
    print_lattice(sheet, xs, ys)
    return sheet, *fill_in(rng, source, sheet, xs, ys, lengths)


def _drawn_table(rng: Generator, source: Source) -> Form:
    columns, rows = int(rng.integers(2, 8)), int(rng.integers(2, 9))
    return _table_of(rng, source, columns, rows, rng.uniform(40, min(100, 900 / rows)), by_hand=True)


def _pen_table(rng: Generator, source: Source) -> Form:
    columns, rows = (int(side) for side in rng.integers(2, 8, 2))
    unit, fill = rng.uniform(50, min(120, 900 / rows)), rng.uniform(0.35, 0.7)
    lengths = rng.integers(1, 3, columns).tolist()
    widths = [unit * rng.uniform(0.8, 1.6) * (1 if length == 1 else 1.3) for length in lengths]
    sheet, x, y = flat_sheet(rng, rows * unit, sum(widths), unit)
    sheet.by_hand, sheet.line_width = rng, max(1.5, fill * unit * rng.uniform(0.05, 0.11))
    sheet.dwelling = rng.choice([0.0, 0.5])
    xs = [x + sum(widths[:place]) for place in range(columns + 1)]
    ys = [y + place * unit for place in range(rows + 1)]
    print_lattice(sheet, xs, ys)
    sheet.written, sheet.printed = sheet.printed, sheet.written
    return sheet, *fill_in(rng, source, sheet, xs, ys, lengths, fill)


def _merged_table(rng: Generator, source: Source) -> Form:
    columns, rows = int(rng.integers(3, 7)), int(rng.integers(3, 9))
    unit, width, fill = rng.uniform(40, min(100, 900 / rows)), rng.uniform(1.0, 2.0), rng.uniform(0.4, 0.75)
    sheet, x, y = flat_sheet(rng, rows * unit, columns * width * unit, unit)
    sheet.by_hand = rng if rng.random() < MERGED_BY_HAND else None
    xs, ys = np.linspace(x, x + columns * width * unit, columns + 1), [y + place * unit for place in range(rows + 1)]
    print_lattice(sheet, (xs[0], xs[-1]), ys)
    edges = [xs] * rows
    for row in {0, rows - 1} if rng.random() < 0.5 else {int(rng.integers(rows))}:
        stays = rng.random(columns - 1) < 0.5
        edges[row] = xs[[True, *stays, True]] if rng.random() < 0.6 else np.linspace(xs[0], xs[-1], columns + 2)
    cells, lines = [], []
    for row, own in enumerate(edges):
        for edge in own[1:-1]:
            sheet.line(edge, ys[row], edge, ys[row + 1])
        lengths = [int(rng.integers(1, max(2, min(4, round(room / unit)) + 1))) for room in np.diff(own)]
        of_row, text = fill_in(rng, source, sheet, own.tolist(), ys[row : row + 2], lengths, fill)
        cells += [cell._replace(row=row) for cell in of_row]
        lines += text
    return sheet, cells, lines


def _large_grid(rng: Generator, source: Source) -> Form:
    columns, rows = int(rng.integers(8, 16)), int(rng.integers(8, 18))
    return _on_a_page(_grid_of(rng, source, columns, rows, rng.uniform(36, 64)))


def _large_table(rng: Generator, source: Source) -> Form:
    columns, rows = int(rng.integers(4, 8)), int(rng.integers(10, 24))
    return _on_a_page(_table_of(rng, source, columns, rows, rng.uniform(36, 60)))


def _on_a_page(form: Form) -> Form:
    """The form in the middle of a large page."""
    sheet, cells, lines = form
    move = 2 * _amid_a_page(sheet)
    moved = [cell._replace(box=tuple(np.add(cell.box, move).tolist())) for cell in cells]
    return sheet, moved, lines


def _amid_a_page(sheet: FlatSheet) -> tuple[float, float]:
    return sheet.amid(*(PAGE if sheet.size[0] >= sheet.size[1] else PAGE[::-1]))


def _lines(rng: Generator, source: Source, apart: float) -> tuple[FlatSheet, list[str], float, float]:
    """Lines of numbers on an empty sheet: their texts, the last line's base and the digits' height."""
    unit, count = rng.uniform(30, 90), int(rng.choice([1, 2, 3, 5]))
    return _lines_of(rng, source, apart, unit, count, rng.uniform(4, 10))


def _lines_of(
    rng: Generator, source: Source, apart: float, unit: float, count: int, width: float, longest: int = 6
) -> tuple[FlatSheet, list[str], float, float]:
    sheet, x, y = flat_sheet(rng, count * unit * apart, width * unit, unit)
    lines = []
    for row in range(count):
        length, base = int(rng.integers(1, longest + 1)), y + (row + 1) * unit * apart
        left = x + rng.uniform(0, 0.2) * unit
        place = left, base - unit, left + length * unit * 0.95, base, unit
        lines.append(write_number(rng, source, sheet, length, place))
    return sheet, lines, y + count * unit * apart, unit


def _large_lines(rng: Generator, source: Source, apart: float) -> tuple[FlatSheet, list[str], float, float]:
    unit, count = rng.uniform(26, 44), int(rng.integers(10, 20))
    sheet, lines, base, unit = _lines_of(rng, source, apart, unit, count, rng.uniform(10, 16), 10)
    _, down = _amid_a_page(sheet)
    return sheet, lines, base + down, unit


def _large_plain(rng: Generator, source: Source) -> Form:
    sheet, lines, _, _ = _large_lines(rng, source, rng.uniform(1.4, 2.0))
    return sheet, [], lines


def _large_ruled(rng: Generator, source: Source) -> Form:
    apart = rng.uniform(1.4, 2.0)
    sheet, lines, base, unit = _large_lines(rng, source, apart)
    return _ruled_through(rng, sheet, lines, base, unit, apart)


def _large_squared(rng: Generator, source: Source) -> Form:
    return _squared_through(rng, *_large_lines(rng, source, rng.uniform(1.4, 2.0)))


def _ruled(rng: Generator, source: Source) -> Form:
    apart = rng.uniform(1.15, 2.0)
    return _ruled_through(rng, *_lines(rng, source, apart), apart)


def _ruled_through(rng: Generator, sheet: FlatSheet, lines: list[str], base: float, unit: float, apart: float) -> Form:
    for y in np.arange(base - 40 * unit * apart, sheet.size[0], unit * apart):
        if y > 0:
            sheet.line(-9, y, sheet.size[1] + 9, y)
    if rng.random() < 0.3:
        margin = rng.uniform(0.02, 0.3) * unit
        sheet.line(margin, -9, margin, sheet.size[0] + 9)
    return sheet, [], lines


def _squared(rng: Generator, source: Source) -> Form:
    return _squared_through(rng, *_lines(rng, source, rng.uniform(1.15, 2.0)))


def _squared_through(rng: Generator, sheet: FlatSheet, lines: list[str], base: float, unit: float) -> Form:
    side = unit * rng.uniform(0.35, 0.95)
    for y in np.arange(base - 160 * side, sheet.size[0], side):
        sheet.line(-9, y, sheet.size[1] + 9, y)
    for x in np.arange(rng.uniform(0, side), sheet.size[1], side):
        sheet.line(x, -9, x, sheet.size[0] + 9)
    return sheet, [], lines


def _plain(rng: Generator, source: Source) -> Form:
    sheet, lines, _, _ = _lines(rng, source, rng.uniform(1.2, 2.0))
    return sheet, [], lines


def _soft_sudoku(rng: Generator, source: Source) -> Form:
    return _sudoku(rng, source, soft=True)


def _sudoku(rng: Generator, source: Source, *, soft: bool = False) -> Form:
    unit, given, fill = rng.uniform(24, 44), rng.uniform(0.2, 0.5), rng.uniform(0.5, 0.8)
    sheet, x, y = flat_sheet(rng, 9 * unit, 9 * unit, unit)
    if soft:
        sheet.type_ink, sheet.type_blur = rng.uniform(*TYPE_INKS), rng.uniform(*TYPE_BLURS)
    xs, ys = [x + place * unit for place in range(10)], [y + place * unit for place in range(10)]
    print_lattice(sheet, xs, ys)
    thin, sheet.line_width = sheet.line_width, sheet.line_width * rng.uniform(1.5, 3)
    print_lattice(sheet, xs[::3], ys[::3])
    sheet.line_width = thin
    cells, lines = [], []
    for row, column in itertools.product(range(9), range(9)):
        box = xs[column], ys[row], xs[column + 1], ys[row + 1]
        if rng.random() < given:
            digit = int(rng.integers(1, 10))
            sheet.print(digit, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 0.55 * unit)
            text = str(digit)
        else:
            text = write_number(rng, source, sheet, 1, (*box, fill * unit))
        cells.append(FormCell(row, column, text, box))
    lines = ["".join(cell.text for cell in cells[9 * row : 9 * row + 9]) for row in range(9)]
    return sheet, cells, lines


def _squares(rng: Generator, source: Source) -> Form:
    columns, rows = (int(side) for side in rng.integers(2, 9, 2))
    unit, length = rng.uniform(36, 90), int(rng.integers(1, 3))
    before, after = rng.uniform(0, 0.6, (2, 2)) * unit
    sheet = FlatSheet(
        (round(rows * unit + before[1] + after[1]), round(columns * unit + before[0] + after[0])), 1.0, None
    )
    sheet.line_width = max(1.0, unit * rng.uniform(0.012, 0.04))
    xs, ys = (
        [before[0] + place * unit for place in range(columns + 1)],
        [before[1] + place * unit for place in range(rows + 1)],
    )
    for y in ys:
        sheet.line(-9, y, sheet.size[1] + 9, y)
    for x in xs:
        sheet.line(x, -9, x, sheet.size[0] + 9)
    return sheet, *fill_in(rng, source, sheet, xs, ys, length)


def _open_table(rng: Generator, source: Source) -> Form:
    columns, rows = int(rng.integers(2, 9)), int(rng.integers(1, 9))
    unit = rng.uniform(22, min(70, 900 / rows))
    lengths = rng.integers(1, 4, columns).tolist()
    widths = [unit * rng.uniform(0.7, 1.1) * (length + 0.5) for length in lengths]
    rim = 0.15 * unit
    size = round(rows * unit + 2 * rim), round(sum(widths) + 2 * rim)
    sheet = FlatSheet(size, max(1.0, unit * rng.uniform(0.02, 0.05)), None)
    xs, ys = (
        [rim + sum(widths[:place]) for place in range(columns + 1)],
        [rim + place * unit for place in range(rows + 1)],
    )
    for y in ys if rng.random() < 0.5 else ys[1:-1]:
        sheet.line(-9, y, size[1] + 9, y)
    for x in xs if rng.random() < 0.5 else xs[1:-1]:
        sheet.line(x, -9, x, size[0] + 9)
    return sheet, *fill_in(rng, source, sheet, xs, ys, lengths)


SHEETS: Final[dict[FormKind, Callable[[Generator, Source], Form]]] = {
    "boxes": _boxes,
    "comb": _comb,
    "grid": _grid,
    "table": _table,
    "ruled": _ruled,
    "squared": _squared,
    "plain": _plain,
    "sudoku": _sudoku,
    "squares": _squares,
    "open table": _open_table,
    "turned table": _table,
    "drawn table": _drawn_table,
    "large grid": _large_grid,
    "large table": _large_table,
    "large plain": _large_plain,
    "large ruled": _large_ruled,
    "large squared": _large_squared,
    "pen table": _pen_table,
    "merged table": _merged_table,
    "soft sudoku": _soft_sudoku,
}
"""How a flat sheet of each kind is made, with a source of digits."""
