"""The pictures of the model card: confusion matrix and reliability diagram."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay

from digits.evaluation.scores import Outcome, reliability

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SIZE: Final = (6, 6)
"""Inches, width and height."""

RESOLUTION: Final = 100
"""Dots an inch."""


def draw_confusion(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write a PNG that shows how often each digit was read as which; rejected ones are left out."""
    answered = [outcome for outcome in outcomes if outcome.prediction is not None]
    figure, axes = plt.subplots(figsize=SIZE)
    ConfusionMatrixDisplay.from_predictions(
        [outcome.label for outcome in answered],
        [outcome.prediction for outcome in answered],
        ax=axes,
        colorbar=False,
        cmap="Blues",
    )
    axes.set(xlabel="read as", ylabel="is", title="MNIST test set")
    _save(figure, path)


def draw_reliability(sets: Mapping[str, Sequence[Outcome]], path: Path) -> None:
    """Write a PNG of the accuracy over the confidence, a line for each set that has answers."""
    figure, axes = plt.subplots(figsize=SIZE)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="confidence = accuracy")
    for name, outcomes in sets.items():
        answered = [outcome for outcome in outcomes if outcome.prediction is not None]
        if answered:
            confidence, accuracy, _ = reliability(answered)
            axes.plot(confidence, accuracy, marker="o", markersize=4, label=name)
    axes.set(xlabel="confidence", ylabel="accuracy", title="Reliability diagram", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="upper left")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=RESOLUTION, bbox_inches="tight")
    plt.close(figure)
