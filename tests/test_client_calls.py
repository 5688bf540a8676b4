"""The client's calls, against what stands in for an API."""

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

import client
from client import (
    ApiError,
    in_one_line,
    is_ready,
    model_record,
    predict,
    predict_batch,
    predict_many,
    read,
    with_retries,
)
from digits.answers import DigitAnswer
from digits.limits import MAX_BATCH_FILES, MAX_FILE_BYTES
from tests.serving import served_api
from tests.stand_in import Question, Reply, StandIn, answer, batch, cells, error_of, number, problem, standing_in
from tools.drawing import draw, encoded

pytestmark = pytest.mark.quick

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def api() -> Iterator[StandIn]:
    with standing_in() as stand_in:
        yield stand_in


def predictions(answers: list[DigitAnswer | ApiError]) -> list[int | str | None]:
    return [entry.kind if isinstance(entry, ApiError) else entry.prediction for entry in answers]


def test_the_public_surface() -> None:
    assert client.__all__ == [
        "LOCAL_API",
        "ApiError",
        "in_one_line",
        "is_ready",
        "model_record",
        "predict",
        "predict_batch",
        "predict_many",
        "predict_strokes",
        "read",
        "read_strokes",
        "with_retries",
    ]
    assert all(hasattr(client, name) for name in client.__all__)


def test_answers_are_the_shapes_that_the_recogniser_makes(api: StandIn) -> None:
    api.reply = Reply(answer(4, added_later=[1], ink="data:image/png;base64,x"))
    found = predict(api.url, b"picture", "en", include=("ink", "hog"))
    assert (found.prediction, found.ink, found.hog) == (4, "data:image/png;base64,x", None)
    assert api.questions[0].path == "/predict/?include=ink&include=hog"
    api.reply = Reply(number("20", "26"))
    assert [line.text for line in read(api.url, b"picture", "en").lines] == ["20", "26"]
    api.reply = Reply(batch(answer(1), answer(None, rejected="blank"), problem("not-a-picture", 415).body))
    assert predictions(predict_batch(api.url, [b"1", b"2", b"3"], "en")) == [1, None, "not_a_picture"]


def test_numbers_with_signs_and_tables_are_what_the_api_answers(api: StandIn) -> None:
    api.reply = Reply(number("7,8 53", "(5+3)×2", turn=90))
    found = read(api.url, b"picture", "en")
    assert [digit.sign for digit in found.lines[0].digits] == [None, ",", None, None, None]
    assert [word.text for word in found.lines[0].words] == ["7,8", "53"]
    assert (found.turn, in_one_line(found)) == (90, "7,8 53 / (5+3)×2")
    api.reply = Reply(cells(("1", "", "15"), ("", "", ""), ("4", "5\n6", "")))
    found = read(api.url, b"picture", "en")
    assert found.table is not None
    assert [reading.text for reading in found.table[0][2].alternatives] == ["75"]
    assert in_one_line(found) == "1 |  | 15 /  |  |  / 4 | 5 6 | "


def test_lines_beside_a_table_keep_their_place(api: StandIn) -> None:
    head, foot = (json.loads(number(*["1"] * (row + 1)))["lines"][row] for row in (0, 5))
    table = json.loads(cells(("", ""), ("2", "3"), ("", "")))
    for row in table["table"]:
        for cell in row:
            cell["box"] = [cell["box"][0], cell["box"][1] + 50, cell["box"][2], cell["box"][3] + 50]
    middle = json.loads(number("8", "8", "2  3"))["lines"][2]
    api.reply = Reply(number("x", lines=[head, middle, foot], table=table["table"]))
    assert in_one_line(read(api.url, b"picture", "en")) == "1 /  |  / 2 | 3 /  |  / 1"


