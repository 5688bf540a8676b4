"""The one picture of a request, whichever way it is sent: in a form, as the body itself, in JSON, or as pen strokes."""

import base64
import binascii
from typing import Annotated, Final, NamedTuple

from annotated_types import Ge, Le, Len
from fastapi import Request
from pydantic import ConfigDict, FiniteFloat, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import to_json

from digits.formats import FORMATS, format_of
from digits.limits import MAX_COORDINATE, MAX_POINTS
from service.body import one_file
from service.problems import EMPTY_FILE, NO_PICTURE, WRONG_DRAWING, WRONG_IMAGE, WRONG_JSON, ProblemError

FILE_TYPES: Final = frozenset(
    ("application/octet-stream", *(mime_type for each in FORMATS for mime_type in each.mime_types))
)
"""Content types of a body that is the file itself; which kind of file it is, its first bytes tell."""

MAX_PARTS: Final = 6 * MAX_POINTS
"""Commas and opening brackets of a JSON body, more than so many points need. Each value takes up to 0.3 KB of memory
when it is read, so 32 MB of empty lists would take gigabytes."""

BASE64_FOR_ADDRESSES: Final = bytes.maketrans(b"-_", b"+/")
"""From the alphabet that stands in addresses to the usual one."""

WHITE: Final = b" \t\r\n"


class SentPicture(NamedTuple):
    """What was sent.

    Attributes:
        file: the bytes of the file, or the JSON list of its strokes.
        is_drawn: whether it is strokes.

    """

    file: bytes
    is_drawn: bool = False


Coordinate = Annotated[FiniteFloat, Ge(-MAX_COORDINATE), Le(MAX_COORDINATE)]


@dataclass(config=ConfigDict(extra="forbid"))
class _JsonBody:
    image: bytes | None = None
    strokes: list[list[Annotated[list[Coordinate], Len(2, 2)]]] | None = None


_JSON_BODY: Final = TypeAdapter(_JsonBody)


async def sent_picture(request: Request) -> SentPicture:
    """The one picture of a request; raises ProblemError: no-file, wrong-fields, too-many-files, too-large, busy."""
    content_type = request.headers.get("content-type", "").lower()
    if content_type.startswith("multipart/form-data"):
        return SentPicture(await one_file(request))
    mime_type = content_type.partition(";")[0].strip()
    body = b"".join([part async for part in request.stream()])
    if mime_type == "application/json":
        return _in_json(body)
    if mime_type in FILE_TYPES or format_of(body) is not None:
        return SentPicture(_filled(body))
    raise ProblemError("no-file", NO_PICTURE)


def _in_json(body: bytes) -> SentPicture:
    """The picture or the strokes in a JSON object; raises ProblemError: wrong-fields, no-file."""
    try:
        if sum(map(body.count, (b",", b"[", b"{"))) > MAX_PARTS:
            raise _wrong_drawing()
        sent = _JSON_BODY.validate_json(body, strict=True)
    except ValidationError as error:
        where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise _wrong_drawing() if where[:1] == ("strokes",) else ProblemError("wrong-fields", WRONG_JSON) from error
    match sent:
        case _JsonBody(image=bytes(image), strokes=None):
            return SentPicture(_filled(_decoded(image)))
        case _JsonBody(image=None, strokes=list(strokes)):
            if sum(map(len, strokes)) > MAX_POINTS:
                raise _wrong_drawing()
            return SentPicture(to_json(strokes), is_drawn=True)
    raise ProblemError("wrong-fields", WRONG_JSON)


def _decoded(image: bytes) -> bytes:
    """The bytes of a data URL or of bare Base64, which may be wrapped into lines and lack its padding."""
    if image.startswith(b"data:"):
        head, _, image = image.partition(b",")
        if not head.lower().endswith(b";base64"):
            raise ProblemError("wrong-fields", WRONG_IMAGE)
    encoded = image.translate(BASE64_FOR_ADDRESSES, WHITE)
    try:
        return base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise ProblemError("wrong-fields", WRONG_IMAGE) from None


def _filled(file: bytes) -> bytes:
    if not file:
        raise ProblemError("no-file", EMPTY_FILE)
    return file


def _wrong_drawing() -> ProblemError:
    return ProblemError("wrong-fields", WRONG_DRAWING, limit=str(MAX_POINTS), reach=str(MAX_COORDINATE))
