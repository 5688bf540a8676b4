"""Numbers through POST /read/: digits in a line, lines on a page, marks between them; drawn and photographed."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytest
import requests
from PIL import Image, ImageChops, ImageFilter

from tests.conftest import Api
from tests.test_api import post, problem
from tests.photographs import light, photograph, ruled
from tools.drawing import STROKES, Point, Strokes, draw, encoded

SPACING: Final = 0.9
"""From one digit's left to the next one's, as a share of a digit's height."""


def shifted(strokes: Strokes, right: float, down: float = 0.0) -> list[list[Point]]:
    return [[(x + right, y + down) for x, y in stroke] for stroke in strokes]


def number(text: str, spacing: float = SPACING) -> list[list[Point]]:
    """Strokes of a number, in the unit of its height."""
    return [stroke for place, digit in enumerate(text) for stroke in shifted(STROKES[int(digit)], place * spacing)]


def drawn(text: str, size: tuple[int, int] = (640, 280), **options: Any) -> Image.Image:
    return draw(number(text, options.pop("spacing", SPACING)), size, **({"height": 0.3} | options))


def read(api: Api, picture: bytes) -> dict[str, Any]:
    """The answer, checked against the contract."""
    response = requests.post(f"{api.url}/read/", files={"file": ("picture", picture)}, timeout=60)
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    assert set(said) == {"lines", "rejected", "width", "height"}
    digits = [digit for line in said["lines"] for digit in line["digits"]]
    assert (said["rejected"] is None) == any(digit["prediction"] is not None for digit in digits)
    for line in said["lines"]:
        assert line["text"] == "".join("?" if d["prediction"] is None else str(d["prediction"]) for d in line["digits"])
        assert line["confidence"] == pytest.approx(np.prod([digit["confidence"] for digit in line["digits"]]))
        assert [digit["box"][0] for digit in line["digits"]] == sorted(digit["box"][0] for digit in line["digits"])
    for box in [each["box"] for each in [*digits, *said["lines"]]]:
        assert 0 <= box[0] < box[2] <= said["width"]
        assert 0 <= box[1] < box[3] <= said["height"]
    for digit in digits:
        assert sum(digit["probabilities"]) == pytest.approx(1)
    return said


def texts(api: Api, picture: Image.Image, kind: str = "PNG") -> list[str]:
    return [line["text"] for line in read(api, encoded(picture, kind))["lines"]]


@pytest.mark.parametrize(("ink", "paper"), [("white", "black"), ("navy", "white")])
@pytest.mark.parametrize("text", ["2026", "10", "0123456789", "774411"])
def test_reads_a_drawn_number(api: Api, text: str, ink: str, paper: str) -> None:
    assert texts(api, drawn(text, (1000, 280), ink=ink, paper=paper)) == [text]


def test_says_where_each_digit_is(api: Api) -> None:
    five = draw(5, (400, 200), centre=(0.2, 0.5))
    three = draw(3, (400, 200), centre=(0.75, 0.4), height=0.4)
    boxes = [five.getbbox(), three.getbbox()]
    (line,) = read(api, encoded(ImageChops.lighter(five, three)))["lines"]
    assert line["text"] == "53"
    for digit, box in zip(line["digits"], boxes, strict=True):
        assert digit["box"] == pytest.approx(box, abs=3)


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_boxes_are_those_of_the_turned_picture(api: Api, orientation: int, turn: int) -> None:
    upright = drawn("4729", (2000, 700), height=0.3, centre=(0.3, 0.3), ink="black", paper="white")
    exif = Image.Exif()
    exif[0x0112] = orientation
    said = read(api, encoded(upright.rotate(turn, expand=True), "JPEG", quality=95, exif=exif))
    assert (said["width"], said["height"]) == upright.size
    (line,) = said["lines"]
    assert line["text"] == "4729"
    box = Image.eval(upright.convert("L"), lambda grey: 255 * (grey < 128)).getbbox()
    assert line["box"] == pytest.approx(box, abs=8)


def test_reads_lines_from_top_to_bottom(api: Api) -> None:
    picture = drawn("51", (600, 600), height=0.14, centre=(0.7, 0.15))
    picture = drawn("2026", paper=picture, height=0.14, centre=(0.4, 0.45))
    picture = drawn("387", paper=picture, height=0.14, centre=(0.5, 0.8))
    assert texts(api, picture) == ["51", "2026", "387"]


