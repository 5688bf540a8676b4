"""Train the sign classifier: a small network that tells points, commas, dashes and the like from digits and from dirt.

    python -m digits.training.signs [--lines 8000] [--out FOLDER]

Lines of digits and signs by the hands that are trained on are composed (`digits.data.composed_lines`), half of them
photographed with ruling, boxes, dirt and noise, and cut into segment hypotheses as a picture is; beside them numbers
whose digits touch. What a hypothesis is, its ink tells: whose it is. Writes sign_classifier.npz to its place in the
project, or into the folder of a model, and its SHA-256 into the record there. What was tried stands in
docs/notebook.md, "Signs". Takes about half an hour on one core that others use, too.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from digits.answers import SIGNS
from digits.data.composed_numbers import composed
from digits.features import hog_features
from digits.layers import Layers, write_networks
from digits.model import RECORD, SIGN_CLASSIFIER, Model, model_path, with_scaling
from digits.normalise import normalise
from digits.number.budget import Budget
from digits.number.seams import cut_line
from digits.number.segments import SegmentHypothesis, hypotheses
from digits.number.signs import LineShape
from digits.number.text_lines import components, text_lines
from digits.sign_classifier import CLASSES, DIGIT, FIRST_GRADIENT, SPECK, WRONG
from digits.training.network import falling_rate
from digits.training.owned_lines import Owned, owned_ink, owned_line
from digits.training.record import record_file
from digits.training.segment_verifier import source_of_pictures, source_of_strokes

LINES: Final = 8000
"""Composed lines."""

NETWORKS: Final = 4
"""Networks whose logits are averaged."""

HIDDEN: Final = (48, 32)
"""Hidden units of each. Set by hand."""

EPOCHS: Final = 16
"""Passes over the examples. Set by hand."""

WEIGHT_DECAY: Final = 0.003
"""scikit-learn's `alpha`. Set by hand."""

DROPOUT: Final = 0.2
"""Share of the inputs that is hidden each time an example is seen. Set by hand."""

NUMBERS: Final = 0.15
"""Share of the lines that are numbers whose digits may touch, without signs."""

MIN_PURITY: Final = 0.85
"""Share of a hypothesis's ink that must be one item's for it to be that item, and..."""

MIN_COMPLETENESS: Final = 0.85
"""...share of the item's ink that it must hold, and..."""

MAX_DOUBTFUL: Final = 0.7
"""...share of both below which it surely is not. Set by hand."""

MAX_SECOND: Final = 0.6
"""Share of another item's ink from which on it is more than one: a digit with the point behind it."""

MAX_WRONG: Final = 8
"""Wrong hypotheses of one line that become examples. Set by hand."""

CUT_SHARES: Final = (0.0, 0.5, 1.0, 1.0)
"""Shares of a line's components that are left uncut; each line has one of them."""

KEPT_OUT: Final = 20
"""One in so many examples is kept out of training, to say how well the others were learnt."""

CHUNK: Final = 250
"""Lines that one process composes at a time."""


class Examples(NamedTuple):
    """Hypotheses: (n, ...) gradients float16, places float32, and the class of each."""

    hog: NDArray[np.float16]
    places: NDArray[np.float32]
    labels: NDArray[np.int64]


