"""Learn what is one whole digit: the weights of the segment verifier.

    python -m digits.training.segment_verifier

Composed numbers of MNIST's training digits and of the training writers' pen strokes are cut into pieces as a picture
is; a group of pieces is one whole digit when its ink and that of a digit are the same but for a little. Takes about
half an hour on two cores.
"""

from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from digits.data import datasets
from digits.data.composed_numbers import Composed, composed, from_pictures, from_strokes
from digits.data.datasets import VALIDATION_WRITERS
from digits.data.pen import Ink
from digits.features import hog_features
from digits.ink import ink_candidates
from digits.model import VERIFIER, model_path
from digits.normalise import normalise
from digits.number.reader import MOST_CUTS
from digits.number.segments import Group, groups, lines, parts, usual_height, with_cuts
from digits.training.examples import mnist_train
from digits.training.network import falling_rate

NUMBERS: Final = 50_000
"""How many numbers are composed."""

NETWORKS: Final = 2
HIDDEN: Final = (256, 64)
PASSES: Final = 5
PART: Final = 8192
SCALED: Final = 50_000
HIDE: Final = 0.2
"""Share of the inputs that is hidden each time."""

PURE: Final = 0.88
"""Share of the ink of a whole digit that is that digit's."""

COMPLETE: Final = 0.85
"""Share of a digit's ink that is in a whole digit."""

MIXED: Final = 0.82
"""Share of one digit's ink below which a group is none; what lies between teaches nothing."""

PARTIAL: Final = 0.7
"""Share of the digit's ink below which a group is none."""

MORE: Final = 0.6
"""Share of a second digit's ink from which there is more than one."""

HEIGHTS: Final = (28, 56)
"""Pixels of the digits, to save time: all of them are scaled to the same 20."""

CHUNK: Final = 500

Layers = list[tuple[NDArray[np.float64], NDArray[np.float64]]]
Examples = tuple[NDArray[np.float16], NDArray[np.float32], NDArray[np.bool_]]


def examples() -> Examples:
    """HOG, geometry, and whether it is a whole digit, of groups of pieces of composed numbers."""
    chunks = NUMBERS // CHUNK
    jobs = Parallel(n_jobs=-1, return_as="generator")(delayed(_chunk)(seed) for seed in range(chunks))
    hog, geometry, whole = zip(*tqdm(jobs, "numbers", chunks, unit="chunk", mininterval=5), strict=True)
    return np.concatenate(hog), np.concatenate(geometry), np.concatenate(whole)


def _chunk(seed: int) -> Examples:
    rng = np.random.default_rng((seed, 77))
    if seed % 2:
        source = from_pictures(*mnist_train())
    else:
        source = from_strokes([digit for digit in datasets.pendigits() if digit.writer not in VALIDATION_WRITERS])
    pictures, geometry, whole = [], [], []
    for _ in range(CHUNK):
        for group, height, same in _judged(composed(source, rng, rng.choice([0.1, 0.7]), HEIGHTS), rng):
            pictures.append(normalise(group.ink))
            geometry.append(group.geometry(height))
            whole.append(same)
    return hog_features(np.stack(pictures)).astype(np.float16), np.array(geometry, np.float32), np.array(whole)


