"""The client's calls about what is learnt: with an API that keeps it, and against what stands in for one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from client import ApiError, predict, predict_many, read
from client.learning import (
    blank_sheet,
    class_digits,
    class_view,
    correct,
    export_class,
    export_profile,
    forget_class,
    forget_profile,
    learning,
    new_class,
    new_profile,
    profile,
    read_sheet,
    take_sheet,
    withdraw,
)
from tests.asking import BLANK_PNG, SEVEN_PNG, is_russian
from tests.commands import run
from tests.learning_calls import url_of
from tests.serving import Api, served_api
from tests.stand_in import Reply, StandIn, error_of, problem, standing_in
from tools.drawing import draw, encoded

NOBODYS: Final = "2222-3333-4444"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an API that keeps what it is taught, and takes 12 corrections an hour."""
    database = url_of(tmp_path_factory.mktemp("client"))
    with served_api(database_url=database, workers=1, corrections_per_hour=12) as api:
        yield api.url


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with standing_in() as stand_in:
        yield stand_in


def test_says_whether_and_where_corrections_are_kept(url: str, api: Api) -> None:
    kept = learning(url, "en")
    assert kept is not None
    assert (kept.stored_in, kept.retention_days) == ("sqlite", 365)
    assert learning(api.url, "en") is None
    assert error_of(lambda: learning("http://127.0.0.1:9", "en")).kind == "unreachable"


@pytest.mark.quick
def test_a_profile_is_taught_used_and_forgotten(url: str) -> None:
    code = new_profile(url, "en")
    strokes = [[(30.0, 25.0), (88.0, 25.0), (50.0, 98.0)]]
    said = correct(url, SEVEN_PNG, "4", code, "en", strokes=strokes)
    assert (said.profile, said.label, said.suggested) == (code, "4", "7")
    typed = code.lower().replace("-", " ")
    assert predict(url, SEVEN_PNG, "en", profile=typed).prediction == 4
    assert predict(url, SEVEN_PNG, "en").prediction == 7
    assert read(url, SEVEN_PNG, "en", profile=code).lines[0].text == "4"
    found = predict_many(url, [SEVEN_PNG, encoded(draw(3))], "en", profile=code)
    assert [None if isinstance(each, ApiError) else each.prediction for each in found] == [4, 3]
    near = predict(url, SEVEN_PNG, "en", include=["nearest"], profile=code).nearest
    assert near is not None
    assert (near[0].label, near[0].yours) == ("4", True)
    kept = profile(url, typed, "en")
    assert (kept.profile, kept.class_code, [digit.label for digit in kept.digits]) == (code, None, ["4"])
    assert export_profile(url, code, "csv", "en").startswith(b"PK")
    withdraw(url, said.id, code, "en")
    assert profile(url, code, "en").digits == ()
    forget_profile(url, code, "en")
    for language in ("en", "ru"):
        error = error_of(lambda language=language: profile(url, code, language))  # type: ignore[misc]
        assert (error.kind, error.may_be_retried, is_russian(error.detail)) == (
            "unknown_profile",
            False,
            language == "ru",
        )


def test_a_digit_of_a_number_is_put_right_by_its_box(url: str) -> None:
    code = new_profile(url, "en")
    [line] = read(url, SEVEN_PNG, "en", "integer", "1").lines
    said = correct(url, SEVEN_PNG, "1", code, "en", box=line.digits[0].box, format="integer", length="1")
    assert (said.label, said.suggested) == ("1", "7")
    assert read(url, SEVEN_PNG, "en", profile=code).lines[0].text == "1"


