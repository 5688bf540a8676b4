"""Drawings and photographs of every look through the whole way: bytes in, answer out. Every picture is made here."""

from typing import Final

import joblib
import numpy as np
import pytest
from PIL import Image, ImageChops

from digits.features import hog_features
from digits.model import CLASSIFIER, SCALER, model_path
from tests.photographs import light, photograph, ruled
from tests.reading import DIGITS, read, said, said_of
from tools.drawing import STROKES, Colour, draw, encoded

pytestmark = pytest.mark.quick


def test_probabilities_are_those_of_the_pickled_scaler_and_model() -> None:
    scaler, model = joblib.load(model_path(SCALER)), joblib.load(model_path(CLASSIFIER))
    answers = [read(encoded(draw(digit))) for digit in DIGITS]
    pictures = np.stack([answer.normalised for answer in answers if answer.normalised is not None])
    expected = model.predict_proba(scaler.transform(hog_features(pictures)))[:, :10]
    expected /= expected.sum(axis=1, keepdims=True)
    found = np.array([answer.probabilities for answer in answers])
    sure = found.max(axis=1) > 0.99
    assert np.count_nonzero(sure) >= 5
    np.testing.assert_allclose(found[sure], expected[sure], atol=1e-4)


COLOURS: Final[list[tuple[Colour, Colour]]] = [
    ("black", "white"),
    ("white", "black"),
    ((255, 0, 0), (0, 130, 0)),
    ((0, 0, 255), (114, 0, 0)),
    ((90, 90, 90), (128, 128, 128)),
    ((160, 160, 160), (128, 128, 128)),
    ("yellow", "white"),
    ((255, 255, 150), "white"),
    ("navy", "black"),
    ("magenta", "lime"),
    ((255, 255, 255), (235, 235, 235)),
    ((20, 20, 20), (0, 0, 0)),
]


@pytest.mark.parametrize(("ink", "paper"), COLOURS, ids=str)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_reads_any_two_colours(ink: Colour, paper: Colour, kind: str) -> None:
    assert said_of((draw(shown, ink=ink, paper=paper) for shown in (0, 5, 9)), kind) == [0, 5, 9]


@pytest.mark.parametrize("paper", ["black", "white"])
@pytest.mark.parametrize("width", [1, 2, 4, 8, 16, 25])
def test_reads_any_width_of_stroke(width: float, paper: str) -> None:
    ink = "white" if paper == "black" else "black"
    assert said_of(draw(shown, ink=ink, paper=paper, width=width, height=0.7) for shown in DIGITS) == [*DIGITS]


PLACES: Final = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9), (0.5, 0.5)]


@pytest.mark.parametrize("centre", PLACES, ids=str)
def test_reads_a_small_digit_anywhere(centre: tuple[float, float]) -> None:
    pictures = (draw(shown, height=1 / 8, width=5, centre=centre) for shown in DIGITS)
    assert said_of(pictures) == [*DIGITS]


@pytest.mark.parametrize("size", [(640, 480), (1280, 960)], ids=str)
def test_reads_a_small_digit_on_a_large_sheet(size: tuple[int, int]) -> None:
    pictures = (draw(shown, size, "navy", "white", height=1 / 8, centre=(0.8, 0.2)) for shown in DIGITS)
    assert said_of(pictures, "JPEG") == [*DIGITS]


@pytest.mark.parametrize("rim", ["left", "right", "top", "bottom"])
def test_reads_a_digit_that_touches_the_rim(rim: str) -> None:
    for paper, ink in (("black", "white"), ("white", "black")):
        for shown in DIGITS:
            whole = draw(shown, ink=ink, paper=paper, width=14)
            left, top, right, bottom = box_of_ink(whole, paper)
            cut = {
                "left": (left + 2, 0, 280, 280),
                "right": (0, 0, right - 2, 280),
                "top": (0, top + 2, 280, 280),
                "bottom": (0, 0, 280, bottom - 2),
            }
            assert said(encoded(whole.crop(cut[rim]))) == shown


def box_of_ink(picture: Image.Image, paper: Colour) -> tuple[int, int, int, int]:
    box = ImageChops.difference(picture, Image.new(picture.mode, picture.size, paper)).getbbox()
    assert box is not None
    return box


def test_reads_a_digit_that_fills_the_picture() -> None:
    wholes = (draw(shown, width=24) for shown in DIGITS)
    assert said_of(whole.crop(box_of_ink(whole, "black")) for whole in wholes) == [*DIGITS]


def test_reads_a_five_with_a_loose_bar() -> None:
    body, bar = STROKES[5]
    loose = [body, [(x + 0.06, y - 0.08) for x, y in bar]]
    for width in (8, 16):
        assert said(encoded(draw(loose, width=width))) == 5


# Photographs


@pytest.mark.parametrize("kind", ["even", "gradient", "shadow", "corner", "sharp shadow", "table"])
def test_reads_in_uneven_light(kind: str) -> None:
    pictures = (photograph([(STROKES[shown], (0.55, 0.5))], light(kind, seed=shown)) for shown in DIGITS)
    assert said_of(pictures, "JPEG") == [*DIGITS]


@pytest.mark.parametrize("thickness", [0.005, 0.015, 0.03])
def test_the_edge_of_an_empty_sheet_is_no_digit(thickness: float) -> None:
    columns = np.linspace(0, 1, 640)
    edge = np.where((columns > 0.005) & (columns < 0.005 + thickness), 0.6, 1.0)
    assert read(encoded(photograph([], light("gradient") * edge), "JPEG")).prediction is None


@pytest.mark.parametrize("degrees", [0, 3])
@pytest.mark.parametrize("paper", ["ruled", "squared"])
@pytest.mark.parametrize("kind", ["even", "gradient"])
def test_reads_on_ruled_and_squared_paper(kind: str, paper: str, degrees: float) -> None:
    sheet = ruled(paper, degrees)
    pictures = (photograph([(STROKES[shown], (0.5, 0.5))], light(kind, seed=shown) * sheet) for shown in DIGITS)
    assert said_of(pictures, "JPEG") == [*DIGITS]


def test_reads_a_photograph_in_a_white_frame() -> None:
    for shown in DIGITS:
        framed = Image.new("RGB", (700, 540), "white")
        framed.paste(photograph([(STROKES[shown], (0.5, 0.5))], light("gradient")), (30, 30))
        assert said(encoded(framed, "JPEG")) == shown


def test_reads_a_light_pen_on_dark_paper() -> None:
    for shown in DIGITS:
        dark = photograph([(STROKES[shown], (0.5, 0.5))], light("shadow")).point(lambda value: 255 - value)
        assert said(encoded(dark, "JPEG")) == shown
