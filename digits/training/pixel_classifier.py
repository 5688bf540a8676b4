"""Train the pixel classifier: two networks that tell writing, printed lines and the rest apart.

    python -m digits.training.pixel_classifier [--pages 24000] [--from FILE] [--out FOLDER]

Pages are composed with the truth for every pixel (`digits.training.pages`) and some pixels of each are learnt; pages of
writers that are kept out of training say how well. Networks of FILE learn on, if it is given. Writes
pixel_classifier.npz to its place in the project, or into the folder of a model, and its SHA-256 into the record there.
What was tried stands in docs/notebook.md, "Pixels".
"""

import argparse
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

from digits.ink.components import Grey
from digits.ink.paper import Channels, channels_of
from digits.ink.pixel_classifier import CLASSES, PRINTED_LINE, REST, WRITING, PixelNetwork, in_context
from digits.ink.pixel_features import pixel_features
from digits.layers import Layers, read_networks, write_networks
from digits.model import PIXEL_CLASSIFIER, RECORD, model_path
from digits.training.network import falling_rate
from digits.training.pages import composed_page, hands_and_straight_strokes
from digits.training.record import record_file

PAGES: Final = 24_000
"""Composed pages that are learnt."""


KEPT_OUT: Final = 10
"""One page for so many that are learnt is composed by writers that are kept out of training, to say how well."""

PIXELS: Final = {REST: 300, PRINTED_LINE: 200, WRITING: 270}
"""Pixels of a page that are learnt, at most, of each class."""

HIDDEN: Final = (64, 32)
"""Hidden units."""

EPOCHS: Final = 5
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


def examples(pages: range, first: PixelNetwork | None = None, *, kept_out: bool = False) -> Examples:
    """Pixels of composed pages as a network sees them; the same ones each time.

    Args:
        pages: their numbers.
        first: the first network, for the second's examples; None for its own.
        kept_out: whether they are by writers that are kept out of training.

    """
    chunks = [pages[start : start + CHUNK] for start in range(0, len(pages), CHUNK)]
    jobs = Parallel(n_jobs=-1, return_as="generator")(delayed(_chunk)(chunk, first, kept_out) for chunk in chunks)
    return _joined(list(tqdm(jobs, "pages", len(chunks), unit="chunk", mininterval=5)))


