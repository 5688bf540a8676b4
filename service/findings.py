"""What a process finds out for what is learnt: plain data, whose shape the API checks."""

from typing import Annotated, Final

from annotated_types import Ge, Interval, Len
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from digits.answers import Probability

SIDE: Final = 28
PIXELS: Final = SIDE * SIDE

Pixels = Annotated[bytes, Len(PIXELS, PIXELS)]
"""(28, 28) uint8."""

ClassIndex = Annotated[int, Interval(ge=0, le=10)]
"""A digit, or 10 for none."""

_BASE64: Final = ConfigDict(val_json_bytes="base64", ser_json_bytes="base64")


@dataclass(frozen=True, config=_BASE64)
class Lesson:
    """A digit that somebody says what it is.

    Attributes:
        picture: what the model saw of it.
        suggested: what is answered, the profile's memory weighing in.
        confidence: of that.
        believable: whether its label is to be believed without anybody looking at it.
        distance: from the known digits of this label.
        blamed: index of the remembered digit that makes the answer wrong, or None.

    """

    picture: Pixels
    suggested: ClassIndex
    confidence: Probability
    believable: bool
    distance: Probability
    blamed: Annotated[int, Ge(0)] | None


@dataclass(frozen=True, config=_BASE64)
class SheetBox:
    """A box of a sheet: what is told of it is as of a lesson; without a picture it is empty."""

    label: ClassIndex
    picture: Pixels | None = None
    suggested: ClassIndex | None = None
    confidence: Probability = 1.0
    suspicious: bool = False
    believable: bool = False
    distance: Probability = 1.0


@dataclass(frozen=True, config=_BASE64)
class Sheet:
    """A photographed sheet, with its hundred boxes row by row, and how many pages its file has."""

    class_code: str | None
    number: Annotated[int, Interval(ge=1, le=99)] | None
    boxes: Annotated[tuple[SheetBox, ...], Len(100, 100)]
    pages: Annotated[int, Ge(1)]


@dataclass(frozen=True)
class Labels:
    """What each of many 28x28 is read as."""

    labels: tuple[ClassIndex, ...]
