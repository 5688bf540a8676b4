"""The trained files: only what the record describes, and what can be evaluated rightly, is ever used."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from digits import Recogniser, decode
from digits.features import LENGTH, hog_features
from digits.known import COLUMNS, ROWS, known_digits
from digits.memory import Memory
from digits.model import (
    CANDIDATE_JUDGE,
    CLASSES,
    CLASSIFIER,
    FILES,
    PIXEL_CLASSIFIER,
    RECORD,
    SCALER,
    SECOND_OPINION,
    SIGN_CLASSIFIER,
    VERIFIER,
    Model,
    ModelNotReadyError,
    model_path,
)
from tools.drawing import draw, encoded

pytestmark = pytest.mark.quick


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of its own with the project's model."""
    for name in (*FILES, RECORD):
        shutil.copy(model_path(name), tmp_path)
    return tmp_path


def record_anew(folder: Path, **changes: Any) -> None:
    """Make the record say what the files are, so that nothing but their content can be wrong with them."""
    record = json.loads((folder / RECORD).read_text("utf-8")) | changes
    for name in FILES:
        record["files"][name] = {"sha256": sha256((folder / name).read_bytes()).hexdigest()}
    (folder / RECORD).write_text(json.dumps(record), "utf-8")


def test_a_folder_that_holds_the_model_reads_as_the_project_does(folder: Path) -> None:
    picture = decode(encoded(draw(5)))
    assert (
        Recogniser.load(folder).recognise(picture).probabilities == Recogniser.load().recognise(picture).probabilities
    )


@pytest.mark.parametrize("name", [*FILES, RECORD])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelNotReadyError, match=name):
        Recogniser.load(folder)


class Bomb:
    """What runs a program as soon as it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.mark.touch, ()


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_refused_unopened(folder: Path, name: str) -> None:
    joblib.dump(Bomb(folder / "opened"), folder / name)
    with pytest.raises(ModelNotReadyError, match=name):
        Recogniser.load(folder)
    assert not (folder / "opened").exists()


def with_a_bomb_inside(mark: Path) -> StandardScaler:
    fitted = scaler(StandardScaler)
    fitted.mean_ = Bomb(mark)
    return fitted


HARMFUL: Final[dict[str, Callable[[Path], Any]]] = {
    "a bomb": Bomb,
    "a bomb in a scaler": with_a_bomb_inside,
    "a function": lambda mark: print,
    "an array of objects": lambda mark: np.array([Bomb(mark)], object),
    "attributes of a type": lambda mark: np.dtype([("a", "f4")]),
}


@pytest.mark.parametrize("name", [SCALER, CLASSIFIER])
@pytest.mark.parametrize("make", HARMFUL.values(), ids=HARMFUL)
def test_nothing_in_a_recorded_pickle_is_run(folder: Path, make: Callable[[Path], Any], name: str) -> None:
    """Its SHA-256 is right: whoever wrote the record wrote the pickle."""
    joblib.dump(make(folder / "opened"), folder / name)
    record_anew(folder)
    with pytest.raises(ModelNotReadyError, match=name):
        Model.load(folder)
    assert not (folder / "opened").exists()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused(folder: Path, share: float, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])
    record_anew(folder)
    with pytest.raises(ModelNotReadyError, match=name):
        Model.load(folder)


def trained(classes: int = 11, **options: Any) -> MLPClassifier:
    """A small network for as many features as the project's."""
    chance = np.random.default_rng(0)
    labels = np.arange(classes).repeat(2)
    vectors: NDArray[np.float64] = chance.random((len(labels), LENGTH))
    chosen = {"solver": "lbfgs", "max_fun": 20, "max_iter": 1, "tol": 1e9, **options}
    return MLPClassifier((4,), random_state=0, **chosen).fit(vectors, labels)


def scaler(kind: Callable[[], Any], length: int = LENGTH) -> Any:
    return kind().fit(np.random.default_rng(0).random((4, length)))


WRONG: Final[dict[str, tuple[str, Callable[[], Any]]]] = {
    "tanh in place of ReLU": (CLASSIFIER, lambda: trained(activation="tanh")),
    "two classes, without softmax": (CLASSIFIER, lambda: trained(2)),
    "no class for what is no digit": (CLASSIFIER, lambda: trained(10)),
    "not a network": (CLASSIFIER, lambda: scaler(StandardScaler)),
    "another scaler": (SCALER, lambda: scaler(MinMaxScaler)),
    "a scaler without mean": (SCALER, lambda: scaler(lambda: StandardScaler(with_mean=False))),
    "a scaler that is not fitted": (SCALER, StandardScaler),
    "a scaler of other features": (SCALER, lambda: scaler(StandardScaler, 144)),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("name", "make"), WRONG.values(), ids=WRONG)
def test_what_would_be_evaluated_wrongly_is_refused(folder: Path, name: str, make: Callable[[], Any]) -> None:
    joblib.dump(make(), folder / name)
    record_anew(folder)
    with pytest.raises(ModelNotReadyError, match=name):
        Model.load(folder)


@pytest.mark.parametrize(
    ("name", "layer", "missing"),
    [
        (VERIFIER, "weights00", 0),
        (PIXEL_CLASSIFIER, "weights00", 1),
        (CANDIDATE_JUDGE, "weights00", 0),
        (SECOND_OPINION, "weights00", 0),
        (SIGN_CLASSIFIER, "weights00", 0),
    ],
)
def test_a_network_of_other_features_is_refused(folder: Path, name: str, layer: str, missing: int) -> None:
    with np.load(folder / name) as stored:
        layers = dict(stored)
    layers[layer] = np.delete(layers[layer], 0, axis=missing)
    np.savez(folder / name, allow_pickle=False, **layers)
    record_anew(folder)
    with pytest.raises(ModelNotReadyError, match=name):
        Model.load(folder)


def test_a_model_of_other_hog_parameters_is_refused(folder: Path) -> None:
    hog = json.loads((folder / RECORD).read_text("utf-8"))["hog"]
    record_anew(folder, hog=hog | {"orientations": 12})
    with pytest.raises(ModelNotReadyError, match="HOG"):
        Model.load(folder)


@pytest.mark.parametrize("kind", [RandomForestClassifier(20), SVC()], ids=lambda kind: type(kind).__name__)
def test_another_classifier_is_used_where_pickles_are_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: BaseEstimator
) -> None:
    known = known_digits().at(range(0, CLASSES * ROWS * COLUMNS, 29))
    features = hog_features(known.pictures)
    scaling = StandardScaler().fit(features)
    classifier = CalibratedClassifierCV(kind, cv=2, ensemble=False).fit(scaling.transform(features), known.labels)
    joblib.dump(scaling, folder / SCALER)
    joblib.dump(classifier, folder / CLASSIFIER)
    record_anew(folder)
    with pytest.raises(ModelNotReadyError, match=CLASSIFIER):
        Recogniser.load(folder)
    monkeypatch.setenv("DIGITS_TRUST_PICKLES", "1")
    recogniser = Recogniser.load(folder)
    assert recogniser.recognise(decode(encoded(draw(7)))).prediction == 7
    said = classifier.predict_proba(scaling.transform(features[:20]))
    np.testing.assert_allclose(recogniser.model.predict_proba(known.pictures[:20]), said, atol=1e-5)
    taught = Memory.of(recogniser.model, known.at([0]))
    assert recogniser.with_memory(taught).predict_proba(known.pictures[:1])[0].argmax() == known.labels[0]
