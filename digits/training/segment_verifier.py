"""Train the segment verifier: networks that tell whether a segment hypothesis is one whole digit.

    python -m digits.training.segment_verifier [--numbers 75000] [--out FOLDER]

Numbers composed of MNIST's training digits and of the training writers' pen strokes, and lines of digits and signs,
drawn and photographed, are cut into segments as a picture is; a hypothesis is one whole digit when its ink and that of
a digit are the same but for a little. Writes
segment_verifier.npz to its place in the project, or into the folder of a model, and its SHA-256 into the record there.
Takes about 40 minutes on two idle cores. Of the shipped networks the first is of an earlier run, of 50,000 numbers
without signs. What was tried stands in docs/notebook.md, "Numbers".
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from digits.data import datasets
from digits.data.composed_numbers import Source, composed, from_pictures, from_strokes
from digits.data.datasets import VALIDATION_WRITERS, mnist_train
from digits.features import hog_features
from digits.ink import ink_candidates
from digits.ink.components import Mask
from digits.layers import Layers, write_networks
from digits.model import RECORD, VERIFIER, Model, model_path, with_scaling
from digits.normalise import normalise
from digits.number.budget import Budget
from digits.number.seams import cut_line
from digits.number.segments import SegmentHypothesis, hypotheses, typical_height
from digits.number.text_lines import components, text_lines
from digits.pen import Ink
from digits.sign_classifier import DIGIT, SPECK
from digits.training.network import falling_rate
from digits.training.owned_lines import OwnedInk, owned_ink, owned_line
from digits.training.record import record_file

NUMBERS: Final = 75_000
"""Composed numbers. With 20,000 and networks of 128 and 32 hidden units 3 of 100 that touch were read less, with
30,000 and 192 and 48 hidden units hardly any."""

NETWORKS: Final = 2
"""Networks whose logits are averaged: log loss 0.12 to 0.13 in place of 0.16 with one."""

HIDDEN: Final = (256, 64)
"""Hidden units of each; see `NUMBERS`."""

EPOCHS: Final = 5
"""Passes over the examples. Set by hand."""

EXAMPLES_PER_STEP: Final = 8192
"""Examples that are scaled at once, so that they need not all be held in single precision. Set by hand."""

SCALER_EXAMPLES: Final = 50_000
"""Examples of which mean and spread are taken. Set by hand."""

KEPT_OUT: Final = 20
"""One in so many examples is kept out of training, to say how well the others were learnt."""

DROPOUT: Final = 0.2
"""Share of the inputs that is hidden each time an example is seen. Set by hand."""

WEIGHT_DECAY: Final = 0.003
"""scikit-learn's `alpha`. Set by hand."""

MIN_PURITY: Final = 0.88
"""Share of a whole digit's ink that is that digit's, and..."""

MIN_COMPLETENESS: Final = 0.85
"""...share of the digit's ink that it holds, and..."""

MAX_SECOND: Final = 0.6
"""...share of a second digit's ink from which on it is more than one digit. Set by hand, as are the next two."""

MIN_DOUBTFUL_PURITY: Final = 0.82
"""Purity below which a hypothesis is surely no whole digit. What lies between teaches nothing, and so it is with..."""

MIN_DOUBTFUL_COMPLETENESS: Final = 0.7
"""...completeness below this."""

MIN_NEAR: Final = 0.4
"""Purity and completeness from which on a wrong hypothesis is nearly right, and teaches more. Set by hand."""

MAX_WHOLE: Final = 10
"""Whole digits of one number that become examples, and..."""

MAX_NEAR: Final = 16
"""...wrong hypotheses that are nearly right, and..."""

MAX_FAR: Final = 5
"""...others. Set by hand."""

TOUCHING: Final = (0.1, 0.7)
"""Shares of the neighbours that touch; each number has one of them."""

CUT_SHARES: Final = (0.0, 0.5, 1.0)
"""Shares of a line's components that are left uncut; each line has one of them."""

BROKEN_SHARE: Final = 0.15
"""Share of the numbers from which a thin line is taken out, as ruling is. Set by hand."""

HEIGHTS: Final = (28, 56)
"""Pixels of the digits, to save time: all of them are scaled to the same 20."""

CHUNK: Final = 500
"""Numbers that one process composes from one source at a time."""

KINDS: Final = ("strokes", "pictures", "signs")
"""Of what the numbers are made: pen strokes, MNIST's pictures, or digits and signs, drawn and photographed."""

Judged = tuple[SegmentHypothesis, float, bool]
"""A hypothesis, its line's height in pixels, and whether it is one whole digit."""

