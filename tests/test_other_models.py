"""The other models that answer beside the program: what they say, whether they are the estimators that were trained."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import requests

from digits.answers import OTHER_MODELS, OtherModelName
from digits.known import known_digits
from digits.model import RECORD, ModelNotReadyError, model_path
from digits.other_models import FILE, SAY_HOW_SURE, STEPS, OtherModels, Vectors, read_other_models
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
    pictures, labels = known.pictures[known.labels != NO_DIGIT][::5], known.labels[known.labels != NO_DIGIT][::5]
    for name, shares in read_other_models().shares(pictures).items():
        assert np.mean(shares.argmax(axis=1) == labels) > 0.75, name
    assert model_path(FILE).stat().st_size < 1_000_000


def test_they_are_the_estimators_that_were_trained() -> None:
    """Neighbours and duels have examples in place of weights, and decide the same; eight bits move few others."""
    known = known_digits()
    pictures, labels = known.pictures[::5], known.labels[::5].astype(np.int64)
    stored = trained(pictures, labels)
    models, tested = OtherModels(stored), known.pictures[2::20]
    vectors = models.scaled(pictures), models.scaled(tested)
    components = [models.components(each) / np.float32(STEPS) for each in vectors]
    alike: dict[OtherModelName, tuple[str, Sequence[Vectors], float]] = {
        "nearest_neighbours": (
            "nearest neighbours (3)",
            [each * np.asarray(stored["axes"], np.float32) for each in components],
            1,
        ),
        "radial_svm": ("SVM, radial basis", components, 1),
        "logistic_regression": ("logistic regression", vectors, 0.97),
        "extra_trees": ("extremely randomised trees (300)", vectors, 0.97),
    }
    found, usual = models.shares(tested), candidates(EPOCHS)
    for name, (title, (learnt_from, asked), least) in alike.items():
        estimator = usual[title].set_params(**FOREST) if name == "extra_trees" else usual[title]
        said = estimator.fit(learnt_from, labels).predict(asked)
        assert np.mean(found[name].argmax(axis=1) == said) >= least, name


def test_a_changed_or_missing_file_is_refused(tmp_path: Path) -> None:
    for name in (RECORD, FILE):
        shutil.copy(model_path(name), tmp_path)
    assert read_other_models(tmp_path).accuracy
    content = bytearray((tmp_path / FILE).read_bytes())
    content[-1] ^= 1
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ModelNotReadyError, match="SHA-256"):
        read_other_models(tmp_path)
    (tmp_path / FILE).unlink()
    with pytest.raises(ModelNotReadyError, match="missing"):
        read_other_models(tmp_path)