def test_hints_are_asked_with(api: StandIn) -> None:
    api.reply = Reply(number("20"))
    read(api.url, b"picture", "en", format="date", length="4-6")
    read(api.url, b"picture", "en", length="2")
    read(api.url, b"picture", "en")
    assert [question.path for question in api.questions] == [
        "/read/?format=date&length=4-6",
        "/read/?length=2",
        "/read/",
    ]


@pytest.mark.parametrize(
    "body",
    [
        number("7,8").replace(b'"sign": ","', b'"sign": ";"'),
        number("7,8").replace(b'"sign": null', b'"sign": "+"'),
        number("781").replace(b'"text": "78"', b'"text": 78'),
        number("7", turn=45),
        number("7", table=[[{"text": "7"}]]),
        cells(("1", "2")).replace(b'"table": 1', b'"table": 0'),
        cells(("1", "15")).replace(b'"confidence": 0.3', b'"confidence": 3'),
    ],
)
def test_what_is_no_number_is_no_answer(api: StandIn, body: bytes) -> None:
    api.reply = Reply(body)
    assert error_of(partial(read, api.url, b"picture", "en")).kind == "invalid_response"


def test_errors_are_the_apis_own_words_in_the_callers_language(api: StandIn) -> None:
    said_in = {"en": "Not ready", "ru": "Сервис не готов"}
    api.reply = lambda question: problem(
        "not-ready", 503, said_in[question.headers["accept-language"]], retry_after="7"
    )
    for language, title in said_in.items():
        error = error_of(partial(predict, api.url, b"picture", language))
        assert (error.kind, error.title, error.detail, error.retry_after) == ("not_ready", title, "y", 7)
        assert error.is_transient


@pytest.mark.parametrize(
    ("status", "kind"), [(502, "unreachable"), (404, "invalid_response"), (200, "invalid_response")]
)
def test_what_is_no_answer_of_the_api(api: StandIn, status: int, kind: str) -> None:
    api.reply = Reply(b"<html>hello</html>", status)
    calls: list[Callable[[], Any]] = [
        partial(predict, api.url, b"picture", "en"),
        partial(read, api.url, b"picture", "en"),
        partial(predict_batch, api.url, [b"picture"], "en"),
        partial(model_record, api.url, "en"),
    ]
    assert {error_of(call).kind for call in calls} == {kind}
    assert not is_ready(api.url)
    api.reply = Reply(batch(answer(1)))
    assert error_of(partial(predict_batch, api.url, [b"1", b"2"], "en")).kind == "invalid_response"


def test_nobody_answers_or_not_in_time() -> None:
    errors = {language: error_of(partial(predict, NOBODY, b"picture", language)) for language in ("en", "ru")}
    assert {error.kind for error in errors.values()} == {"unreachable"}
    assert errors["en"].title != errors["ru"].title
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        late = error_of(partial(model_record, f"http://127.0.0.1:{deaf.getsockname()[1]}", "en"))
    assert late.kind == "timeout"
    assert late.may_be_retried
    assert not late.is_transient


def test_a_file_that_is_too_large_is_not_sent(api: StandIn) -> None:
    error = error_of(partial(predict, api.url, bytes(MAX_FILE_BYTES + 1), "en"))
    assert (error.kind, error.may_be_retried, api.questions) == ("too_large", False, [])


@pytest.mark.parametrize("retry_after", ["soon", "-1", "9" * 5000, "1e9", "²"])
def test_a_senseless_retry_after_is_none_or_a_day_at_most(api: StandIn, retry_after: str) -> None:
    api.reply = problem("busy", 503)._replace(headers={"Retry-After": retry_after.encode().decode("latin-1")})
    assert 0 <= error_of(partial(predict, api.url, b"picture", "en")).retry_after <= 86_400


