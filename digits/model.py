"""The trained files: found, checked by SHA-256 against their record, loaded and evaluated.

A folder of a model holds the scaler, the classifier, the small networks that help it and the record of them all; the
project's own lie where `HOMES` says.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from digits.candidate_judge import CandidateJudge
from digits.estimator_file import EstimatorFileError, MLPClassifier, StandardScaler, read_estimator
from digits.features import LENGTH, PARAMETERS, hog_features
from digits.ink.pixel_classifier import PixelClassifier
from digits.layers import Layers, logistic, logits_of, read_networks, softmax
from digits.memory import Memory
from digits.second_opinion import SecondOpinion
from digits.sign_classifier import SignClassifier
from digits.taught import read_taught
from digits.trusted_pickle import TrustedClassifier, TrustedPickleError, is_trusted

SCALER: Final = "scaler.pkl"
CLASSIFIER: Final = "best_classification_model.pkl"
VERIFIER: Final = "segment_verifier.npz"
PIXEL_CLASSIFIER: Final = "pixel_classifier.npz"
CANDIDATE_JUDGE: Final = "candidate_judge.npz"
SECOND_OPINION: Final = "second_opinion.npz"
SIGN_CLASSIFIER: Final = "sign_classifier.npz"
MEMORY: Final = "memory.npz"
RECORD: Final = "model_card.json"

ROOT: Final = Path(__file__).parent.parent
_WEIGHTS: Final = Path(__file__).parent / "weights"
FILES: Final = (SCALER, CLASSIFIER, SECOND_OPINION, VERIFIER, SIGN_CLASSIFIER, PIXEL_CLASSIFIER, CANDIDATE_JUDGE)
"""The files that the record describes, each with its SHA-256 and its size. Besides, it may describe `MEMORY`."""

HOMES: Final = {
    SCALER: ROOT,
    CLASSIFIER: ROOT,
    VERIFIER: _WEIGHTS,
    PIXEL_CLASSIFIER: _WEIGHTS,
    CANDIDATE_JUDGE: _WEIGHTS,
    SECOND_OPINION: _WEIGHTS,
    SIGN_CLASSIFIER: _WEIGHTS,
    RECORD: _WEIGHTS,
}

CLASSES: Final = 11
"""Ten digits, and 10 for "not a digit"."""

GEOMETRY: Final = 10
"""Numbers that tell how a segment lies in its line; see `digits.number.segments`."""

MIN_PROBABILITY: Final = 1e-30
"""Below it a probability is raised to it, so that its logarithm is finite."""

MAX_LOGIT: Final = 20.0
"""Beyond it the segment verifier's networks are not believed to be any surer."""

Estimator = TypeVar("Estimator", StandardScaler, MLPClassifier)
Made = TypeVar("Made")


class ModelNotReadyError(RuntimeError):
    """The trained files cannot be used; the text says why in one line."""


def model_path(name: str, folder: Path | None = None) -> Path:
    """Where a file of the model lies: in that folder, or in the project when it is None."""
    return (folder or HOMES.get(name, _WEIGHTS)) / name


