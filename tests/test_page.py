"""The page's logic without a browser: AppTest runs app.py, and what answers stands behind a real socket."""

import base64
import io
import json
import re
import string
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from digits.languages import preferred_language

PROJECT = Path(__file__).parent.parent
TEXTS = PROJECT / "page" / "texts"
PROBLEMS = {
    "too-large": 413,
    "too-many-pixels": 413,
    "not-a-picture": 415,
    "unreadable-picture": 422,
    "not-ready": 503,
    "busy": 503,
    "internal": 500,
}


class StandIn:
    """Answers every question with the same bytes, and keeps the questions."""

    def __init__(self) -> None:
        self.status, self.reply = 200, answer(7)
        self.questions: list[bytes] = []
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                stand_in.questions.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(stand_in.status)
                self.send_header("Content-Length", str(len(stand_in.reply)))
                self.end_headers()
                self.wfile.write(stand_in.reply)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def answer(
    digit: int | None, confidence: float = 0.98, second: int | None = None, rejected: str | None = None
) -> bytes:
    shares = [0.0] * 10
    if digit is not None:
        shares[digit] = confidence
        shares[(digit + 1) % 10 if second is None else second] += 1 - confidence
    body = {
        "prediction": digit,
        "confidence": confidence,
        "probabilities": shares if digit is not None else None,
        "rejected": rejected,
    }
    return json.dumps(body).encode()


def drawing(width: int = 27) -> dict[str, Any]:
    """What the canvas sends after a zero was drawn: ink on a transparent ground."""
    picture = Image.new("RGBA", (432, 432))
    ImageDraw.Draw(picture).ellipse((120, 60, 300, 360), outline="white", width=width)
    png = io.BytesIO()
    picture.save(png, "PNG")
    url = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    return {"drawing": {"raw": {"objects": [{"type": "Path"}]}, "data": url}, "backgroundFit": None}


def said(page: AppTest) -> str:
    """What stands in the answer's place, without the markup."""
    (card,) = (part for part in page.get("html") if "<section" in part.proto.body)
    return re.sub("<[^>]+>", " ", card.proto.body)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    stand_in = StandIn()
    monkeypatch.setenv("API_URL", stand_in.url)
    yield stand_in
    stand_in.close()


@pytest.fixture
def page(stand_in: StandIn) -> AppTest:
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30).run()


def draw(page: AppTest, width: int = 27) -> AppTest:
    page.session_state["canvas"] = drawing(width)
    page.run()
    assert not page.exception
    return page


def test_an_untouched_page_asks_nothing_and_hints_what_to_do(page: AppTest, stand_in: StandIn) -> None:
    assert not page.exception
    assert said(page).strip()
    assert stand_in.questions == []


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_is_shown(page: AppTest, stand_in: StandIn, digit: int) -> None:
    stand_in.reply = answer(digit)
    assert re.search(rf"\b{digit}\b", said(draw(page)))


def test_the_same_drawing_is_asked_about_once(page: AppTest, stand_in: StandIn) -> None:
    draw(page).run()
    draw(page)
    assert len(stand_in.questions) == 1
    draw(page, width=20)
    assert len(stand_in.questions) == 2
    draw(page)
    assert len(stand_in.questions) == 2


def test_the_paper_is_the_chosen_background(page: AppTest, stand_in: StandIn) -> None:
    page.color_picker("background").set_value("#20639b")
    draw(page)
    (question,) = stand_in.questions
    png = question[question.index(b"\x89PNG") :]
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.convert("RGB").getpixel((0, 0)) == (0x20, 0x63, 0x9B)
        assert picture.convert("RGB").getpixel((122, 210)) == (255, 255, 255)


def test_sureness_is_worded_and_a_close_second_is_named(page: AppTest, stand_in: StandIn) -> None:
    stand_in.reply = answer(4, 0.997)
    sure = said(draw(page, 20))
    stand_in.reply = answer(4, 0.6, second=9)
    unsure = said(draw(page, 21))
    assert re.search(r"\b9\b", unsure)
    assert re.search(r"\b40\b", unsure)
    assert re.search(r"\b60\b", unsure)
    assert "100" not in sure
    assert re.findall("[А-я]+", sure) != re.findall("[А-я]+", unsure)


def test_every_trouble_has_its_own_sentence(page: AppTest, stand_in: StandIn) -> None:
    sentences = set()
    for width, (problem, status) in enumerate(PROBLEMS.items(), start=10):
        stand_in.status = status
        body = {"type": f"/problems/{problem}", "title": "x", "status": status, "detail": "x"}
        stand_in.reply = json.dumps(body).encode()
        sentences.add(said(draw(page, width)))
    stand_in.status = 200
    for width, rejected in enumerate(("blank", "not_a_digit", "several_digits"), start=20):
        stand_in.reply = answer(None, rejected=rejected)
        sentences.add(said(draw(page, width)))
    stand_in.reply = b"<html>hello</html>"
    sentences.add(said(draw(page, 30)))
    stand_in.close()
    sentences.add(said(draw(page, 31)))
    assert len(sentences) == len(PROBLEMS) + 5
    assert all(re.search("[А-Яа-я]", sentence) for sentence in sentences)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[7]",
        b'{"prediction": 12, "confidence": 0.9, "probabilities": null, "rejected": null}',
        b'{"prediction": true, "confidence": 0.9, "probabilities": null, "rejected": null}',
        b'{"prediction": "7", "confidence": 0.9, "probabilities": null, "rejected": null}',
        b'{"prediction": 7, "confidence": NaN, "probabilities": null, "rejected": null}',
        b'{"prediction": 7, "confidence": 0.9, "probabilities": [1], "rejected": null}',
        b'{"prediction": null, "confidence": 0.9, "probabilities": null, "rejected": null}',
    ],
)
def test_nonsense_is_never_shown_as_a_digit(page: AppTest, stand_in: StandIn, body: bytes) -> None:
    stand_in.reply = body
    draw(page)
    assert not any('class="large"' in part.proto.body for part in page.get("html"))


