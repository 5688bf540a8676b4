"""The calls: bytes of a picture out, a validated answer back, or ApiError."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, TypeVar

import requests
from pydantic import TypeAdapter, ValidationError
from requests.adapters import HTTPAdapter

from client.errors import ApiError, ProblemDetails, error_in, error_of, own_error
from digits.answers import DigitAnswer, Include, NumberAnswer, NumberFormat, NumberLine
from digits.limits import MAX_BATCH_FILES, MAX_FILE_BYTES

LOCAL_API: Final = "http://127.0.0.1:8000"

CONNECT_SECONDS: Final = 2.0
READ_SECONDS: Final = 15.0
BATCH_READ_SECONDS: Final = 60.0
READINESS_SECONDS: Final = 2.0

KINDS_OF_TOO_LARGE_A_BATCH: Final = ("too_large", "too_many_pixels_together", "too_many_files")
"""Of a batch that may be answered in two halves."""

PART_BYTES: Final = 256
"""More than the head of one file takes in a multipart body."""


@dataclass(frozen=True)
class _Batch:
    answers: tuple[DigitAnswer | ProblemDetails, ...]


_DIGIT: Final = TypeAdapter(DigitAnswer)
_NUMBER: Final = TypeAdapter(NumberAnswer)
_BATCH: Final = TypeAdapter(_Batch)
_RECORD: Final = TypeAdapter(dict[str, Any])

_connections: Final = HTTPAdapter()  # its pool of kept-alive connections may be used by many threads at once

Answer = TypeVar("Answer")

Strokes = Sequence[Sequence[Sequence[float]]]
"""Of a pen: each a list of points (x, y), x to the right, y downwards, in any unit."""


def predict(
    api: str, picture: bytes, language: str, include: Sequence[Include] = (), profile: str | None = None
) -> DigitAnswer:
    """The digit in an encoded picture, by ``POST /predict/`` of the API at the address `api`.

    `language` is "en" or "ru"; `include` names what else the answer shall hold; `profile` is the code of
    one whose remembered digits weigh in. Raises ApiError.
    """
    query = {"include": include, "profile": profile}
    response = posted(f"{api}/predict/", [picture], language, query, READ_SECONDS)
    return validated(_DIGIT, response, language)


def read(
    api: str,
    picture: bytes,
    language: str,
    format: NumberFormat | None = None,
    length: str | None = None,
    profile: str | None = None,
    page: int = 1,
) -> NumberAnswer:
    """The numbers in an encoded picture, by ``POST /read/``. Raises ApiError.

    `format` says how each of them is written, `length` how many digits each has, such as "2" or "4-6"; `profile` is
    the code of one whose remembered digits weigh in; `page` is which of a PDF or TIFF is read: the answer's `pages`
    says how many it has.
    """
    query = {"format": format, "length": length, "profile": profile, "page": named(page)}
    return validated(_NUMBER, posted(f"{api}/read/", [picture], language, query, READ_SECONDS), language)


def predict_strokes(
    api: str, strokes: Strokes, language: str, include: Sequence[Include] = (), profile: str | None = None
) -> DigitAnswer:
    """The digit that a pen wrote, which the API draws; all else as `predict`. Raises ApiError."""
    response = _drawn(f"{api}/predict/", strokes, language, {"include": include, "profile": profile})
    return validated(_DIGIT, response, language)


def read_strokes(
    api: str,
    strokes: Strokes,
    language: str,
    format: NumberFormat | None = None,
    length: str | None = None,
    profile: str | None = None,
) -> NumberAnswer:
    """The numbers that a pen wrote, which the API draws; all else as `read`. Raises ApiError."""
    hints = {"format": format, "length": length, "profile": profile}
    return validated(_NUMBER, _drawn(f"{api}/read/", strokes, language, hints), language)


def named(page: int) -> int | None:
    """What a query says of a page of a file: nothing of the first, which is meant unless another is named."""
    return None if page == 1 else page


def _drawn(url: str, strokes: Strokes, language: str, query: Mapping[str, Any]) -> requests.Response:
    return sent("POST", url, language, READ_SECONDS, params=query, json={"strokes": strokes})


def in_one_line(number: NumberAnswer) -> str:
    """All that was read in one line: lines and rows of cells set apart by `` / ``, the cells of a row by `` | ``."""
    rows = (
        each.text if isinstance(each, NumberLine) else " | ".join(cell.text for cell in each) for each in number.rows
    )
    return " / ".join(rows).replace("\n", " ")


def predict_batch(
    api: str,
    pictures: Sequence[bytes],
    language: str,
    include: Sequence[Include] = (),
    profile: str | None = None,
) -> list[DigitAnswer | ApiError]:
    """The digit in each of up to `MAX_BATCH_FILES` pictures, by one ``POST /predict/batch/``, in their order.

    A picture that cannot be read has an error for its entry. Raises ApiError when there is no entry for any of them.
    """
    response = posted(
        f"{api}/predict/batch/", pictures, language, {"include": include, "profile": profile}, BATCH_READ_SECONDS
    )
    answers = validated(_BATCH, response, language).answers
    if len(answers) != len(pictures):
        raise own_error("invalid_response", language)
    return [error_of(entry) if isinstance(entry, ProblemDetails) else entry for entry in answers]


def predict_many(
    api: str, pictures: Sequence[bytes], language: str, max_files: int = MAX_BATCH_FILES, profile: str | None = None
) -> Iterator[DigitAnswer | ApiError]:
    """The digit in each of any number of pictures, in their order, as the batches come back.

    A batch holds at most `max_files` pictures and what one request may weigh. A batch that is refused for its size is
    asked about in halves; one that fails otherwise is an error for each of its pictures, and the next is asked about.
    """
    for batch in _batches(pictures, max_files):
        yield from _in_halves(api, batch, language, profile)


def _in_halves(api: str, pictures: Sequence[bytes], language: str, profile: str | None) -> list[DigitAnswer | ApiError]:
    try:
        if len(pictures) == 1:
            return [predict(api, pictures[0], language, profile=profile)]
        return predict_batch(api, pictures, language, profile=profile)
    except ApiError as error:
        if len(pictures) == 1 or error.kind not in KINDS_OF_TOO_LARGE_A_BATCH:
            return [error] * len(pictures)
        middle = len(pictures) // 2
        halves = pictures[:middle], pictures[middle:]
        return [answer for half in halves for answer in _in_halves(api, half, language, profile)]


def _batches(pictures: Sequence[bytes], max_files: int) -> Iterator[Sequence[bytes]]:
    start, weight = 0, 0
    for end, picture in enumerate(pictures):
        weight += len(picture) + PART_BYTES
        if end > start and (end - start == min(max_files, MAX_BATCH_FILES) or weight > MAX_FILE_BYTES):
            yield pictures[start:end]
            start, weight = end, len(picture) + PART_BYTES
    if pictures:
        yield pictures[start:]


def is_ready(api: str) -> bool:
    """Whether a digits API (and not some other program) answers at this address and can recognise."""
    try:
        response = sent("GET", f"{api}/health/ready", "en", READINESS_SECONDS)
        return validated(_RECORD, response, "en").get("service") == "digits"
    except ApiError:
        return False


def model_record(api: str, language: str) -> dict[str, Any]:
    """What ``GET /model`` says of the model that answers at this address. Raises ApiError."""
    record = validated(_RECORD, sent("GET", f"{api}/model", language, READINESS_SECONDS), language)
    if not {"training", "scores", "confusion_matrix"} <= record.keys():
        raise own_error("invalid_response", language)
    return record


def validated(shape: TypeAdapter[Answer], response: requests.Response, language: str) -> Answer:
    """What a response of success says, which has this shape; raises ApiError."""
    if response.status_code not in (200, 201):
        raise error_in(response, language)
    try:
        return shape.validate_json(response.content, strict=True)
    except ValidationError as error:
        raise own_error("invalid_response", language) from error


def posted(
    url: str,
    pictures: Sequence[bytes],
    language: str,
    query: Mapping[str, Any],
    seconds: float,
    fields: Mapping[str, str] | None = None,
) -> requests.Response:
    """The response to these pictures, with these fields beside; what is None or empty in the `query` is not sent.

    Raises ApiError.
    """
    if sum(map(len, pictures)) > MAX_FILE_BYTES:
        raise own_error("too_large", language)
    files = [("file", ("picture", picture)) for picture in pictures]
    return sent("POST", url, language, seconds, params=query, files=files, data=fields)


def sent(method: str, url: str, language: str, seconds: float, **body: Any) -> requests.Response:
    """The response; a kept-alive connection that the API closed at this very moment is no failure. Raises ApiError."""
    try:
        try:
            return _sent_once(method, url, language, seconds, **body)
        except requests.Timeout:
            raise
        except requests.ConnectionError:
            return _sent_once(method, url, language, seconds, **body)
    except requests.ReadTimeout as error:
        raise own_error("timeout", language) from error
    except requests.RequestException as error:
        raise own_error("unreachable", language) from error


def _sent_once(method: str, url: str, language: str, seconds: float, **body: Any) -> requests.Response:
    """By a session of its own, so that no caller is answered with what another one was told to remember."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.proxies = {"http://127.0.0.1": ""}  # whatever HTTP_PROXY says
    session.mount("http://", _connections)
    session.mount("https://", _connections)
    return session.request(
        method, url, headers={"Accept-Language": language}, timeout=(CONNECT_SECONDS, seconds), **body
    )
