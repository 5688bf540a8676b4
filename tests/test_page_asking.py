"""When the page asks, and when it asks again, without a browser."""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from page.asking import MIN_RETRY_SECONDS
from tests.app_run import draw, html, said
from tests.stand_in import Question, Reply, StandIn, answer, batch, cells, number, problem
from tools.servers import wait_until

pytest_plugins = ["tests.fixtures"]

RECORD = {
    "training": {"examples": 123456},
    "scores": {"mnist": {"count": 10000, "accuracy": 0.99, "low": 0.98, "high": 0.995}},
    "confusion_matrix": [[0] * 11 for _ in range(10)],
}


def run_until(page: AppTest, condition: Callable[[], bool]) -> None:
    """Runs the page again and again, as a browser does when the page tells it to."""

    def run() -> bool:
        page.run()
        return condition()

    wait_until(run)


def files(*contents: bytes) -> list[tuple[str, bytes, str]]:
    return [(f"{place}.png", content, "image/png") for place, content in enumerate(contents)]


def rows(page: AppTest) -> list[str]:
    """The answer in each row of the table."""
    return [str(row["said"]) for row in table(page)]


def table(page: AppTest) -> list[dict[str, Any]]:
    """The rows of the table of several files, as its component is told of them."""
    (shown,) = (part.proto for part in page.get("bidi_component") if part.proto.component_name == "files_table")
    found: list[dict[str, Any]] = json.loads(shown.json)["rows"]
    return found


def upload(page: AppTest, *contents: bytes) -> None:
    """Uploads files, and lets the page go on until all are answered."""
    page.file_uploader[0].set_value(files(*contents)).run()
    run_until(page, lambda: "…" not in rows(page))
    assert not page.exception


@pytest.mark.parametrize(("retry_after", "seconds"), [("3", 3.0), ("0", MIN_RETRY_SECONDS)])
def test_asks_again_as_late_as_the_api_wants(
    page: AppTest, stand_in: StandIn, retry_after: str, seconds: float
) -> None:
    stand_in.reply = problem("busy", 503, retry_after=retry_after)
    draw(page)
    refused = time.monotonic()  # at the earliest seconds after the refusal, which is before this
    assert not page.get("button")
    stand_in.reply = Reply(answer(4))
    run_until(page, lambda: bool(re.search(r"\b4\b", said(page))))
    first, second = stand_in.questions
    assert second.came - first.came >= seconds
    assert first.came < refused < second.came


def test_nothing_makes_it_ask_before_the_api_wants(page: AppTest, stand_in: StandIn) -> None:
    stand_in.reply = problem("not-ready", 503, retry_after="86400")
    draw(page)
    for language in ("en", "ru", "en"):
        page.segmented_control("language").set_value(language).run()
        page.run()
    assert len(stand_in.questions) == 1


def test_an_error_is_told_anew_in_another_language(page: AppTest, stand_in: StandIn) -> None:
    said_in = {"en": "Not a picture", "ru": "Это не изображение"}
    stand_in.reply = lambda question: problem("not-a-picture", 415, said_in[question.headers["accept-language"]])
    assert said_in["ru"] in said(draw(page))
    page.segmented_control("language").set_value("en").run()
    assert said_in["en"] in said(page)
    stand_in.reply = Reply(answer(4))
    draw(page, 20)
    page.segmented_control("language").set_value("ru").run()
    assert len(stand_in.questions) == 3


def test_files_go_in_batches_and_a_failed_one_costs_no_other(page: AppTest, stand_in: StandIn) -> None:
    contents = [b"content %03d" % place for place in range(40)]
    refused = contents[20]

    def reply(question: Question) -> Reply:
        if refused in question.body:
            return problem("internal", 500, "Отказ")
        found = sorted((question.body.index(content), content) for content in contents if content in question.body)
        return Reply(batch(*(answer(int(content[-3:]) % 10) for _, content in found)))

    stand_in.reply = reply
    page.segmented_control("mode").set_value("upload").run()
    upload(page, *contents)
    assert [question.path for question in stand_in.questions] == ["/predict/batch/"] * 3
    assert sum(question.files for question in stand_in.questions) == 40
    failed = next(question.files for question in stand_in.questions if refused in question.body)
    assert len(rows(page)) == 40
    assert rows(page).count("–") == failed < 40
    read = {place: digit for place, digit in enumerate(rows(page)) if digit != "–"}
    assert all(digit == str(place % 10) for place, digit in read.items())
    refused = b"nothing"
    page.button("retry").click().run()
    run_until(page, lambda: "…" not in rows(page))
    assert rows(page) == [str(place % 10) for place in range(40)]
    assert len(stand_in.questions) == 4