def _judged(number: Composed, rng: Generator) -> list[tuple[Group, float, bool]]:
    """Groups of a number, their line's height, and whether each is one whole digit."""
    candidate = next(ink_candidates(number.picture, one_digit=False))
    ink, drawn = candidate.ink, not candidate.thresholded
    if rng.random() < 0.15:
        ink = _broken(ink, rng)
    sizes = np.bincount(number.owners.ravel(), ink.ravel())
    whole: list[tuple[Group, float, bool]] = []
    near: list[tuple[Group, float, bool]] = []
    far: list[tuple[Group, float, bool]] = []
    for row in lines(parts(ink, drawn=drawn)):
        height = usual_height(row)
        for group in groups(with_cuts(row, list(rng.random(len(row)) < rng.choice([0, 0.5, 1])), MOST_CUTS), height):
            left, top, right, bottom = group.box
            own = np.bincount(number.owners[top:bottom, left:right].ravel(), group.ink.ravel(), len(sizes))[1:]
            pure = float(own.max() / own.sum())
            complete, second = np.sort(np.append(own / sizes[1:].clip(1), 0.0))[[-1, -2]]
            if pure >= PURE and complete >= COMPLETE and second < MORE:
                whole.append((group, height, True))
            elif pure < MIXED or complete < PARTIAL or second >= MORE:
                (near if min(pure, complete) > 0.4 else far).append((group, height, False))
    chosen = []
    for found, most in ((whole, 10), (near, 16), (far, 5)):
        chosen += [found[place] for place in rng.permutation(len(found))[:most]]
    return chosen


def _broken(ink: Ink, rng: Generator) -> Ink:
    """The ink without a thin line across the picture, as ruling that was taken out leaves it."""
    height, width = ink.shape
    rows = np.arange(height)[:, None] - rng.uniform(0.2, 0.8) * height - rng.normal(0, 0.05) * np.arange(width)
    return np.where(np.abs(rows) < rng.uniform(0.5, 0.03 * height + 0.5), np.float32(0), ink)


def learnt(network: int, hog: NDArray[np.float16], geometry: NDArray[np.float32], whole: NDArray[np.bool_]) -> Layers:
    """Weights and biases of each layer, learnt with some of the inputs hidden each time."""

    def inputs(chosen: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        return np.concatenate([hog[chosen].astype(np.float32), geometry[chosen]], axis=1)

    scaler = StandardScaler().fit(inputs(slice(SCALED)))
    model = MLPClassifier(HIDDEN, alpha=0.003, batch_size=256, random_state=network)
    rng = np.random.default_rng(network)
    kept = len(whole) // 20
    parts_of_a_pass = (len(whole) - kept) // PART + 1
    steps = PASSES * parts_of_a_pass
    for step in tqdm(range(steps), f"network {network}", position=network, mininterval=30):
        if step % parts_of_a_pass == 0:
            order = kept + rng.permutation(len(whole) - kept)
        chosen = np.array_split(order, parts_of_a_pass)[step % parts_of_a_pass]
        shown = scaler.transform(inputs(chosen))
        shown *= (rng.random(shown.shape, np.float32) >= HIDE) / np.float32(1 - HIDE)
        if step:  # scikit-learn has no schedule for Adam
            model._optimizer.learning_rate_init = falling_rate(step, steps)
        model.partial_fit(shown, whole[chosen], classes=[False, True])
    right = model.score(scaler.transform(inputs(slice(kept))), whole[:kept])
    print(f"{len(whole):,} groups, {whole.mean():.1%} whole digits; kept out: {right:.2%} judged right")
    (first, *others), (bias, *biases) = model.coefs_, model.intercepts_
    first = first / scaler.scale_[:, None]
    return [(first, bias - scaler.mean_ @ first), *zip(others, biases, strict=True)]


def main() -> None:
    """Make the examples, train the networks, say how well they judge what they have not seen, store their weights."""
    learn(examples())


def learn(shown: Examples) -> None:
    """Train the networks, one core each, and store their weights."""
    stored: dict[str, NDArray[np.floating]] = {}
    trained = Parallel(n_jobs=-1)(delayed(learnt)(network, *shown) for network in range(NETWORKS))
    for network, layers in enumerate(trained):
        for layer, (weights, biases) in enumerate(layers):
            stored[f"weights{network}{layer}"] = weights.astype(np.float16)
            stored[f"biases{network}{layer}"] = biases.astype(np.float32)
    np.savez_compressed(model_path(VERIFIER), allow_pickle=False, **stored)


if __name__ == "__main__":
    main()
