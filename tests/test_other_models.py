"""The other models that answer beside the program: what they say, whether they are the estimators that were trained."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import requests

from digits.answers import OTHER_MODELS, DigitAnswer, OtherModelName
from digits.known import known_digits
from digits.model import RECORD, ModelNotReadyError, model_path
from digits.other_models import FILE, SAY_HOW_SURE, STEPS, OtherModels, read_other_models
from digits.taught import NO_DIGIT
from digits.training.compare import EPOCHS, candidates
from digits.training.other_models import FOREST, trained
from tests.asking import BLANK_PNG, SEVEN_PNG
from tests.serving import WAIT_SECONDS, Api

pytestmark = pytest.mark.quick


def test_each_answers_beside_the_program_where_it_is_asked_to(api: Api) -> None:
    def asked(picture: bytes, *include: str) -> dict[str, object]:
        response = requests.post(
            f"{api.url}/predict/", files={"file": picture}, params={"include": include}, timeout=WAIT_SECONDS
        )
        assert response.status_code == 200
        answer: dict[str, object] = response.json()
        return answer

    assert "other_models" not in asked(SEVEN_PNG)
    assert asked(BLANK_PNG, "other_models")["other_models"] is None
    answered = asked(SEVEN_PNG, "other_models")["other_models"]
    assert isinstance(answered, list)
    assert tuple(each["name"] for each in answered) == OTHER_MODELS
    assert {each["prediction"] for each in answered} == {7}
    assert {each["name"] for each in answered if each["confidence"] is not None} == SAY_HOW_SURE
    assert all(0.9 < each["accuracy"] < 1 for each in answered)


def test_they_know_digits_of_many_hands_and_take_less_than_a_megabyte() -> None:
    known = known_digits()
    shares = read_other_models().shares(known.pictures)
    of_digits = known.labels != NO_DIGIT
    for name in OTHER_MODELS:
        assert np.mean(shares[name].argmax(axis=1)[of_digits] == known.labels[of_digits]) > 0.85, name
    assert model_path(FILE).stat().st_size < 1_000_000


def test_they_are_the_estimators_that_were_trained() -> None:
    """But for the weights' eight bits: neighbours and duels, which have examples in place of weights, in every case."""
    known = known_digits()
    pictures, labels = known.pictures[::5], known.labels[::5].astype(np.int64)
    models = OtherModels(trained(pictures, labels))
    found = models.shares(known.pictures[2::20])
    scaled, tested = (models.scaled(each) for each in (pictures, known.pictures[2::20]))
    components, tested_components = (models.components(each) for each in (scaled, tested))
    usual = candidates(EPOCHS)
    axes = models.axes
    whole: dict[OtherModelName, tuple[object, ...]] = {}
    estimators = {
        "nearest_neighbours": (usual["nearest neighbours (3)"], components * axes, tested_components * axes),
        "radial_svm": (usual["SVM, radial basis"], components / np.float32(STEPS), tested_components / np.float32(STEPS)),
        "logistic_regression": (usual["logistic regression"], scaled, tested),
        "random_forest": (usual["random forest (300 trees)"].set_params(**FOREST), scaled, tested),
        "extra_trees": (usual["extremely randomised trees (300)"].set_params(**FOREST), scaled, tested),
    }
