"""The calls about what is learnt: profiles, corrections, sheets and classes. Each raises ApiError.

`language` is "en" or "ru"; an unknown code is an ApiError of the kind "unknown_profile" or "unknown_class".
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from client.api import READ_SECONDS, Answer, named, posted, sent, validated
from client.errors import error_in
from digits.answers import Box, Label, NumberFormat
from digits.learning_answers import (
    ClassDigit,
    ClassDigits,
    ClassView,
    Correction,
    ExportFormat,
    Learning,
    NewClass,
    NewProfile,
    Profile,
    SheetReading,
    SheetTaken,
)

SHEET_READ_SECONDS: Final = 30.0
"""A sheet has a hundred digits, and a class's view may have thousands."""

Stroke = Sequence[tuple[float, float]]
"""Points (x, y) of a stroke in the pixels of the drawing, in the order in which they were drawn."""

_LEARNING: Final = TypeAdapter(Learning)
_NEW_PROFILE: Final = TypeAdapter(NewProfile)
_PROFILE: Final = TypeAdapter(Profile)
_CORRECTION: Final = TypeAdapter(Correction)
_SHEET_READING: Final = TypeAdapter(SheetReading)
_SHEET_TAKEN: Final = TypeAdapter(SheetTaken)
_NEW_CLASS: Final = TypeAdapter(NewClass)
_CLASS_VIEW: Final = TypeAdapter(ClassView)
_CLASS_DIGITS: Final = TypeAdapter(ClassDigits)


def learning(api: str, language: str) -> Learning | None:
    """Where corrections are kept, and for how long, or None where the API keeps none."""
    response = sent("GET", f"{api}/learning", language, READ_SECONDS)
    return None if response.status_code == 404 else validated(_LEARNING, response, language)


def new_profile(api: str, language: str, class_code: str | None = None) -> str:
    """The code of a new profile, of a pupil of the class where that is given. To call it is to consent."""
    return _asked("POST", f"{api}/profiles/", language, _NEW_PROFILE, {"class": class_code}).profile


def profile(api: str, code: str, language: str) -> Profile:
    """What the profile remembers; the code may be typed in any case, with or without hyphens."""
    return _asked("GET", f"{api}/profiles/{_in_path(code)}", language, _PROFILE)


def forget_profile(api: str, code: str, language: str) -> None:
    """Delete the profile and all that it was taught."""
    _deleted(f"{api}/profiles/{_in_path(code)}", language)


def correct(
    api: str,
    picture: bytes,
    label: Label,
    profile: str,
    language: str,
    *,
    box: Box | None = None,
    strokes: Sequence[Stroke] | None = None,
    format: NumberFormat | None = None,
    length: str | None = None,
    page: int = 1,
) -> Correction:
    """Teach the profile what the digit of an encoded picture is, or confirm it.

    For a digit of a number, `box` is the one that ``read`` answered, and `format`, `length` and `page` are what it was
    asked.
    """
    fields = {"label": label, "profile": profile}
    if box is not None:
        fields["box"] = ",".join(map(repr, box))
    if strokes is not None:
        fields["strokes"] = json.dumps(strokes)
    if page > 1:
        fields["page"] = str(page)
    fields |= {name: hint for name, hint in (("format", format), ("length", length)) if hint is not None}
    response = posted(f"{api}/corrections/", [picture], language, {}, READ_SECONDS, fields)
    return validated(_CORRECTION, response, language)


def withdraw(api: str, correction: int, profile: str, language: str) -> None:
    """Take a correction back: its picture is deleted."""
    _deleted(f"{api}/corrections/{correction}", language, {"profile": profile})


def read_sheet(api: str, photograph: bytes, language: str, page: int = 1) -> SheetReading:
    """What stands in the boxes of a photographed or scanned sheet; nothing of it is kept.

    Each page of a PDF or TIFF may be a sheet: the answer's `pages` says how many it has.
    """
    query = {"page": named(page)}
    response = posted(f"{api}/sheets/read/", [photograph], language, query, SHEET_READ_SECONDS)
    return validated(_SHEET_READING, response, language)


def take_sheet(
    api: str,
    photograph: bytes,
    language: str,
    *,
    profile: str | None = None,
    class_code: str | None = None,
    leave_out: Collection[int] = (),
    page: int = 1,
) -> SheetTaken:
    """Take a sheet into the profile, or into that of the class's pupil whose number it has.

    `leave_out` are the numbers of the boxes that were struck out, 0..99 row by row.
    """
    query = {
        "profile": profile,
        "class": class_code,
        "leave_out": sorted(leave_out),
        "page": named(page),
    }
    response = posted(f"{api}/sheets/", [photograph], language, query, SHEET_READ_SECONDS)
    return validated(_SHEET_TAKEN, response, language)


def blank_sheet(api: str, language: str, class_code: str | None = None, pupils: int | None = None) -> bytes:
    """A PDF to print: one sheet, or one for each pupil of the class."""
    query = {"language": language, "class": class_code, "pupils": pupils}
    return _file(f"{api}/sheets/blank/", language, query)


def new_class(api: str, language: str) -> str:
    """The code of a new class."""
    return _asked("POST", f"{api}/classes/", language, _NEW_CLASS).class_code


def class_view(api: str, code: str, language: str) -> ClassView:
    """Who of the class wrote how many, and how today's model reads them."""
    return _asked("GET", f"{api}/classes/{_in_path(code)}", language, _CLASS_VIEW)


def class_digits(
    api: str,
    code: str,
    language: str,
    *,
    label: Label | None = None,
    predicted: Label | None = None,
    number: int | None = None,
) -> tuple[ClassDigit, ...]:
    """The class's digits of this label, that are read so, by the pupil of this number; all where nothing is given."""
    query = {"label": label, "predicted": predicted, "number": number}
    return _asked("GET", f"{api}/classes/{_in_path(code)}/digits", language, _CLASS_DIGITS, query).digits


def forget_class(api: str, code: str, language: str) -> None:
    """Delete the class with all profiles of its pupils."""
    _deleted(f"{api}/classes/{_in_path(code)}", language)


def export_profile(api: str, code: str, format: ExportFormat, language: str) -> bytes:
    """A zip of the profile's digits: MNIST's own format, folders of PNG, or Kaggle's CSV."""
    return _file(f"{api}/profiles/{_in_path(code)}/export", language, {"format": format})


def export_class(api: str, code: str, format: ExportFormat, language: str) -> bytes:
    """A zip of the class's digits, as of a profile."""
    return _file(f"{api}/classes/{_in_path(code)}/export", language, {"format": format})


def _in_path(code: str) -> str:
    """A code as one segment of an address, however it was typed; what no code has is not sent."""
    return "".join(letter for letter in code if letter.isascii() and letter.isalnum()) or "-"


def _asked(
    method: str, url: str, language: str, shape: TypeAdapter[Answer], query: Mapping[str, Any] | None = None
) -> Answer:
    return validated(shape, sent(method, url, language, SHEET_READ_SECONDS, params=query), language)


def _file(url: str, language: str, query: Mapping[str, Any]) -> bytes:
    response = sent("GET", url, language, SHEET_READ_SECONDS, params=query)
    if response.status_code != 200:
        raise error_in(response, language)
    return response.content


def _deleted(url: str, language: str, query: Mapping[str, Any] | None = None) -> None:
    response = sent("DELETE", url, language, READ_SECONDS, params=query)
    if response.status_code != 204:
        raise error_in(response, language)