def test_a_class_is_made_seen_and_forgotten(url: str) -> None:
    code = new_class(url, "en")
    pupil = new_profile(url, "en", class_code=code)
    correct(url, SEVEN_PNG, "1", pupil, "en")
    view = class_view(url, code, "en")
    assert (view.class_code, view.count, view.confusion[1][7], view.pupils[0].misread) == (code, 1, 1, 1)
    [digit] = class_digits(url, code, "en", label="1", predicted="7")
    assert (digit.number, digit.label, digit.predicted) == (None, "1", "7")
    assert class_digits(url, code, "en", label="1", number=3) == ()
    assert export_class(url, code, "idx", "en").startswith(b"PK")
    assert blank_sheet(url, "ru", class_code=code, pupils=2).startswith(b"%PDF")
    assert blank_sheet(url, "en").startswith(b"%PDF")
    forget_class(url, code, "en")
    assert error_of(lambda: class_view(url, code, "en")).kind == "unknown_class"


def test_errors_are_the_apis_own(url: str) -> None:
    code = new_profile(url, "en")
    assert error_of(lambda: correct(url, BLANK_PNG, "4", code, "en")).kind == "nothing_to_learn"
    assert error_of(lambda: read_sheet(url, SEVEN_PNG, "en")).kind == "no_sheet"
    assert error_of(lambda: take_sheet(url, SEVEN_PNG, "en", profile=NOBODYS)).kind == "unknown_profile"
    assert error_of(lambda: blank_sheet(url, "en", class_code=NOBODYS)).kind == "unknown_class"
    assert error_of(lambda: export_class(url, "../model", "idx", "en")).kind == "unknown_class"
    assert error_of(lambda: forget_profile(url, "", "en")).kind == "unknown_profile"
    for width in range(8, 20):
        correct(url, encoded(draw(2, width=width)), "2", code, "en")
    error = error_of(lambda: correct(url, encoded(draw(2, width=22)), "2", code, "en"))
    assert (error.kind, error.is_transient) == ("too_many_corrections", True)
    assert error.retry_after > 3000


def test_what_is_sent(stand_in: StandIn) -> None:
    stand_in.reply = Reply(json.dumps({"profile": "K", "number": 5, "taken": 98, "left_out": 2}).encode(), 201)
    taken = take_sheet(stand_in.url, b"photograph", "ru", class_code="C", leave_out={31, 7})
    assert (taken.profile, taken.number, taken.taken, taken.left_out) == ("K", 5, 98, 2)
    assert stand_in.questions[0].path == "/sheets/?class=C&leave_out=7&leave_out=31"
    assert stand_in.questions[0].headers["accept-language"] == "ru"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>", 201),
        Reply(b'{"profile": ""}', 201),
        Reply(b'{"profile": 5}', 201),
        Reply(b"[]", 200),
        problem("unknown-profile", 404)._replace(body=b"gone"),
    ],
)
def test_another_shape_is_no_answer(stand_in: StandIn, reply: Reply) -> None:
    stand_in.reply = reply
    assert error_of(lambda: new_profile(stand_in.url, "en")).kind == "invalid_response"
    assert error_of(lambda: correct(stand_in.url, b"x", "4", "K", "en")).kind == "invalid_response"


def test_a_box_is_sent_as_it_was_answered(stand_in: StandIn) -> None:
    said = {"id": 1, "state": "known", "profile": "K", "label": "4", "suggested": "4"}
    stand_in.reply = Reply(json.dumps(said).encode(), 201)
    box = (1234567.25, 0.1 + 0.2, float(np.float32(33.3)), 2e6)
    correct(stand_in.url, b"x", "4", "K", "en", box=box)
    [sent] = [part for part in stand_in.questions[0].body.split(b"\r\n--") if b'name="box"' in part]
    assert tuple(map(float, sent.rpartition(b"\r\n\r\n")[2].split(b","))) == box


def test_the_command_reads_with_a_profile(url: str, tmp_path: Path) -> None:
    code = new_profile(url, "en")
    correct(url, SEVEN_PNG, "4", code, "en")
    picture = tmp_path / "seven.png"
    picture.write_bytes(SEVEN_PNG)
    for options, said in (((), "7 "), (("--profile", code), "4 "), (("--number", "--profile", code), "4 ")):
        done = run("-m", "client", "--api", url, *options, str(picture))
        assert done.stdout.startswith(f"{picture}: {said}"), done.stderr
