"""How well pictures whose file names begin with their digit are read: outcomes, scores, their table."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.stats import binomtest

from digits.decode import decode
from digits.recogniser import Recogniser

BINS: Final = 15
"""Bins of confidence for the calibration error, as in Guo et al. (ICML 2017)."""


@dataclass(frozen=True)
class Outcome:
    """What one picture shows (None: no digit), what it was read as (None: rejected) and with what confidence."""

    name: str
    label: int | None
    prediction: int | None
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the digit was read, or the picture without a digit rejected."""
        return self.prediction == self.label


@dataclass(frozen=True)
class Score:
    """The figures of one set of pictures; shares are 0..1."""

    count: int
    accuracy: float
    low: float
    high: float
    rejected: float
    calibration_error: float
    mistakes: list[tuple[str, int]]


def score(outcomes: Sequence[Outcome]) -> Score:
    """Accuracy with Wilson's 95 % interval, share of rejections, calibration error, commonest mistakes."""
    right = sum(outcome.right for outcome in outcomes)
    interval = binomtest(right, len(outcomes)).proportion_ci(0.95, "wilson")
    rejected = sum(outcome.prediction is None for outcome in outcomes)
    mistakes = Counter(
        f"{_shown(outcome.label)}→{_shown(outcome.prediction)}" for outcome in outcomes if not outcome.right
    )
    return Score(
        count=len(outcomes),
        accuracy=right / len(outcomes),
        low=float(interval.low),
        high=float(interval.high),
        rejected=rejected / len(outcomes),
        calibration_error=calibration_error([outcome for outcome in outcomes if outcome.prediction is not None]),
        mistakes=mistakes.most_common(4),
    )


def _shown(digit: int | None) -> str:
    return "–" if digit is None else str(digit)


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Expected calibration error: mean distance between confidence and accuracy over bins of confidence, 0..1."""
    if not outcomes:
        return 0.0
    confidence, accuracy, weight = reliability(outcomes)
    return float(np.sum(weight * np.abs(accuracy - confidence)))


def reliability(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean confidence, accuracy and share of the answers in each bin of confidence that is not empty."""
    confidence = np.array([outcome.confidence for outcome in outcomes])
    right = np.array([outcome.right for outcome in outcomes], np.float64)
    places = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    full = counts > 0
    means = [np.bincount(places, values, BINS)[full] / counts[full] for values in (confidence, right)]
    return means[0], means[1], counts[full] / len(outcomes)


Ask = Callable[[bytes], tuple[int | None, float]]


def asking(recogniser: Recogniser) -> Ask:
    """Have the bytes of a picture read by this recogniser."""

    def ask(data: bytes) -> tuple[int | None, float]:
        answer = recogniser.recognise(decode(data))
        return answer.prediction, answer.confidence

    return ask


def read_folder(folder: Path, ask: Ask) -> list[Outcome]:
    """Have every PNG and JPEG of a folder read by `ask`, which returns prediction and confidence."""
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
    return [Outcome(path.name, _label(path), *ask(path.read_bytes())) for path in pictures]


def _label(path: Path) -> int | None:
    first = path.name[0]
    return int(first) if first in "0123456789" else None


def table(scores: Iterable[tuple[str, Score]]) -> str:
    """The scores as a Markdown table."""
    lines = [
        "| pictures | count | read right | 95 % interval | rejected | calibration error | commonest mistakes |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for name, found in scores:
        mistakes = ", ".join(f"{mistake} ({count})" for mistake, count in found.mistakes)
        lines.append(
            f"| {name} | {found.count:,} | {found.accuracy:.2%} | {found.low:.2%} to {found.high:.2%}"
            f" | {found.rejected:.2%} | {found.calibration_error:.3f} | {mistakes} |"
        )
    return "\n".join(lines)


def write_json(path: Path, content: Any) -> None:
    """A file that people can read too."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
