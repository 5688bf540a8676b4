"""How well numbers are read; the part of `python -m digits.evaluation` that measures it.

A number counts as read when its text is exact: every digit, in order, nothing else, on one line. The digit error rate
is the edit distance (Levenshtein) from what was read to the number, summed over all pictures, by the count of digits.

A folder whose pictures hold more than that has a table `labels.csv`: for each file the `digits` of its lines, with a
slash between lines; what is `written` where one line has signs too; and the picture's `conditions`, in words. Of the
written ones the signs count, of the others the digits alone.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

from digits.answers import NumberAnswer
from digits.data.composed_numbers import Source, composed, from_pictures, kept_out_writers
from digits.data.datasets import mnist
from digits.decode import MAX_NUMBER_SIDE, BadPictureError, Picture, decode
from digits.evaluation.contact_sheet import SIDE, Mistake, contact_sheet
from digits.evaluation.scores import Accuracy, FolderError, accuracy, pictures_in
from digits.number import read_number
from digits.recogniser import Recogniser

TOUCHING: Final = 1 / 3
"""Share of the neighbours that touch in the composed numbers which are to touch."""

SEED: Final = 2026
"""Of the composed numbers, so that they are the same ones each time."""


LABELS: Final = "labels.csv"
"""Table of a folder whose pictures hold several lines, or signs beside digits."""

KINDS: Final[dict[str, Callable[["NumberPicture"], bool]]] = {
    "one line": lambda shown: "multi-line" not in shown.conditions,
    "several lines": lambda shown: "multi-line" in shown.conditions,
    "plain paper": lambda shown: "plain" in shown.conditions,
    "boxes or tables": lambda shown: "boxes" in shown.conditions,
    "ruled or squared paper": lambda shown: not shown.conditions.isdisjoint(("ruled", "squared")),
    "with signs": lambda shown: shown.signs,
}
"""Kinds of pictures of a labelled folder that are told apart; one picture may be of several."""


@dataclass(frozen=True)
class NumberPicture:
    """A picture of a number, or of lines of numbers.

    Attributes:
        name: of the file.
        file: its bytes.
        text: what it shows; with a slash between lines where `signs` is False.
        signs: whether `text` is one line with signs.
        conditions: words that describe the picture.

    """

    name: str
    file: bytes
    text: str
    signs: bool = False
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReadNumber:
    """A picture of a number and what was read in it."""

    shown: NumberPicture
    answer: NumberAnswer

    @property
    def text(self) -> str:
        """What was read, as far as the picture's label tells: lines apart, and signs where they are labelled."""
        lines = [line.text.replace(" ", "") for line in self.answer.lines]
        if self.shown.conditions and not self.shown.signs:
            lines = [digits for line in lines if (digits := re.sub("[^0-9]", "", line))]
        return "/".join(lines)

    @property
    def is_right(self) -> bool:
        """Whether the number was read exactly."""
        return self.text == self.shown.text


@dataclass(frozen=True)
class NumberScore(Accuracy):
    """The figures of one set of pictures of numbers; right is what was read exactly.

    Attributes:
        digit_errors: digit error rate, 0 or more.

    """

    digit_errors: float


def score_numbers(found: list[ReadNumber]) -> NumberScore:
    """Share read exactly with its interval, and the digit error rate."""
    errors = sum(edit_distance(each.text, each.shown.text) for each in found)
    return NumberScore(
        **vars(accuracy([each.is_right for each in found])),
        digit_errors=errors / sum(len(each.shown.text) for each in found),
    )