Examples = tuple[NDArray[np.float16], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]
"""HOG vectors (n, LENGTH), geometry (n, GEOMETRY), and (n,) whether each hypothesis is one whole digit, and whether it
is of a line with signs."""


def source_of_pictures() -> Source:
    """MNIST's training digits."""
    return from_pictures(*mnist_train())


def source_of_strokes() -> Source:
    """Pen strokes of the writers that are trained on."""
    return from_strokes([digit for digit in datasets.pendigits() if digit.writer not in VALIDATION_WRITERS])


SOURCES: Final = {"strokes": source_of_strokes, "pictures": source_of_pictures}


def examples(numbers: int) -> Examples:
    """Hypotheses of so many numbers, of pen strokes, of pictures and with signs in turn; the same ones each time."""
    size = min(CHUNK, numbers // len(KINDS))
    chunks = numbers // size
    jobs = Parallel(n_jobs=-1, return_as="generator")(delayed(_chunk)(seed, size) for seed in range(chunks))
    hog, *others = zip(*tqdm(jobs, "numbers", chunks, unit="chunk", mininterval=5), strict=True)
    geometry, whole, of_lines = (np.concatenate(column) for column in others)
    return _joined(list(hog)), geometry, whole, of_lines


def _joined(parts: list[NDArray[np.float16]]) -> NDArray[np.float16]:
    """The parts one after another; each is given up once it is copied, for together they are some 10 GB."""
    joined = np.empty((sum(map(len, parts)), parts[0].shape[1]), np.float16)
    end = len(joined)
    while parts:
        part = parts.pop()
        joined[end - len(part) : end] = part
        end -= len(part)
    return joined


def _chunk(seed: int, size: int) -> Examples:
    rng = np.random.default_rng((seed, 77))
    kind, model = KINDS[seed % len(KINDS)], Model.load()
    source = SOURCES[kind]() if kind in SOURCES else None
    pictures, geometry, whole = [], [], []
    for _ in range(size):
        judged = _line(rng, model) if source is None else _number(source, rng, model)
        for hypothesis, height, is_whole in judged:
            pictures.append(normalise(hypothesis.ink))
            geometry.append(hypothesis.geometry(height))
            whole.append(is_whole)
    hog = hog_features(np.stack(pictures)).astype(np.float16)
    return hog, np.array(geometry, np.float32), np.array(whole), np.full(len(whole), source is None)


def _number(source: Source, rng: Generator, model: Model) -> list[Judged]:
    """Some hypotheses of a number without signs."""
    number = composed(source, rng, rng.choice(TOUCHING), HEIGHTS)
    candidate = next(ink_candidates(number.picture, model.pixel_classifier, one_digit=False))
    ink = _broken(candidate.ink, rng) if rng.random() < BROKEN_SHARE else candidate.ink
    sizes = np.bincount(number.owners.ravel(), ink.ravel()).astype(np.float64)
    classes = [DIGIT] * (len(sizes) - 1)
    return _judged(OwnedInk(ink, not candidate.thresholded, number.owners, sizes), classes, rng)


def _line(rng: Generator, model: Model) -> list[Judged]:
    """Some hypotheses of a line of digits and signs."""
    owned = owned_line(rng, kept_out=False)
    found = owned_ink(owned, model, rng)
    return [] if found is None else _judged(found, owned.classes, rng)


def _judged(found: OwnedInk, classes: list[int], rng: Generator) -> list[Judged]:
    """Some hypotheses, the height of their line in pixels, and whether each is one whole digit.

    What is one whole sign or letter teaches nothing: the sign classifier tells those.
    """
    whole: list[Judged] = []
    near: list[Judged] = []
    far: list[Judged] = []
    is_digit = np.array(classes) == DIGIT
    counts = np.array(classes) != SPECK
    for line in text_lines(components(found.ink, drawn=found.drawn)):
        height, budget = typical_height(line), Budget()
        cut = cut_line(line, list(rng.random(len(line)) < rng.choice(CUT_SHARES)), budget)
        for hypothesis in hypotheses(cut, height, budget):
            purity, shares = _shares(hypothesis, found)
            best = int((shares * counts).argmax())
            completeness, second = shares[best], np.delete(shares * counts, best).max(initial=0)
            is_whole = purity[best] >= MIN_PURITY and completeness >= MIN_COMPLETENESS and second < MAX_SECOND
            if is_whole and is_digit[best]:
                whole.append((hypothesis, height, True))
            elif second >= MAX_SECOND or (
                is_digit[best] and (purity[best] < MIN_DOUBTFUL_PURITY or completeness < MIN_DOUBTFUL_COMPLETENESS)
            ):
                (near if min(purity[best], completeness) > MIN_NEAR else far).append((hypothesis, height, False))
    chosen = []
    for judged, most in ((whole, MAX_WHOLE), (near, MAX_NEAR), (far, MAX_FAR)):
        chosen += [judged[place] for place in rng.permutation(len(judged))[:most]]
    return chosen


def _shares(hypothesis: SegmentHypothesis, found: OwnedInk) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(items,) of each item how much of a hypothesis's ink is its own, and how much of its ink the hypothesis holds."""
    left, top, right, bottom = hypothesis.box
    own = np.bincount(found.owners[top:bottom, left:right].ravel(), hypothesis.ink.ravel(), len(found.sizes))
    return own[1:] / own.sum(), own[1:] / found.sizes[1:].clip(1)


def _broken(ink: Ink, rng: Generator) -> Ink:
    """The ink without a thin line across the picture, as ruling that was taken out leaves it."""
    height, width = ink.shape
    rows = np.arange(height)[:, None] - rng.uniform(0.2, 0.8) * height - rng.normal(0, 0.05) * np.arange(width)
    return np.where(np.abs(rows) < rng.uniform(0.5, 0.03 * height + 0.5), np.float32(0), ink)


def train_network(
    seed: int, hog: NDArray[np.float16], geometry: NDArray[np.float32], whole: NDArray[np.bool_], learnt: Mask
) -> Layers:
    """Layers of one network, with the scaler's arithmetic in the first; prints how well it judges what it has not seen.

    Args:
        seed: of the network.
        hog: as in `Examples`, and so are the others; the first one in `KEPT_OUT` is kept out.
        geometry: of the hypotheses.
        whole: whether each is one whole digit.
        learnt: (n,) which of them this network learns from.

    """

    def inputs(chosen: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        return np.concatenate([hog[chosen].astype(np.float32), geometry[chosen]], axis=1)

    scaler = StandardScaler().fit(inputs(slice(SCALER_EXAMPLES)))
    network = MLPClassifier(HIDDEN, alpha=WEIGHT_DECAY, batch_size=256, random_state=seed)
    rng = np.random.default_rng(seed)
    kept = len(whole) // KEPT_OUT
    places = np.flatnonzero(learnt[kept:]) + kept
    steps_of_an_epoch = len(places) // EXAMPLES_PER_STEP + 1
    steps = EPOCHS * steps_of_an_epoch
    for step in tqdm(range(steps), f"network {seed}", position=seed, mininterval=30):
        if step % steps_of_an_epoch == 0:
            order = rng.permutation(places)
        chosen = np.array_split(order, steps_of_an_epoch)[step % steps_of_an_epoch]
        shown = scaler.transform(inputs(chosen))
        shown *= (rng.random(shown.shape, np.float32) >= DROPOUT) / np.float32(1 - DROPOUT)
        if step:  # scikit-learn has no schedule for Adam
            network._optimizer.learning_rate_init = falling_rate(step, steps)
        network.partial_fit(shown, whole[chosen], classes=[False, True])
    right = network.score(scaler.transform(inputs(slice(kept))), whole[:kept])
    print(f"{len(places):,} hypotheses, {whole[places].mean():.1%} whole digits; kept out: {right:.2%} judged right")
    return with_scaling(scaler, network)


def train(numbers: int, folder: Path | None) -> None:
    """Train the networks, one thread each, and write and record their weights.

    The first learns from numbers without signs alone: it tells touching digits better, the other one lines with signs.

    Args:
        numbers: how many are composed, three or more.
        folder: of a model; None for the project's own.

    """
    hog, geometry, whole, of_lines = examples(numbers)
    trained = Parallel(n_jobs=-1, prefer="threads")(
        delayed(train_network)(seed, hog, geometry, whole, (seed > 0) | ~of_lines) for seed in range(NETWORKS)
    )
    write_networks(model_path(VERIFIER, folder), trained, eight_bits=True)
    if model_path(RECORD, folder).exists():
        record_file(VERIFIER, folder)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=NUMBERS, metavar="N", help="default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="of a model; default: the project's own places")
    wanted = parser.parse_args()
    if wanted.numbers < len(KINDS):
        parser.error(f"--numbers must be at least {len(KINDS)}")
    if wanted.out is not None:
        wanted.out.mkdir(parents=True, exist_ok=True)
    train(wanted.numbers, wanted.out)


if __name__ == "__main__":
    main()
