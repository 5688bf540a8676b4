"""The ways in which the API takes a picture beside a form, and its answers as plain text."""

import base64
import json
from typing import Any, Final

import numpy as np
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from client import ApiError, predict_strokes, read_strokes
from digits.answers import NumberAnswer
from digits.decode import Picture
from digits.formats import FORMATS
from digits.pen import DIGIT_PEN, FILLED, draw_strokes, drawing
from service.plain_text import as_text
from tests.asking import BLANK_PNG, SEVEN_PNG, get, memory_within, post, problem
from tests.reading import recogniser
from tests.serving import WAIT_SECONDS, Api, ApiProcess
from tools.drawing import STROKES, draw, encoded

pytestmark = pytest.mark.quick

PATHS: Final = ("/predict/", "/read/")
TEXT: Final = {"Accept": "text/plain"}
BASE64: Final = base64.b64encode(SEVEN_PNG).decode()
MEGABYTE: Final = 2**20


def asked(api: Api, path: str = "/predict/", **options: Any) -> requests.Response:
    return requests.post(api.url + path, timeout=WAIT_SECONDS, **options)


def as_body(content_type: str | None) -> dict[str, Any]:
    return {"data": SEVEN_PNG, "headers": {} if content_type is None else {"Content-Type": content_type}}


def as_image(text: str, content_type: str = "application/json") -> dict[str, Any]:
    return {"data": json.dumps({"image": text}), "headers": {"Content-Type": content_type}}


WAYS: Final = {
    **{mime_type: as_body(mime_type) for each in FORMATS for mime_type in each.mime_types},
    "as a program says of any file": as_body("application/octet-stream"),
    "with a parameter, in capitals": as_body("Image/PNG; charset=binary"),
    "as curl says where it is told nothing": as_body("application/x-www-form-urlencoded"),
    "of a type unsaid": as_body(None),
    "a data URL": as_image(f"data:image/png;base64,{BASE64}"),
    "a data URL of a type that it is not": as_image(f"data:image/jpeg;name=a.jpg;BASE64,{BASE64}"),
    "bare Base64": as_image(BASE64, "Application/JSON; charset=utf-8"),
    "Base64 for addresses, unpadded": as_image(base64.urlsafe_b64encode(SEVEN_PNG).decode().rstrip("=")),
    "Base64 in lines": as_image(base64.encodebytes(SEVEN_PNG).decode()),
    "slashes as PHP writes them": {
        "data": '{"image": "' + BASE64.replace("/", "\\/") + '"}',
        "headers": {"Content-Type": "application/json"},
    },
}


DISPOSITION: Final = b'Content-Disposition: form-data; name="file"; filename="seven.png"\r\n'
PNG_TYPE: Final = b"Content-Type: image/png\r\n"
END: Final = b"\r\n--edge--"

FORMS: Final = {
    "as browsers write it": b"--edge\r\n" + DISPOSITION + PNG_TYPE + b"\r\n" + SEVEN_PNG + END + b"\r\n",
    "without a last line break": b"--edge\r\n" + DISPOSITION + PNG_TYPE + b"\r\n" + SEVEN_PNG + END,
    "without a type": b"--edge\r\n" + DISPOSITION + b"\r\n" + SEVEN_PNG + END,
    "its headers in another order": b"--edge\r\n" + PNG_TYPE + DISPOSITION + b"\r\n" + SEVEN_PNG + END,
    "one header more": b"--edge\r\n" + DISPOSITION + b"X-Mine: 1\r\n\r\n" + SEVEN_PNG + END,
    "a mark in its name": b"--edge\r\n" + DISPOSITION.replace(b"seven", b'se\\"ven') + b"\r\n" + SEVEN_PNG + END,
    "a mark like the edge in the picture": b"--edge\r\n" + DISPOSITION + b"\r\n" + SEVEN_PNG + b"\r\n-edge" + END,
    "a text beside it": b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--edge\r\n'
    + DISPOSITION
    + b"\r\n"
    + SEVEN_PNG
    + END,
    "a text behind it": b"--edge\r\n"
    + DISPOSITION
    + b"\r\n"
    + SEVEN_PNG
    + b'\r\n--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nb'
    + END,
}