def edit_distance(one: str, other: str) -> int:
    """Fewest characters to insert, delete or replace to make one of the other (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, 1):
        before, row = row, [number]
        for place, wanted in enumerate(other):
            row.append(min(before[place + 1] + 1, row[place] + 1, before[place] + (character != wanted)))
    return row[-1]


def folder_of_numbers(folder: Path) -> list[NumberPicture]:
    """Each picture of the folder's table of labels, or each PNG and JPEG whose name begins with its number.

    Raises:
        FolderError: there is no such folder, or none in it, or its table cannot be read.

    """
    if (folder / LABELS).is_file():
        return _labelled(folder)
    numbers = [(path, re.match("[0-9]+", path.name)) for path in pictures_in(folder)]
    found = [NumberPicture(path.name, path.read_bytes(), digits[0]) for path, digits in numbers if digits]
    if not found:
        raise FolderError(f"no name of a picture in {folder} begins with a number")
    return found


def _labelled(folder: Path) -> list[NumberPicture]:
    try:
        with (folder / LABELS).open(encoding="utf-8", newline="") as table:
            return [
                NumberPicture(
                    row["file"],
                    (folder / row["file"]).read_bytes(),
                    row["written"] or row["digits"],
                    bool(row["written"]),
                    frozenset(row["conditions"].split()),
                )
                for row in csv.DictReader(table)
            ]
    except (OSError, KeyError, ValueError) as error:
        raise FolderError(f"{folder / LABELS} or a picture it names cannot be read") from error


def by_kind(name: str, found: list[ReadNumber]) -> Iterator[tuple[str, list[ReadNumber]]]:
    """All of a set, and where its pictures are described those of each kind."""
    yield name, found
    for kind, belongs in KINDS.items():
        chosen = [each for each in found if each.shown.conditions and belongs(each.shown)]
        if chosen:
            yield f"{name}: {kind}", chosen


def sets_of_composed_numbers(count: int) -> Iterator[tuple[str, Iterator[NumberPicture]]]:
    """Sets of so many numbers put together from digits that nothing was trained on; the same ones each time."""
    sources = {"MNIST test digits": from_pictures(*mnist("t10k")), "pen strokes, writers kept out": kept_out_writers()}
    for name, source in sources.items():
        yield f"{name}, apart", _composed_numbers(source, count, 0)
        yield f"{name}, a third touching", _composed_numbers(source, count, TOUCHING)


def _composed_numbers(source: Source, count: int, touching: float) -> Iterator[NumberPicture]:
    for seed in range(count):
        number = composed(source, np.random.default_rng((SEED, seed)), touching)
        file = io.BytesIO()
        Image.fromarray(number.picture).save(file, "PNG")
        yield NumberPicture(f"{number.text}_{seed:04d}", file.getvalue(), number.text)


def read_all(recogniser: Recogniser, pictures: Iterable[NumberPicture]) -> list[ReadNumber]:
    """Have every number read; raises FolderError at a file that cannot be read."""
    return [ReadNumber(shown, read_number(recogniser, _decoded(shown))) for shown in pictures]


def _decoded(shown: NumberPicture) -> Picture:
    try:
        return decode(shown.file, MAX_NUMBER_SIDE)
    except BadPictureError as error:
        raise FolderError(f"{shown.name}: {error}") from error


def table_of_numbers(scores: Iterable[tuple[str, NumberScore]]) -> str:
    """The scores as a Markdown table."""
    lines = ["| numbers | count | read exactly | 95 % interval | digit error rate |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {name} | {found.cells()} | {found.digit_errors:.2%} |" for name, found in scores]
    return "\n".join(lines)


def report_numbers(recogniser: Recogniser, folders: list[Path], composed_count: int) -> tuple[str, Any, Image.Image]:
    """The table, the scores for a program, and a contact sheet of what was not read exactly.

    Raises:
        FolderError: a folder has no numbers, or a file that cannot be read.
        DataSetError: the data sets of the composed numbers are not to be had.

    """
    found = {str(folder): read_all(recogniser, folder_of_numbers(folder)) for folder in folders}
    if composed_count:
        found |= {name: read_all(recogniser, pictures) for name, pictures in sets_of_composed_numbers(composed_count)}
    scores = {kind: score_numbers(chosen) for name, numbers in found.items() for kind, chosen in by_kind(name, numbers)}
    wrong = [each for numbers in found.values() for each in numbers if not each.is_right]
    sheet = contact_sheet([_mistake(each) for each in wrong])
    return table_of_numbers(scores.items()), {name: asdict(score) for name, score in scores.items()}, sheet


def _mistake(found: ReadNumber) -> Mistake:
    """The picture with the boxes that were found in it."""
    picture = Image.fromarray(_decoded(found.shown).pixels).convert("RGB")
    scale = picture.width / found.answer.width
    pen, width = ImageDraw.Draw(picture), max(1, max(picture.size) // SIDE)
    for line in found.answer.lines:
        for digit in line.digits:
            colour = "red" if digit.prediction is None else "lime"
            pen.rectangle([scale * side for side in digit.box], outline=colour, width=width)
    caption = f"is {found.shown.text}, read as {found.text or 'nothing'}"
    return Mistake(np.asarray(picture), None, found.shown.name, caption)
