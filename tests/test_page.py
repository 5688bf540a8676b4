"""What the page shows and asks, without a browser."""

import io
import json
import re
import string
import tomllib
from typing import Final

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from digits.limits import MAX_FILE_MEGABYTES
from tests.app_run import PROJECT, draw, html, said
from tests.stand_in import Reply, StandIn, answer, cells, number, problem

pytest_plugins = ["tests.fixtures"]
pytestmark = pytest.mark.quick

PROBLEMS = {
    "too-large": 413,
    "too-many-pixels": 413,
    "too-many-pixels-together": 413,
    "not-a-picture": 415,
    "unreadable-picture": 422,
    "not-ready": 503,
    "busy": 503,
    "internal": 500,
    "timeout": 504,
}


def test_an_untouched_page_asks_nothing_and_hints_what_to_do(page: AppTest, stand_in: StandIn) -> None:
    assert not page.exception
    assert said(page).strip()
    assert stand_in.questions == []


def test_every_digit_is_shown(page: AppTest, stand_in: StandIn) -> None:
    for digit in range(10):
        stand_in.reply = Reply(answer(digit))
        assert re.search(rf"\b{digit}\b", said(draw(page, width=20 + digit)))


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
    png = question.body[question.body.index(b"\x89PNG") :]
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.convert("RGB").getpixel((0, 0)) == (0x20, 0x63, 0x9B)
        assert picture.convert("RGB").getpixel((122, 210)) == (255, 255, 255)


def test_sureness_is_worded_and_a_close_second_is_named(page: AppTest, stand_in: StandIn) -> None:
    stand_in.reply = Reply(answer(4, 0.997))
    sure = said(draw(page, 20))
    stand_in.reply = Reply(answer(4, 0.6, second=9))
    unsure = said(draw(page, 21))
    assert re.search(r"\b9\b", unsure)
    assert re.search(r"\b40\b", unsure)
    assert re.search(r"\b60\b", unsure)
    assert "100" not in sure
    assert re.findall("[А-я]+", sure) != re.findall("[А-я]+", unsure)


def test_every_error_is_said_in_the_words_of_the_api(page: AppTest, stand_in: StandIn) -> None:
    for width, (name, status) in enumerate(PROBLEMS.items(), start=10):
        stand_in.reply = problem(name, status, f"Заголовок {name}", f"Подробности {name}.")
        sentence = said(draw(page, width))
        assert f"Заголовок {name}" in sentence
        assert f"Подробности {name}." in sentence


def test_what_the_api_does_not_say_has_its_own_sentence(page: AppTest, stand_in: StandIn) -> None:
    sentences = set()
    for width, rejected in enumerate(("blank", "not_a_digit", "several_digits"), start=20):
        stand_in.reply = Reply(answer(None, rejected=rejected))
        sentences.add(said(draw(page, width)))
    stand_in.reply = Reply(b"<html>hello</html>")
    sentences.add(said(draw(page, 30)))
    stand_in.close()
    sentences.add(said(draw(page, 31)))
    assert len(sentences) == 5
    assert all(re.search("[А-Яа-я]", sentence) for sentence in sentences)


INVALID_DIGITS: Final = (
    b"",
    b"null",
    b"[7]",
    b'{"prediction": 12, "confidence": 0.9, "probabilities": null, "rejected": null}',
    b'{"prediction": true, "confidence": 0.9, "probabilities": null, "rejected": null}',
    b'{"prediction": "7", "confidence": 0.9, "probabilities": null, "rejected": null}',
    b'{"prediction": 7, "confidence": NaN, "probabilities": null, "rejected": null}',
    b'{"prediction": 7, "confidence": 0.9, "probabilities": [1], "rejected": null}',
    b'{"prediction": null, "confidence": 0.9, "probabilities": null, "rejected": null}',
)


def test_an_invalid_response_is_never_shown_as_a_digit(page: AppTest, stand_in: StandIn) -> None:
    for width, body in enumerate(INVALID_DIGITS, start=10):
        stand_in.reply = Reply(body)
        draw(page, width)
        assert len(stand_in.questions) == width - 9
        assert 'class="large"' not in html(page), body


