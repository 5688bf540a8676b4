"""What the OpenAPI document says of bodies of requests, each shape under a name that generated programs take over."""

import json
from typing import Any, Final

from digits.answers import LABELS, NUMBER_FORMATS
from digits.formats import MIME_TYPES, names
from digits.limits import LENGTH_PATTERN, MAX_BATCH_FILES, MAX_COORDINATE, MAX_PAGES, MAX_POINTS
from service.answers import SEEN

A_CODE: Final[dict[str, Any]] = {"type": "string", "examples": ["K7QM-2XWB-9DTR"]}
A_LABEL: Final[dict[str, Any]] = {"type": "string", "enum": [*LABELS]}
SEVEN: Final = [[[30, 25], [88, 25], [50, 98]]]

_FILE: Final[dict[str, Any]] = {"type": "string", "format": "binary", "description": f"{names('or')}."}
_FILLED: Final = _FILE | {"minLength": 1}
_POINT: Final[dict[str, Any]] = {
    "type": "array",
    "minItems": 2,
    "maxItems": 2,
    "items": {"type": "number", "minimum": -MAX_COORDINATE, "maximum": MAX_COORDINATE},
}
_FIELDS_OF_A_CORRECTION: Final[dict[str, Any]] = {
    "file": _FILLED,
    "label": A_LABEL | {"description": "What the digit is."},
    "profile": A_CODE | {"description": "Code of the profile that is taught."},
    "box": {
        "type": "string",
        "description": "Of a digit of a number: left,top,right,bottom as /read/ answered it.",
        "examples": ["40,80,80,160"],
    },
    "format": {"type": "string", "enum": [*NUMBER_FORMATS], "description": "As /read/ was asked."},
    "length": {"type": "string", "pattern": LENGTH_PATTERN, "description": "As /read/ was asked."},
    "page": {"type": "integer", "minimum": 1, "maximum": MAX_PAGES, "description": "As /read/ was asked."},
    "strokes": {
        "type": "string",
        "description": "Of a drawing: JSON list of strokes, each a list of points [x, y].",
        "examples": [json.dumps(SEVEN)],
    },
}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


SCHEMAS_OF_BODIES: Final[dict[str, Any]] = {
    "PictureForm": _object(["file"], file=_FILLED),
    "PicturesForm": _object(
        ["file"], file={"type": "array", "minItems": 1, "maxItems": MAX_BATCH_FILES, "items": _FILE}
    ),
    "PictureInText": _object(
        ["image"],
        image={
            "type": "string",
            "minLength": 1,
            "description": f"{names('or')}, as a data URL in Base64 or as bare Base64.",
        },
    )
    | {"additionalProperties": False},
    "PenStrokes": _object(
        ["strokes"],
        strokes={
            "type": "array",
            "description": "Each is a list of points [x, y], x to the right, y downwards, in any unit; "
            f"{MAX_POINTS} points at most. They are drawn as for training, in the middle 70 % of a square.",
            "items": {"type": "array", "items": _POINT},
        },
    )
    | {"additionalProperties": False},
}
SCHEMAS_OF_LEARNING: Final[dict[str, Any]] = {
    "CorrectionForm": _object(["file", "label", "profile"], **_FIELDS_OF_A_CORRECTION),
    "Decision": _object(["state"], state={"type": "string", "enum": ["believed", "refused"]}),
}


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _form(name: str) -> dict[str, Any]:
    encoding = {"file": {"contentType": ", ".join(MIME_TYPES)}}
    return {"multipart/form-data": {"schema": _named(name), "encoding": encoding}}


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": content}


ONE_FILE: Final = _body(_form("PictureForm"))
"""One picture in a form."""

FILES: Final = _body(_form("PicturesForm"))
"""Many pictures in a form."""

CORRECTION: Final = _body(_form("CorrectionForm"))

DECISION: Final = _body({"application/json": {"schema": _named("Decision")}})

ONE_PICTURE: Final = _body(
    {
        **_form("PictureForm"),
        "application/json": {
            "schema": {"oneOf": [_named("PictureInText"), _named("PenStrokes")]},
            "examples": {
                "a data URL": {"value": {"image": SEEN}},
                "bare Base64": {"value": {"image": SEEN.partition(",")[2]}},
                "pen strokes": {"value": {"strokes": SEVEN}},
            },
        },
        **{mime_type: {"schema": _FILLED} for mime_type in ("application/octet-stream", *MIME_TYPES)},
    }
)
"""One picture in any of the ways that `service.picture_body` takes."""