def test_a_bad_file_costs_only_its_own_row(page: AppTest, stand_in: StandIn) -> None:
    bad = problem("not-a-picture", 415, "Это не изображение").body
    stand_in.reply = Reply(batch(answer(1), bad, answer(None, rejected="blank")))
    page.segmented_control("mode").set_value("upload").run()
    upload(page, b"one", b"two", b"three")
    assert rows(page) == ["1", "–", "–"]
    assert table(page)[1]["sure"] == "Это не изображение"
    assert not [button for button in page.button if button.key == "retry"]


def test_numbers_in_files_are_asked_about_one_by_one(page: AppTest, stand_in: StandIn) -> None:
    stand_in.reply = lambda question: Reply(number("12") if b"one" in question.body else number("7", "8"))
    page.segmented_control("mode").set_value("upload").run()
    page.segmented_control("reading").set_value("number").run()
    upload(page, b"one", b"two", b"one")
    assert rows(page) == ["12", "7 / 8", "12"]
    assert [question.path for question in stand_in.questions] == ["/read/"] * 2


def test_tables_and_formulas_in_files_stay_text(page: AppTest, stand_in: StandIn) -> None:
    table, formula = cells(("1", "", "15"), ("-1", "2", "")), number("=5", "3")
    stand_in.reply = lambda question: Reply(table if b"one" in question.body else formula)
    page.segmented_control("mode").set_value("upload").run()
    page.segmented_control("reading").set_value("number").run()
    upload(page, b"one", b"two")
    assert rows(page) == ["1 |  | 15 / -1 | 2 | ", "=5 / 3"]


def test_markup_from_the_api_stays_text(page: AppTest, stand_in: StandIn) -> None:
    page.session_state["how"] = True
    urls: dict[str, Any] = {
        "ink": 'data:image/png;base64,x"><script>alert(1)</script>',
        "picture": "https://elsewhere.example/picture.png",
        "hog": "javascript:alert(1)",
    }
    stand_in.reply = Reply(answer(7, **urls))
    draw(page)
    assert 'class="ink"' in html(page)
    assert not re.search("<script|elsewhere|javascript:", html(page))
    stand_in.reply = problem("busy", 422, "<b>no</b>", "<script>alert(1)</script>")
    draw(page, 20)
    assert not re.search("<script|<b>no", html(page))


def test_what_the_api_knows_of_its_model_holds_nothing_up(page: AppTest, stand_in: StandIn) -> None:
    may_answer = threading.Event()

    def reply(question: Question) -> Reply:
        if question.path == "/model":
            assert may_answer.wait(60)
            return Reply(json.dumps(RECORD).encode())
        return Reply(answer(7))

    stand_in.reply = reply
    page.toggle("about").set_value(True).run()
    assert re.search(r"\b7\b", said(draw(page)))
    assert not may_answer.is_set()  # and the page has run twice
    may_answer.set()
    run_until(page, lambda: "confusion" in html(page))
    assert [question.path for question in stand_in.questions].count("/model") == 1


def test_a_model_that_is_not_told_of_is_not_asked_for_at_each_run(page: AppTest, stand_in: StandIn) -> None:
    stand_in.reply = problem("not-ready", 503, "Сервис не готов", retry_after="3600")
    page.toggle("about").set_value(True).run()
    run_until(page, lambda: "Сервис не готов" in html(page))
    for _ in range(3):
        page.run()
    assert len(stand_in.questions) == 1
