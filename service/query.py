"""What the query of a request says. By hand, as FastAPI's own way takes a tenth of the time of a small picture."""

from collections.abc import Collection, Mapping
from typing import Final

from fastapi import Request

from digits.answers import INCLUDES, NUMBER_FORMATS, Include, NumberFormat
from digits.limits import MAX_LENGTH, MAX_PAGES, lengths_in
from service.learning_problems import ONE_OF
from service.problems import (
    REPEATED_QUERY,
    UNKNOWN_QUERY,
    WRONG_FORMAT,
    WRONG_LENGTH,
    WRONG_QUERY,
    ProblemError,
)

MAX_INCLUDES: Final = 4 * len(INCLUDES)
"""Values of `include`; each is made once, however often it is named."""

HINTS: Final = ("format", "length")
"""Parameters that the query of /read/ may have, each once."""

MAX_SHOWN_LETTERS: Final = 40
"""Of an unknown parameter's name in the problem that it is answered with."""


def values_in(request: Request, known: Collection[str], repeatable: Collection[str] = ()) -> dict[str, str]:
    """The parameters of the query, each of which is known and is given once; of a repeatable one the last value.

    Raises ProblemError (wrong-fields).
    """
    if not request.scope["query_string"]:
        return {}
    asked = request.query_params.multi_items()
    names = [name for name, _ in asked]
    for name in names:
        if name not in known:
            raise ProblemError("wrong-fields", UNKNOWN_QUERY, where=name[:MAX_SHOWN_LETTERS], known=", ".join(known))
        if names.count(name) > 1 and name not in repeatable:
            raise ProblemError("wrong-fields", REPEATED_QUERY, where=name)
    return dict(asked)


def included(request: Request) -> tuple[Include, ...]:
    """What else the answer shall have, each once; raises ProblemError (wrong-fields)."""
    if not request.scope["query_string"]:
        return ()
    asked = request.query_params.getlist("include")
    known = tuple(each for each in INCLUDES if each in asked)
    if len(asked) > MAX_INCLUDES or not set(asked) <= set(known):
        raise ProblemError("wrong-fields", WRONG_QUERY, where="include")
    return known


def profile_in(request: Request) -> str | None:
    """The code of the profile that shall weigh in, as it was typed; raises ProblemError (wrong-fields)."""
    if not request.scope["query_string"]:
        return None
    codes = request.query_params.getlist("profile")
    if len(codes) > 1:
        raise ProblemError("wrong-fields", REPEATED_QUERY, where="profile")
    return codes[0] if codes else None


def hints_in(values: Mapping[str, str]) -> tuple[NumberFormat | None, tuple[int, int] | None]:
    """Format, and fewest and most digits, of each number, as a query or form has them; raises ProblemError."""
    return _format_in(values.get("format")), _lengths_in(values.get("length"))


def page_in(values: Mapping[str, str]) -> int:
    """Which page of a file is meant, the first unless it is said; raises ProblemError (wrong-fields)."""
    return number_in("page", values.get("page", "1"), 1, MAX_PAGES)


def number_in(name: str, value: str, least: int, most: int) -> int:
    """The number that a parameter says, of at most three digits; raises ProblemError (wrong-fields)."""
    if not (value.isascii() and value.isdecimal() and len(value) <= 3 and least <= int(value) <= most):
        raise ProblemError("wrong-fields", ONE_OF, where=name, known=f"{least}, …, {most}")
    return int(value)


def _format_in(value: str | None) -> NumberFormat | None:
    known = next((each for each in NUMBER_FORMATS if each == value), None)
    if value is not None and known is None:
        raise ProblemError("wrong-fields", WRONG_FORMAT, known=", ".join(NUMBER_FORMATS))
    return known


def _lengths_in(value: str | None) -> tuple[int, int] | None:
    try:
        return None if value is None else lengths_in(value)
    except ValueError:
        raise ProblemError("wrong-fields", WRONG_LENGTH, limit=str(MAX_LENGTH)) from None