def test_a_form_is_read_however_a_program_writes_it(api: Api) -> None:
    expected = asked(api, files={"file": SEVEN_PNG}).json()
    for name, body in FORMS.items():
        for boundary in ("edge", '"edge"', "edge; charset=utf-8"):
            answer = asked(api, data=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
            assert answer.json() == expected, (name, boundary)


def test_a_form_of_two_files_or_of_none_is_told(api: Api) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    part = b"\r\n--edge\r\n" + DISPOSITION + b"\r\n"
    for body, name in (
        (part[2:] + SEVEN_PNG + part + SEVEN_PNG + END, "wrong-fields"),
        (part[2:] + END, "no-file"),
        (part[2:].replace(b'"file"', b'"files"') + SEVEN_PNG + END, "wrong-fields"),
    ):
        answer = asked(api, data=body, headers=headers)
        assert answer.json()["type"] == f"/problems/{name}", answer.text


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_picture_is_read_whichever_way_it_is_sent(api: Api, way: dict[str, Any]) -> None:
    for path in PATHS:
        answer = asked(api, path, **way)
        assert answer.status_code == 200, answer.text
        assert answer.json() == asked(api, path, files={"file": SEVEN_PNG}).json()


def test_each_way_takes_what_a_form_takes_of_the_query(api: Api) -> None:
    for sent in (as_body("image/png"), as_image(BASE64), {"json": {"strokes": STROKES[7]}}):
        assert {"hog", "ink"} < set(asked(api, params={"include": ["hog", "ink"]}, **sent).json())
        assert "length" in problem(asked(api, "/read/?length=0", **sent), 422, "wrong-fields")["detail"]


def test_a_batch_comes_as_a_form_alone(api: Api) -> None:
    for sent in (as_body("image/png"), as_image(BASE64)):
        problem(asked(api, "/predict/batch/", **sent), 400, "no-file")


# Strokes


@pytest.mark.parametrize("digit", range(10))
def test_strokes_are_drawn_and_read(api: Api, digit: int) -> None:
    """In whatever unit: by their box alone is known how large they are."""
    for scale, shift in ((1, 0), (1000, -500), (0.01, 7)):
        strokes = [[(scale * x + shift, scale * y + shift) for x, y in stroke] for stroke in STROKES[digit]]
        assert predict_strokes(api.url, strokes, "en").prediction == digit


def test_strokes_are_drawn_as_for_training(api: Api) -> None:
    """The picture of strokes is that of the function which draws what is trained on, with one of its pens."""
    strokes = [np.array(stroke, np.float32) for stroke in STROKES[4]]
    drawn = drawing(STROKES[4], has_many=False)
    assert np.abs(drawn - 255 * draw_strokes(strokes, DIGIT_PEN, len(drawn))).mean() < 1
    expected = recogniser().recognise(Picture.of_pixels(drawn))
    assert expected.probabilities is not None
    assert predict_strokes(api.url, STROKES[4], "en").probabilities == pytest.approx(expected.probabilities, abs=1e-5)


def test_numbers_are_read_by_their_strokes(api: Api) -> None:
    strokes = [
        [(x + 0.9 * place, y) for x, y in stroke] for place, digit in enumerate((4, 0, 7)) for stroke in STROKES[digit]
    ]
    number = read_strokes(api.url, strokes, "en", "integer", "3")
    assert [line.text for line in number.lines] == ["407"]
    left, _, right, _ = number.lines[0].box
    assert (right - left) / number.width == pytest.approx(FILLED, abs=0.08)


@pytest.mark.parametrize("strokes", [[], [[]], [[], []]])
def test_no_strokes_are_a_blank_drawing(api: Api, strokes: list[list[tuple[float, float]]]) -> None:
    assert predict_strokes(api.url, strokes, "en").rejected == "blank"
    assert read_strokes(api.url, strokes, "en").rejected == "blank"


def test_a_tap_is_no_digit(api: Api) -> None:
    assert predict_strokes(api.url, [[(3, 4)]], "en").rejected == "not_a_digit"


def test_too_many_points_are_refused(api: Api) -> None:
    with pytest.raises(ApiError) as refused:
        predict_strokes(api.url, [[(0, 1)] * 5000, [(1, 0)] * 5001], "en")
    assert (refused.value.kind, refused.value.may_be_retried) == ("wrong_fields", False)
    assert "10000" in refused.value.detail


NUMBERS: Final = st.one_of(st.integers(-(10**7), 10**7), st.floats(), st.sampled_from((0, 1, 1e-300, 5e-324)))
ENCODED: Final = st.binary(max_size=99).map(lambda data: base64.b64encode(data).decode())
VALUES: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=9), ENCODED),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
)
DRAWN: Final = st.lists(st.lists(st.lists(NUMBERS, min_size=2, max_size=2), max_size=9), max_size=9)
BODIES: Final = st.one_of(
    st.dictionaries(st.sampled_from(("image", "strokes", "file")), VALUES, max_size=2),
    st.fixed_dictionaries({"strokes": DRAWN}),
    VALUES,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=BODIES, path=st.sampled_from(PATHS), kept=st.floats(0.5, 3))