def examples(lines: int, *, kept_out: bool = False) -> Examples:
    """Hypotheses of so many composed lines; the same ones each time."""
    size = min(CHUNK, lines)
    chunks = lines // size
    jobs = Parallel(n_jobs=-1, return_as="generator")(
        delayed(_chunk)(seed, size, kept_out=kept_out) for seed in range(chunks)
    )
    found = tqdm(jobs, "lines", chunks, unit="chunk", mininterval=5)
    return Examples(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _chunk(seed: int, size: int, *, kept_out: bool) -> Examples:
    rng = np.random.default_rng((seed, 18, kept_out))
    model = Model.load()
    sources = source_of_pictures(), source_of_strokes()
    pictures, places, labels = [], [], []
    for _ in range(size):
        if not kept_out and rng.random() < NUMBERS:
            number = composed(sources[int(rng.integers(2))], rng, rng.choice((0.1, 0.7)), (28, 56))
            owned = Owned(number.picture, number.owners, [DIGIT] * len(number.text))
        else:
            owned = owned_line(rng, kept_out=kept_out)
        for hypothesis, place, label in _labelled(owned, model, rng):
            pictures.append(normalise(hypothesis.ink))
            places.append(place)
            labels.append(label)
    hog = hog_features(np.stack(pictures))[:, FIRST_GRADIENT:].astype(np.float16)
    return Examples(hog, np.array(places, np.float32), np.array(labels, np.int64))


def _labelled(
    owned: Owned, model: Model, rng: Generator
) -> Iterator[tuple[SegmentHypothesis, NDArray[np.float32], int]]:
    """Hypotheses of a picture, how they stand in their line, and their classes."""
    found_ink = owned_ink(owned, model, rng)
    if found_ink is None:
        return
    ink, drawn, owners, sizes = found_ink
    for line in text_lines(components(ink, drawn=drawn)):
        shape, budget = LineShape.of(line), Budget()
        cut = cut_line(line, list(rng.random(len(line)) < rng.choice(CUT_SHARES)), budget)
        found = hypotheses(cut, shape.height, budget)
        known = [(each, _class_of(each, owners, sizes, owned.classes)) for each in found]
        wrong = [each for each in known if each[1] == WRONG]
        chosen = [each for each in known if each[1] not in (None, WRONG)]
        chosen += [wrong[place] for place in rng.permutation(len(wrong))[:MAX_WRONG]]
        if chosen:
            places = shape.places([each for each, _ in chosen], [each.ink for each, _ in chosen])
            for (each, label), place in zip(chosen, places, strict=True):
                assert label is not None
                yield each, place, label


def _class_of(
    hypothesis: SegmentHypothesis, owners: NDArray[np.uint8], sizes: NDArray[np.float64], classes: list[int]
) -> int | None:
    """The class of a hypothesis; None where it is doubtful."""
    left, top, right, bottom = hypothesis.box
    own = np.bincount(owners[top:bottom, left:right].ravel(), hypothesis.ink.ravel(), len(sizes))
    best = int(own.argmax())
    purity = own[best] / own.sum()
    if best == 0 or classes[best - 1] == SPECK:  # dirt, and what is left of a printed line, is so in any part
        dirt = own[0] + sum(own[1 + place] for place, each in enumerate(classes) if each == SPECK)
        return SPECK if dirt > MIN_PURITY * own.sum() else WRONG
    shares = own[1:] / sizes[1:].clip(1e-6)
    completeness = shares[best - 1]
    others = [share for item, share in enumerate(shares, 1) if item != best and classes[item - 1] != SPECK]
    if max(others, default=0.0) > MAX_SECOND:
        return WRONG
    if min(purity / MIN_PURITY, completeness / MIN_COMPLETENESS) >= 1:
        return classes[best - 1]
    return WRONG if min(purity, completeness) < MAX_DOUBTFUL else None


def train_network(seed: int, shown: Examples) -> tuple[Layers, str]:
    """Layers of one network, with the scaler's arithmetic in the first, and how well it judges what it has not seen."""

    def inputs(chosen: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        return np.concatenate([shown.hog[chosen].astype(np.float32), shown.places[chosen]], axis=1)

    kept = len(shown.labels) // KEPT_OUT
    scaler = StandardScaler().fit(inputs(slice(kept, kept + 50_000)))
    network = MLPClassifier(HIDDEN, alpha=WEIGHT_DECAY, batch_size=256, random_state=seed)
    rng = np.random.default_rng(seed)
    steps_of_an_epoch = len(shown.labels) // 8192 + 1
    steps = EPOCHS * steps_of_an_epoch
    classes = np.arange(CLASSES)
    for step in range(steps):
        if step % steps_of_an_epoch == 0:
            order = kept + rng.permutation(len(shown.labels) - kept)
        chosen = np.array_split(order, steps_of_an_epoch)[step % steps_of_an_epoch]
        values = scaler.transform(inputs(chosen))
        values *= (rng.random(values.shape, np.float32) >= DROPOUT) / np.float32(1 - DROPOUT)
        if step:  # scikit-learn has no schedule for Adam
            network._optimizer.learning_rate_init = falling_rate(step, steps)
        network.partial_fit(values, shown.labels[chosen], classes=classes)
    found, wanted = network.predict(scaler.transform(inputs(slice(kept)))), shown.labels[:kept]
    names = [*SIGNS, "letter", "speck", "digit", "wrong", "crossed"]
    shares = [(name, found[wanted == label] == label) for label, name in enumerate(names)]
    told = " ".join(f"{name} {right.mean():.0%}" for name, right in shares if len(right))
    return with_scaling(
        scaler, network
    ), f"{len(shown.labels):,} hypotheses; kept out: {(found == wanted).mean():.2%} told right; {told}"


def train(lines: int, folder: Path | None) -> None:
    """Train the networks, and write and record their weights.

    Args:
        lines: how many are composed.
        folder: of a model; None for the project's own.

    """
    shown = examples(lines)
    trained = Parallel(n_jobs=-1)(delayed(train_network)(seed, shown) for seed in range(NETWORKS))
    for _, told in trained:
        print(told)
    write_networks(model_path(SIGN_CLASSIFIER, folder), [layers for layers, _ in trained], eight_bits=True)
    if model_path(RECORD, folder).exists():
        record_file(SIGN_CLASSIFIER, folder)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=LINES, metavar="N", help="default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="of a model; default: the project's own places")
    wanted = parser.parse_args()
    if wanted.out is not None:
        wanted.out.mkdir(parents=True, exist_ok=True)
    train(wanted.lines, wanted.out)


if __name__ == "__main__":
    main()
