"""Sheets and classes through a real socket: printed, photographed, looked at, taken, counted, exported, forgotten."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pypdfium2
import pytest
import requests

from digits.answers import LABELS
from tests.asking import BLANK_PNG, SEVEN_PNG, get, is_russian, pixels_of, problem
from tests.learning_calls import (
    corrected,
    delete,
    new_class,
    new_profile,
    post_sheet,
    prediction,
    url_of,
)
from tests.serving import WAIT_SECONDS, Api, served_api
from tests.sheets import BLUE, Shot, blank, filled, photograph
from tools.drawing import STROKES, draw, encoded

NOBODYS: Final = "2222-3333-4444"

EMPTY, FALSE = 57, 31
"""A box in which nothing is written, and one of the threes' in which an 8 is."""


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API that keeps what it is taught."""
    with served_api(database_url=url_of(tmp_path_factory.mktemp("school")), workers=1) as api:
        yield api


@pytest.fixture(scope="module")
def class_code(school: Api) -> str:
    return new_class(school)


def taken_picture(code: str | None, number: int = 1) -> bytes:
    """A photograph of a sheet, with an empty box and a wrongly filled one."""
    random = np.random.default_rng(number)
    hand = {label: [np.array(stroke, np.float32) for stroke in strokes] for label, strokes in STROKES.items()}
    digits = {place: hand[8 if place == FALSE else place // 10] for place in range(100) if place != EMPTY}
    plain = None if code is None else code.replace("-", "")
    return photograph(filled(blank(plain, number), digits, BLUE, random), Shot(), random)


@pytest.fixture(scope="module")
def photographed(class_code: str) -> bytes:
    """The sheet of the class's pupil number 5."""
    return taken_picture(class_code, 5)


