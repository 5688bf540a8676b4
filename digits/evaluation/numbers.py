"""How well numbers are read; the part of `python -m digits.evaluation` that measures it.

A number counts as read when its text is exact: every digit, in order, nothing else, on one line. The digit error rate
is the edit distance (Levenshtein) from what was read to the number, summed over all pictures, by the count of digits.

A folder whose pictures hold more than that has a table `labels.csv`: for each file the `digits` of its lines, with a
slash between lines; what is `written` where one line has signs too; and the picture's `conditions`, in words. Of the
written ones the signs count, of the others the digits alone. x, × and * are one sign. Spaces do not count; how many
lines of those read exactly have them right too is told where the truth has any.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digits.answers import NumberAnswer
from digits.data.composed_lines import composed_line, line_hands
from digits.data.composed_numbers import Source, composed, from_pictures, kept_out_writers
from digits.data.datasets import mnist
from digits.data.line_texts import KINDS as LINES
from digits.data.line_texts import LineKind
from digits.data.unipen import kept_out_writers as kept_out_of_unipen
from digits.data.unipen import unipen
from digits.decode import MAX_NUMBER_SIDE, BadPictureError, Picture, decode
from digits.evaluation.contact_sheet import SIDE, Mistake, contact_sheet
from digits.evaluation.scores import Accuracy, FolderError, accuracy, pictures_in
from digits.number import read_number
from digits.pen import draw_strokes
from digits.recogniser import Recogniser

TOUCHING: Final = 1 / 3
"""Share of the neighbours that touch in the composed numbers which are to touch."""

SEED: Final = 2026
"""Of the composed numbers, so that they are the same ones each time."""

SURE: Final = 0.95
"""Confidence from which on a line should hardly ever be wrong."""

ONE_SIGN: Final = str.maketrans("xX*", "×××")

PEN: Final = 0.06
"""Width of the pen that draws numbers written as a whole, as a share of their length by their digits; and..."""

PEN_SIDE: Final = 110
"""...pixels of the drawing for each digit."""

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
        lines = [line.text.replace(" ", "").translate(ONE_SIGN) for line in self.answer.lines]
        if self.shown.conditions and not self.shown.signs:
            lines = [digits for line in lines if (digits := re.sub("[^0-9]", "", line))]
        return "/".join(lines)

    @property
    def wanted(self) -> str:
        """What the picture shows, without spaces."""
        return self.shown.text.replace(" ", "").translate(ONE_SIGN)

    @property
    def is_right(self) -> bool:
        """Whether the number was read exactly."""
        return self.text == self.wanted

    @property
    def has_spaces_right(self) -> bool:
        """Whether its groups are apart as they are written."""
        return "/".join(line.text for line in self.answer.lines) == self.shown.text.translate(ONE_SIGN)

    @property
    def is_sure(self) -> bool:
        """Whether each of its lines is said to be surely right."""
        return bool(self.answer.lines) and all(line.confidence >= SURE for line in self.answer.lines)


@dataclass(frozen=True)
class NumberScore(Accuracy):
    """The figures of one set of pictures of numbers; right is what was read exactly.

    Attributes:
        digit_errors: digit error rate, 0 or more.
        sure: share of which every line is said with `SURE` or more.
        wrong_of_sure: share of these that was not read exactly; 0 where there are none.
        spaces: share of those read exactly whose spaces are right too; None where the truth has no spaces.

    """

    digit_errors: float
    sure: float
    wrong_of_sure: float
    spaces: float | None


def score_numbers(found: list[ReadNumber]) -> NumberScore:
    """Share read exactly with its interval, and the digit error rate."""
    errors = sum(edit_distance(each.text, each.wanted) for each in found)
    sure = [each for each in found if each.is_sure]
    spaced = [each.has_spaces_right for each in found if each.is_right]
    return NumberScore(
        **vars(accuracy([each.is_right for each in found])),
        digit_errors=errors / sum(len(each.wanted) for each in found),
        sure=len(sure) / len(found),
        wrong_of_sure=sum(not each.is_right for each in sure) / max(len(sure), 1),
        spaces=sum(spaced) / len(spaced) if spaced and any(" " in each.shown.text for each in found) else None,
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


def sets_of_composed_lines(count: int) -> Iterator[tuple[str, Iterator[NumberPicture]]]:
    """Numbers that writers who are kept out wrote as a whole, and so many lines of each kind with signs by the same."""
    yield "numbers written as a whole, writers kept out", _pen_written_numbers()
    for kind in LINES:
        yield f"lines by writers kept out: {kind}", _composed_lines(kind, count)


def _composed_numbers(source: Source, count: int, touching: float) -> Iterator[NumberPicture]:
    for seed in range(count):
        number = composed(source, np.random.default_rng((SEED, seed)), touching)
        yield NumberPicture(f"{number.text}_{seed:04d}", _png(number.picture), number.text)


def _pen_written_numbers() -> Iterator[NumberPicture]:
    """Numbers by UNIPEN's writers that are kept out, as drawings."""
    samples = [sample for sample in unipen("numbers") if sample.writer in kept_out_of_unipen()]
    for number, sample in enumerate(samples):
        length = len(sample.label)
        ink = draw_strokes(sample.strokes, PEN / length, PEN_SIDE * length)
        name = f"{sample.label}_{number:04d}"
        yield NumberPicture(name, _png((255 - 255 * ink).astype(np.uint8)), sample.label)


def _composed_lines(kind: LineKind, count: int) -> Iterator[NumberPicture]:
    """So many drawn lines with signs by hands that are kept out of training."""
    hands = line_hands(kept_out=True)
    for seed in range(count):
        line = composed_line(hands, np.random.default_rng((SEED, seed)), kind)
        yield NumberPicture(f"{kind}_{seed:04d}", _png((255 - 255 * line.ink).astype(np.uint8)), line.text)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


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
    head = (
        f"numbers | count | read exactly | 95 % interval | digit error rate | {SURE} and more | wrong of these | spaces"
    )
    lines = [f"| {head} |", "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for name, found in scores:
        spaces = "" if found.spaces is None else f"{found.spaces:.1%}"
        sure = f"{found.sure:.1%} | {found.wrong_of_sure:.2%} | {spaces}"
        lines.append(f"| {name} | {found.cells()} | {found.digit_errors:.2%} | {sure} |")
    return "\n".join(lines)


def report_numbers(
    recogniser: Recogniser, folders: list[Path], composed_count: int, line_count: int = 0
) -> tuple[str, Any, Image.Image]:
    """The table, the scores for a program, and a contact sheet of what was not read exactly.

    Raises:
        FolderError: a folder has no numbers, or a file that cannot be read.
        DataSetError: the data sets of the composed numbers are not to be had.

    """
    found = {str(folder): read_all(recogniser, folder_of_numbers(folder)) for folder in folders}
    if composed_count:
        found |= {name: read_all(recogniser, pictures) for name, pictures in sets_of_composed_numbers(composed_count)}
    if line_count:
        found |= {name: read_all(recogniser, pictures) for name, pictures in sets_of_composed_lines(line_count)}
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