def test_a_number_is_shown_line_by_line_and_asked_about_once(page: AppTest, stand_in: StandIn) -> None:
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = Reply(number("2026", "4?7"))
    shown = said(draw(page))
    assert re.search(r"\b2026\b", shown)
    assert "4?7" in shown
    assert re.search(r"\b81\b", shown)
    draw(page).run()
    assert len(stand_in.questions) == 1
    stand_in.reply = Reply(number())
    rejected = said(draw(page, 20))
    stand_in.reply = Reply(number(rejected="blank"))
    assert len({shown, rejected, said(draw(page, 21))}) == 3
    stand_in.reply = Reply(number("??", rejected="not_a_digit"))
    assert said(draw(page, 23)) == rejected
    page.segmented_control("reading").set_value("digit").run()
    stand_in.reply = Reply(answer(4))
    assert re.search(r"\b4\b", said(draw(page, 22)))


def test_signs_and_spaces_are_shown_and_spoken_by_name(page: AppTest, stand_in: StandIn) -> None:
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = Reply(number("7,8 53", "(5+3)×2"))
    shown = said(draw(page))
    assert "7,8 53" in shown
    assert "(5+3)×2" in shown
    assert "?" not in shown
    boxes = re.findall("<li.*?<b>(.)</b>", html(page))
    assert boxes == list("7,853(5+3)×2")
    stand_in.reply = Reply(number("7?8"))
    assert "?" in re.sub("7.8", "", said(draw(page, 20)))


def test_an_unsure_word_can_be_another_one(page: AppTest, stand_in: StandIn) -> None:
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = Reply(number("12 781"))
    read = said(draw(page))
    assert "12 781" in read
    (choice,) = (each for each in page.segmented_control if str(each.key).startswith("word_"))
    assert choice.value == "781"
    assert any("7,8" in option and "20" in option for option in choice.options)
    choice.set_value("7,8").run()
    assert "12 7,8" in said(page)
    assert "781" not in said(page)
    assert "81 %" not in said(page)  # how sure the reader was of something else
    stand_in.reply = Reply(number("12 53"))
    draw(page, 20)
    assert not [each for each in page.segmented_control if str(each.key).startswith("word_")]
    assert len(stand_in.questions) == 2


def test_hints_are_asked_with_and_named(page: AppTest, stand_in: StandIn) -> None:
    draw(page)
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = Reply(number("12"))
    page.selectbox("format").set_value("date").run()
    page.slider("length").set_value((4, 6)).run()
    page.slider("length").set_value((2, 2)).run()
    page.selectbox("format").set_value("any").run()
    page.slider("length").set_value((1, 20)).run()
    assert [question.path for question in stand_in.questions] == [
        "/predict/",
        "/read/",
        "/read/?format=date",
        "/read/?format=date&length=4-6",
        "/read/?format=date&length=2",
        "/read/?length=2",
    ]
    page.slider("length").set_value((4, 6)).run()
    assert "4–6" in page.expander[0].label
    page.selectbox("format").set_value("decimal").run()
    for reading in ("digit", "number"):
        page.segmented_control("reading").set_value(reading).run()
    page.segmented_control("language").set_value("en").run()
    assert "4–6" in page.expander[0].label
    assert page.selectbox("format").value == "decimal"
    assert stand_in.questions[-1].path == "/read/?format=decimal&length=4-6"


def test_a_table_is_counted_and_what_stands_beside_it_is_shown(page: AppTest, stand_in: StandIn) -> None:
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = Reply(cells(("1", "15", ""), ("7,8", "", "4")))
    shown = said(draw(page))
    assert re.findall(r"\d+", shown) == ["6", "1"]
    assert len(re.findall("<li", html(page))) == 6
    table = json.loads(cells(("1", "15", ""), ("7,8", "", "4")))
    beside = json.loads(number(*["30"] * 6))["lines"][5]
    stand_in.reply = Reply(json.dumps(table | {"lines": [*table["lines"], beside]}).encode())
    shown = said(draw(page, 20))
    assert re.findall(r"\d+", shown) == ["6", "1", "30"]
    assert len(re.findall("<li", html(page))) == 8


