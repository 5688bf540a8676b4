"""What a process finds out for what is learnt: plain data, whose shape the API checks."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from annotated_types import Ge, Interval, Len

from digits.answers import Probability

SIDE: Final = 28
PIXELS: Final = SIDE * SIDE

Pixels = Annotated[bytes, Len(PIXELS, PIXELS)]
"""(28, 28) uint8."""

ClassIndex = Annotated[int, Interval(ge=0, le=10)]
"""A digit, or 10 for none."""

_CHECKED: Final[dict[str, Any]] = {"val_json_bytes": "base64", "ser_json_bytes": "base64", "defer_build": True}
"""Read by pydantic, which only the API's own process needs."""


@dataclass(frozen=True)
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

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    picture: Pixels
    suggested: ClassIndex
    confidence: Probability
    believable: bool
    distance: Probability
    blamed: Annotated[int, Ge(0)] | None


@dataclass(frozen=True)
class SheetBox:
    """A box of a sheet: what is told of it is as of a lesson; without a picture it is empty."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    label: ClassIndex
    picture: Pixels | None = None
    suggested: ClassIndex | None = None
    confidence: Probability = 1.0
    suspicious: bool = False
    believable: bool = False
    distance: Probability = 1.0


@dataclass(frozen=True)
class Sheet:
    """A photographed sheet, with its hundred boxes row by row, and how many pages its file has."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    class_code: str | None
    number: Annotated[int, Interval(ge=1, le=99)] | None
    boxes: Annotated[tuple[SheetBox, ...], Len(100, 100)]
    pages: Annotated[int, Ge(1)]


@dataclass(frozen=True)
class Labels:
    """What each of many 28x28 is read as."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _CHECKED

    labels: tuple[ClassIndex, ...]
