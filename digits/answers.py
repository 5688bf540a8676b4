"""The shape of every answer, once: the recogniser makes it, the service documents it, the client validates it.

Each class is one JSON object of the API; its fields are the object's keys, in this order.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from math import prod
from typing import Annotated, Any, ClassVar, Literal, get_args

from annotated_types import Ge, Interval, Len

Rejection = Literal["blank", "not_a_digit", "several_digits"]
NumberRejection = Literal["blank", "not_a_digit"]
Illustration = Literal["ink", "picture", "hog", "influence"]
ILLUSTRATIONS: tuple[Illustration, ...] = get_args(Illustration)

Digit = Annotated[int, Interval(ge=0, le=9)]
Probability = Annotated[float, Interval(ge=0, le=1)]
Probabilities = Annotated[tuple[Probability, ...], Len(10, 10)]
Box = Annotated[tuple[Annotated[float, Ge(0)], ...], Len(4, 4)]
PngDataUrl = Annotated[str, Len(1)]

_SHOWN: dict[str, Any] = {"use_attribute_docstrings": True}  # read by pydantic: docstrings become descriptions


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

    def __post_init__(self) -> None:
        if (self.prediction is None) == (self.rejected is None):
            raise ValueError("either there is a digit, or a reason why there is none")


@dataclass(frozen=True)
class NumberDigit:
    """A digit of a number, or a mark in its line that is none."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    prediction: Digit | None
    """The digit, or null for a mark that is none."""

    confidence: Probability
    """How sure the recogniser is of this very answer."""

    probabilities: Probabilities
    """Of the digits 0 to 9; they add up to 1."""

    box: Box
    """Left, top, right, bottom in pixels of the picture as uploaded, after its EXIF turn; right and bottom lie behind
    the last pixel."""


@dataclass(frozen=True)
class NumberLine:
    """A line of digits."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    text: Annotated[str, Len(1)]
    """Its digits, with ? for each mark that is no digit."""

    confidence: Probability
    """The product of its digits' confidences: the chance that all are right if they err independently."""

    box: Box
    """The smallest that holds the boxes of all its digits, in the same pixels."""

    digits: Annotated[tuple[NumberDigit, ...], Len(1)]
    """From left to right."""


@dataclass(frozen=True)
class NumberAnswer:
    """All digits of one picture."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    lines: tuple[NumberLine, ...]
    """From top to bottom; empty when there is no ink."""

    rejected: NumberRejection | None
    """Why there is no digit, or null when there is at least one."""

    width: Annotated[int, Ge(1)]
    """Of the picture as uploaded, after its EXIF turn, in pixels."""

    height: Annotated[int, Ge(1)]
    """Of the same, in pixels."""

    def __post_init__(self) -> None:
        if (self.rejected is None) != any(digit.prediction is not None for line in self.lines for digit in line.digits):
            raise ValueError("either there are digits, or a reason why there are none")

    @property
    def confidence(self) -> float:
        """The product of its lines' confidences; 1 when there is no line."""
        return prod(line.confidence for line in self.lines)


def digit_as_json(answer: DigitAnswer, illustrations: Collection[Illustration] = ()) -> dict[str, Any]:
    """The answer as a JSON object; of the illustrations it has those that are named."""
    return {
        field.name: getattr(answer, field.name)
        for field in fields(DigitAnswer)
        if field.name not in ILLUSTRATIONS or field.name in illustrations
    }


def number_as_json(answer: NumberAnswer) -> dict[str, Any]:
    """The answer as a JSON object."""
    return asdict(answer)
