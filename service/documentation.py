"""What the OpenAPI document says beyond the types: bodies of requests, problems by status, examples of answers."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from digits.answers import INCLUDES, NUMBER_FORMATS
from digits.languages import LANGUAGES
from digits.limits import LENGTH_PATTERN, MAX_LENGTH, MAX_PAGES
from service.answers import EXAMPLES, EXAMPLES_OF_BATCHES, EXAMPLES_OF_NUMBERS, EXAMPLES_OF_TEXT
from service.body_documentation import SCHEMAS_OF_BODIES, SCHEMAS_OF_LEARNING
from service.learning_answers import EXAMPLES_OF_LEARNING
from service.plain_text import TEXT
from service.problems import EXAMPLE_FACTS, KINDS, MEDIA_TYPE, problem_details
from service.query import MAX_INCLUDES

PROBLEMS_OF_A_BATCH: Final = (
    "no-file",
    "too-large",
    "too-many-pixels-together",
    "too-many-files",
    "wrong-fields",
    "internal",
    "busy",
    "not-ready",
    "timeout",
)
PROBLEMS_OF_ONE_PICTURE: Final = (*PROBLEMS_OF_A_BATCH, "too-many-pixels", "not-a-picture", "unreadable-picture")
PROBLEMS_OF_A_PAGE: Final = (*PROBLEMS_OF_ONE_PICTURE, "no-such-page")

INCLUDE: Final[dict[str, Any]] = {
    "name": "include",
    "in": "query",
    "description": "What else to answer; may be repeated.",
    "schema": {"type": "array", "maxItems": MAX_INCLUDES, "items": {"type": "string", "enum": [*INCLUDES]}},
}

PROFILE: Final[dict[str, Any]] = {
    "name": "profile",
    "in": "query",
    "description": "Code of a profile, whose remembered digits weigh in; in any case, with or without hyphens.",
    "schema": {"type": "string", "examples": ["K7QM-2XWB-9DTR"]},
}

FORMAT: Final[dict[str, Any]] = {
    "name": "format",
    "in": "query",
    "description": "How each number of the picture is written, where you know it; the search for the likeliest reading "
    "keeps to it. Without it nothing is forced into digits.",
    "schema": {"type": "string", "enum": [*NUMBER_FORMATS]},
    "examples": {name: {"value": name} for name in NUMBER_FORMATS},
}
LENGTH: Final[dict[str, Any]] = {
    "name": "length",
    "in": "query",
    "description": f"How many digits each number has, from 1 to {MAX_LENGTH}, where you know it: one number, or the "
    "fewest and the most with a hyphen between; signs do not count.",
    "schema": {"type": "string", "pattern": LENGTH_PATTERN},
    "examples": {"two digits": {"value": "2"}, "from four to six": {"value": "4-6"}},
}
PAGE: Final[dict[str, Any]] = {
    "name": "page",
    "in": "query",
    "description": "Which page of a PDF or TIFF; the first unless it is named.",
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGES},
}


def operation_id(route: APIRoute) -> str:
    """What programs that are generated from the document call the operation: the name of its function here."""
    return route.name


def described(*names: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for OpenAPI: for each status an example of each problem in each language."""
    responses: dict[int | str, dict[str, Any]] = {}
    for name in names:
        kind = KINDS[name]
        content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        response = responses.setdefault(kind.status, {"description": [], "content": {MEDIA_TYPE: content}})
        response["description"].append(kind.title.en)
        for language in LANGUAGES:
            example = problem_details(name, language, kind.detail, EXAMPLE_FACTS.get(name, {}))
            response["content"][MEDIA_TYPE]["examples"][f"{name}, {language}"] = {"value": example}
        if kind.retry_after is not None:
            seconds = {"description": "Seconds to wait before asking again.", "schema": {"type": "integer"}}
            response["headers"] = {"Retry-After": seconds}
    for response in responses.values():
        response["description"] = "; ".join(response["description"])
    return responses


def document(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What makes the OpenAPI document; the examples of answers come in last, as FastAPI would drop their nulls."""

    def openapi() -> dict[str, Any]:
        made = FastAPI.openapi(app)
        made["components"]["schemas"] |= SCHEMAS_OF_BODIES | ({} if app.state.storage is None else SCHEMAS_OF_LEARNING)
        examples_of = {"/predict/": EXAMPLES, "/predict/batch/": EXAMPLES_OF_BATCHES, "/read/": EXAMPLES_OF_NUMBERS}
        for path, examples in examples_of.items():
            success = made["paths"][path]["post"]["responses"]["200"]
            success["content"]["application/json"]["examples"] = examples
            if path in EXAMPLES_OF_TEXT:
                success["content"][TEXT] = {"schema": {"type": "string"}, "examples": EXAMPLES_OF_TEXT[path]}
            if app.state.storage is not None:
                made["paths"][path]["post"]["parameters"].append(PROFILE)
                made["paths"][path]["post"]["responses"] |= described("unknown-profile")
        for (method, path), example in EXAMPLES_OF_LEARNING.items():
            if operation := made["paths"].get(path, {}).get(method):
                success = operation["responses"].get("200") or operation["responses"]["201"]
                success["content"]["application/json"]["examples"] = {"an example": {"value": example}}
        return made

    return openapi