@dataclass(frozen=True, eq=False)
class Model:
    """What was trained, ready to be evaluated in single precision.

    Attributes:
        classifier: layers of the classifier, the scaler's arithmetic in the first; none where it is `trusted`.
        verifiers: layers of each network of the segment verifier.
        pixel_classifier: tells writing from printed lines and paper in a photograph.
        candidate_judge: tells which view of a picture's ink to believe.
        second_opinion: is asked about pictures of which one view does not make sure; it has learnt from the network.
        sign_classifier: tells points, dashes and the like from digits and dirt.
        record: what `model_card.json` says.
        memory: digits that were taught, which weigh in; None where there are none.
        trusted: another classifier of scikit-learn in place of the network.

    """

    classifier: Layers
    verifiers: list[Layers]
    pixel_classifier: PixelClassifier
    candidate_judge: CandidateJudge
    second_opinion: SecondOpinion | None
    sign_classifier: SignClassifier
    record: dict[str, Any]
    memory: Memory | None = None
    trusted: TrustedClassifier | None = None

    @classmethod
    def load(cls, folder: Path | None = None) -> "Model":
        """Load the files of a folder, or the project's own, each read once and checked before it is looked into.

        Raises:
            ModelNotReadyError: a file is missing or changed; the record's HOG parameters are not those of
                `digits.features`; or what is pickled is not a StandardScaler and an MLPClassifier with ReLU, softmax
                and the classes 0 to 10, nor, where that is trusted, another classifier.

        """
        record = _record(model_path(RECORD, folder))
        content = {name: checked(name, record, folder) for name in FILES}
        trusted = _trusted(content[SCALER], content[CLASSIFIER]) if is_trusted() else None
        classifier = _classifier(content[SCALER], content[CLASSIFIER]) if trusted is None else []
        model = cls(
            classifier,
            _networks(VERIFIER, content[VERIFIER], _verifiers),
            _networks(PIXEL_CLASSIFIER, content[PIXEL_CLASSIFIER], lambda networks: PixelClassifier(*networks)),
            _networks(CANDIDATE_JUDGE, content[CANDIDATE_JUDGE], lambda networks: CandidateJudge(*networks)),
            _second_opinion(content[SECOND_OPINION], classifier),
            _networks(SIGN_CLASSIFIER, content[SIGN_CLASSIFIER], SignClassifier),
            record,
            trusted=trusted,
        )
        return model.with_memory(_memory(model, record, folder))

    def with_memory(self, memory: Memory | None) -> "Model":
        """The same model that has this memory too, whose labels count before those of the one it has."""
        if memory is None or not len(memory):
            return self
        return replace(self, memory=memory if self.memory is None else memory.and_also(self.memory))

    def without_memory(self) -> "Model":
        """The same model as it was before anything was taught."""
        return self if self.memory is None else replace(self, memory=None)

    def predict_proba(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Probabilities of the ten digits and of "not a digit", from one view: (n, 28, 28) uint8 to (n, 11)."""
        return self.with_support(pictures)[0]

    def with_support(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """The same, and what the memory added to the logits: (n, 11) float64 and (n, 11) float32."""
        hidden, logits = self._activations(pictures)
        if self.memory is None:
            return probabilities(logits), np.zeros_like(logits)
        support = self.memory.log_support(hidden)
        return probabilities(logits + support), support

    def hidden(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The classifier's last hidden layer of (n, 28, 28) uint8 pictures: (n, units) float32."""
        return self._activations(pictures)[0]

    def second_logits(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the second opinion adds to the logits of (n, 28, 28) uint8 pictures: (n, 11) float32."""
        if self.second_opinion is None:
            return np.zeros((len(pictures), CLASSES), np.float32)
        return self.second_opinion.logits(pictures, *self._activations(pictures))

    def _activations(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The last hidden layer, or what stands for it, and the logits: (n, units) and (n, 11) float32."""
        if self.trusted is not None:
            return self.trusted.activations(hog_features(pictures))
        return activations(self.classifier, pictures)

    def probability_of_one_digit(self, hog: NDArray[np.float32], geometry: NDArray[np.float32]) -> NDArray[np.float64]:
        """How likely each segment is one whole digit, from the mean of the verifier's logits.

        Args:
            hog: (n, digits.features.LENGTH) float32, of the segments' normalised ink.
            geometry: (n, GEOMETRY) float32, of each segment's place in its line.

        Returns:
            (n,) float64 in (0, 1).

        """
        seen = np.concatenate([hog, geometry], axis=1)
        logits = np.zeros(len(seen))
        for verifier in self.verifiers:
            logits += logits_of(verifier, seen)[:, 0].clip(-MAX_LOGIT, MAX_LOGIT) / len(self.verifiers)
        return logistic(logits)


def activations(classifier: Layers, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The classifier's last hidden layer and its logits, of (n, 28, 28) uint8: (n, units) and (n, 11) float32."""
    vectors = hog_features(pictures)
    (weights, bias), *others = classifier
    if len(vectors) == 1:  # about 70 % of one picture's features are 0: the other rows alone take half the time
        present = np.flatnonzero(vectors[0])
        vectors, weights = vectors.take(present, axis=1), weights.take(present, axis=0)
    hidden, logits = vectors, vectors @ weights + bias
    for weights, bias in others:
        hidden = np.maximum(logits, 0)
        logits = hidden @ weights + bias
    return hidden, logits


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 11) probabilities, none below `MIN_PROBABILITY`, of (n, 11) logits."""
    return np.maximum(softmax(logits), MIN_PROBABILITY)


def read_classifier(folder: Path | None = None) -> Layers:
    """The classifier of a folder, or of the project, whatever its record says: for training what builds on it.

    Raises:
        ModelNotReadyError: as `Model.load`.

    """
    return _classifier(model_path(SCALER, folder).read_bytes(), model_path(CLASSIFIER, folder).read_bytes())


def _record(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for name in FILES:
            str(record["files"][name]["sha256"])
        hog = record["hog"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotReadyError(f"{RECORD} is missing or damaged") from error
    if hog != recorded_hog():
        raise ModelNotReadyError(f"{RECORD} records other HOG parameters than digits/features.py has")
    return record


def recorded_hog() -> dict[str, Any]:
    """The HOG parameters as the record has them."""
    plain: dict[str, Any] = json.loads(json.dumps({**PARAMETERS, "length": LENGTH}))
    return plain


def _memory(model: Model, record: Mapping[str, Any], folder: Path | None) -> Memory | None:
    """The memory of a model whose record describes one."""
    if MEMORY not in record["files"]:
        return None
    try:
        return Memory.of(model, read_taught(checked(MEMORY, record, folder)))
    except ValueError as error:
        raise ModelNotReadyError(f"{MEMORY} is damaged") from error


def checked(name: str, record: Mapping[str, Any], folder: Path | None) -> bytes:
    """The content of a file that the record describes; raises ModelNotReadyError where it is another, or missing."""
    try:
        content = model_path(name, folder).read_bytes()
    except OSError as error:
        raise ModelNotReadyError(f"{name} is missing") from error
    if hashlib.sha256(content).hexdigest() != record["files"][name]["sha256"]:
        raise ModelNotReadyError(f"{name} is not the file that {RECORD} records: its SHA-256 differs")
    return content


def _classifier(scaler: bytes, classifier: bytes) -> Layers:
    """Both as one network; raises ModelNotReadyError where they are anything else than `Model` can evaluate."""
    scaling, network = _read(SCALER, scaler, StandardScaler), _read(CLASSIFIER, classifier, MLPClassifier)
    if not (scaling.with_mean and scaling.with_std):
        raise ModelNotReadyError(f"{SCALER} does not scale by both mean and standard deviation")
    if (network.activation, network.out_activation_) != ("relu", "softmax"):
        raise ModelNotReadyError(f"{CLASSIFIER} has other activations than ReLU and softmax")
    if network.classes_.tolist() != list(range(CLASSES)):
        raise ModelNotReadyError(f"{CLASSIFIER} has other classes than 0 to {CLASSES - 1}")
    if len(scaling.mean_) != LENGTH or len(network.coefs_[0]) != LENGTH:
        raise ModelNotReadyError(f"{SCALER} and {CLASSIFIER} are not made for {LENGTH} features")
    return with_scaling(scaling, network)


def _trusted(scaler: bytes, classifier: bytes) -> TrustedClassifier | None:
    """Another classifier than the network; None for the network. Raises ModelNotReadyError where it is neither."""
    try:
        if isinstance(read_estimator(classifier), MLPClassifier):
            return None
    except EstimatorFileError:
        pass  # it is something else, or nothing at all
    try:
        return TrustedClassifier(_read(SCALER, scaler, StandardScaler), classifier)
    except TrustedPickleError as error:
        raise ModelNotReadyError(f"{CLASSIFIER} cannot be used: {error}") from error


def _second_opinion(content: bytes, classifier: Layers) -> SecondOpinion | None:
    """The second opinion on what a network says; None where there is no network."""
    if not classifier:
        return None
    units = len(classifier[-1][0])
    return _networks(SECOND_OPINION, content, lambda networks: SecondOpinion(*networks, units=units))


def _read(name: str, content: bytes, kind: type[Estimator]) -> Estimator:
    try:
        estimator = read_estimator(content)
    except EstimatorFileError as error:
        raise ModelNotReadyError(f"{name} cannot be read: {error}") from error
    if not isinstance(estimator, kind) or not kind.__annotations__.keys() <= vars(estimator).keys():
        raise ModelNotReadyError(f"{name} is not a fitted {kind.__name__}")
    return estimator


def with_scaling(scaler: StandardScaler, classifier: MLPClassifier) -> Layers:
    """What the two estimators do, without their checks, which take longer than one digit."""
    (first, *others), (bias, *other_biases) = classifier.coefs_, classifier.intercepts_
    weights = first.astype(np.float64) / scaler.scale_[:, None]
    scaled = weights.astype(np.float32), (bias - scaler.mean_ @ weights).astype(np.float32)
    return [scaled, *zip(others, other_biases, strict=True)]


def _networks(name: str, content: bytes, make: Callable[[list[Layers]], Made]) -> Made:
    """What is made of a file of layers; raises ModelNotReadyError where they do not fit it."""
    try:
        return make(read_networks(content))
    except (ValueError, TypeError) as error:
        raise ModelNotReadyError(f"{name} is damaged, or not made for these features") from error


def _verifiers(networks: list[Layers]) -> list[Layers]:
    if not networks or any(layers[0][0].shape[0] != LENGTH + GEOMETRY for layers in networks):
        raise ValueError(f"no networks of {LENGTH + GEOMETRY} features")
    return networks
