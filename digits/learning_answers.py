"""The shape of every answer about what is learnt: profiles, corrections, sheets and classes, as `digits.answers` is.

The key `class` of an answer is the field `class_code` here, as Python has taken that word. Codes are shown as
K7QM-2XWB-9DTR and accepted in any case, with or without hyphens and spaces.
"""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from annotated_types import Ge, Interval, Len

from digits.answers import Label, PngDataUrl, Probability

State = Literal["believed", "waiting", "refused"]
Source = Literal["correction", "confirmation", "sheet"]
ExportFormat = Literal["idx", "png", "csv"]
EXPORT_FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)

BOXES_OF_A_SHEET: Final = 100
MAX_PUPILS: Final = 99

Count = Annotated[int, Ge(0)]
Pupil = Annotated[int, Interval(ge=1, le=MAX_PUPILS)]
Code = Annotated[str, Len(1)]
Page = Annotated[int, Ge(1)]


def _key_of(field: str) -> str:
    return "class" if field == "class_code" else field


_SHOWN: dict[str, Any] = {"use_attribute_docstrings": True, "defer_build": True, "alias_generator": _key_of}
"""As in `digits.answers`."""


@dataclass(frozen=True)
class Learning:
    """That corrections are kept here."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    stored_in: Literal["sqlite", "postgresql"]
    """In a file of the server, or in a database."""

    retention_days: Annotated[int, Ge(1)]
    """After so many days what was taught is deleted."""


@dataclass(frozen=True)
class NewProfile:
    """A profile that was made."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    profile: Code
    """Its code: whoever has it reads with the profile, teaches it and deletes it."""


@dataclass(frozen=True)
class RememberedDigit:
    """A digit that a profile was taught."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    id: int
    """By which it is withdrawn."""

    picture: PngDataUrl
    """28x28, what the model saw, as a PNG data URL."""

    label: Label
    """What it is."""

    suggested: Label | None
    """What was answered; null for a box of a sheet that was not asked about."""

    state: State
    """Waiting and refused ones are of doubtful label; only believed ones teach the installation's model."""

    active: bool
    """Whether it weighs in; false for one that was refused, or that had caused a wrong answer."""

    source: Source
    """How it was taught."""

    created: str
    """When, by ISO 8601 in UTC."""


@dataclass(frozen=True)
class Profile:
    """What a profile remembers."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    profile: Code
    """Its code."""

    class_code: Code | None
    """Code of the class that it belongs to."""

    digits: tuple[RememberedDigit, ...]
    """The newest first."""

    counts: Annotated[tuple[Count, ...], Len(11, 11)]
    """How many it has of each digit, and of none."""


@dataclass(frozen=True)
class Correction:
    """A correction or confirmation that is kept."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    id: int
    """By which it is withdrawn."""

    state: Literal["believed", "waiting", "known"]
    """Whether its label is believed, or waits for a person to look at it; it weighs in either way. Known: the very
    same picture had this label already."""

    profile: Code
    """To which it belongs."""

    label: Label
    """What it is."""

    suggested: Label
    """What was answered, or would have been."""


@dataclass(frozen=True)
class WaitingCorrection:
    """A correction that a person has to decide about."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    id: int
    """By which it is decided about."""

    picture: PngDataUrl
    """28x28, as a PNG data URL."""

    label: Label
    """What it is said to be."""

    suggested: Label | None
    """What was answered."""

    distance: float | None
    """How far it is from the known digits of this label."""

    created: str
    """When it came, by ISO 8601 in UTC."""


@dataclass(frozen=True)
class WaitingCorrections:
    """What waits for a decision."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    corrections: tuple[WaitingCorrection, ...]
    """The nearest to known digits of their label first."""


@dataclass(frozen=True)
class SheetDigit:
    """A box of a sheet."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    label: Label
    """What is written in it by its row."""

    picture: PngDataUrl | None
    """28x28, as a PNG data URL; null for an empty box."""

    prediction: Label | None
    """What it is read as; null for an empty box."""

    confidence: Probability
    """How surely."""

    suspicious: bool
    """Whether it is surely read as another digit: it may be filled wrongly."""


@dataclass(frozen=True)
class SheetReading:
    """What stands on a photograph of a sheet; nothing of it is kept."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    class_code: Code | None
    """Code of the class that the sheet was printed for."""

    number: Pupil | None
    """Number of the pupil in the class."""

    digits: Annotated[tuple[SheetDigit, ...], Len(BOXES_OF_A_SHEET, BOXES_OF_A_SHEET)]
    """Its boxes, row by row, numbered from 0 to 99."""

    page: Page = 1
    """Which page of the file it is."""

    pages: Page = 1
    """How many of the file can be read; each may be a sheet."""


@dataclass(frozen=True)
class SheetTaken:
    """A sheet that was taken into a profile."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    profile: Code
    """The profile: the one that was named, or that of the class's pupil."""

    number: Pupil | None
    """Number of the pupil in the class."""

    taken: Count
    """How many of its digits the profile has now."""

    left_out: Count
    """How many boxes were struck out or are empty."""

    page: Page = 1
    """Which page of the file it was."""

    pages: Page = 1
    """How many of the file can be read; each may be a sheet."""


@dataclass(frozen=True)
class NewClass:
    """A class that was made."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    class_code: Code
    """Its code: whoever has it sees, adds to and deletes what the class wrote."""


@dataclass(frozen=True)
class PupilCounts:
    """What one of a class wrote."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    number: Pupil | None
    """Of the sheet; null for a sheet without a number."""

    counts: Annotated[tuple[Count, ...], Len(10, 10)]
    """How many of each digit."""

    misread: Count
    """How many of them today's model misreads."""


@dataclass(frozen=True)
class ClassView:
    """What a class wrote, and how today's model reads it, without any profile."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    class_code: Code
    """Its code."""

    pupils: tuple[PupilCounts, ...]
    """By number."""

    confusion: Annotated[tuple[Annotated[tuple[Count, ...], Len(11, 11)], ...], Len(10, 10)]
    """For each digit how often it is read as 0, 1, ... 9, and as none."""

    count: Count
    """How many digits there are."""


@dataclass(frozen=True)
class ClassDigit:
    """A digit that one of a class wrote."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    id: int
    """Of the digit, within the installation."""

    picture: PngDataUrl
    """28x28, as a PNG data URL."""

    number: Pupil | None
    """Who wrote it."""

    label: Label
    """What it is."""

    predicted: Label
    """What today's model reads."""


@dataclass(frozen=True)
class ClassDigits:
    """Digits of a class."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _SHOWN

    digits: tuple[ClassDigit, ...]
    """By number of the pupil."""
