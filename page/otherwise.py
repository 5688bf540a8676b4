"""Digits that a person says are others than those that were read: typed over in cells, or chosen in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from digits.answers import LABELS, Box, Label, NumberAnswer, NumberDigit, NumberLine

Otherwise = tuple[Label, Box]
"""What a digit is, and the box of the one that was read."""


def typed_in_cells(number: NumberAnswer, typed: Mapping[str, str]) -> list[Otherwise]:
    """Each digit that was typed in place of another one or of a mark.

    Only in cells where as many letters were typed as stand there, so that each belongs to one that was read. `typed`
    has the texts by the cell's place: "row, column", both from 0.
    """
    return [
        each
        for row, cells in enumerate(number.table or ())
        for column, cell in enumerate(cells)
        for each in _otherwise(_digits_in(cell.box, number.lines), typed.get(f"{row}, {column}", cell.text))
    ]


def chosen_in_words(lines: Sequence[NumberLine], chosen: Mapping[tuple[int, int], str]) -> list[Otherwise]:
    """The same of the words, by line and word, in whose place others were chosen."""
    return [
        each
        for (line, word), text in chosen.items()
        for each in _otherwise(_digits_in(lines[line].words[word].box, [lines[line]]), text)
    ]


def _otherwise(digits: list[NumberDigit], text: str) -> Iterator[Otherwise]:
    letters = "".join(text.split())
    if len(letters) != len(digits):
        return
    for letter, digit in zip(letters, digits, strict=True):
        is_read_so = digit.sign is not None or str(digit.prediction) == letter
        if letter.isascii() and letter.isdigit() and not is_read_so:
            yield LABELS[int(letter)], digit.box


def _digits_in(box: Box, lines: Iterable[NumberLine]) -> list[NumberDigit]:
    """The digits and signs whose middle lies in a box, line by line and from left to right."""
    left, top, right, bottom = box

    def is_in(digit: NumberDigit) -> bool:
        x, y = (digit.box[0] + digit.box[2]) / 2, (digit.box[1] + digit.box[3]) / 2
        return left <= x <= right and top <= y <= bottom

    return [digit for line in lines for digit in line.digits if is_in(digit)]
