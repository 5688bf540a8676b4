"""Numbers: digits in a line, lines on a page, marks between them; drawn, photographed, in a frame."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import requests
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from pydantic import TypeAdapter

from digits import decode, read_number
from digits.answers import NumberAnswer, number_as_json
from digits.decode import MAX_NUMBER_SIDE
from digits.evaluation.agreement import agreement, read_both
from tests.asking import problem
from tests.photographs import grey_picture, light, photograph, ruled
from tests.reading import DIGITS, recogniser
from tests.reading import read as read_digit
from tests.serving import Api
from tools.drawing import STROKES, Colour, Point, Strokes, draw, encoded

SPACING: Final = 0.9
"""From one digit's left to the next one's, as a share of a digit's height."""


def shifted(strokes: Strokes, right: float, down: float = 0.0) -> list[list[Point]]:
    return [[(x + right, y + down) for x, y in stroke] for stroke in strokes]


def number(text: str, spacing: float = SPACING) -> list[list[Point]]:
    """Strokes of a number, in the unit of its height."""
    return [stroke for place, digit in enumerate(text) for stroke in shifted(STROKES[int(digit)], place * spacing)]


def drawn(text: str, size: tuple[int, int] = (640, 280), **options: Any) -> Image.Image:
    return draw(number(text, options.pop("spacing", SPACING)), size, **({"height": 0.3} | options))


def photographed(text: str, paper: str | None = None, degrees: float = 0.0) -> Image.Image:
    """A number on a sheet in light from one side, slightly out of focus."""
    ink = drawn(text, (640, 480), ink=255, paper=0, mode="L", width=9, height=0.25, centre=(0.45, 0.55))
    soft = np.asarray(ink.filter(ImageFilter.GaussianBlur(1.2))) / 255
    sheet = 1.0 if paper is None else ruled(paper, degrees)
    return grey_picture(light("gradient") * sheet * (1 - 0.65 * soft)).convert("RGB")


def read(file: bytes) -> NumberAnswer:
    """The answer to a file, checked for what holds of every answer."""
    answer = read_number(recogniser(), decode(file, MAX_NUMBER_SIDE))
    digits = [digit for line in answer.lines for digit in line.digits]
    assert (answer.rejected is None) == any(digit.prediction is not None for digit in digits)
    for line in answer.lines:
        read_as = [digit.sign or ("?" if digit.prediction is None else str(digit.prediction)) for digit in line.digits]
        assert line.text.replace(" ", "") == "".join(read_as)
        assert line.text == " ".join(word.text for word in line.words)
        assert line.confidence == pytest.approx(np.prod([word.confidence for word in line.words]))
        assert line.confidence == pytest.approx(np.prod([digit.confidence for digit in line.digits]))
        assert [digit.box[0] for digit in line.digits] == sorted(digit.box[0] for digit in line.digits)
    for left, top, right, bottom in [*(digit.box for digit in digits), *(line.box for line in answer.lines)]:
        assert 0 <= left < right <= answer.width
        assert 0 <= top < bottom <= answer.height
    for digit in digits:
        assert sum(digit.probabilities) == pytest.approx(1)
    return answer


def texts(picture: Image.Image, kind: str = "PNG") -> list[str]:
    return [line.text for line in read(encoded(picture, kind)).lines]


@pytest.mark.quick
@pytest.mark.parametrize(("ink", "paper"), [("white", "black"), ("navy", "white")])
@pytest.mark.parametrize("text", ["2026", "10", "0123456789", "774411"])
def test_reads_a_drawn_number(text: str, ink: str, paper: str) -> None:
    assert texts(drawn(text, (1000, 280), ink=ink, paper=paper)) == [text]


@pytest.mark.quick
def test_the_api_answers_what_is_read(api: Api) -> None:
    file = encoded(drawn("2026"))
    response = requests.post(f"{api.url}/read/", files={"file": file}, timeout=60)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    said, here = TypeAdapter(NumberAnswer).validate_json(response.content, strict=True), read(file)
    assert [(line.text, line.box) for line in said.lines] == [(line.text, line.box) for line in here.lines]
    assert [line.confidence for line in said.lines] == pytest.approx([line.confidence for line in here.lines])
    assert set(response.json()) == set(number_as_json(here))


def test_bad_files_are_refused_as_by_predict(api: Api) -> None:
    def ask(**sent: Any) -> requests.Response:
        return requests.post(f"{api.url}/read/", timeout=60, **sent)

    problem(ask(), 400, "no-file")
    problem(ask(files={"file": b""}), 400, "no-file")
    problem(ask(files={"file": b"no picture"}), 415, "not-a-picture")
    problem(ask(files={"file": encoded(draw(7))[:200]}), 422, "unreadable-picture")
    problem(ask(files={"other": encoded(draw(7))}), 422, "wrong-fields")
    problem(ask(files={"file": encoded(Image.new("1", (9000, 9000)))}), 413, "too-many-pixels")


