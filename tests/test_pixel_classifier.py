"""Photographs on which only a classifier of pixels finds the ink, and its training: a tiny one.

The training needs the data sets: where DIGITS_DATA_DIR does not name them, they would be downloaded, so there that test
is not part of the run.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digits import Recogniser
from digits.model import HOMES, PIXEL_CLASSIFIER, RECORD, model_path
from tests.commands import printed, trained
from tests.photographs import grey_picture, light, ruled
from tests.reading import DIGITS, read, said, said_of
from tools.benchmarks import ink_ways
from tools.drawing import STROKES, draw, encoded

Pixels = NDArray[np.float64]


def written(shown: int, paper: Pixels, width: float = 9.0, height: float = 0.45, darkness: float = 0.65) -> Pixels:
    """Light from paper with a digit on it, of a pen so many pixels broad: (height, width), 0..255."""
    sheet = Image.new("L", (paper.shape[1], paper.shape[0]))
    ink = draw(STROKES[shown], ink=255, paper=sheet, width=width, height=height, centre=(0.5, 0.5))
    return paper * (1 - darkness * np.asarray(ink, np.float64) / 255)


def squared(shown: int) -> Pixels:
    return written(shown, light("gradient", seed=shown) * ruled("squared", 4))


def out_of_focus(shown: int) -> Pixels:
    return np.asarray(cv2.GaussianBlur(squared(shown), (0, 0), 4))


def shaken(shown: int) -> Pixels:
    return np.asarray(cv2.blur(squared(shown), (13, 3)))


def dark_and_noisy(shown: int) -> Pixels:
    return 0.3 * written(shown, light("even")) + np.random.default_rng(shown).normal(0, 7, (480, 640))


def boxed(shown: int) -> Pixels:
    box = Image.new("L", (640, 480), 255)
    ImageDraw.Draw(box).rectangle((200, 90, 440, 390), outline=90, width=3)
    return written(shown, light("gradient", seed=shown) * (np.asarray(box, np.float64) / 255))


def marker(shown: int) -> Pixels:
    return written(shown, light("gradient", (280, 280), shown), width=32, height=0.8)


MADE: Final[dict[str, Callable[[int], Pixels]]] = {
    make.__name__: make for make in (squared, out_of_focus, shaken, dark_and_noisy, boxed, marker)
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_reads_what_a_person_can_read(make: Callable[[int], Pixels]) -> None:
    assert said_of((grey_picture(make(shown)) for shown in DIGITS), "JPEG") == [*DIGITS]


@pytest.mark.parametrize("margin", [12, 60])
def test_reads_a_photograph_pasted_on_white_whose_strokes_touch_its_edge(margin: int) -> None:
    for shown in DIGITS:
        pasted = grey_picture(written(shown, light("gradient", (220, 280), shown), width=16, height=1.0))
        framed = Image.new("L", (220 + 2 * margin, 280 + 2 * margin), 255)
        framed.paste(pasted, (margin, margin))
        assert said(encoded(framed.convert("RGB"), "JPEG")) == shown


@pytest.mark.parametrize("paper", ["ruled", "squared"])
@pytest.mark.parametrize("kind", ["even", "gradient", "sharp shadow"])
def test_empty_paper_is_no_digit(kind: str, paper: str) -> None:
    assert read(encoded(grey_picture(light(kind) * ruled(paper, 3)), "JPEG")).prediction is None


if os.environ.get("DIGITS_DATA_DIR"):

    def test_a_classifier_is_trained_recorded_and_loaded(tmp_path: Path) -> None:
        before = {name: model_path(name).read_bytes() for name in HOMES}
        for name in set(HOMES) - {PIXEL_CLASSIFIER}:
            shutil.copy(model_path(name), tmp_path)
        start = str(model_path(PIXEL_CLASSIFIER))
        asked = "--pages", "6", "--from", start, "--out", str(tmp_path)
        shown = printed("-m", "digits.training.pixel_classifier", *asked, LOKY_MAX_CPU_COUNT="2")
        assert shown.count("writers kept out") == 2
        recorded = [json.loads(model_path(RECORD, folder).read_text("utf-8"))["files"] for folder in (tmp_path, None)]
        assert [name for name in recorded[0] if recorded[0][name] != recorded[1][name]] == [PIXEL_CLASSIFIER]
        Recogniser.load(tmp_path)
        assert {name: model_path(name).read_bytes() for name in HOMES} == before, "a trial leaves the project alone"

    def test_ways_to_ink_are_compared_on_made_pages() -> None:
        shown = trained(ink_ways.main, "--pages", "2").splitlines()
        assert [line.split("|")[1].strip() for line in shown[2:]] == [
            "classifier of pixels",
            "threshold without ruling",
            "threshold",
            "Sauvola",
            "Niblack",
        ]


@pytest.mark.parametrize("size", [(1, 300), (300, 1), (2, 3000), (7, 7), (40, 1)], ids=str)
def test_photographs_of_any_shape_get_an_answer(size: tuple[int, int]) -> None:
    grain = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    assert said(encoded(Image.fromarray(grain))) in (*range(10), "blank", "not_a_digit", "several_digits")