def number(*lines: str, **other: Any) -> bytes:
    """What `POST /read/` answers when it reads these lines, with other values for some keys."""
    boxes = [[[40 * place, 50 * row, 40 * place + 30, 50 * row + 45] for place in range(9)] for row in range(9)]
    body = {
        "lines": [
            {
                "text": text,
                "confidence": 0.9,
                "box": boxes[row][0],
                "digits": [
                    {
                        "prediction": int(digit) if digit.isdigit() else None,
                        "confidence": 0.95,
                        "probabilities": None,
                        "box": boxes[row][place],
                    }
                    for place, digit in enumerate(text)
                ],
            }
            for row, text in enumerate(lines)
        ],
        "rejected": None if lines else "not_a_digit",
        "width": 864,
        "height": 432,
    }
    return json.dumps(body | other).encode()


def test_a_number_is_shown_line_by_line_and_asked_about_once(page: AppTest, stand_in: StandIn) -> None:
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = number("2026", "4?7")
    shown = said(draw(page))
    assert re.search(r"\b2026\b", shown)
    assert "4?7" in shown
    assert re.search(r"\b81\b", shown)
    draw(page).run()
    assert len(stand_in.questions) == 1
    stand_in.reply = number()
    rejected = said(draw(page, 20))
    stand_in.reply = number(rejected="blank")
    assert len({shown, rejected, said(draw(page, 21))}) == 3
    page.segmented_control("reading").set_value("digit").run()
    stand_in.reply = answer(4)
    assert re.search(r"\b4\b", said(draw(page, 22)))


@pytest.mark.parametrize(
    "body",
    [
        answer(7),
        number("7", lines=None),
        number("7", lines=[]),
        number("7", lines=[{"text": "7", "confidence": 0.9, "digits": []}]),
        number("7", rejected="blank"),
        number(rejected="several_digits"),
        number("7", width=0),
        number("7", height="432"),
        number("7").replace(b'"prediction": 7', b'"prediction": 12'),
        number("7").replace(b"[0, 0, 30, 45]", b"[0, 0, 30]"),
        number("7").replace(b"0.95", b"NaN"),
        number("7").replace(b'"text": "7"', b'"text": 7'),
    ],
)
def test_nonsense_is_never_shown_as_a_number(page: AppTest, stand_in: StandIn, body: bytes) -> None:
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = body
    draw(page)
    assert not any('class="large"' in part.proto.body for part in page.get("html"))


def test_a_failure_is_not_remembered_once_retried(page: AppTest, stand_in: StandIn) -> None:
    stand_in.reply = b"nonsense"
    failed = said(draw(page))
    stand_in.reply = answer(0)
    assert said(page.run()) == failed
    page.button("retry").click().run()
    assert re.search(r"\b0\b", said(page))


def test_files_good_and_broken_never_upset_the_page(page: AppTest, stand_in: StandIn) -> None:
    seven = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(seven, "JPEG")
    page.segmented_control("mode").set_value("upload").run()
    for data in (seven.getvalue(), seven.getvalue()[:300], b"not a picture", b"\x89PNG\r\n\x1a\n"):
        page.file_uploader[0].upload("seven.jpg", data, "image/jpeg").run()
        assert not page.exception
        assert re.search(r"\b7\b", said(page))
    assert len(stand_in.questions) == 4


@pytest.mark.parametrize(
    ("locale", "language"), [(None, "ru"), ("ru-RU", "ru"), ("ja-JP", "ru"), ("en", "en"), ("en-GB", "en")]
)
def test_the_language_is_the_browsers_and_russian_where_unknown(locale: str | None, language: str) -> None:
    assert preferred_language(locale or "", "ru") == language


def test_both_languages_say_the_same_things() -> None:
    russian, english = (_placeholders(language) for language in ("ru", "en"))
    assert russian == english
    for sentence in _sentences("ru").values():
        assert re.search("[А-Яа-я]", sentence) or not re.search("[A-Za-z]", re.sub("{.*?}", "", sentence))
    assert not any(re.search("[А-Яа-я]", sentence) for sentence in _sentences("en").values())


def test_no_sentence_stands_in_the_code() -> None:
    for file in [PROJECT / "app.py", *(PROJECT / "page").glob("*.*")]:
        assert not re.search("[А-Яа-яЁё]", file.read_text(encoding="utf-8")), file


def _sentences(language: str) -> dict[str, str]:
    tables = tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))
    flat = {name: text for name, text in tables.items() if isinstance(text, str)}
    for table, sentences in tables.items():
        if isinstance(sentences, dict):
            flat |= {f"{table}.{name}": text for name, text in sentences.items()}
    return flat


def _placeholders(language: str) -> dict[str, set[str | None]]:
    return {
        name: {field for _, field, _, _ in string.Formatter().parse(text) if field}
        for name, text in _sentences(language).items()
    }
