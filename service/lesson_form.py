"""The form by which somebody says what a digit is."""

import math
from dataclasses import dataclass
from typing import Annotated, Any, Final

from annotated_types import Len
from fastapi import Request
from pydantic import FiniteFloat, TypeAdapter, ValidationError

from digits.answers import LABELS, Box, Label
from digits.limits import MAX_POINTS
from service.body import file_and_fields
from service.learning_problems import NO_PROFILE, WRONG_BOX, WRONG_LABEL, WRONG_STROKES
from service.messages import Payload
from service.problems import ProblemError
from service.query import hints_in, page_in

FIELDS: Final = ("label", "profile", "box", "strokes", "format", "length", "page")

_STROKES: Final[TypeAdapter[Any]] = TypeAdapter(list[list[Annotated[list[FiniteFloat], Len(2, 2)]]])


@dataclass(frozen=True)
class LessonForm:
    """What was sent.

    Attributes:
        payload: for a process, without what the profile remembers.
        label: what the digit is.
        profile: code of the profile, as it was typed.
        strokes: of the pen, or None: lists of points (x, y).

    """

    payload: Payload
    label: Label
    profile: str
    strokes: list[list[list[float]]] | None

    @classmethod
    async def of(cls, request: Request) -> "LessonForm":
        """The form in the body of a request; raises ProblemError."""
        file, fields = await file_and_fields(request, FIELDS)
        label = next((each for each in LABELS if each == fields.get("label")), None)
        if label is None:
            raise ProblemError("wrong-fields", WRONG_LABEL, known=", ".join(LABELS))
        if "profile" not in fields:
            raise ProblemError("wrong-fields", NO_PROFILE)
        number_format, lengths = hints_in(fields)
        box = _box_in(fields["box"]) if "box" in fields else None
        strokes = _strokes_in(fields["strokes"]) if "strokes" in fields else None
        payload = Payload(
            "lesson",
            [file],
            format=number_format,
            lengths=lengths,
            label=LABELS.index(label),
            box=box,
            page=page_in(fields),
        )
        return cls(payload, label, fields["profile"], strokes)


def _box_in(value: str) -> Box:
    try:
        left, top, right, bottom = map(float, value.split(","))
    except ValueError:
        raise ProblemError("wrong-fields", WRONG_BOX) from None
    if not (0 <= left < right < math.inf and 0 <= top < bottom < math.inf):
        raise ProblemError("wrong-fields", WRONG_BOX)
    return left, top, right, bottom


def _strokes_in(value: str) -> list[list[list[float]]]:
    try:
        strokes: list[list[list[float]]] = _STROKES.validate_json(value)
    except ValidationError:
        raise ProblemError("wrong-fields", WRONG_STROKES, limit=str(MAX_POINTS)) from None
    if sum(map(len, strokes)) > MAX_POINTS:
        raise ProblemError("wrong-fields", WRONG_STROKES, limit=str(MAX_POINTS))
    return strokes
