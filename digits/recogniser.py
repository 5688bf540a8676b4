"""Picture -> digit, probabilities, or "not a digit"; loads and checks the two pickles."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import cv2
import joblib
import numpy as np
import sklearn
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from digits.features import SIDE, hog_features
from digits.ink import BLURRED, Reading, readings
from digits.looks import further_looks
from digits.normalise import normalise
from digits.writing import probability_of_no_writing

SCALER: Final = "scaler.pkl"
MODEL: Final = "best_classification_model.pkl"
RECORD: Final = "model_card.json"

SURE: Final = 0.95
"""Probability at which a first look is believed, and a reading of the ink."""

SURE_OF_A_BLUR: Final = 0.99
"""The same for a picture of few pixels, at most `digits.ink.BLURRED` a side."""

SOFTENED: Final = 0.7
"""Added to the logit of "not a digit" after the further looks: turning softens a picture, and what is soft passes
more easily for a digit. Chosen on what was kept out of training."""

DOUBT: Final = 0.2
"""Weight of a reading in which the digit runs into the rim: it is rather a printed line or the sheet's edge."""

REJECTION: Final = 0.4
"""Probability of "not a digit" above which the picture is rejected."""

GROUP_BYTES: Final = 4_000_000
"""So much of many decoded pictures is recognised at once: 5 photographs, or 50 drawings. Each of its bytes needs up to
40 more on the way."""

MOST_PARTS: Final = 8
"""So many parts of a picture are looked at to see whether they are digits too."""

Rejection = Literal["blank", "not_a_digit", "several_digits"]
Fault = TypeVar("Fault")


class ModelNotReady(RuntimeError):
    """The pickles cannot be used; the text says why in one line."""


@dataclass(frozen=True)
class Answer:
    """What the picture shows.

    Attributes:
        prediction: 0..9, or None when the picture is rejected.
        confidence: 0..1, how sure the recogniser is of this very answer, be it a digit or a rejection.
        probabilities: ten numbers that add up to 1, or None for a blank picture.
        rejected: why there is no prediction.
        picture: (28, 28) uint8, what the model saw, or None for a blank picture.
        ink: (height, width) float32 in [0, 1], the digit's ink that this was made of, or None for a blank picture.

    """

    prediction: int | None
    confidence: float
    probabilities: tuple[float, ...] | None
    rejected: Rejection | None
    picture: NDArray[np.uint8] | None
    ink: NDArray[np.float32] | None


