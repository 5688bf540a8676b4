"""Signs, words, alternatives and hints: numbers as people write them, drawn in the test."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from digits import decode, read_number
from digits.answers import NumberAnswer, NumberFormat
from digits.decode import MAX_NUMBER_SIDE
from digits.number.hints import Hints
from tests.photographs import grey_picture, light
from tests.reading import recogniser
from tools.drawing import STROKES, Point, Strokes, arc, draw, encoded

DOT: Final = [(0.0, 0.0), (0.02, 0.02)]

SIGNS: Final[Mapping[str, Strokes]] = {
    ".": [[(x + 0.03, y + 0.96) for x, y in DOT]],
    ",": [[(0.1, 0.92), (0.09, 1.02), (0.02, 1.2)]],
    "-": [[(0.0, 0.52), (0.38, 0.5)]],
    "/": [[(0.42, -0.1), (0.0, 1.15)]],
    ":": [[(x, y + 0.35) for x, y in DOT], [(x, y + 0.85) for x, y in DOT]],
    "+": [[(0.0, 0.55), (0.46, 0.54)], [(0.23, 0.32), (0.22, 0.78)]],
    "×": [[(0.0, 0.38), (0.4, 0.82)], [(0.4, 0.36), (0.02, 0.84)]],
    "÷": [[(0.0, 0.55), (0.46, 0.54)], [(x + 0.22, y + 0.28) for x, y in DOT], [(x + 0.22, y + 0.78) for x, y in DOT]],
    "=": [[(0.0, 0.43), (0.42, 0.42)], [(0.0, 0.67), (0.42, 0.66)]],
    "(": [arc(0.34, 0.5, 0.3, 0.66, -25, -155)],
    ")": [arc(0.0, 0.5, 0.3, 0.66, 25, 155)],
}
"""As written by hand, beside digits from 0 at the top to 1 at the bottom."""

GAP: Final = 0.24
SPACE: Final = 1.1
"""Between neighbours, and between groups, by a digit's height."""


def line(text: str) -> list[list[Point]]:
    """Strokes of a line, in the unit of a digit's height."""
    strokes: list[list[Point]] = []
    end = 0.0
    for character in text:
        if character == " ":
            end += SPACE
            continue
        shape = STROKES[int(character)] if character.isdigit() else SIGNS[character]
        left = min(x for stroke in shape for x, _ in stroke)
        right = max(x for stroke in shape for x, _ in stroke)
        strokes += [[(x - left + end, y) for x, y in stroke] for stroke in shape]
        end += right - left + GAP
    return strokes


def drawn(text: str, width: float = 8) -> Image.Image:
    return draw(line(text), (160 + 70 * len(text), 280), "black", "white", height=70 / 280, width=width)


def photographed(text: str) -> Image.Image:
    mask = draw(line(text), (160 + 70 * len(text), 280), 255, 0, mode="L", height=70 / 280, width=7)
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(1.0))) / 255
    return grey_picture(light("gradient", mask.size) * (1 - 0.65 * soft)).convert("RGB")


def read(picture: Image.Image, hints: Hints | None = None) -> NumberAnswer:
    return read_number(recogniser(), decode(encoded(picture), MAX_NUMBER_SIDE), hints or Hints())


def texts(picture: Image.Image, hints: Hints | None = None) -> list[str]:
    return [each.text for each in read(picture, hints).lines]


WRITTEN: Final = ("7.8", "39,5", "-12.5", "25/02/2023", "12:30", "163-930", "5+3-2", "(5+3-2)×8", "36÷4=9")


@pytest.mark.parametrize("text", WRITTEN)
def test_signs_are_read_as_what_they_are(text: str) -> None:
    assert texts(drawn(text)) == [text]


@pytest.mark.parametrize("text", ["7.8", "39,5", "25/02/2023", "12:30", "163-930"])
def test_signs_are_read_in_a_photograph(text: str) -> None:
    assert texts(photographed(text)) == [text]


def test_each_sign_has_its_box_and_no_digit() -> None:
    (shown,) = read(drawn("7,8")).lines
    assert [(each.prediction, each.sign) for each in shown.digits] == [(7, None), (None, ","), (8, None)]
    seven, comma, _ = (each.box for each in shown.digits)
    assert comma[0] > seven[2] - 4
    assert comma[1] > (seven[1] + seven[3]) / 2


@pytest.mark.parametrize("text", ["43 53 24", "1 800 694 7466"])
def test_groups_are_kept_apart(text: str) -> None:
    (shown,) = read(drawn(text)).lines
    assert shown.text == text
    assert [word.text for word in shown.words] == text.split()
    for word, behind in zip(shown.words, shown.words[1:], strict=False):
        assert word.box[2] < behind.box[0]