def test_comes_back_no_earlier_than_the_api_wants(api: StandIn) -> None:
    api.reply = lambda _: Reply(answer(7)) if len(api.questions) > 1 else problem("busy", 503, retry_after="1")
    assert with_retries(partial(predict, api.url, b"picture", "en"), 60).prediction == 7
    first, second = api.questions
    assert second.came - first.came >= 1
    api.reply = problem("busy", 503, retry_after="120")
    assert error_of(partial(with_retries, partial(predict, api.url, b"picture", "en"), 60)).kind == "busy"
    api.reply = problem("not-a-picture", 415)
    assert error_of(partial(with_retries, partial(predict, api.url, b"picture", "en"), 60)).kind == "not_a_picture"
    assert len(api.questions) == 4


def test_callers_share_connections_but_no_cookies(api: StandIn) -> None:
    api.reply = Reply(answer(7), headers={"Set-Cookie": "visitor=1; Path=/"})
    for _ in range(5):
        predict(api.url, b"picture", "en")
    assert len({question.caller for question in api.questions}) == 1
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: predict(api.url, b"picture", "en").prediction, range(40)))
    assert found == [7] * 40
    assert not any("cookie" in question.headers for question in api.questions)


def test_a_proxy_is_not_asked_for_this_machine(api: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("http_proxy", NOBODY)
    assert predict(api.url, b"picture", "en").prediction == 7


def counted(question: Question) -> bytes:
    """The answers of an API that reads each picture as the last digit of its length."""
    boundary = question.headers["content-type"].partition("boundary=")[2].encode()
    parts = question.body.split(b"--" + boundary)[1:-1]
    lengths = [len(part.partition(b"\r\n\r\n")[2]) - 2 for part in parts]
    entries = [answer(length % 10) for length in lengths]
    return batch(*entries) if question.path == "/predict/batch/" else entries[0]


def test_many_pictures_go_in_batches_that_the_api_takes(api: StandIn) -> None:
    api.reply = lambda question: Reply(counted(question))
    pictures = [bytes(length % 10) for length in range(MAX_BATCH_FILES + 40)]
    assert predictions(list(predict_many(api.url, pictures, "en"))) == [len(picture) for picture in pictures]
    assert [question.files for question in api.questions] == [MAX_BATCH_FILES, 40]
    assert list(predict_many(api.url, [], "en")) == []

    api.questions.clear()
    heavy = [bytes(MAX_FILE_BYTES // 3 + length) for length in range(4)]
    assert predictions(list(predict_many(api.url, heavy, "en"))) == [len(picture) % 10 for picture in heavy]
    assert [question.files for question in api.questions] == [2, 2]
    assert all(len(question.body) <= MAX_FILE_BYTES for question in api.questions)


def test_a_batch_that_is_refused_for_its_size_is_asked_about_in_halves(api: StandIn) -> None:
    def reply(question: Question) -> Reply:
        return problem("too-many-pixels-together", 413) if question.files > 3 else Reply(counted(question))

    api.reply = reply
    pictures = [bytes(length) for length in range(10)]
    assert predictions(list(predict_many(api.url, pictures, "en"))) == list(range(10))
    api.reply = problem("too-large", 413)
    assert predictions(list(predict_many(api.url, pictures, "en"))) == ["too_large"] * 10


def test_pictures_too_large_for_one_request_are_answered_by_the_real_api() -> None:
    pictures = [encoded(draw(digit, (800, 800))) for digit in (3, 5, 7)]
    with served_api(workers=1, max_megapixels=1) as api:
        assert predictions(list(predict_many(api.url, pictures, "en"))) == [3, 5, 7]


def test_answers_come_as_the_batches_come_back(api: StandIn) -> None:
    api.reply = lambda question: Reply(counted(question))
    answers = predict_many(api.url, [bytes(length) for length in range(6)], "en", max_files=2)
    assert predictions([next(answers), next(answers)]) == [0, 1]
    assert len(api.questions) == 1
    api.reply = problem("internal", 500)
    assert predictions([next(answers), next(answers)]) == ["internal", "internal"]
    api.reply = lambda question: Reply(counted(question))
    assert predictions(list(answers)) == [4, 5]
