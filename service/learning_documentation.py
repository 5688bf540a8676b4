"""What the OpenAPI document says about what is learnt: parameters, bodies, problems."""

from typing import Any, Final

from digits.answers import LABELS, NUMBER_FORMATS
from digits.languages import LANGUAGES
from digits.learning_answers import BOXES_OF_A_SHEET, EXPORT_FORMATS, MAX_PUPILS
from digits.limits import LENGTH_PATTERN
from service.documentation import ONE_FILE, PROBLEMS_OF_ONE_PICTURE

PROBLEMS_OF_STORAGE: Final = ("internal", "storage-unavailable")
PROBLEMS_OF_A_CORRECTION: Final = (
    *PROBLEMS_OF_ONE_PICTURE,
    "unknown-profile",
    "nothing-to-learn",
    "too-many-corrections",
    "storage-unavailable",
)
PROBLEMS_OF_A_SHEET: Final = (*PROBLEMS_OF_ONE_PICTURE, "no-sheet")
PROBLEMS_OF_REVIEW: Final = ("this-machine-only", "wrong-fields", *PROBLEMS_OF_STORAGE)


def _parameter(
    name: str, place: str, description: str, schema: dict[str, Any], required: bool = False
) -> dict[str, Any]:
    return {"name": name, "in": place, "description": description, "schema": schema, "required": required}


_A_CODE: Final = {"type": "string", "examples": ["K7QM-2XWB-9DTR"]}
_LABEL: Final = {"type": "string", "enum": [*LABELS]}

CODE: Final = _parameter("code", "path", "In any case, with or without hyphens.", _A_CODE, required=True)
ID: Final = _parameter("id", "path", "Of the correction.", {"type": "integer"}, required=True)
CLASS: Final = _parameter("class", "query", "Code of a class that it shall belong to.", _A_CODE)
OF_PROFILE: Final = _parameter("profile", "query", "Code of its profile.", _A_CODE, required=True)
EXPORT: Final = _parameter(
    "format",
    "query",
    "MNIST's own files, folders of PNG, or Kaggle's CSV.",
    {"type": "string", "enum": [*EXPORT_FORMATS]},
    required=True,
)
STATE: Final = _parameter(
    "state", "query", "Of the corrections.", {"type": "string", "enum": ["waiting"]}, required=True
)
OF_LABEL: Final = _parameter("label", "query", "Only those that are this.", _LABEL)
OF_PREDICTION: Final = _parameter("predicted", "query", "Only those that are read as this.", _LABEL)
OF_PUPIL: Final = _parameter(
    "number", "query", "Only those of this pupil.", {"type": "integer", "minimum": 1, "maximum": MAX_PUPILS}
)
TO_PROFILE: Final = _parameter("profile", "query", "Code of the profile that the sheet is taken into.", _A_CODE)
TO_CLASS: Final = _parameter(
    "class", "query", "Code of the class, in which the sheet's number says whose profile it is taken into.", _A_CODE
)
LEAVE_OUT: Final = _parameter(
    "leave_out",
    "query",
    "Numbers of the boxes that are struck out, row by row; may be repeated.",
    {
        "type": "array",
        "maxItems": BOXES_OF_A_SHEET,
        "items": {"type": "integer", "minimum": 0, "maximum": BOXES_OF_A_SHEET - 1},
    },
)
SHEETS_OF_CLASS: Final = _parameter("class", "query", "Code of the class that they are for.", _A_CODE)
PUPILS: Final = _parameter(
    "pupils",
    "query",
    "How many pupils the class has: one sheet for each.",
    {"type": "integer", "minimum": 1, "maximum": MAX_PUPILS},
)
LANGUAGE: Final = _parameter(
    "language",
    "query",
    "Of what is printed; that of Accept-Language otherwise.",
    {"type": "string", "enum": [*LANGUAGES]},
)

ZIP: Final[dict[str, Any]] = {"description": "A zip file.", "content": {"application/zip": {}}}
PDF: Final[dict[str, Any]] = {"description": "A PDF to print on A4.", "content": {"application/pdf": {}}}


def _correction() -> dict[str, Any]:
    """The body of a correction: that of one picture, with more fields."""
    multipart = ONE_FILE["content"]["multipart/form-data"]
    fields = {
        "label": _LABEL | {"description": "What the digit is."},
        "profile": _A_CODE | {"description": "Code of the profile that is taught."},
        "box": {
            "type": "string",
            "description": "Of a digit of a number: left,top,right,bottom as /read/ answered it.",
            "examples": ["40,80,80,160"],
        },
        "format": {"type": "string", "enum": [*NUMBER_FORMATS], "description": "As /read/ was asked."},
        "length": {"type": "string", "pattern": LENGTH_PATTERN, "description": "As /read/ was asked."},
        "strokes": {
            "type": "string",
            "description": "Of a drawing: JSON list of strokes, each a list of points [x, y].",
            "examples": ["[[[30, 25], [88, 25], [50, 98]]]"],
        },
    }
    schema = {
        "type": "object",
        "required": ["file", "label", "profile"],
        "properties": multipart["schema"]["properties"] | fields,
    }
    return ONE_FILE | {"content": {"multipart/form-data": multipart | {"schema": schema}}}


CORRECTION: Final = _correction()
DECISION: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["state"],
                "properties": {"state": {"type": "string", "enum": ["believed", "refused"]}},
            }
        }
    },
}