class _Attempt:
    """What has been tried with one picture: readings of its ink, the 28x28 of each, and what the model found in it."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self._left = readings(picture)
        self._enough = SURE_OF_A_BLUR if max(picture.shape) <= BLURRED else SURE
        self.tried: list[Reading] = []
        self.seen: list[NDArray[np.uint8]] = []
        self.found: list[NDArray[np.float64]] = []
        self.reads_on()

    def reads_on(self) -> bool:
        """Take the next reading, if there is one."""
        reading = next(self._left, None)
        if reading is not None:
            self.tried.append(reading)
            self.seen.append(normalise(reading.digit))
        return reading is not None

    def is_unsure(self) -> bool:
        """Whether the last reading is not surely a digit."""
        return bool(self.found[-1][:10].max() < self._enough)


class Recogniser:
    """The trained scaler and model, checked and ready."""

    def __init__(self, scaler: Any, model: Any, record: dict[str, Any]) -> None:
        # What scaler.transform and model.predict_proba do, without their checks, which take longer than one digit,
        # and with the scaler's arithmetic in the weights of the first layer.
        (first, *others), (bias, *other_biases) = model.coefs_, model.intercepts_
        weights = first.astype(np.float64) / scaler.scale_[:, None]
        self._first = weights.astype(np.float32), (bias - scaler.mean_ @ weights).astype(np.float32)
        self._others = list(zip(others, other_biases, strict=True))
        self.record = record

    @classmethod
    def load(cls, folder: Path) -> "Recogniser":
        """Load the pickles from a folder, after their SHA-256 has been compared with the recorded one.

        Raises:
            ModelNotReady: a file is missing or changed, scikit-learn is of another version than the one that made
                the pickles, or a plain seven is not read as 7.

        """
        try:
            record = json.loads((folder / RECORD).read_text("utf-8"))
            expected = {name: record["files"][name]["sha256"] for name in (SCALER, MODEL)}
            made_with = record["libraries"]["scikit-learn"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelNotReady(f"{RECORD} is missing or damaged") from error
        if sklearn.__version__ != made_with:
            raise ModelNotReady(f"the model was made with scikit-learn {made_with}, this is {sklearn.__version__}")
        for name, digest in expected.items():
            if not (folder / name).is_file():
                raise ModelNotReady(f"{name} is missing")
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                raise ModelNotReady(f"{name} is not the file that {RECORD} records: its SHA-256 differs")
        recogniser = cls(joblib.load(folder / SCALER), joblib.load(folder / MODEL), record)
        if recogniser.recognise(_plain_seven()).prediction != 7:
            raise ModelNotReady("the model does not recognise a plain 7")
        return recogniser

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Probabilities of the ten digits and of "not a digit": (n, 28, 28) uint8 to (n, 11).

        Where the model is not sure it looks again at the picture moved and turned a little, and the logits are
        averaged.
        """
        found = self.glance(pictures)
        unsure = found[:, :10].max(axis=1) < SURE
        if unsure.any():
            looks = further_looks(pictures[unsure])
            views = self.glance(looks.reshape(-1, SIDE, SIDE)).reshape(*looks.shape[:2], -1)
            logits = np.log(np.concatenate([found[None, unsure], views])).mean(axis=0)
            logits[:, 10] += SOFTENED
            found[unsure] = softmax(logits, axis=1)
        return found

    def glance(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """What `probabilities` gives, from one look at each picture."""
        values = self._first_layer(hog_features(pictures))
        for weights, bias in self._others:
            values = np.maximum(values, 0) @ weights + bias
        shares: NDArray[np.float64] = np.exp(values.astype(np.float64) - values.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return shares.clip(1e-30)

    def _first_layer(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Most features of one picture are 0, as most of it is empty: what they would weigh need not be fetched."""
        weights, bias = self._first
        if len(vectors) == 1:
            present = np.flatnonzero(vectors[0])
            vectors, weights = vectors.take(present, axis=1), weights.take(present, axis=0)
        values: NDArray[np.float32] = vectors @ weights + bias
        return values

    def recognise(self, picture: NDArray[np.uint8]) -> Answer:
        """Recognise the digit of one picture as `digits.decode.decode` returns it."""
        return self.recognise_all([picture])[0]

    def recognise_all(self, pictures: Iterable[NDArray[np.uint8]]) -> list[Answer]:
        """Recognise the digit of each picture, with features and model worked out for all of them at once.

        Each picture is read before the next one is asked for: what decodes them then leaves it in the core's cache.

        Readings of a picture's ink are asked for until one is surely a digit; otherwise all of them are averaged, each
        with the square of how surely it is a digit as its weight. As far as not even the best of them is sure, all
        weigh the same: most of them then say that there is no digit, if there is none.
        """
        attempts = [_Attempt(picture) for picture in pictures]
        unsure = [attempt for attempt in attempts if attempt.seen]
        while unsure:
            found = self.probabilities(np.array([attempt.seen[-1] for attempt in unsure]))
            for attempt, view in zip(unsure, found, strict=True):
                attempt.found.append(view)
            unsure = [attempt for attempt in unsure if attempt.is_unsure() and attempt.reads_on()]
        return [self._judge(attempt) for attempt in attempts]

    def recognise_in_groups(self, pictures: Iterable[NDArray[np.uint8] | Fault]) -> Iterator[Answer | Fault]:
        """An answer for each picture as it comes, or what stands in its place; only `GROUP_BYTES` are held at once."""
        left = iter(pictures)
        while True:
            group: list[Fault | None] = []
            found = iter(self.recognise_all(_next_pictures(left, group)))
            if not group:
                return
            for fault in group:
                yield next(found) if fault is None else fault

    def _judge(self, attempt: "_Attempt") -> Answer:
        if not attempt.found:
            return Answer(None, 1.0, None, "blank", None, None)
        tried, seen, views = attempt.tried, attempt.seen, np.array(attempt.found)
        judged = views[0] if len(views) == 1 else _averaged(tried, views)
        best = int(views[:, int(judged[:10].argmax())].argmax())
        probabilities = tuple((judged[:10] / judged[:10].sum()).tolist())
        if (contrast := tried[best].contrast) is not None:
            otherwise = probability_of_no_writing(contrast, tried[best].digit)
            judged *= 1 - otherwise
            judged[10] += otherwise
        prediction, confidence = self.verdict(judged)
        rejected: Rejection | None = None
        if prediction is None:
            several = self._digits_among(tried[best].pieces()) > 1
            rejected = "several_digits" if several else "not_a_digit"
        elif self._digits_among(tried[best].apart()):
            prediction, rejected = None, "several_digits"
        return Answer(prediction, confidence, probabilities, rejected, seen[best], tried[best].digit)

    @staticmethod
    def verdict(view: NDArray[np.float64]) -> tuple[int | None, float]:
        """Digit, or None for "not a digit", and the confidence in it, from the (11,) probabilities of one view."""
        if view[10] > REJECTION:
            return None, float(view[10])
        digits = view[:10] / view[:10].sum()
        return int(digits.argmax()), float(digits.max())

    def _digits_among(self, inks: list[NDArray[np.float32]]) -> int:
        """How many of these are surely a digit."""
        if not inks:
            return 0
        views = self.probabilities(np.stack([normalise(ink) for ink in inks[:MOST_PARTS]]))
        return int(np.count_nonzero(views[:, :10].max(axis=1) >= SURE))


def _next_pictures(
    left: Iterator[NDArray[np.uint8] | Fault], group: list[Fault | None]
) -> Iterator[NDArray[np.uint8]]:
    """As many of the pictures as make a group; `group` gets None for each, and what stands in place of one."""
    size = 0
    while size < GROUP_BYTES and (each := next(left, None)) is not None:
        if isinstance(each, np.ndarray):
            size += each.nbytes
            group.append(None)
            yield each
        else:
            group.append(each)


def _averaged(tried: list[Reading], views: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (n, 11) views of n readings as one, as far as one of them is sure by how surely each shows a digit."""
    digitness = views[:, :10].max(axis=1)
    trust = digitness**2 * [DOUBT if reading.runs_into_the_rim else 1 for reading in tried]
    sure = digitness.max()
    averaged: NDArray[np.float64] = (sure / trust.sum() * trust + (1 - sure) / len(views)) @ views
    return averaged


def one_thread() -> None:
    """Let each recognition be one thread: a second one that helps with so small products gets in the way of others."""
    threadpool_limits(1)
    cv2.setNumThreads(1)


def _plain_seven() -> NDArray[np.uint8]:
    image = Image.new("L", (120, 120))
    ImageDraw.Draw(image).line([(30, 25), (88, 25), (50, 98)], fill=255, width=9, joint="curve")
    return np.asarray(image)
