"""What the API answers to wrong requests, in both languages, and when the program itself fails."""

import base64
from typing import Any, Final

import pytest
import requests
from fastapi import FastAPI

from service.app import create_app
from tests.asking import MULTIPART, PART_HEAD, SEVEN_PNG, get, is_russian, post, problem
from tests.serving import WAIT_SECONDS, Api, served, served_api, settings_of
from tools.drawing import draw, encoded

pytestmark = pytest.mark.quick

SCHOOL = "https://school.example"


def file(data: bytes, name: str = "a.png") -> dict[str, Any]:
    return {"files": {"file": (name, data)}}


def raw(body: bytes, **headers: str) -> dict[str, Any]:
    return {"data": body, "headers": {**MULTIPART, **headers}}


ENCODED: Final = base64.b64encode(SEVEN_PNG).decode()
JSON: Final = {"Content-Type": "application/json"}

WRONG_REQUESTS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "no body": (400, "no-file", {}),
    "a form of text": (400, "no-file", {"data": {"file": "x"}}),
    "empty body": (400, "no-file", {"data": b"", "headers": {"Content-Type": "image/png"}}),
    "json without a picture": (422, "wrong-fields", {"json": {"file": "x"}}),
    "json with two": (422, "wrong-fields", {"json": {"image": ENCODED, "strokes": []}}),
    "json with more": (422, "wrong-fields", {"json": {"image": ENCODED, "format": "png"}}),
    "json with null": (422, "wrong-fields", {"json": {"image": None}}),
    "a list": (422, "wrong-fields", {"json": [ENCODED]}),
    "cut json": (422, "wrong-fields", {"data": b'{"image": "', "headers": JSON}),
    "deep json": (422, "wrong-fields", {"data": b'{"image": ' + b"[" * 10_000, "headers": JSON}),
    "no base64": (422, "wrong-fields", {"json": {"image": ENCODED + "!"}}),
    "data url of text": (422, "wrong-fields", {"json": {"image": "data:image/svg+xml,<svg/>"}}),
    "empty image": (400, "no-file", {"json": {"image": "data:image/png;base64,"}}),
    "text in base64": (415, "not-a-picture", {"json": {"image": "SSBhbSBubyBwaWN0dXJl"}}),
    "text as the body": (415, "not-a-picture", {"data": b"I am", "headers": {"Content-Type": "image/png"}}),
    "strokes of letters": (422, "wrong-fields", {"json": {"strokes": [[["a", "b"]]]}}),
    "strokes of text": (422, "wrong-fields", {"json": {"strokes": [[["1", "2"]]]}}),
    "strokes of truth": (422, "wrong-fields", {"json": {"strokes": [[[True, 2]]]}}),
    "a point of three": (422, "wrong-fields", {"json": {"strokes": [[[1, 2, 3]]]}}),
    "a point at infinity": (422, "wrong-fields", {"data": b'{"strokes": [[[1, Infinity]]]}', "headers": JSON}),
    "a point too far away": (422, "wrong-fields", {"json": {"strokes": [[[1, 1e7]]]}}),
    "too many points": (422, "wrong-fields", {"json": {"strokes": [[[1, 2]] * 10_001]}}),
    "too many strokes": (422, "wrong-fields", {"json": {"strokes": [[]] * 60_000}}),
    "form without a file": (400, "no-file", {"files": {"name": (None, "x")}}),
    "empty file": (400, "no-file", file(b"")),
    "no file chosen": (400, "no-file", raw(PART_HEAD.replace(b"a.png", b"") + b"\r\n--x--\r\n")),
    "no boundary": (400, "no-file", raw(b"x", **{"Content-Type": "multipart/form-data"})),
    "malformed": (400, "no-file", raw(b"not multipart")),
    "unfinished": (400, "no-file", raw(PART_HEAD + b"abc")),
    "file as text": (422, "wrong-fields", {"files": {"file": (None, "x")}}),
    "another field": (422, "wrong-fields", {"files": {"image": SEVEN_PNG}}),
    "two files": (422, "wrong-fields", {"files": [("file", SEVEN_PNG), ("file", SEVEN_PNG)]}),
    "unknown include": (422, "wrong-fields", {**file(SEVEN_PNG), "params": {"include": "everything"}}),
    "text file": (415, "not-a-picture", file(b"I am no picture.")),
    "svg named png": (415, "not-a-picture", file(b"<svg/>")),
    "locked pdf": (422, "unreadable-picture", file(b"%PDF-1.7")),
    "cut png": (422, "unreadable-picture", file(SEVEN_PNG[: len(SEVEN_PNG) // 2])),
    "cut jpeg": (422, "unreadable-picture", file(encoded(draw(7), "JPEG")[:900])),
}


@pytest.mark.parametrize(("status", "name", "sent"), WRONG_REQUESTS.values(), ids=WRONG_REQUESTS)
def test_says_what_is_wrong_in_both_languages(api: Api, status: int, name: str, sent: dict[str, Any]) -> None:
    def details(language: str) -> dict[str, Any]:
        spoken = {**sent, "headers": {**sent.get("headers", {}), "Accept-Language": language}}
        return problem(requests.post(f"{api.url}/predict/", timeout=WAIT_SECONDS, **spoken), status, name)

    russian, english = details("ru-RU,ru;q=0.9,en;q=0.8"), details("en-US,en;q=0.9,ru;q=0.8")
    for key in ("title", "detail"):
        assert is_russian(russian[key])
        assert not is_russian(english[key])
    assert details("de, fr;q=0.5") == english


WRONG_HINTS: Final = {
    "format=roman": "format",
    "format=": "format",
    "format=Date": "format",
    "format=date&format=date": "format",
    "length=0": "length",
    "length=21": "length",
    "length=4-": "length",
    "length=6-4": "length",
    "length=1-2-3": "length",
    "length=٤": "length",
    "length=%2B4": "length",
    "length=4%0A": "length",
    "length=" + 5000 * "9": "length",
    "length=4&length=4": "length",
    "formt=date": "formt",
    "include=ink": "include",
    "%7Bwhere%7D=1": "{where}",
    5000 * "x": "xxx",
}


@pytest.mark.parametrize(("query", "named"), WRONG_HINTS.items(), ids=[query[:20] for query in WRONG_HINTS])
def test_a_hint_that_is_not_accepted_is_named_in_both_languages(api: Api, query: str, named: str) -> None:
    for language in ("en", "ru"):
        answer = requests.post(
            f"{api.url}/read/?{query}", headers={"Accept-Language": language}, timeout=WAIT_SECONDS, **file(SEVEN_PNG)
        )
        detail = problem(answer, 422, "wrong-fields")["detail"]
        assert named in detail
        assert is_russian(detail) == (language == "ru")
        assert len(detail) < 250


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/predict/", 405, "method-not-allowed"),
        ("DELETE", "/health/live", 405, "method-not-allowed"),
    ],
)
def test_wrong_address_or_method(api: Api, method: str, path: str, status: int, name: str) -> None:
    answer = requests.request(method, api.url + path, timeout=WAIT_SECONDS)
    problem(answer, status, name)
    assert ("Allow" in answer.headers) == (status == 405)


