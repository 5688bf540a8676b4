"""What the OpenAPI document says about what is learnt: parameters, bodies, problems."""

from typing import Any, Final

from digits.languages import LANGUAGES
from digits.learning_answers import BOXES_OF_A_SHEET, EXPORT_FORMATS, MAX_PUPILS
from service.body_documentation import A_CODE, A_LABEL
from service.documentation import PROBLEMS_OF_A_PAGE

PROBLEMS_OF_STORAGE: Final = ("internal", "storage-unavailable")
PROBLEMS_OF_A_CORRECTION: Final = (
    *PROBLEMS_OF_A_PAGE,
    "unknown-profile",
    "nothing-to-learn",
    "too-many-corrections",
    "storage-unavailable",
)
PROBLEMS_OF_A_SHEET: Final = (*PROBLEMS_OF_A_PAGE, "no-sheet")
PROBLEMS_OF_REVIEW: Final = ("this-machine-only", "wrong-fields", *PROBLEMS_OF_STORAGE)


def _parameter(
    name: str, place: str, description: str, schema: dict[str, Any], required: bool = False
) -> dict[str, Any]:
    return {"name": name, "in": place, "description": description, "schema": schema, "required": required}


CODE: Final = _parameter("code", "path", "In any case, with or without hyphens.", A_CODE, required=True)
ID: Final = _parameter("id", "path", "Of the correction.", {"type": "integer"}, required=True)
CLASS: Final = _parameter("class", "query", "Code of a class that it shall belong to.", A_CODE)
OF_PROFILE: Final = _parameter("profile", "query", "Code of its profile.", A_CODE, required=True)
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
OF_LABEL: Final = _parameter("label", "query", "Only those that are this.", A_LABEL)
OF_PREDICTION: Final = _parameter("predicted", "query", "Only those that are read as this.", A_LABEL)
OF_PUPIL: Final = _parameter(
    "number", "query", "Only those of this pupil.", {"type": "integer", "minimum": 1, "maximum": MAX_PUPILS}
)
TO_PROFILE: Final = _parameter("profile", "query", "Code of the profile that the sheet is taken into.", A_CODE)
TO_CLASS: Final = _parameter(
    "class", "query", "Code of the class, in which the sheet's number says whose profile it is taken into.", A_CODE
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
SHEETS_OF_CLASS: Final = _parameter("class", "query", "Code of the class that they are for.", A_CODE)
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