@pytest.mark.quick
def test_says_where_each_digit_is() -> None:
    five = draw(5, (400, 200), centre=(0.2, 0.5))
    three = draw(3, (400, 200), centre=(0.75, 0.4), height=0.4)
    boxes = [five.getbbox(), three.getbbox()]
    (line,) = read(encoded(ImageChops.lighter(five, three))).lines
    assert line.text == "53"
    for digit, box in zip(line.digits, boxes, strict=True):
        assert digit.box == pytest.approx(box, abs=3)


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_boxes_are_those_of_the_turned_picture(orientation: int, turn: int) -> None:
    upright = drawn("4729", (2000, 700), height=0.3, centre=(0.3, 0.3), ink="black", paper="white")
    exif = Image.Exif()
    exif[0x0112] = orientation
    answer = read(encoded(upright.rotate(turn, expand=True), "JPEG", quality=95, exif=exif))
    assert (answer.width, answer.height) == upright.size
    (line,) = answer.lines
    assert line.text == "4729"
    box = Image.eval(upright.convert("L"), lambda grey: 255 * (grey < 128)).getbbox()
    assert line.box == pytest.approx(box, abs=8)


@pytest.mark.quick
def test_reads_lines_from_top_to_bottom() -> None:
    picture = drawn("51", (600, 600), height=0.14, centre=(0.7, 0.15))
    picture = drawn("2026", paper=picture, height=0.14, centre=(0.4, 0.45))
    picture = drawn("387", paper=picture, height=0.14, centre=(0.5, 0.8))
    assert texts(picture) == ["51", "2026", "387"]


@pytest.mark.quick
def test_sizes_slant_and_spacing_may_differ() -> None:
    picture = Image.new("RGB", (900, 300), "white")
    for place, (digit, height, slant) in enumerate([(3, 0.5, 0.3), (8, 0.3, -0.2), (1, 0.45, 0.4), (6, 0.36, 0.1)]):
        slanted = [[(x + slant * (0.5 - y), y) for x, y in stroke] for stroke in STROKES[digit]]
        centre = (0.12 + 0.2 * place + 0.08 * (place > 1), 0.5 - 0.03 * place)
        picture = draw(slanted, paper=picture, ink="black", height=height, centre=centre)
    assert texts(picture) == ["3816"]


@pytest.mark.parametrize("paper", ["ruled", "squared"])
@pytest.mark.parametrize("degrees", [0, 3])
def test_reads_a_number_on_ruled_and_squared_paper(paper: str, degrees: float) -> None:
    for text in ("2026", "491", "7358"):
        assert texts(photographed(text, paper, degrees), "JPEG") == [text]


@pytest.mark.quick
def test_a_broken_five_is_one_digit() -> None:
    five = [shifted([stroke], 0.0, 0.0 if place else 0.08)[0] for place, stroke in enumerate(STROKES[5])]
    broken = [*shifted(STROKES[2], -SPACING), *five, *shifted(STROKES[9], SPACING)]
    assert texts(draw(broken, (640, 280), height=0.4, width=8)) == ["259"]


@pytest.mark.quick
@pytest.mark.parametrize(("text", "spacing"), [("26", 0.66), ("35", 0.62), ("204", 0.66)])
def test_touching_digits_are_told_apart(text: str, spacing: float) -> None:
    assert texts(drawn(text, spacing=spacing, height=0.5)) == [text]


STAR: Final = [[(0.0, 0.2), (0.6, 0.8)], [(0.6, 0.2), (0.0, 0.8)], [(0.3, 0.1), (0.3, 0.9)], [(-0.1, 0.5), (0.7, 0.5)]]


@pytest.mark.quick
def test_a_mark_that_is_no_digit_is_not_guessed() -> None:
    strokes = [*STROKES[4], *shifted(STAR, SPACING), *shifted(STROKES[7], 2 * SPACING)]
    answer = read(encoded(draw(strokes, (640, 280), height=0.4, width=8)))
    (line,) = answer.lines
    assert [digit.prediction for digit in line.digits] == [4, None, 7]
    assert answer.rejected is None
    assert read(encoded(draw(STAR, width=8))).rejected == "not_a_digit"


@pytest.mark.quick
def test_nothing_drawn_is_blank() -> None:
    assert read(encoded(Image.new("L", (280, 300), 255))) == NumberAnswer((), "blank", 280, 300)


ONE_DIGIT: Final[dict[str, Callable[[int], Image.Image]]] = {
    "drawn": draw,
    "thin and small": lambda digit: draw(digit, height=0.3, width=4, centre=(0.7, 0.6)),
    "icon": lambda digit: draw(digit, (28, 28), height=0.7),
    "photographed": lambda digit: photograph([(STROKES[digit], (0.5, 0.5))], light("gradient")),
}


