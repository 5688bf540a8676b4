"""The second opinion: what it is told, and a tiny training of it.

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
from digits.decode import decode
from digits.model import HOMES, RECORD, SECOND_OPINION, Model, model_path
from digits.recogniser import unsure_of
from digits.second_features import (
    DIRECTION_PLACES,
    DIRECTIONS,
    OPENNESS_PLACES,
    direction_features,
    openness_features,
    patch_features,
)
from digits.training import second_opinion
from digits.training.patches import TYPICAL, patch_dictionary
from tests.commands import ended_here, trained
from tools.drawing import draw, encoded


@pytest.mark.quick
def test_each_side_of_a_stroke_has_a_direction_of_its_own() -> None:
    """An upright bar turns bright to the right on its left side, and to the left, four directions on, on its right."""
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 12:16] = 255
    strengths = direction_features(bar[None]).reshape(DIRECTIONS, DIRECTION_PLACES, DIRECTION_PLACES)
    left, right = strengths[0].sum(axis=0).argmax(), strengths[DIRECTIONS // 2].sum(axis=0).argmax()
    assert left < DIRECTION_PLACES // 2 <= right
    assert strengths[0].sum() > 3 * strengths[1].sum()


@pytest.mark.quick
def test_a_loop_encloses_paper_until_it_is_open() -> None:
    """Of the maps the ninth is of paper that is enclosed, the eleventh of what is open to the right alone."""
    loop = np.zeros((28, 28), np.uint8)
    loop[6:22, 6:22] = 255
    loop[9:19, 9:19] = 0
    open_loop = loop.copy()
    open_loop[9:19, 19:22] = 0
    maps = openness_features(np.stack([loop, open_loop])).reshape(2, -1, OPENNESS_PLACES, OPENNESS_PLACES)
    middle = maps[:, :, OPENNESS_PLACES // 2, OPENNESS_PLACES // 2]
    assert middle[0, 8] > 0.9 > 0.1 > middle[1, 8]
    assert middle[1, 10] > 0.9 > 0.1 > middle[0, 10]


@pytest.mark.quick
def test_a_typical_patch_is_where_it_stands() -> None:
    """What upright bars are most like, level ones are not, and the other way round."""
    upright = np.zeros((20, 28, 28), np.uint8)
    for place, picture in enumerate(upright):
        picture[:, 4 + place : 8 + place] = 255
    level = upright.transpose(0, 2, 1)
    dictionary = patch_dictionary(np.concatenate([upright, level]))
    likeness = [
        patch_features(bars, dictionary).mean(axis=0).reshape(TYPICAL, -1).sum(axis=1) for bars in (upright, level)
    ]
    assert likeness[1][likeness[0].argmax()] < likeness[0].max() / 3
    assert likeness[0][likeness[1].argmax()] < likeness[1].max() / 3


@pytest.mark.quick
def test_many_pictures_have_the_features_that_each_has_alone() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (1_003, 28, 28), np.uint8)
    dictionary = patch_dictionary(pictures)
    for features in (direction_features, openness_features, lambda some: patch_features(some, dictionary)):
        together = features(pictures)
        assert np.allclose(
            together[[0, 1_002]], np.concatenate([features(pictures[[i]]) for i in (0, 1_002)]), atol=1e-6
        )


@pytest.mark.quick
def test_it_is_asked_only_where_one_view_does_not_make_sure() -> None:
    chance = np.random.default_rng(0)
    noise = chance.integers(0, 256, (5, 28, 28), np.uint8)
    recogniser = Recogniser(Model.load())
    first = recogniser.model.predict_proba(noise)
    unsure = unsure_of(first)
    said = recogniser.predict_proba(noise)
    assert len(unsure)
    assert not np.allclose(said[unsure], first[unsure])
    assert np.allclose(said.sum(axis=1), 1)
    assert np.array_equal(np.delete(said, unsure, axis=0), np.delete(first, unsure, axis=0))


@pytest.mark.quick
def test_a_trial_does_not_take_the_place_of_the_project_s_networks() -> None:
    assert ended_here(second_opinion.main, "--share", "0.01")[0] == 2


if os.environ.get("DIGITS_DATA_DIR"):

    def test_it_is_trained_recorded_and_loaded(tmp_path: Path) -> None:
        before = {name: model_path(name).read_bytes() for name in HOMES}
        for name in HOMES:
            shutil.copy(model_path(name), tmp_path)
        trial = ("--rounds", "1", "--share", "0.002", "--examples", str(tmp_path), "--out", str(tmp_path))
        trained(second_opinion.main, *trial)
        recorded = [json.loads(model_path(RECORD, folder).read_text("utf-8"))["files"] for folder in (tmp_path, None)]
        assert [name for name in recorded[0] if recorded[0][name] != recorded[1][name]] == [SECOND_OPINION]
        assert Recogniser.load(tmp_path).recognise(decode(encoded(draw(5)))).prediction == 5
        written = (tmp_path / SECOND_OPINION).read_bytes()
        trained(second_opinion.main, *trial)
        assert (tmp_path / SECOND_OPINION).read_bytes() == written, "of the kept examples, the same again"
        assert {name: model_path(name).read_bytes() for name in HOMES} == before, "a trial leaves the project alone"
