"""Train the second opinion: networks that are asked where one view does not make sure.

    python -m digits.training.second_opinion [--rounds 9] [--share 1] [--examples FOLDER] [--out FOLDER]

Digits and things that are no digit are varied afresh, in rounds that the classifier has not seen. Those of which it is
not surely right at first sight are kept, and the networks learn from them. Writes second_opinion.npz to its place in
the project, or into the folder of a model, and its SHA-256 into the record there. Making the examples takes most of the
time, some five minutes a round on two cores; FOLDER keeps the hard ones for the next time. It is best trained anew for
each classifier. What was tried stands in docs/notebook.md, "A second opinion".
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from digits.layers import Layers, write_networks
from digits.model import SECOND_OPINION, activations, model_path, probabilities, read_classifier, with_scaling
from digits.second_opinion import features_of
from digits.training.examples import NOT_A_DIGIT, Examples, fresh_examples
from digits.training.network import WEIGHT_DECAY, train_networks
from digits.training.patches import patch_dictionary
from digits.training.record import record_file

FIRST_ROUND: Final = 101
ROUNDS: Final = 9
"""Rounds of fresh examples; those of the classifier have lower numbers."""

CLEAR: Final = 0.995
"""Probability of a digit from which on an example is not hard, if it is the right one, and..."""

CLEAR_NO_DIGIT: Final = 0.98
"""...that of "not a digit" for what is none."""

NETWORKS: Final = 2
HIDDEN: Final = (192, 48)
"""How many networks, and the units of each."""

EPOCHS: Final = 4
"""Passes over the examples."""

SCALED_BY: Final = 50_000
"""Examples whose features tell by what each is divided, and..."""

SMALLEST_SPREAD: Final = 1e-3
"""...what is added to its standard deviation before."""

AT_ONCE: Final = 2_000
"""Pictures that the classifier sees at once."""


def hard_examples(classifier: Layers, seed: int, share: float) -> Examples:
    """Those of a round of fresh examples of which the classifier is not surely right: (n, 28, 28), (n,)."""
    hard = []
    for pictures, labels in fresh_examples(seed, share):
        found = np.concatenate([probabilities(activations(classifier, part)[1]) for part in _parts(pictures)])
        digit = found[:, :NOT_A_DIGIT]
        kept = np.where(
            digit.max(axis=1) < CLEAR,
            (labels < NOT_A_DIGIT) | (found[:, NOT_A_DIGIT] < CLEAR_NO_DIGIT),
            digit.argmax(axis=1) != labels,
        )
        hard.append((pictures[kept], labels[kept]))
    pictures, labels = (np.concatenate(column) for column in zip(*hard, strict=True))
    return pictures, labels


def _parts(pictures: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    return (pictures[start : start + AT_ONCE] for start in range(0, len(pictures), AT_ONCE))


def fitted(classifier: Layers, pictures: NDArray[np.uint8], labels: NDArray[np.int64]) -> list[Layers]:
    """The dictionary and the networks that have learnt from (n, 28, 28) pictures and (n,) labels 0..10.

    What they are told is worked out once, and lies in a temporary file: 8 kB an example.
    """
    dictionary = patch_dictionary(pictures)
    with TemporaryDirectory() as folder:
        networks, scaler = _learnt(_told(classifier, pictures, dictionary, Path(folder) / "told"), labels)
    return [dictionary, *(with_scaling(scaler, network) for network in networks)]


def _learnt(told: NDArray[np.float16], labels: NDArray[np.int64]) -> tuple[list[MLPClassifier], StandardScaler]:
    """Networks that have learnt from (n, features) and (n,) labels, and by what the features are scaled for them."""
    some = np.random.default_rng(0).permutation(len(labels))[:SCALED_BY]
    scaler = StandardScaler().fit(told[np.sort(some)].astype(np.float32))
    scaler.scale_ = np.sqrt(scaler.var_) + SMALLEST_SPREAD
    new = [MLPClassifier(HIDDEN, alpha=WEIGHT_DECAY, random_state=seed) for seed in range(NETWORKS)]
    networks = train_networks(new, lambda chosen, _: scaler.transform(told[chosen].astype(np.float32)), labels, EPOCHS)
    return networks, scaler


def _told(classifier: Layers, pictures: NDArray[np.uint8], dictionary: Layers, path: Path) -> NDArray[np.float16]:
    """(n, features) float16 in a new file, what the networks are told of (n, 28, 28) uint8 pictures."""

    def features(part: NDArray[np.uint8]) -> NDArray[np.float16]:
        return features_of(part, *activations(classifier, part), dictionary).astype(np.float16)

    told = np.memmap(path, np.float16, "w+", shape=(len(pictures), features(pictures[:1]).shape[1]))
    done = 0
    for part in tqdm(
        Parallel(n_jobs=-1, prefer="threads", return_as="generator")(map(delayed(features), _parts(pictures))),
        "what is told",
        -(-len(pictures) // AT_ONCE),
        mininterval=30,
    ):
        told[done : done + len(part)] = part
        done += len(part)
    return told


def train_second_opinion(
    folder: Path | None, rounds: int = ROUNDS, share: float = 1.0, kept: Path | None = None
) -> None:
    """Train for the classifier that lies in a folder, or in the project, and write the file there.

    Args:
        folder: of a model; None for the project's own.
        rounds: of fresh examples.
        share: 0..1 of the data sets, for a quick trial.
        kept: folder of hard examples: read where they are there, written otherwise; None for neither.

    """
    classifier = read_classifier(folder)
    hard = [_kept(classifier, seed, share, kept) for seed in range(FIRST_ROUND, FIRST_ROUND + rounds)]
    pictures, labels = (np.concatenate(column) for column in zip(*hard, strict=True))
    print(f"{len(labels):,} hard examples, {np.mean(labels == NOT_A_DIGIT):.0%} of them no digits")
    write_networks(model_path(SECOND_OPINION, folder), fitted(classifier, pictures, labels), eight_bits=True)


def _kept(classifier: Layers, seed: int, share: float, kept: Path | None) -> Examples:
    path = kept / f"hard_{seed}.npz" if kept is not None else None
    if path is not None and path.exists():
        with np.load(path, allow_pickle=False) as stored:
            return stored["pictures"], stored["labels"]
    pictures, labels = hard_examples(classifier, seed, share)
    if path is not None:
        np.savez_compressed(path, allow_pickle=False, pictures=pictures, labels=labels)
    return pictures, labels


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help="default: %(default)s")
    parser.add_argument("--share", type=float, default=1.0, help="share of the data, for a quick trial into --out")
    parser.add_argument("--examples", type=Path, metavar="FOLDER", help="of hard examples, to be made once only")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="of a model; default: the project's own places")
    wanted = parser.parse_args()
    if wanted.rounds < 1:
        parser.error("--rounds must be at least 1")
    if wanted.share != 1 and wanted.out is None:
        parser.error("--share needs --out: a trial must not take the place of the project's networks")
    train_second_opinion(wanted.out, wanted.rounds, wanted.share, wanted.examples)
    record_file(SECOND_OPINION, wanted.out)


if __name__ == "__main__":
    main()