@pytest.mark.parametrize("kind", ONE_DIGIT.values(), ids=ONE_DIGIT)
def test_one_digit_is_read_as_by_predict(kind: Callable[[int], Image.Image]) -> None:
    for shown in DIGITS:
        file = encoded(kind(shown))
        (line,) = read(file).lines
        (found,) = line.digits
        alone = read_digit(file)
        assert (found.prediction, found.confidence, found.probabilities) == (
            alone.prediction,
            alone.confidence,
            alone.probabilities,
        )


def test_short_lines_above_a_photographed_digit_are_no_digits_of_a_number() -> None:
    for shown in (2, 5, 8):
        sheet = Image.new("L", (640, 480), 255)
        ruler = ImageDraw.Draw(sheet)
        ruler.line([(150, 40), (156, 120)], 0, 9)
        ruler.line([(520, 350), (514, 460)], 0, 9)
        sheet = draw(STROKES[shown], ink=0, paper=sheet, width=9, height=0.45, centre=(0.5, 0.5))
        file = encoded(grey_picture(light("gradient") * (0.35 + 0.65 * np.asarray(sheet, np.float64) / 255)), "JPEG")
        assert [line.text for line in read(file).lines] == [str(shown)]
        assert read_digit(file).prediction == shown


@pytest.mark.parametrize("shown", [(1, 8), (7, 1), (4, 4)], ids=str)
def test_two_photographed_digits_below_each_other_are_two(shown: tuple[int, int]) -> None:
    both = [(STROKES[digit], (0.4, y)) for digit, y in zip(shown, (0.26, 0.76), strict=True)]
    picture = photograph(both, light("gradient"))
    assert [line.text for line in read(encoded(picture, "JPEG")).lines] == [str(digit) for digit in shown]


# A photograph in a plain frame

EVEN: Final = (30, 30, 30, 30)
FRAMES: Final[dict[str, tuple[Colour, tuple[int, int, int, int]]]] = {
    "white": ("white", EVEN),
    "black": ("black", EVEN),
    "coloured": ("navy", EVEN),
    "thin": ("white", (2, 2, 2, 2)),
    "uneven": ("black", (60, 10, 20, 100)),
    "broad": ("white", (150, 100, 150, 100)),
    "above and below": ("white", (0, 30, 0, 30)),
}
"""Colour, and pixels at the left, top, right and bottom."""


def in_frame(picture: Image.Image, colour: Colour, sides: tuple[int, int, int, int]) -> Image.Image:
    left, top, right, bottom = sides
    framed = Image.new("RGB", (left + picture.width + right, top + picture.height + bottom), colour)
    framed.paste(picture, (left, top))
    return framed


@pytest.mark.quick
@pytest.mark.parametrize(("colour", "sides"), FRAMES.values(), ids=FRAMES)
def test_reads_a_photograph_in_a_frame_and_says_where(colour: Colour, sides: tuple[int, int, int, int]) -> None:
    for text in ("26", "48", "371"):
        (plain,) = read(encoded(photographed(text))).lines
        (framed,) = read(encoded(in_frame(photographed(text), colour, sides))).lines
        assert (plain.text, framed.text) == (text, text)
        shift = [*sides[:2], *sides[:2]]
        for one, other in zip(framed.digits, plain.digits, strict=True):
            assert np.subtract(one.box, shift) == pytest.approx(other.box, abs=3)


def test_a_framed_digit_and_a_framed_blank_are_read_as_by_predict() -> None:
    for shown in (4, 7):
        file = encoded(in_frame(photograph([(STROKES[shown], (0.5, 0.5))], light("gradient")), "white", EVEN), "JPEG")
        (line,) = read(file).lines
        assert line.text == str(read_digit(file).prediction) == str(shown)
    blank = encoded(in_frame(photograph([], light("gradient")), "white", EVEN))
    assert read(blank).rejected == read_digit(blank).rejected == "blank"


@pytest.mark.parametrize("text", ["4729", "3608"])
def test_small_writing_in_a_photograph_is_read_where_it_stands(text: str) -> None:
    large = photographed(text)
    small = large.resize((160, 120), Image.Resampling.BOX)
    (line,), (of_large,) = read(encoded(small, "JPEG", quality=95)).lines, read(encoded(large, "JPEG")).lines
    assert line.text == text
    assert [side * 4 for side in line.box] == pytest.approx(of_large.box, abs=12)


@pytest.mark.quick
def test_tells_where_both_ways_to_read_disagree(tmp_path: Path) -> None:
    (tmp_path / "7-one.png").write_bytes(encoded(draw(7)))
    (tmp_path / "42-two.png").write_bytes(encoded(drawn("42")))
    both = read_both(recogniser(), tmp_path)
    assert [(each.digit, each.number, each.agree) for each in both] == [("", "42", False), ("7", "7", True)]
    assert agreement(both) == 0.5
