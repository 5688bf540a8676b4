"""What the page shows of what it was taught, and what it asks, without a browser."""

import io
import json
import re

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.app_run import draw, html, opened, said
from tests.serving import wait_until
from tests.stand_in import Question, Reply, StandIn, answer, problem

pytest_plugins = ["tests.fixtures"]
pytestmark = pytest.mark.quick

CODE = "K7QM-2XWB-9DTR"


def as_reply(status: int = 200, **keys: object) -> Reply:
    """A JSON object; the key `class` is written `class_`."""
    return Reply(json.dumps({name.rstrip("_"): value for name, value in keys.items()}).encode(), status)


PROFILE = as_reply(profile=CODE, class_=None, digits=[], counts=[0] * 11)


class Replies:
    """Answers by the path of a question, without its query; it asks for a digit elsewhere, which is a 7."""

    def __init__(self) -> None:
        self.by_path = {
            "/profiles/": as_reply(201, profile=CODE),
            f"/profiles/{CODE.replace('-', '')}": PROFILE,
            "/sheets/blank/": Reply(b"%PDF-"),
        }

    def __call__(self, question: Question) -> Reply:
        return self.by_path.get(question.path.partition("?")[0], Reply(answer(7)))


@pytest.fixture
def replies(stand_in: StandIn) -> Replies:
    """Of an API that learns."""
    stand_in.learning = as_reply(stored_in="sqlite", retention_days=90)
    stand_in.reply = replies = Replies()
    return replies


@pytest.fixture
def hand(replies: Replies, stand_in: StandIn) -> AppTest:
    """The page of somebody whose profile was just made."""
    page = opened()
    page.toggle("hand").set_value(True).run()
    assert "90" in html(page)
    assert not stand_in.questions
    page.button("begin").click().run()
    assert CODE in html(page)
    return page


def notice(page: AppTest) -> str:
    return "".join(re.findall('<p class="notice.*?</p>', html(page)))


def paths(stand_in: StandIn, start: str) -> list[str]:
    return [question.path for question in stand_in.questions if question.path.startswith(start)]


def test_a_profile_is_asked_with_and_no_profile_is_not(hand: AppTest, stand_in: StandIn) -> None:
    draw(hand)
    assert paths(stand_in, "/predict/") == [f"/predict/?profile={CODE}"]
    hand.button("leave").click().run()
    assert paths(stand_in, "/predict/")[1:] == ["/predict/"]
    assert CODE not in html(hand)


def test_a_code_that_is_known_no_more_costs_no_answer(hand: AppTest, replies: Replies, stand_in: StandIn) -> None:
    def forgotten(question: Question) -> Reply:
        is_asked = "profile=" in question.path or question.path.startswith("/profiles/")
        return problem("unknown-profile", 404) if is_asked else Reply(answer(7))

    stand_in.reply = forgotten
    assert "7" in said(draw(hand))
    assert CODE in notice(hand)


def test_a_sheet_that_was_not_read_in_time_can_be_read_again(
    hand: AppTest, replies: Replies, stand_in: StandIn
) -> None:
    replies.by_path["/sheets/read/"] = problem("timeout", 504, "Слишком долго")
    photograph = io.BytesIO()
    Image.new("L", (30, 40)).save(photograph, "PNG")
    hand.file_uploader("sheets").upload("sheet.png", photograph.getvalue(), "image/png").run()
    assert "Слишком долго" in notice(hand)
    box = {"label": "4", "picture": None, "prediction": None, "confidence": 0, "suspicious": False}
    replies.by_path["/sheets/read/"] = as_reply(number=None, digits=[box] * 100, class_=None)
    hand.button("retry_sheets_read").click().run()
    assert not notice(hand)
    replies.by_path["/sheets/"] = as_reply(201, profile=CODE, number=None, taken=0, left_out=100)
    known = len(paths(stand_in, "/profiles/"))
    hand.button("take_sheets").click().run()
    assert "100" in notice(hand)
    assert len(paths(stand_in, "/profiles/")) == known + 1  # what is remembered is looked at again
    assert not hand.exception


def test_a_sheet_that_was_not_made_costs_only_itself_and_is_made_again(hand: AppTest, replies: Replies) -> None:
    replies.by_path["/sheets/blank/"] = problem("internal", 500, "Неполадка")
    hand.segmented_control("language").set_value("en").run()  # in which it is asked for anew
    wait_until(lambda: "Неполадка" in notice(hand.run()))
    assert "7" in said(draw(hand))
    assert CODE in html(hand)
    replies.by_path["/sheets/blank/"] = Reply(b"%PDF-")
    hand.button("retry_asked_blank").click().run()
    wait_until(lambda: not notice(hand.run()))
    assert not hand.exception


def test_what_cannot_be_deleted_is_still_there(hand: AppTest, replies: Replies, stand_in: StandIn) -> None:
    hand.button("delete").click().run()
    replies.by_path[f"/profiles/{CODE.replace('-', '')}"] = problem("internal", 500, "Неполадка")
    hand.button("delete_yes").click().run()
    assert "Неполадка" in notice(hand)
    assert CODE in html(hand)


@pytest.mark.parametrize(
    "learning",
    [Reply(b"[]"), Reply(b'{"stored_in": "a cloud", "retention_days": 1}'), Reply(b"", 500), Reply(b"", 404)],
)
def test_what_is_no_answer_about_learning_teaches_nothing(stand_in: StandIn, learning: Reply) -> None:
    stand_in.learning = learning
    page = draw(opened())
    assert not any(toggle.key == "hand" for toggle in page.toggle)
    assert "7" in said(page)