@pytest.mark.parametrize("paint", [120, 0])
def test_dust_is_no_point(paint: int) -> None:
    picture = drawn("2048", width=9)
    pen = ImageDraw.Draw(picture)
    for x, y in ((178, 96), (236, 90), (300, 225), (60, 140), (330, 100)):
        pen.ellipse((x, y, x + 2, y + 2), fill=(paint,) * 3)
    assert texts(picture) == ["2048"]


def ambiguous() -> Image.Image:
    """4, a stroke that leans like a slash and is as tall as a digit, 7."""
    stroke = [[(0.22, 0.0), (0.0, 1.0)]]
    strokes = [*line("4"), *(shifted(stroke, 0.9)), *shifted(STROKES[7], 1.4)]
    return draw(strokes, (420, 280), "black", "white", height=70 / 280, width=8)


def shifted(strokes: Strokes, right: float) -> list[list[Point]]:
    return [[(x + right, y) for x, y in stroke] for stroke in strokes]


def test_a_hint_decides_what_is_ambiguous() -> None:
    assert texts(ambiguous(), Hints(format="integer")) == ["417"]
    assert texts(ambiguous(), Hints(format="expression", lengths=(2, 2))) == ["4/7"]
    assert texts(ambiguous(), Hints(lengths=(3, 3))) == ["417"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [("decimal", "39,5"), ("date", "25/02/2023"), ("time", "12:30"), ("expression", "(5+3-2)×8"), ("integer", "2048")],
)
def test_what_fits_a_hint_is_read_as_without_it(kind: NumberFormat, text: str) -> None:
    assert texts(drawn(text), Hints(format=kind)) == [text]


def test_a_word_that_fits_no_hint_is_read_as_without_it() -> None:
    assert texts(drawn("25/02/2023"), Hints(format="time", lengths=(40, 50))) == ["25/02/2023"]


def test_alternatives_are_other_readings_with_their_probabilities() -> None:
    (shown,) = read(ambiguous()).lines
    (word,) = shown.words
    others = [each.text for each in word.alternatives]
    assert 1 <= len(others) <= 2
    assert word.text not in others
    assert {"417", "4/7"} <= {word.text, *others}
    chances = [each.confidence for each in word.alternatives]
    assert chances == sorted(chances, reverse=True)
    assert word.confidence + sum(chances) <= 1 + 1e-6


LONG_COMMAS: Final[Mapping[str, Strokes]] = {
    "leaning": [[(0.28, 0.92), (0.0, 1.5)]],
    "bent": [[(0.1, 0.95), (0.16, 1.15), (0.1, 1.4), (-0.05, 1.55)]],
    "steep": [[(0.16, 0.95), (0.0, 1.6)]],
    "low": [[(0.2, 1.08), (0.0, 1.6)]],
}
"""As many Europeans write them."""


def with_comma(whole: str, comma: Strokes, decimals: str) -> list[list[Point]]:
    before = line(whole)
    right = max(x for stroke in before for x, _ in stroke)
    return [*before, *shifted(comma, right + 0.1), *shifted(line(decimals), right + 0.5)]


@pytest.mark.parametrize("comma", LONG_COMMAS)
@pytest.mark.parametrize("text", ["7,8", "6,2", "9,5", "31,46"])
def test_a_long_comma_is_no_one(text: str, comma: str) -> None:
    whole, decimals = text.split(",")
    strokes = with_comma(whole, LONG_COMMAS[comma], decimals)
    assert texts(draw(strokes, (500, 280), "black", "white", height=70 / 280, width=7)) == [text]


@pytest.mark.parametrize("comma", ["leaning", "bent", "steep"])
@pytest.mark.parametrize("text", ["7,8", "96,2"])
def test_a_long_comma_is_none_on_ruled_paper(text: str, comma: str) -> None:
    whole, decimals = text.split(",")
    strokes = with_comma(whole, LONG_COMMAS[comma], decimals)
    mask = draw(strokes, (500, 280), 255, 0, mode="L", height=70 / 280, width=6)
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(1.0))) / 255
    rows = np.flatnonzero(soft.any(axis=1))
    base = rows[0] + 3 + 70
    paper = light("gradient", mask.size)
    for row in range(base % 90, 280, 90):
        paper[row : row + 2] *= 0.8
    assert texts(grey_picture(paper * (1 - 0.65 * soft)).convert("RGB")) == [text]


@pytest.mark.parametrize("bar", [0.45, 0.55])
def test_a_barred_seven_and_a_slashed_zero_are_read(bar: float) -> None:
    strokes = [*line("4"), *shifted(STROKES[7], 1.0), [(1.1, bar), (1.65, bar)], *shifted(STROKES[0], 2.0)]
    strokes += [[(2.05, 0.95), (2.6, 0.05)], *shifted(line("8"), 3.0)]
    assert texts(draw(strokes, (500, 280), "black", "white", height=70 / 280, width=6)) == ["4708"]
