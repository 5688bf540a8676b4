"""Train the pixel classifier: a network that tells writing, printed lines and the rest of a photograph apart.

    python -m digits.training.pixel_classifier [--pages 3000] [--out FOLDER]

Pages are composed with the truth for every pixel (`digits.training.pages`) and some pixels of each are learnt; pages of
writers that are kept out of training say how well. Writes pixel_classifier.npz to its place in the project, or into the
folder of a model, and its SHA-256 into the record there. What was tried stands in docs/notebook.md, "Pixels".
"""

import argparse
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

from digits.ink.components import Grey
from digits.ink.paper import channels_of
from digits.ink.pixel_classifier import CLASSES, PRINTED_LINE, REST, WRITING, Layers, PixelClassifier
from digits.ink.pixel_features import PixelFeatures, pixel_features
from digits.model import PIXEL_CLASSIFIER, RECORD, model_path
from digits.training.network import falling_rate
from digits.training.page_layout import Hands
from digits.training.pages import composed_page, page_hands
from digits.training.record import record_file

PAGES: Final = 3000
"""Composed pages that are learnt."""


PIXELS: Final = {REST: 500, PRINTED_LINE: 350, WRITING: 450}
"""Pixels of a page that are learnt, at most, of each class."""

HIDDEN: Final = (64, 32)
"""Hidden units."""

EPOCHS: Final = 8
"""Passes over the pixels."""

EXAMPLES_PER_STEP: Final = 8192
"""Pixels that are scaled at once."""

BATCH: Final = 512
"""Pixels after which the weights change."""

CHUNK: Final = 50
"""Pages that one process composes at a time."""


class Examples(NamedTuple):
    """What is known of some pixels.

    Attributes:
        values: (n, features) uint8.
        classes: (n,) uint8.

    """

    values: NDArray[np.uint8]
    classes: NDArray[np.uint8]


def examples(pages: int, *, kept_out: bool) -> Examples:
    """Pixels of so many composed pages of the writers that are learnt or kept out; the same ones each time."""
    starts = range(0, pages, CHUNK)
    jobs = (delayed(_chunk)(range(start, min(start + CHUNK, pages)), kept_out) for start in starts)
    found = Parallel(n_jobs=-1, return_as="generator")(jobs)
    return _joined(list(tqdm(found, "pages", len(starts), unit="chunk", mininterval=5)))


def _joined(found: list[Examples]) -> Examples:
    return Examples(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _chunk(numbers: range, kept_out: bool) -> Examples:
    hands = _hands(kept_out)
    found = []
    for number in numbers:
        rng = np.random.default_rng((number, int(kept_out), 17))
        page = composed_page(rng, hands)
        found += _learnt(rng, pixel_features(channels_of(page.picture)), page.truth.ravel())
    return _joined(found)


def _learnt(rng: Generator, sides: list[PixelFeatures], truth: NDArray[np.uint8]) -> list[Examples]:
    """Some pixels of a page; of the side on which its ink is not, there is only the rest.

    Args:
        rng: where the randomness comes from.
        sides: the described pixels of the page, with ink on either side.
        truth: (height * width,) class of each pixel.

    """
    inked = [np.sum(values[0], where=truth[places] == WRITING) for places, values in sides]
    found = []
    for number, (places, values) in enumerate(sides):
        classes = truth[places] if number == np.argmax(inked) else np.full(len(places), REST, np.uint8)
        chosen = _chosen(rng, classes)
        found.append(Examples(values[:, chosen].T, classes[chosen]))
    return found


@cache
def _hands(kept_out: bool) -> Hands:
    return page_hands(kept_out=kept_out)


def _chosen(rng: Generator, classes: NDArray[np.uint8]) -> NDArray[np.intp]:
    """(n,) indices of the pixels of a page that are learnt."""
    return np.concatenate([rng.permutation(np.flatnonzero(classes == each))[:most] for each, most in PIXELS.items()])


def train_network(shown: Examples, epochs: int = EPOCHS) -> Layers:
    """Layers of a network that was fitted to these pixels, with the scaling of its inputs in the first."""
    mean = shown.values.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = shown.values.std(axis=0, dtype=np.float32) + 1
    network = MLPClassifier(HIDDEN, batch_size=BATCH, random_state=0)
    rng = np.random.default_rng(0)
    steps_of_an_epoch = len(shown.classes) // EXAMPLES_PER_STEP + 1
    steps = epochs * steps_of_an_epoch
    for step in tqdm(range(steps), "network", mininterval=5):
        if step % steps_of_an_epoch == 0:
            order = np.array_split(rng.permutation(len(shown.classes)), steps_of_an_epoch)
        chosen = order[step % steps_of_an_epoch]
        if step:  # scikit-learn has no schedule for Adam
            network._optimizer.learning_rate_init = falling_rate(step, steps)
        scaled = (shown.values[chosen].astype(np.float32) - mean) / spread
        network.partial_fit(scaled, shown.classes[chosen], classes=range(CLASSES))
    (first, *others), (bias, *biases) = network.coefs_, network.intercepts_
    first = first / spread[:, None]
    layers = [(first, bias - mean @ first), *zip(others, biases, strict=True)]
    return [
        (np.ascontiguousarray(weights.T, np.float32), np.asarray(bias, np.float32)[:, None]) for weights, bias in layers
    ]


def judged(layers: Layers, shown: Examples) -> str:
    """How well these pixels are told apart, in one line."""
    found: Grey = PixelClassifier(layers).evaluate(shown.values.T)
    guessed = found.argmax(axis=0)
    both = np.count_nonzero((guessed == WRITING) & (shown.classes == WRITING))
    either = np.count_nonzero(guessed == WRITING) + np.count_nonzero(shown.classes == WRITING)
    loss = -np.log(found[shown.classes, np.arange(len(guessed))] + 1e-9).mean()
    right = np.mean(guessed == shown.classes)
    return (
        f"{len(guessed):,} pixels, {right:.2%} told right, F1 of writing {2 * both / either:.4f}, log loss {loss:.4f}"
    )


def train(pages: int, folder: Path | None) -> None:
    """Compose pages, fit the network, say how well it judges, and write and record its weights.

    Args:
        pages: how many are composed, ten or more.
        folder: of a model; None for the project's own.

    """
    layers = train_network(examples(pages, kept_out=False))
    print("pages of writers kept out:", judged(layers, examples(max(pages // 10, 1), kept_out=True)))
    stored: dict[str, NDArray[np.float32]] = {}
    for number, (weights, biases) in enumerate(layers):
        stored |= {f"weights{number}": weights, f"biases{number}": biases}
    np.savez_compressed(model_path(PIXEL_CLASSIFIER, folder), allow_pickle=False, **stored)
    if model_path(RECORD, folder).exists():
        record_file(PIXEL_CLASSIFIER, folder)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=PAGES, metavar="N", help="default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="of a model; default: the project's own places")
    wanted = parser.parse_args()
    if wanted.pages < 1:
        parser.error("--pages must be at least 1")
    if wanted.out is not None:
        wanted.out.mkdir(parents=True, exist_ok=True)
    train(wanted.pages, wanted.out)


if __name__ == "__main__":
    main()
