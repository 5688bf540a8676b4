"""Makes the pictures of docs/how.md: one photographed 7 on its way, by the program's own model.

python -m tools.how_pictures [--out docs]
"""

import argparse
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import joblib
import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image

from digits.decode import decode
from digits.explain import influence, influence_picture
from digits.features import ORIENTATIONS, SIDE, VIEWS, hog_features, hog_picture
from digits.model import SCALER, model_path
from digits.recogniser import Recogniser
from tools.example_pictures import FOLDER as EXAMPLES

matplotlib.use("Agg")
import matplotlib.pyplot as plt

FOLDER: Final = Path(__file__).parent.parent / "docs"
PHOTOGRAPH: Final = EXAMPLES / "squared.jpg"
DIGIT: Final = 7
"""What the photograph shows."""

CELL: Final = (3, 4)
"""Row and column of the small cell that is looked into: a piece of the slanted stroke."""

TURNS: Final = range(-90, 91, 3)
"""Degrees by which the digit is turned, clockwise."""

RIVALS: Final = 2
"""So many digits have a line of their own where the digit is turned."""

HEIGHT: Final = 3
"""Inches, at most."""

RESOLUTION: Final = 100
"""Dots an inch."""


class Way:
    """A photographed digit, and what each step made of it."""

    def __init__(self) -> None:
        self.recogniser = Recogniser.load()
        found = self.recogniser.recognise(decode(PHOTOGRAPH.read_bytes()))
        assert found.prediction == DIGIT
        assert found.normalised is not None
        assert found.digit_ink is not None
        self.ink, self.small, self.probabilities = found.digit_ink, found.normalised, found.probabilities
        self.scaler: Any = joblib.load(model_path(SCALER))

    def influence(self) -> NDArray[np.uint8]:
        """The ink in the colours of what speaks for the digit and against it."""
        return influence_picture(influence(self.recogniser.model, self.small, DIGIT), self.small)


def steps(way: Way, axes: NDArray[Any]) -> None:
    """The photograph, its ink, the 28x28, the directions of its lines, and what speaks for it."""
    shown = [Image.open(PHOTOGRAPH), way.ink, way.small, hog_picture(way.small), way.influence()]
    for place, picture in zip(axes, shown, strict=True):
        _picture(place, picture)


def hog(way: Way, axes: NDArray[Any]) -> None:
    """The small picture with its cells, one of them with the changes of grey in it, and what it counts."""
    side = VIEWS[0][1]
    _picture(axes[0], way.small)
    for line in range(0, SIDE + 1, side):
        axes[0].axhline(line - 0.5, color="0.45", linewidth=0.5)
        axes[0].axvline(line - 0.5, color="0.45", linewidth=0.5)
    top, left = (place * side for place in CELL)
    axes[0].add_patch(Rectangle((left - 0.5, top - 0.5), side, side, fill=False, edgecolor="tab:orange", linewidth=3))
    inside = slice(top, top + side), slice(left, left + side)
    down, right = (np.gradient(way.small.astype(np.float64), axis=axis)[inside] for axis in (0, 1))
    _picture(axes[1], way.small[inside])
    axes[1].quiver(right, down, color="tab:orange", angles="xy", scale=1200, width=0.012)
    bins = np.minimum(np.rad2deg(np.arctan2(down, right)) % 180 * ORIENTATIONS / 180, ORIENTATIONS - 1).astype(int)
    counted = np.bincount(bins.ravel(), np.hypot(down, right).ravel(), ORIENTATIONS)
    degrees = (np.arange(ORIENTATIONS) + 0.5) * 180 / ORIENTATIONS
    axes[2].bar(degrees, counted, 0.8 * 180 / ORIENTATIONS, color="tab:orange")
    axes[2].set(xticks=range(0, 181, 60), xticklabels=[f"{angle}°" for angle in range(0, 181, 60)], yticks=[])
    _picture(axes[3], hog_picture(way.small))


def scaling(way: Way, axes: NDArray[Any]) -> None:
    """What every feature is on average, give or take its spread, and in this digit: as they are, and scaled."""
    mean, spread = way.scaler.mean_, way.scaler.scale_
    own = hog_features(way.small[None])[0]
    order, place = np.argsort(mean), np.arange(len(mean))
    for axis, middle, around, dots in (
        (axes[0], mean, spread, own),
        (axes[1], np.zeros_like(mean), np.ones_like(mean), (own - mean) / spread),
    ):
        axis.fill_between(place, (middle - around)[order], (middle + around)[order], color="0.85")
        axis.plot(place, middle[order], color="0.4", linewidth=2)
        axis.plot(place, dots[order], ".", color="tab:orange", markersize=2)
        axis.set(xticks=[], xlim=(0, len(mean)))


def model(way: Way, axes: NDArray[Any]) -> None:
    """How likely each digit is, and how that changes when the picture is turned."""
    assert way.probabilities is not None
    axes[0].bar(range(10), way.probabilities, color=["tab:orange" if digit == DIGIT else "0.6" for digit in range(10)])
    axes[0].set(xticks=range(10), ylim=(0, 1), yticks=(0, 0.5, 1), yticklabels=("0 %", "50 %", "100 %"))
    turned = [np.asarray(Image.fromarray(way.small).rotate(-turn, Image.Resampling.BICUBIC)) for turn in TURNS]
    likely = way.recogniser.predict_proba(np.array(turned))
    for digit in np.argsort(-likely[:, :10].max(axis=0))[:RIVALS]:
        colour = "tab:orange" if digit == DIGIT else None
        axes[1].plot(TURNS, likely[:, digit], color=colour, linewidth=3 if digit == DIGIT else 1.5)
        peak = int(likely[:, digit].argmax())
        axes[1].annotate(str(digit), (TURNS[peak], likely[peak, digit]), (0, 4), textcoords="offset points", size=14)
    axes[1].plot(TURNS, likely[:, 10], color="0.6", linestyle=":")
    axes[1].set(xticks=range(-90, 91, 30), xticklabels=[f"{turn}°" for turn in range(-90, 91, 30)], ylim=(0, 1.12))
    axes[1].set(yticks=(0, 0.5, 1), yticklabels=("0 %", "50 %", "100 %"))


def _picture(place: Axes, picture: Any) -> None:
    place.imshow(picture, cmap="Greys_r")
    place.set(xticks=[], yticks=[])


PICTURES: Final[dict[str, tuple[Callable[[Way, NDArray[Any]], None], tuple[int, ...]]]] = {
    "how-steps": (steps, (1, 1, 1, 1, 1)),
    "how-hog": (hog, (1, 1, 1, 1)),
    "how-scaling": (scaling, (2, 2)),
    "how-model": (model, (2, 3)),
}
"""What draws each, and how wide its parts are, in the same unit."""


def main() -> None:
    """Write one PNG for each of `PICTURES`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder (default: %(default)s)")
    folder: Path = parser.parse_args().out
    way = Way()
    for name, (drawn, widths) in PICTURES.items():
        figure, axes = plt.subplots(
            1, len(widths), figsize=(12, min(12 / sum(widths), HEIGHT)), width_ratios=widths, layout="constrained"
        )
        drawn(way, axes)
        png = BytesIO()
        figure.savefig(png, dpi=RESOLUTION, facecolor="white")
        plt.close(figure)
        Image.open(png).convert("RGB").save(folder / f"{name}.png", optimize=True)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