def test_sizes_slant_and_spacing_may_differ(api: Api) -> None:
    picture = Image.new("RGB", (900, 300), "white")
    for place, (digit, height, slant) in enumerate([(3, 0.5, 0.3), (8, 0.3, -0.2), (1, 0.45, 0.4), (6, 0.36, 0.1)]):
        slanted = [[(x + slant * (0.5 - y), y) for x, y in stroke] for stroke in STROKES[digit]]
        centre = (0.12 + 0.2 * place + 0.08 * (place > 1), 0.5 - 0.03 * place)
        picture = draw(slanted, paper=picture, ink="black", height=height, centre=centre)
    assert texts(api, picture) == ["3816"]


@pytest.mark.parametrize("paper", ["ruled", "squared"])
@pytest.mark.parametrize("degrees", [0, 3])
def test_reads_a_number_on_ruled_and_squared_paper(api: Api, paper: str, degrees: float) -> None:
    for text in ("2026", "491", "7358"):
        ink = drawn(text, (640, 480), ink=255, paper=0, mode="L", width=9, height=0.25, centre=(0.45, 0.55))
        soft = np.asarray(ink.filter(ImageFilter.GaussianBlur(1.2))) / 255
        grey = light("gradient") * ruled(paper, degrees) * (1 - 0.65 * soft)
        assert texts(api, Image.fromarray(grey.clip(0, 255).astype(np.uint8)), "JPEG") == [text]


def test_a_broken_five_is_one_digit(api: Api) -> None:
    five = [shifted([stroke], 0.0, 0.0 if place else 0.08)[0] for place, stroke in enumerate(STROKES[5])]
    broken = [*shifted(STROKES[2], -SPACING), *five, *shifted(STROKES[9], SPACING)]
    assert texts(api, draw(broken, (640, 280), height=0.4, width=8)) == ["259"]


@pytest.mark.parametrize(("text", "spacing"), [("26", 0.66), ("35", 0.62), ("204", 0.66)])
def test_touching_digits_are_told_apart(api: Api, text: str, spacing: float) -> None:
    assert texts(api, drawn(text, spacing=spacing, height=0.5)) == [text]


def test_a_mark_that_is_no_digit_is_not_guessed(api: Api) -> None:
    star = [[(0.0, 0.2), (0.6, 0.8)], [(0.6, 0.2), (0.0, 0.8)], [(0.3, 0.1), (0.3, 0.9)], [(-0.1, 0.5), (0.7, 0.5)]]
    strokes = [*STROKES[4], *shifted(star, SPACING), *shifted(STROKES[7], 2 * SPACING)]
    said = read(api, encoded(draw(strokes, (640, 280), height=0.4, width=8)))
    (line,) = said["lines"]
    assert [digit["prediction"] for digit in line["digits"]] == [4, None, 7]
    assert said["rejected"] is None
    alone = read(api, encoded(draw(star, width=8)))
    assert alone["rejected"] == "not_a_digit"


def test_nothing_drawn_is_blank(api: Api) -> None:
    said = read(api, encoded(Image.new("L", (280, 300), 255)))
    assert said == {"lines": [], "rejected": "blank", "width": 280, "height": 300}


ONE_DIGIT: Final[dict[str, Callable[[int], Image.Image]]] = {
    "drawn": draw,
    "thin and small": lambda digit: draw(digit, height=0.3, width=4, centre=(0.7, 0.6)),
    "icon": lambda digit: draw(digit, (28, 28), height=0.7),
    "photographed": lambda digit: photograph([(STROKES[digit], (0.5, 0.5))], light("gradient")),
}


@pytest.mark.parametrize("kind", ONE_DIGIT.values(), ids=ONE_DIGIT)
def test_one_digit_is_read_as_by_predict(api: Api, kind: Callable[[int], Image.Image]) -> None:
    for digit in range(10):
        file = encoded(kind(digit))
        (line,) = read(api, file)["lines"]
        (found,) = line["digits"]
        alone = post(api, file).json()
        assert [found[name] for name in ("prediction", "confidence", "probabilities")] == [
            alone[name] for name in ("prediction", "confidence", "probabilities")
        ]


def test_bad_files_are_refused_as_by_predict(api: Api) -> None:
    def ask(**sent: Any) -> requests.Response:
        return requests.post(f"{api.url}/read/", timeout=60, **sent)

    problem(ask(), 400, "no-file")
    problem(ask(files={"file": b""}), 400, "no-file")
    problem(ask(files={"file": b"GIF89a"}), 415, "not-a-picture")
    problem(ask(files={"file": encoded(draw(7))[:200]}), 422, "unreadable-picture")
    problem(ask(files={"other": encoded(draw(7))}), 422, "wrong-fields")
    problem(ask(files={"file": encoded(Image.new("1", (9000, 9000)))}), 413, "too-many-pixels")