def _joined(found: list[Examples]) -> Examples:
    return Examples(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _chunk(numbers: range, first: PixelNetwork | None, kept_out: bool) -> Examples:
    hands = hands_and_straight_strokes(kept_out=kept_out)
    found = []
    for number in numbers:
        rng = np.random.default_rng((number, int(kept_out), 17))
        page = composed_page(rng, hands)
        found += learnt(rng, channels_of(page.picture), page.truth.ravel(), first)
    return _joined(found)


def learnt(rng: Generator, channels: Channels, truth: NDArray[np.uint8], first: PixelNetwork | None) -> list[Examples]:
    """Some pixels of a page; of the side of its paper on which its ink is not, there is only the rest.

    Args:
        rng: where the randomness comes from.
        channels: (channels, height, width) uint8.
        truth: (height * width,) class of each pixel.
        first: the first network, for the second's examples; None for its own.

    """
    sides = list(pixel_features(channels))
    inked = [np.sum(side.values[0], where=truth[side.places] == WRITING) for side in sides]
    found = []
    for number, side in enumerate(sides):
        places, values = side.places, side.values
        if first is not None:
            places, seen, _ = in_context(side, first.evaluate(values))
            values = np.concatenate(seen)
        classes = truth[places] if number == np.argmax(inked) else np.full(len(places), REST, np.uint8)
        chosen = _chosen(rng, classes)
        found.append(Examples(values[:, chosen].T, classes[chosen]))
    return found


def _chosen(rng: Generator, classes: NDArray[np.uint8]) -> NDArray[np.intp]:
    """(n,) indices of the pixels of a page that are learnt."""
    return np.concatenate([rng.permutation(np.flatnonzero(classes == each))[:most] for each, most in PIXELS.items()])


def train_network(shown: Examples, start: Layers | None = None) -> Layers:
    """Layers of a network that was fitted to these pixels, with the scaling of its inputs in the first.

    Args:
        shown: the pixels.
        start: a network to go on from, with the second half of the falling learning rate; None for a new one.

    """
    mean = shown.values.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = shown.values.std(axis=0, dtype=np.float32) + 1
    network = MLPClassifier(HIDDEN, batch_size=BATCH, random_state=0)
    rng = np.random.default_rng(0)
    steps_of_an_epoch = len(shown.classes) // EXAMPLES_PER_STEP + 1
    steps = EPOCHS * steps_of_an_epoch
    done = 0 if start is None else steps
    for step in tqdm(range(steps), "network", mininterval=5):
        if step % steps_of_an_epoch == 0:
            order = np.array_split(rng.permutation(len(shown.classes)), steps_of_an_epoch)
        chosen = order[step % steps_of_an_epoch]
        if step:  # scikit-learn has no schedule for Adam
            network._optimizer.learning_rate_init = falling_rate(done + step, done + steps)
        scaled = (shown.values[chosen].astype(np.float32) - mean) / spread
        network.partial_fit(scaled, shown.classes[chosen], classes=range(CLASSES))
        if not step and start is not None:
            _set(network, start, mean, spread)
    (first, *others), (bias, *biases) = network.coefs_, network.intercepts_
    first = first / spread[:, None]
    layers = [(first, bias - mean @ first), *zip(others, biases, strict=True)]
    return [(np.asarray(weights.T, np.float32), np.asarray(bias, np.float32)[:, None]) for weights, bias in layers]


def _set(network: MLPClassifier, layers: Layers, mean: Grey, spread: Grey) -> None:
    """Give a network that has seen scaled pixels these layers, which take them as they are."""
    for number, (weights, biases) in enumerate(layers):
        network.coefs_[number][:] = weights.T if number else weights.T * spread[:, None]
        network.intercepts_[number][:] = biases[:, 0] if number else biases[:, 0] + weights @ mean


def judged(network: PixelNetwork, shown: Examples) -> str:
    """How well these pixels are told apart, in one line."""
    found: Grey = network.evaluate(shown.values.T)
    guessed = found.argmax(axis=0)
    both = int(np.count_nonzero((guessed == WRITING) & (shown.classes == WRITING)))
    either = int(np.count_nonzero(guessed == WRITING)) + int(np.count_nonzero(shown.classes == WRITING))
    loss = -np.log(found[shown.classes, np.arange(len(guessed))] + 1e-9).mean()
    right, f1 = np.mean(guessed == shown.classes), 2 * both / max(either, 1)
    return f"{len(guessed):,} pixels, {right:.2%} told right, F1 of writing {f1:.4f}, log loss {loss:.4f}"


def train(pages: int, start: Path | None, folder: Path | None) -> None:
    """Compose pages, fit both networks, say how well they judge, and write and record their weights.

    The second network learns from pages that the first has not seen.

    Args:
        pages: how many are composed, two or more.
        start: file of networks that learn on; None for new ones.
        folder: of a model; None for the project's own.

    """
    kept_out = range(max(pages // KEPT_OUT, 1))
    started = [None, None] if start is None else read_networks(start.read_bytes())
    networks: list[Layers] = []
    first: PixelNetwork | None = None
    shares = range(pages // 2), range(pages // 2, pages)
    for name, numbers, before in zip(("first", "second"), shares, started, strict=True):
        shown = examples(numbers, first)
        networks.append(train_network(shown, before))
        network = PixelNetwork(networks[-1], shown.values.shape[1])
        print(f"{name} network, learnt: {judged(network, shown)}")
        print(f"{name} network, writers kept out: {judged(network, examples(kept_out, first, kept_out=True))}")
        first = network
    write_networks(model_path(PIXEL_CLASSIFIER, folder), networks)
    if model_path(RECORD, folder).exists():
        record_file(PIXEL_CLASSIFIER, folder)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=PAGES, metavar="N", help="default: %(default)s")
    parser.add_argument("--from", type=Path, metavar="FILE", dest="start", help="networks that learn on; default: new")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="of a model; default: the project's own places")
    wanted = parser.parse_args()
    if wanted.pages < 2:
        parser.error("--pages must be at least 2")
    if wanted.out is not None:
        wanted.out.mkdir(parents=True, exist_ok=True)
    train(wanted.pages, wanted.start, wanted.out)


if __name__ == "__main__":
    main()