def test_any_json_is_read_or_refused(api: Api, body: object, path: str, kept: float) -> None:
    data = json.dumps(body).encode()
    answer = asked(api, path, data=data[: int(len(data) * kept)], headers={"Content-Type": "application/json"})
    if answer.status_code != 200:
        assert answer.status_code in (400, 415, 422)
        problem(answer, answer.status_code, answer.json()["type"].rpartition("/")[2])


HEAVY: Final = {
    "millions of strokes": b'{"strokes":[' + b"[]," * (10 * MEGABYTE) + b"[]]}",
    "a long number": b'{"strokes":[[[1,' + b"1" * (31 * MEGABYTE) + b"]]]}",
    "long letters": b'{"image":"' + b"A" * (31 * MEGABYTE) + "\U0001f600".encode() + b'"}',
    "nothing in it": b'{"image":"' + b"A" * (31 * MEGABYTE) + b'"}',
}


@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY)
def test_no_json_takes_more_than_300_megabytes(api_process: ApiProcess, body: bytes) -> None:
    with memory_within(api_process, 300):
        answer = asked(api_process, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (415, 422)


def test_too_much_is_refused_in_every_way(api: Api) -> None:
    for content_type in ("image/png", "application/json"):
        sent: dict[str, Any] = {"data": bytes(33 * MEGABYTE), "headers": {"Content-Type": content_type}}
        problem(asked(api, **sent), 413, "too-large")


# Plain text


def test_plain_text_is_the_digit_or_why_there_is_none(api: Api) -> None:
    scribble = encoded(draw([[(0.1 * x, 0.1 * (x * 7 % 10)) for x in range(10)]]))
    for picture, said in ((SEVEN_PNG, "7"), (BLANK_PNG, "blank"), (scribble, None)):
        answer = post(api, picture, headers=TEXT)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.text == (said or post(api, picture).json()["rejected"])
    refused = post(api, b"no picture", headers=TEXT)
    problem(refused, 415, "not-a-picture")


def test_plain_text_of_a_number_is_its_lines(api: Api) -> None:
    strokes = [[(x, y + 1.5 * place) for x, y in stroke] for place in range(2) for stroke in STROKES[7 - place]]
    assert asked(api, "/read/", json={"strokes": strokes}, headers=TEXT).text == "7\n6"
    assert asked(api, "/read/", files={"file": BLANK_PNG}, headers=TEXT).text == "blank"


def test_plain_text_of_a_table_has_tabs_between_its_cells(api: Api) -> None:
    """As the examples in /docs say it of the same answer."""
    shown = get(api, "/openapi.json").json()["paths"]["/read/"]["post"]["responses"]["200"]["content"]
    (table,) = (each["value"] for each in shown["application/json"]["examples"].values() if each["value"]["table"])
    assert as_text(TypeAdapter(NumberAnswer).validate_python(table)) == "43\t\n8\t75"
    assert "43\t\n8\t75" in [each["value"] for each in shown["text/plain"]["examples"].values()]


@pytest.mark.parametrize(
    ("accept", "is_text"),
    [
        ("text/plain", True),
        ("TEXT/PLAIN;charset=utf-8", True),
        ("text/plain, */*;q=0.8", True),
        ("application/json;q=0.5, text/plain;q=0.9", True),
        ("application/json, text/plain, */*", False),
        ("text/plain;q=0.5, application/json", False),
        ("text/plain;q=0", False),
        ("text/plain;q=x", False),
        ("text/html, */*", False),
        ("", False),
    ],
)
def test_text_is_for_whom_prefers_it(api: Api, accept: str, is_text: bool) -> None:
    answer = post(api, SEVEN_PNG, headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("text/plain" if is_text else "application/json")
