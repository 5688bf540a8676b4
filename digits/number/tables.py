"""Lines of cells -> the table's rows and cells, and a line for each row."""

from collections.abc import Sequence
from itertools import groupby
from math import prod
from typing import Final

from digits.answers import Box, NumberDigit, NumberLine, NumberWord, TableCell, box_around
from digits.number.cells import Cells

LINE_BREAK: Final = "\n"
"""Between the lines of one cell."""

Table = tuple[tuple[TableCell, ...], ...]


def arranged(
    lines: Sequence[NumberLine], places: Sequence[int], cells: Cells, boxes: Sequence[Box], empty: Sequence[float]
) -> tuple[list[NumberLine], Table]:
    """Lines from top to bottom, those of a table's row joined, and the rows of cells.

    Args:
        lines: of each cell, and of what stands outside.
        places: the cell, from 1, of each line; 0 outside.
        cells: of the picture.
        boxes: of the cells in pixels of the picture as uploaded.
        empty: how sure it is that each cell is empty, where nothing was found in it.

    """
    table: list[tuple[TableCell, ...]] = []
    blocks = [(line.box[1] + line.box[3], [line]) for line, place in zip(lines, places, strict=True) if not place]
    for number, rows in groupby(zip(cells.tables, cells.rows, strict=True), lambda row: row[0]):
        joined: list[NumberLine] = []
        top = 0.0
        for _, row in rows:
            of_cells = [_of_cell(lines, places, cell + 1) for cell in row]
            each = zip(of_cells, row, strict=True)
            table.append(tuple(_cell(own, boxes[cell], number, empty[cell]) for own, cell in each))
            top = top or 2 * min(boxes[cell][1] for cell in row)
            if any(of_cells):
                joined.append(_row(of_cells))
        blocks.append((top, joined))
    blocks.sort(key=lambda block: block[0])
    return [line for _, block in blocks for line in block], tuple(table)


def _of_cell(lines: Sequence[NumberLine], places: Sequence[int], cell: int) -> list[NumberLine]:
    return [line for line, place in zip(lines, places, strict=True) if place == cell]


def _cell(lines: list[NumberLine], box: Box, table: int, empty: float) -> TableCell:
    words = [word for line in lines for word in line.words]
    alternatives = words[0].alternatives if len(words) == 1 else ()
    text = LINE_BREAK.join(line.text for line in lines)
    confidence = prod(line.confidence for line in lines) if lines else empty
    return TableCell(text, confidence, box, table, alternatives)


def _row(of_cells: list[list[NumberLine]]) -> NumberLine:
    """What stands in a row of cells: one word where each cell has one digit or sign, but for empty cells between."""
    words: list[NumberWord] = []
    digits = [digit for lines in of_cells for line in lines for digit in line.digits]
    if all(sum(len(line.digits) for line in lines) <= 1 for lines in of_cells):
        for is_filled, group in groupby(of_cells, bool):
            if is_filled:
                words.append(_word([digit for lines in group for digit in lines[0].digits], of_cells))
    else:
        words = [word for lines in of_cells for line in lines for word in line.words]
    return NumberLine.of(digits, words)


def _word(digits: list[NumberDigit], of_cells: list[list[NumberLine]]) -> NumberWord:
    texts = {id(line.digits[0]): line.text for lines in of_cells for line in lines}
    text = "".join(texts[id(digit)] for digit in digits)
    return NumberWord(text, prod(digit.confidence for digit in digits), box_around(digit.box for digit in digits))