def failing_app() -> FastAPI:
    """The application with one more address, at which the program fails."""
    app = create_app(settings_of(workers=1, cors_origins=(SCHOOL,)))

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("the secret")

    return app


def test_a_fault_of_ours_is_answered_like_all_else(caplog: pytest.LogCaptureFixture) -> None:
    """A 500 can be read by a page of another origin and found in the log by its id; what went wrong is not shown."""
    with served(failing_app()) as api:
        headers = {"Origin": SCHOOL, "X-Request-ID": "mine", "Accept-Language": "ru"}
        failed = get(api, "/fails", headers=headers)
        assert is_russian(problem(failed, 500, "internal")["detail"])
        assert "secret" not in failed.text
        assert failed.headers["X-Request-ID"] == "mine"
        assert failed.headers["Access-Control-Allow-Origin"] == SCHOOL
        assert any("mine" in record.getMessage() and "the secret" in str(record.exc_info) for record in caplog.records)


def test_a_page_of_another_origin_can_read_what_it_needs() -> None:
    with served_api(workers=1, cors_origins=(SCHOOL,)) as api:
        for origin, allowed in ((SCHOOL, True), ("https://other.example", False)):
            answer = post(api, SEVEN_PNG, headers={"Origin": origin})
            assert answer.json()["prediction"] == 7
            assert (answer.headers.get("Access-Control-Allow-Origin") == origin) == allowed
            exposed = answer.headers.get("Access-Control-Expose-Headers", "").lower()
            assert {"retry-after", "x-request-id"} <= {name.strip() for name in exposed.split(",")} or not allowed
        asked = {"Origin": SCHOOL, "Access-Control-Request-Method": "POST"}
        asked["Access-Control-Request-Headers"] = "x-request-id"
        preflight = requests.options(f"{api.url}/predict/", headers=asked, timeout=WAIT_SECONDS)
        assert preflight.status_code == 200
        assert "x-request-id" in preflight.headers["Access-Control-Allow-Headers"].lower()
        assert preflight.headers["X-Request-ID"]
