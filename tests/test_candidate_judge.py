"""Which ink candidate is believed: on ruled paper the one with the digit, in a tiny training what was learnt.

The training needs the data sets: where DIGITS_DATA_DIR does not name them, they would be downloaded, so there this test
is not part of the run.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from digits import Recogniser
from digits.candidate_judge import NOT_A_DIGIT
from digits.decode import Picture, decode
from digits.model import CANDIDATE_JUDGE, HOMES, RECORD, model_path
from digits.training import candidate_judge
from digits.training.judged_pictures import made_picture, writing_hands
from tests.commands import trained
from tests.photographs import light, photograph, ruled
from tests.reading import recogniser, said_of
from tools.drawing import STROKES, draw, encoded


@pytest.mark.parametrize("kind", ["ruled", "squared"])
def test_a_digit_whose_strokes_lie_on_printed_lines_is_read(kind: str) -> None:
    """The bars of these digits stand on lines that are nearly as dark: what takes the lines out takes them along."""
    paper = light("even") * ruled(kind, 0)
    middles = (0.5 + shift / 480 for shift in range(0, 30, 6))
    pictures = (photograph([(STROKES[shown], (0.5, y))], paper, 0.5) for y in middles for shown in (1, 4, 7))
    assert said_of(pictures, "JPEG") == [1, 4, 7] * 5


if os.environ.get("DIGITS_DATA_DIR"):

    def test_hard_photographs_of_digits_are_told_from_those_of_none() -> None:
        """Made ones with grain, stains and blur: of 75 digits that a person reads at most 7 are rejected, of 25
        letters, empty sheets and things at least 18.
        """
        rejected: dict[bool, list[bool]] = {True: [], False: []}
        for number in range(100):
            picture, label = made_picture(np.random.default_rng((number, 501)), writing_hands(check=number % 2 == 1))
            rejected[label < NOT_A_DIGIT].append(recogniser().recognise(Picture.of_pixels(picture)).prediction is None)
        assert sum(rejected[True]) <= 7
        assert sum(rejected[False]) >= 18

    def test_a_judge_is_trained_recorded_and_loaded(tmp_path: Path) -> None:
        before = {name: model_path(name).read_bytes() for name in HOMES}
        for name in HOMES:
            shutil.copy(model_path(name), tmp_path)
        kept = tmp_path / "candidates.npz"
        trial = ("--pages", "50", "--candidates", str(kept), "--out", str(tmp_path))
        told = trained(candidate_judge.main, *trial)
        assert "judge: " in told
        assert "pass for writing" in told
        recorded = [json.loads(model_path(RECORD, folder).read_text("utf-8"))["files"] for folder in (tmp_path, None)]
        assert [name for name in recorded[0] if recorded[0][name] != recorded[1][name]] == [CANDIDATE_JUDGE]
        assert Recogniser.load(tmp_path).recognise(decode(encoded(draw(5)))).prediction == 5
        assert trained(candidate_judge.main, *trial) == told, "of the kept candidates"
        assert {name: model_path(name).read_bytes() for name in HOMES} == before, "a trial leaves the project alone"
