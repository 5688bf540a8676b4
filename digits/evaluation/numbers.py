"""How well numbers are read; the part of `python -m digits.evaluation` that measures it.

A number counts as read when its text is exact: every digit, in order, nothing else, on one line. The digit error rate
is the edit distance (Levenshtein) from what was read to the number, summed over all pictures, by the count of digits.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw
from scipy.stats import binomtest

from digits.answers import NumberAnswer
from digits.decode import MAX_NUMBER_SIDE, decode
from digits.evaluation.contact_sheet import Mistake, contact_sheet
from digits.number import read_number
from digits.recogniser import Recogniser

TOUCHING: Final = 1 / 3
"""Share of the neighbours that touch in the composed numbers which are to touch."""


@dataclass(frozen=True)
class ReadNumber:
    """A picture of a number, its file, what it shows and what was read."""

    name: str
    file: bytes
    text: str
    number: NumberAnswer

    @property
    def read(self) -> str:
        """The lines that were read, with a blank between them."""
        return " ".join(line.text for line in self.number.lines)

    @property
    def right(self) -> bool:
        """Whether the number was read exactly."""
        return self.read == self.text


@dataclass(frozen=True)
class NumberScore:
    """The figures of one set of pictures; shares are 0..1."""

    count: int
    exact: float
    low: float
    high: float
    digit_errors: float


def score_numbers(found: list[ReadNumber]) -> NumberScore:
    """Share read exactly with Wilson's 95 % interval, and the digit error rate."""
    right = sum(each.right for each in found)
    interval = binomtest(right, len(found)).proportion_ci(0.95, "wilson")
    errors = sum(edit_distance(each.read, each.text) for each in found)
    return NumberScore(
        count=len(found),
        exact=right / len(found),
        low=float(interval.low),
        high=float(interval.high),
        digit_errors=errors / sum(len(each.text) for each in found),
    )


def edit_distance(one: str, other: str) -> int:
    """Fewest characters to insert, delete or replace to make one of the other (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, 1):
        before, row = row, [number]
        for place, wanted in enumerate(other):
            row.append(min(before[place + 1] + 1, row[place] + 1, before[place] + (character != wanted)))
    return row[-1]


def folder_of_numbers(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """Name, file and number of each PNG and JPEG whose name begins with its number."""
    for path in sorted(folder.iterdir()):
        digits = re.match("[0-9]+", path.name)
        if digits is not None and path.suffix.lower() in (".png", ".jpg", ".jpeg"):
            yield path.name, path.read_bytes(), digits[0]


def composed_numbers(count: int) -> Iterator[tuple[str, Iterator[tuple[str, bytes, str]]]]:
    """Sets of so many numbers put together from digits that nothing was trained on; the same ones each time."""
    from digits.data.composed_numbers import composed, from_pictures, kept_out_writers  # what tests need, not what runs
    from digits.data.datasets import mnist

    sources = {"MNIST test digits": from_pictures(*mnist("t10k")), "pen strokes, writers kept out": kept_out_writers()}

    def numbers(source: Callable[..., Any], touching: float) -> Iterator[tuple[str, bytes, str]]:
        for seed in range(count):
            number = composed(source, np.random.default_rng((2026, seed)), touching)
            file = io.BytesIO()
            Image.fromarray(number.picture).save(file, "PNG")
            yield f"{number.text}_{seed:04d}", file.getvalue(), number.text

    for name, source in sources.items():
        yield f"{name}, apart", numbers(source, 0)
        yield f"{name}, a third touching", numbers(source, TOUCHING)


def read_all(recogniser: Recogniser, pictures: Iterable[tuple[str, bytes, str]]) -> list[ReadNumber]:
    """Have every number read."""
    return [
        ReadNumber(name, file, text, read_number(recogniser, decode(file, MAX_NUMBER_SIDE)))
        for name, file, text in pictures
    ]


def table_of_numbers(scores: Iterable[tuple[str, NumberScore]]) -> str:
    """The scores as a Markdown table."""
    lines = ["| numbers | count | read exactly | 95 % interval | digit error rate |", "|---|---:|---:|---:|---:|"]
    for name, found in scores:
        lines.append(
            f"| {name} | {found.count:,} | {found.exact:.2%} | {found.low:.2%} to {found.high:.2%}"
            f" | {found.digit_errors:.2%} |"
        )
    return "\n".join(lines)


def report_numbers(recogniser: Recogniser, folders: list[Path], composed_count: int) -> tuple[str, Any, Image.Image]:
    """The table, the scores for a program, and a contact sheet of what was not read exactly."""
    found = {str(folder): read_all(recogniser, folder_of_numbers(folder)) for folder in folders}
    if composed_count:
        found |= {name: read_all(recogniser, pictures) for name, pictures in composed_numbers(composed_count)}
    scores = {name: score_numbers(numbers) for name, numbers in found.items()}
    wrong = [each for numbers in found.values() for each in numbers if not each.right]
    sheet = contact_sheet([_mistake(each) for each in wrong])
    return table_of_numbers(scores.items()), {name: asdict(score) for name, score in scores.items()}, sheet


def _mistake(found: ReadNumber) -> Mistake:
    """The picture with the boxes that were found in it."""
    picture = Image.fromarray(decode(found.file).pixels).convert("RGB")
    scale = picture.width / found.number.width
    pen = ImageDraw.Draw(picture)
    for line in found.number.lines:
        for digit in line.digits:
            pen.rectangle([scale * side for side in digit.box], outline="red" if digit.prediction is None else "lime")
    return Mistake(np.asarray(picture), None, found.name, f"is {found.text}, read as {found.read or 'nothing'}")