@pytest.mark.parametrize(("turn", "place"), [(0, "left"), (90, "top right"), (180, "bottom right"), (270, "bottom")])
def test_a_turned_page_is_shown_as_it_was_read(page: AppTest, stand_in: StandIn, turn: int, place: str) -> None:
    page.segmented_control("reading").set_value("number").run()
    stand_in.reply = Reply(number("7", turn=turn))
    draw(page)
    (wide, high, boxes), *_ = re.findall(r"--wide: (\d+); --high: (\d+)(.*)</figure>", html(page))
    assert (int(wide) > int(high)) == (turn in (0, 180))
    left, top, width, height = map(float, re.findall(r"([\d.]+)%", boxes))
    assert (left > 50) == ("right" in place)
    assert (top > 50) == ("bottom" in place)
    box = (30, 45) if turn in (0, 180) else (45, 30)
    assert (width * int(wide) / 100, height * int(high) / 100) == pytest.approx(box, abs=0.1)
    assert re.findall(r'class="turned">.*?(\d+)', html(page)) == [str(turn)] * (turn != 0)


INVALID_NUMBERS: Final = (
    answer(7),
    number("7", lines=None),
    number("7", lines=[]),
    number("7", lines=[{"text": "7", "confidence": 0.9, "digits": []}]),
    number("7", rejected="blank"),
    number("?", rejected=None),
    number(rejected="several_digits"),
    number("7", width=0),
    number("7", height="432"),
    number("7").replace(b'"prediction": 7', b'"prediction": 12'),
    number("7").replace(b"[0, 0, 30, 45]", b"[0, 0, 30]"),
    number("7").replace(b"0.95", b"NaN"),
    number("7").replace(b'"text": "7"', b'"text": 7'),
)


def test_an_invalid_response_is_never_shown_as_a_number(page: AppTest, stand_in: StandIn) -> None:
    page.segmented_control("reading").set_value("number").run()
    for width, body in enumerate(INVALID_NUMBERS, start=10):
        stand_in.reply = Reply(body)
        draw(page, width)
        assert len(stand_in.questions) == width - 9
        assert 'class="large"' not in html(page), body


def test_a_failure_is_not_remembered_once_retried(page: AppTest, stand_in: StandIn) -> None:
    stand_in.reply = Reply(b"hello")
    failed = said(draw(page))
    stand_in.reply = Reply(answer(0))
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


def test_the_uploader_takes_what_the_api_takes() -> None:
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["maxUploadSize"] == MAX_FILE_MEGABYTES


@pytest.mark.parametrize("folder", ["page", "client"])
def test_both_languages_say_the_same_things(folder: str) -> None:
    russian, english = (_sentences(folder, language) for language in ("ru", "en"))
    assert _placeholders(russian) == _placeholders(english)
    for sentence in russian.values():
        assert re.search("[А-Яа-я]", sentence) or not re.search("[A-Za-z]", re.sub("{.*?}", "", sentence))
    assert not any(re.search("[А-Яа-я]", sentence) for sentence in english.values())


def test_no_sentence_stands_in_the_code() -> None:
    for file in [PROJECT / "app.py", *(PROJECT / "page").glob("*.*"), *(PROJECT / "client").glob("*.*")]:
        assert not re.search("[А-Яа-яЁё]", file.read_text(encoding="utf-8")), file


def _sentences(folder: str, language: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for path in (PROJECT / folder / "texts").glob(f"*{language}.toml"):
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            flat |= {name: entry} if isinstance(entry, str) else {f"{name}.{key}": text for key, text in entry.items()}
    return flat


def _placeholders(sentences: dict[str, str]) -> dict[str, set[str | None]]:
    return {
        name: {field for _, field, _, _ in string.Formatter().parse(text) if field} for name, text in sentences.items()
    }