@pytest.fixture(scope="module")
def enrolled(school: Api, class_code: str, photographed: bytes) -> dict[str, Any]:
    """What is answered when it is taken, the wrongly filled box struck out."""
    answer = post_sheet(school, "", photographed, **{"class": class_code, "leave_out": FALSE})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_sheet_is_looked_at_and_nothing_is_kept(school: Api, class_code: str, photographed: bytes) -> None:
    before = get(school, f"/classes/{class_code}").json()
    seen = post_sheet(school, "read/", photographed).json()
    assert (seen["class"], seen["number"], len(seen["digits"])) == (class_code, 5, 100)
    assert [digit["label"] for digit in seen["digits"]] == [str(place // 10) for place in range(100)]
    assert [place for place, digit in enumerate(seen["digits"]) if digit["picture"] is None] == [EMPTY]
    assert FALSE in [place for place, digit in enumerate(seen["digits"]) if digit["suspicious"]]
    right = sum(digit["prediction"] == digit["label"] for digit in seen["digits"])
    assert right >= 95
    assert pixels_of(seen["digits"][0]["picture"]).size == (28, 28)
    assert get(school, f"/classes/{class_code}").json() == before


def test_a_sheet_of_a_class_is_taken_into_its_pupils_profile(
    school: Api, class_code: str, photographed: bytes, enrolled: dict[str, Any]
) -> None:
    assert (enrolled["number"], enrolled["taken"], enrolled["left_out"]) == (5, 98, 2)
    kept = get(school, f"/profiles/{enrolled['profile']}").json()
    assert (kept["class"], kept["counts"]) == (class_code, [10, 10, 10, 9, 10, 9, 10, 10, 10, 10, 0])
    assert {digit["source"] for digit in kept["digits"]} == {"sheet"}
    again = post_sheet(school, "", photographed, **{"class": class_code.lower(), "leave_out": [FALSE, 0]}).json()
    assert again == enrolled | {"taken": 97, "left_out": 3}
    assert get(school, f"/profiles/{enrolled['profile']}").json()["counts"] == kept["counts"]


def test_a_sheet_is_taken_into_ones_own_profile(school: Api, photographed: bytes) -> None:
    profile = new_profile(school)
    taken = post_sheet(school, "", photographed, profile=profile, leave_out=[*range(10, 100)]).json()
    pages = {"page": 1, "pages": 1}
    assert taken == {"profile": profile, "number": None, "taken": 10, "left_out": 90} | pages
    assert get(school, f"/profiles/{profile}").json()["counts"] == [10] + [0] * 10
    assert prediction(school, SEVEN_PNG, profile=profile) == 7


def test_a_class_sees_who_wrote_what(school: Api, class_code: str, enrolled: dict[str, Any]) -> None:
    """Besides the sheet of number 5 a profile without a number, in which a 7 is said to be a 1."""
    other = new_profile(school, **{"class": class_code})
    corrected(school, SEVEN_PNG, label="1", profile=other)
    corrected(school, encoded(draw(0)), label="none", profile=other)
    view = get(school, f"/classes/{class_code}").json()
    assert (view["class"], view["count"]) == (class_code, 99)
    confusion = np.array(view["confusion"])
    assert confusion.shape == (10, 11)
    assert confusion.sum() == 99
    assert confusion[1, 7] == 1
    pupils = {pupil["number"]: pupil for pupil in view["pupils"]}
    assert pupils[5]["counts"] == [10, 10, 10, 9, 10, 9, 10, 10, 10, 10]
    assert (pupils[None]["counts"], pupils[None]["misread"]) == ([0, 1] + [0] * 8, 1)
    assert pupils[5]["misread"] + 1 == confusion.sum() - confusion.trace()
    for label, predicted in ((1, 7), (4, 4), (9, 10)):
        query = f"label={label}&predicted={LABELS[predicted]}"
        cell = get(school, f"/classes/{class_code}/digits?{query}").json()["digits"]
        assert len(cell) == confusion[label, predicted]
        assert {(digit["label"], digit["predicted"]) for digit in cell} <= {(str(label), LABELS[predicted])}
    of_pupil = get(school, f"/classes/{class_code}/digits?number=5").json()["digits"]
    assert {digit["number"] for digit in of_pupil} == {5}
    assert len(of_pupil) == 98
    assert pixels_of(of_pupil[0]["picture"]).size == (28, 28)
    assert delete(school, f"/profiles/{other}").status_code == 204
    assert get(school, f"/classes/{class_code}").json()["count"] == 98


def test_what_a_class_wrote_is_exported(school: Api, class_code: str, enrolled: dict[str, Any]) -> None:
    stored = get(school, f"/profiles/{enrolled['profile']}").json()["digits"]
    for path in (f"/classes/{class_code}", f"/profiles/{enrolled['profile']}"):
        for chosen in ("idx", "png", "csv"):
            answer = get(school, f"{path}/export?format={chosen}")
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
            assert class_code not in answer.headers["Content-Disposition"]
            with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
                assert files.testzip() is None
                if chosen == "idx":
                    [name] = [name for name in files.namelist() if "images" in name]
                    pictures = np.frombuffer(gzip.decompress(files.read(name)), np.uint8, offset=16)
        assert pictures.size == 98 * 784
        oldest = np.asarray(pixels_of(stored[-1]["picture"]))
        assert any((picture == oldest).all() for picture in pictures.reshape(-1, 28, 28))
        problem(get(school, f"{path}/export?format=tiff"), 422, "wrong-fields")
        problem(get(school, f"{path}/export"), 422, "wrong-fields")


def test_a_class_is_forgotten_with_its_pupils(school: Api) -> None:
    code = new_class(school)
    profile = new_profile(school, **{"class": code})
    corrected(school, SEVEN_PNG, label="7", profile=profile)
    assert get(school, f"/classes/{code}").json()["count"] == 1
    assert delete(school, f"/classes/{code}").status_code == 204
    for path in (f"/classes/{code}", f"/classes/{code}/digits", f"/classes/{code}/export?format=csv"):
        problem(get(school, path), 404, "unknown-class")
    problem(get(school, f"/profiles/{profile}"), 404, "unknown-profile")
    problem(delete(school, f"/classes/{code}"), 404, "unknown-class")


def test_sheets_are_printed(school: Api, class_code: str) -> None:
    for query, pages in (("", 1), ("language=ru", 1), (f"class={class_code}&pupils=3&language=en", 3)):
        answer = get(school, f"/sheets/blank/?{query}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert len(pypdfium2.PdfDocument(answer.content)) == pages
    spoken = {
        language: get(school, "/sheets/blank/", headers={"Accept-Language": language}).content
        for language in ("en", "ru")
    }
    assert spoken["en"] != spoken["ru"]


@pytest.mark.parametrize(
    "query",
    ["pupils=0", "pupils=100", "pupils=x", "pupils=²", "pupils=2", "language=de", "page=2", "pupils=1&pupils=1"],
)
def test_what_cannot_be_printed_says_why(school: Api, query: str) -> None:
    problem(get(school, f"/sheets/blank/?{query}"), 422, "wrong-fields")


def test_a_sheet_that_cannot_be_read_says_why(school: Api, class_code: str, photographed: bytes) -> None:
    for language in ("en", "ru"):
        files, spoken = {"file": SEVEN_PNG}, {"Accept-Language": language}
        answer = requests.post(f"{school.url}/sheets/read/", files=files, headers=spoken, timeout=WAIT_SECONDS)
        assert is_russian(problem(answer, 422, "no-sheet")["detail"]) == (language == "ru")
    problem(post_sheet(school, "read/", BLANK_PNG), 422, "no-sheet")
    problem(post_sheet(school, "read/", b"no picture"), 415, "not-a-picture")
    other = new_class(school)
    details = problem(post_sheet(school, "", photographed, **{"class": other}), 422, "no-sheet")
    assert "class" in details["detail"]
    assert get(school, f"/classes/{other}").json()["pupils"] == []


@pytest.mark.parametrize(
    ("status", "name", "query"),
    [
        (422, "wrong-fields", {}),
        (422, "wrong-fields", {"profile": NOBODYS, "class": NOBODYS}),
        (422, "wrong-fields", {"profile": NOBODYS, "leave_out": "100"}),
        (422, "wrong-fields", {"profile": NOBODYS, "leave_out": "-1"}),
        (404, "unknown-profile", {"profile": NOBODYS}),
        (404, "unknown-class", {"class": NOBODYS}),
    ],
)
def test_nobodys_sheet_is_not_taken(school: Api, status: int, name: str, query: dict[str, str]) -> None:
    problem(post_sheet(school, "", SEVEN_PNG, **query), status, name)


@pytest.mark.parametrize("query", ["label=10", "predicted=x", "number=0", "number=100", "label=1&label=2", "pupil=1"])
def test_digits_of_a_class_that_nobody_can_have(school: Api, class_code: str, query: str) -> None:
    problem(get(school, f"/classes/{class_code}/digits?{query}"), 422, "wrong-fields")
