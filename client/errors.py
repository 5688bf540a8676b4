"""Why the API gave no answer, in the caller's language."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests
from pydantic import TypeAdapter, ValidationError
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from digits.limits import MAX_FILE_MEGABYTES
from digits.texts import Texts

SENTENCES: Final = Path(__file__).parent / "texts"
KINDS_WITHOUT_API: Final = ("unreachable", "timeout", "invalid_response")
"""What the API cannot say itself."""

MAX_RETRY_AFTER_SECONDS: Final = 86_400.0


@dataclass(frozen=True)
class ProblemDetails:
    """The body of an error, or the entry of a bad file in a batch (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


PROBLEM: Final = TypeAdapter(ProblemDetails)


class ApiError(Exception):
    """There is no answer.

    Attributes:
        kind: "unreachable" (nothing answers, or a gateway says so), "timeout", "invalid_response" (what answers is not
            this API), or the type of the API's problem details, such as "not_a_picture".
        title: what is wrong, one short sentence without a full stop in the language of the call.
        detail: more about it, in one or two sentences.
        retry_after: seconds for which the API asks to be left alone; 0 when it does not.
        is_transient: whether it passes without the caller, so that asking again later makes sense.
        may_be_retried: whether the same question may be answered next time; false where the picture is to blame.
        raised_at: when it happened, on the clock `time.monotonic`.

    """

    def __init__(
        self, kind: str, title: str, detail: str, *, status: int | None = None, retry_after: float = 0.0
    ) -> None:
        super().__init__(kind, title, detail)
        self.kind = kind
        self.title = title
        self.detail = detail
        self.retry_after = retry_after
        self.is_transient = kind == "unreachable" or status in (429, 503)
        self.may_be_retried = self.is_transient or kind in KINDS_WITHOUT_API or (status or 0) >= 500
        self.raised_at = time.monotonic()


def own_error(kind: str, language: str, *, retry_after: float = 0.0) -> ApiError:
    """What the client says itself: one of `KINDS_WITHOUT_API`, or "too_large", for which no API need be asked."""
    texts = Texts(SENTENCES, language)
    title, detail = texts(f"{kind}.title"), texts(f"{kind}.detail", megabytes=MAX_FILE_MEGABYTES)
    return ApiError(kind, title, detail, retry_after=retry_after)


def error_in(response: requests.Response, language: str) -> ApiError:
    """What a response that is no answer says: the API's own words where it sent problem details."""
    seconds = _retry_after(response)
    try:
        return error_of(PROBLEM.validate_json(response.content, strict=True), seconds)
    except ValidationError:
        by_gateway = response.status_code in (502, 503, 504)
        return own_error("unreachable" if by_gateway else "invalid_response", language, retry_after=seconds)


def error_of(problem: ProblemDetails, retry_after: float = 0.0) -> ApiError:
    """The API's own words."""
    kind = problem.type.rsplit("/", 1)[-1].replace("-", "_")
    return ApiError(kind, problem.title, problem.detail, status=problem.status, retry_after=retry_after)


def _retry_after(response: requests.Response) -> float:
    """Seconds, whether the header (RFC 9110, 10.2.3) has them or a date; 0 without either."""
    try:
        seconds = float(Retry().parse_retry_after(response.headers.get("Retry-After", "0")))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
    return min(seconds, MAX_RETRY_AFTER_SECONDS)
