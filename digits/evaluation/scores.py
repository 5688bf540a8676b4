"""How well pictures whose file names begin with their digit are read: outcomes, scores, their table."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from digits.decode import BadPictureError, decode
from digits.formats import SUFFIXES
from digits.recogniser import Recogniser

BINS: Final = 15
"""Bins of confidence for the calibration error, as in Guo et al. (ICML 2017)."""

INTERVAL: Final = 0.95
"""Confidence level of the intervals."""

VERY_SURE: Final = 0.99
"""Confidence from which on a wrong answer would mislead whoever checks only doubtful ones."""

MAX_MISTAKES: Final = 4
"""So many kinds of mistakes are told, the commonest first."""


class FolderError(RuntimeError):
    """A folder cannot be measured; the text says in one line why."""


@dataclass(frozen=True)
class Outcome:
    """What one picture shows (None: no digit), what it was read as (None: rejected) and with what confidence."""

    name: str
    label: int | None
    prediction: int | None
    confidence: float

    @property
    def is_right(self) -> bool:
        """Whether the digit was read, or the picture without a digit rejected."""
        return self.prediction == self.label


@dataclass(frozen=True)
class Accuracy:
    """How many of a set were read right.

    Attributes:
        count: of the set.
        accuracy: share of them that was read right, 0..1.
        low: lower end of Wilson's 95 % interval of that share, 0..1.
        high: upper end of the same.

    """

    count: int
    accuracy: float
    low: float
    high: float

    def cells(self) -> str:
        """Count, share and interval as three cells of a Markdown table."""
        return f"{self.count:,} | {self.accuracy:.2%} | {self.low:.2%} to {self.high:.2%}"


@dataclass(frozen=True)
class Score(Accuracy):
    """The figures of one set of pictures of digits.

    Attributes:
        rejected: share of the pictures that was rejected, 0..1.
        calibration_error: expected calibration error of the answers that were given, 0..1.
        wrong_when_sure: share of the answers of `VERY_SURE` and more that are wrong, 0..1.
        mistakes: the commonest, as "is→read as", each with its count.

    """

    rejected: float
    calibration_error: float
    wrong_when_sure: float
    mistakes: list[tuple[str, int]]


def accuracy(right: Sequence[bool]) -> Accuracy:
    """Share of True with Wilson's 95 % interval; the sequence must not be empty."""
    interval = binomtest(sum(right), len(right)).proportion_ci(INTERVAL, "wilson")
    return Accuracy(len(right), sum(right) / len(right), float(interval.low), float(interval.high))


def score(outcomes: Sequence[Outcome]) -> Score:
    """Accuracy with its interval, share of rejections, calibration error, commonest mistakes."""
    answered = [outcome for outcome in outcomes if outcome.prediction is not None]
    mistakes = Counter(
        f"{_shown(outcome.label)}→{_shown(outcome.prediction)}" for outcome in outcomes if not outcome.is_right
    )
    return Score(
        **vars(accuracy([outcome.is_right for outcome in outcomes])),
        rejected=(len(outcomes) - len(answered)) / len(outcomes),
        calibration_error=calibration_error(answered),
        wrong_when_sure=wrong_when_sure(answered),
        mistakes=mistakes.most_common(MAX_MISTAKES),
    )


def _shown(digit: int | None) -> str:
    return "–" if digit is None else str(digit)


def wrong_when_sure(outcomes: Sequence[Outcome]) -> float:
    """Share of the answers of `VERY_SURE` and more that are wrong, 0..1; 0 where there is none."""
    sure = [outcome for outcome in outcomes if outcome.confidence >= VERY_SURE]
    return sum(not outcome.is_right for outcome in sure) / max(len(sure), 1)


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Expected calibration error: mean distance between confidence and accuracy over bins of confidence, 0..1."""
    if not outcomes:
        return 0.0
    confidence, right, weight = reliability(outcomes)
    return float(np.sum(weight * np.abs(right - confidence)))


def reliability(
    outcomes: Sequence[Outcome],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean confidence, accuracy and share of the answers in each bin of confidence that is not empty, 0..1 each."""
    confidence = np.array([outcome.confidence for outcome in outcomes])
    right = np.array([outcome.is_right for outcome in outcomes], np.float64)
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    full = counts > 0
    means = [np.bincount(bins, values, BINS)[full] / counts[full] for values in (confidence, right)]
    return means[0], means[1], counts[full] / len(outcomes)


Predict = Callable[[bytes], tuple[int | None, float]]
"""Bytes of a picture -> its digit, or None where it is rejected, and the confidence in it."""


def predict_with(recogniser: Recogniser) -> Predict:
    """Have the bytes of a picture read by this recogniser."""

    def predict(data: bytes) -> tuple[int | None, float]:
        answer = recogniser.recognise(decode(data))
        return answer.prediction, answer.confidence

    return predict


def pictures_in(folder: Path) -> list[Path]:
    """Every picture of a folder, by name.

    Raises:
        FolderError: there is no such folder, or no picture in it.

    """
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise FolderError(f"{folder} is not a folder that can be read") from error
    if not found:
        raise FolderError(f"there is no picture in {folder}")
    return found


def read_folder(folder: Path, predict: Predict, share: float = 1.0) -> list[Outcome]:
    """Have every picture of a folder read, or the first ones, that share (0..1) of them.

    Raises:
        FolderError: there is nothing to read, or a file is not a picture that can be read.

    """
    pictures = pictures_in(folder)
    return [_outcome(path, predict) for path in pictures[: max(1, round(share * len(pictures)))]]


def _outcome(path: Path, predict: Predict) -> Outcome:
    label = int(path.name[0]) if path.name[0] in "0123456789" else None
    try:
        return Outcome(path.name, label, *predict(path.read_bytes()))
    except BadPictureError as error:
        raise FolderError(f"{path}: {error}") from error


def table(scores: Iterable[tuple[str, Score]]) -> str:
    """The scores as a Markdown table."""
    lines = [
        "| pictures | count | read right | 95 % interval | rejected | calibration error | wrong of sure answers "
        "| commonest mistakes |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, found in scores:
        mistakes = ", ".join(f"{mistake} ({count})" for mistake, count in found.mistakes)
        lines.append(
            f"| {name} | {found.cells()} | {found.rejected:.2%} | {found.calibration_error:.3f} "
            f"| {found.wrong_when_sure:.2%} | {mistakes} |"
        )
    return "\n".join(lines)


def write_json(path: Path, content: Any) -> None:
    """Write JSON that people can read too, in UTF-8."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
