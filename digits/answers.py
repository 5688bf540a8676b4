"""The shape of every answer, once: the recogniser makes it, the service documents it, the client validates it.

Each class is one JSON object of the API; its fields are the object's keys, in this order.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from math import prod
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from annotated_types import Ge, Interval, Len

Rejection = Literal["blank", "not_a_digit", "several_digits"]
NumberRejection = Literal["blank", "not_a_digit"]
Illustration = Literal["ink", "picture", "hog", "influence"]
ILLUSTRATIONS: tuple[Illustration, ...] = get_args(Illustration)
Include = Literal["ink", "picture", "hog", "influence", "nearest", "other_models"]
INCLUDES: tuple[Include, ...] = get_args(Include)
"""What an answer about a digit has only where it is asked for."""

OtherModelName = Literal[
    "nearest_neighbours",
    "logistic_regression",
    "linear_svm",
    "radial_svm",
    "random_forest",
    "extra_trees",
    "neural_network",
]
OTHER_MODELS: Final[tuple[OtherModelName, ...]] = get_args(OtherModelName)
"""The usual candidates, small, in the order in which they answer."""

Label = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "none"]
LABELS: tuple[Label, ...] = get_args(Label)
"""What a person may say that a picture is; its index is the number of the class."""

Sign = Literal[".", ",", "-", "/", ":", "+", "×", "÷", "=", "(", ")", "%"]
"""The signs that stand in numbers as people write them."""

SIGNS: Final[tuple[Sign, ...]] = get_args(Sign)
SIGN_OF: Final[dict[str, Sign]] = {sign: sign for sign in SIGNS}
"""The same by their letters."""

NumberFormat = Literal["integer", "decimal", "date", "time", "expression"]
NUMBER_FORMATS: tuple[NumberFormat, ...] = get_args(NumberFormat)
"""What a caller may say of how a number is written."""

Turn = Literal[0, 90, 180, 270]

Digit = Annotated[int, Interval(ge=0, le=9)]
Probability = Annotated[float, Interval(ge=0, le=1)]
Probabilities = Annotated[tuple[Probability, ...], Len(10, 10)]
Box = Annotated[tuple[Annotated[float, Ge(0)], ...], Len(4, 4)]
PngDataUrl = Annotated[str, Len(1)]

_SHOWN: dict[str, Any] = {"use_attribute_docstrings": True, "defer_build": True}
"""Read by pydantic: docstrings become descriptions, and what checks a shape is made when it is first used: a sixth of
the time that the API takes to start."""


@dataclass(frozen=True)
class Neighbour:
    """A digit that a picture looks like, as the network sees both."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    label: Label
    """What it is."""

    yours: bool
    """Whether it was taught under the profile that was named, rather than known before."""

    similarity: Probability
    """1 for the very same."""

    picture: PngDataUrl
    """28x28, as a PNG data URL."""


@dataclass(frozen=True)
class OtherModel:
    """What another model says of the same digit."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    name: OtherModelName
    """Its kind."""

    prediction: Digit | None
    """The digit, or null where it says that it is none."""

    confidence: Probability | None
    """How sure it is of this very answer; null for a support vector machine, which does not say."""

    accuracy: Probability
    """Share of MNIST's digits, kept out of what it has learnt from, that it reads right."""


@dataclass(frozen=True)
class DigitAnswer:
    """What the recogniser says about one picture."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    prediction: Digit | None
    """The digit, or null when the picture holds none."""

    confidence: Probability
    """How sure the recogniser is of this very answer, be it a digit or a rejection."""

    probabilities: Probabilities | None
    """Of the digits 0 to 9; they add up to 1. Null for a blank picture."""

    rejected: Rejection | None
    """Why there is no digit, or null when there is one."""

    ink: PngDataUrl | None = None
    """Only with include=ink: the ink that was found, as a PNG data URL; null for a blank picture."""

    picture: PngDataUrl | None = None
    """Only with include=picture: the 28x28 picture the model saw, as a PNG data URL; null for a blank picture."""

    hog: PngDataUrl | None = None
    """Only with include=hog: its oriented gradients drawn, as a PNG data URL; null for a blank picture."""

    influence: PngDataUrl | None = None
    """Only with include=influence: its ink in blue where it speaks for the likeliest digit, in orange where it speaks
    against it, as a PNG data URL; null for a blank picture."""

    nearest: tuple[Neighbour, ...] | None = None
    """Only with include=nearest: the remembered and known digits that it looks like, the likest first; null for a blank
    picture."""

    other_models: tuple[OtherModel, ...] | None = None
    """Only with include=other_models: what smaller models of other kinds say of it, from the same features; null for a
    blank picture."""

    def __post_init__(self) -> None:
        if (self.prediction is None) == (self.rejected is None):
            raise ValueError("either there is a digit, or a reason why there is none")


@dataclass(frozen=True)
class NumberDigit:
    """A digit or a sign of a number, or a mark in its line that is neither."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    prediction: Digit | None
    """The digit, or null for a sign or a mark."""

    confidence: Probability
    """How sure the recogniser is of this very answer."""

    probabilities: Probabilities
    """Of the digits 0 to 9; they add up to 1."""

    box: Box
    """Left, top, right, bottom in pixels of the picture as uploaded, after its EXIF turn; right and bottom lie behind
    the last pixel."""

    sign: Sign | None = None
    """The sign, or null for a digit or a mark that is neither."""

    def __post_init__(self) -> None:
        if self.prediction is not None and self.sign is not None:
            raise ValueError("either a digit or a sign")


