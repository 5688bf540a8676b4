"""The digits in the cells of a table, and which of them were typed over with others."""

from collections.abc import Iterator, Mapping

from digits.answers import LABELS, Box, Label, NumberAnswer, NumberDigit, TableCell

TypedOver = tuple[Label, Box]
"""A digit as it was typed, and the box of the one that was read."""


def typed_over_digits(number: NumberAnswer, typed: Mapping[str, str]) -> list[TypedOver]:
    """Each digit that was typed in place of another one or of a mark.

    Only in cells where as many letters were typed as stand there, so that each belongs to one that was read. `typed`
    has the texts by the cell's place: "row, column", both from 0.
    """
    return [
        each
        for row, cells in enumerate(number.table or ())
        for column, cell in enumerate(cells)
        for each in _typed_over(_digits_in(cell, number), typed.get(f"{row}, {column}", cell.text))
    ]


def _typed_over(digits: list[NumberDigit], text: str) -> Iterator[TypedOver]:
    letters = "".join(text.split())
    if len(letters) != len(digits):
        return
    for letter, digit in zip(letters, digits, strict=True):
        is_read_so = digit.sign is not None or str(digit.prediction) == letter
        if letter.isascii() and letter.isdigit() and not is_read_so:
            yield LABELS[int(letter)], digit.box


def _digits_in(cell: TableCell, number: NumberAnswer) -> list[NumberDigit]:
    """What was read in a cell, digits and signs, line by line and from left to right."""
    left, top, right, bottom = cell.box

    def is_in(digit: NumberDigit) -> bool:
        x, y = (digit.box[0] + digit.box[2]) / 2, (digit.box[1] + digit.box[3]) / 2
        return left <= x <= right and top <= y <= bottom

    return [digit for line in number.lines for digit in line.digits if is_in(digit)]