@dataclass(frozen=True)
class Reading:
    """Another way to read a word."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    text: str
    """As in the word; without a sign or a digit that this way takes for litter."""

    confidence: Probability
    """How probable it is."""


@dataclass(frozen=True)
class NumberWord:
    """What stands together in a line: a number with its signs."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    text: Annotated[str, Len(1)]
    """Its digits and signs, with ? for each mark that is neither."""

    confidence: Probability
    """The chance that all of it is right."""

    box: Box
    """The smallest that holds the boxes of all its digits, in the same pixels."""

    alternatives: Annotated[tuple[Reading, ...], Len(0, 2)] = ()
    """The next likeliest readings, the likeliest first."""


@dataclass(frozen=True)
class NumberLine:
    """A line of digits."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    text: Annotated[str, Len(1)]
    """Its words with a space between them."""

    confidence: Probability
    """The chance that all of it is right."""

    box: Box
    """The smallest that holds the boxes of all its digits, in the same pixels."""

    digits: Annotated[tuple[NumberDigit, ...], Len(1)]
    """Its digits and signs from left to right."""

    words: Annotated[tuple[NumberWord, ...], Len(1)]
    """From left to right."""

    @classmethod
    def of(cls, digits: Sequence[NumberDigit], words: Sequence[NumberWord]) -> "NumberLine":
        """The line of these words, which are made of these digits, both from left to right."""
        text, confidence = " ".join(word.text for word in words), prod(digit.confidence for digit in digits)
        return cls(text, confidence, box_around(digit.box for digit in digits), tuple(digits), tuple(words))


@dataclass(frozen=True)
class TableCell:
    """A printed or drawn cell and what is written in it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    text: str
    """As in a line; empty for an empty cell. Lines of one cell are set apart by a line break."""

    confidence: Probability
    """The chance that all of it is right."""

    box: Box
    """Of the cell, in the same pixels."""

    table: Annotated[int, Ge(1)] = 1
    """Number of the table, from top to bottom."""

    alternatives: Annotated[tuple[Reading, ...], Len(0, 2)] = ()
    """The next likeliest readings, the likeliest first."""


@dataclass(frozen=True)
class NumberAnswer:
    """All digits of one picture."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    lines: tuple[NumberLine, ...]
    """From top to bottom; empty when there is no ink. What stands in cells is among them, a line for each row."""

    rejected: NumberRejection | None
    """Why there is no digit, or null when there is at least one."""

    width: Annotated[int, Ge(1)]
    """Of the picture as uploaded, after its EXIF turn, in pixels."""

    height: Annotated[int, Ge(1)]
    """Of the same, in pixels."""

    table: tuple[tuple[TableCell, ...], ...] | None = None
    """Rows of the cells that were found, of all tables from top to bottom; null where there are none."""

    turn: Turn = 0
    """By so many degrees clockwise the picture was turned before it was read; boxes are of the picture as uploaded."""

    page: Annotated[int, Ge(1)] = 1
    """Which page of the file this is."""

    pages: Annotated[int, Ge(1)] = 1
    """How many of the file can be read: those of a PDF or TIFF; other files are one."""

    def __post_init__(self) -> None:
        if (self.rejected is None) != any(digit.prediction is not None for line in self.lines for digit in line.digits):
            raise ValueError("either there are digits, or a reason why there are none")

    @property
    def confidence(self) -> float:
        """The product of its lines' confidences; 1 when there is no line."""
        return prod(line.confidence for line in self.lines)

    @cached_property
    def rows(self) -> tuple["NumberLine | tuple[TableCell, ...]", ...]:
        """The rows of all tables, empty ones too, and the lines outside of cells, from top to bottom."""
        table = [cells for cells in self.table or () if cells]
        found: list[NumberLine | tuple[TableCell, ...]] = []
        done = 0
        for line in self.lines:
            row = next((place for place, cells in enumerate(table) if _stands_in(line, cells)), None)
            end = done if row is None else max(done, row + 1)
            if row is None:  # what follows a table comes behind all of it
                while 0 < end < len(table) and table[end][0].table == table[end - 1][0].table:
                    end += 1
            found += table[done:end]
            done = end
            if row is None:
                found.append(line)
        return (*found, *table[done:])


def _stands_in(line: NumberLine, cells: tuple[TableCell, ...]) -> bool:
    """Whether the middle of what stands in the line lies in one of the cells, of some digit or sign."""
    for left, top, right, bottom in (digit.box for digit in line.digits):
        x, y = (left + right) / 2, (top + bottom) / 2
        if any(cell.box[0] <= x <= cell.box[2] and cell.box[1] <= y <= cell.box[3] for cell in cells):
            return True
    return False


def covered(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes: left, top, right and bottom of each."""
    width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def box_around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of these, of which there is one at least."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def digit_as_json(answer: DigitAnswer, include: Collection[Include] = ()) -> dict[str, Any]:
    """The answer as a JSON object; of `INCLUDES` it has those that are named."""
    shown = {
        field.name: getattr(answer, field.name)
        for field in fields(DigitAnswer)
        if field.name not in INCLUDES or field.name in include
    }
    for name in ("nearest", "other_models"):
        if shown.get(name) is not None:
            shown[name] = [asdict(each) for each in shown[name]]
    return shown


def number_as_json(answer: NumberAnswer) -> dict[str, Any]:
    """The answer as a JSON object."""
    return asdict(answer)
