"""Train small classifiers in seconds: what HOG and scaling are worth, and what your own digits add.

    python -m examples.train_small                    on the 2,000 known digits that come with the program
    python -m examples.train_small class.zip          on digits of your own too, exported as IDX, PNG or CSV

Three quarters of each set teach, the last quarter is kept out and asked about. It needs no network and no data sets;
`train.py` trains the real one.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from digits.exports import ExportError, read
from digits.features import SIDE, hog_features
from digits.known import known_digits

KEPT_OUT: Final = 4
"""Every fourth digit is kept out."""

ROUNDS: Final = 300
"""Steps of the linear classifiers, at most, and..."""

HIDDEN: Final = 64
"""...units of the network's hidden layer."""


class Digits(NamedTuple):
    """Pictures, (n, 28, 28) uint8 with bright ink, and what each shows, (n,) 0..9."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.intp]


def sets(files: list[Path]) -> dict[str, Digits]:
    """The known digits, and those of each file, by a name for the table.

    Raises:
        ExportError: a file is no exported data set.
        OSError: a file cannot be opened.

    """
    known = known_digits()
    are_digits = known.labels < 10
    found = {"known digits": Digits(known.pictures[are_digits], known.labels[are_digits])}
    for file in files:
        own = read(file)
        found[file.name] = Digits(own.pictures, own.labels.astype(np.intp))
    return found


def candidates() -> dict[str, Pipeline]:
    """What is compared, from the plainest to what the program does, only smaller."""
    pixels = FunctionTransformer(lambda pictures: pictures.reshape(-1, SIDE * SIDE) / 255)
    hog = FunctionTransformer(hog_features)
    return {
        "pixels, linear": make_pipeline(pixels, LogisticRegression(max_iter=ROUNDS)),
        "HOG, linear": make_pipeline(hog, LogisticRegression(max_iter=ROUNDS)),
        "HOG, scaled, linear": make_pipeline(hog, StandardScaler(), LogisticRegression(max_iter=ROUNDS)),
        "HOG, network": make_pipeline(hog, network()),
        "HOG, scaled, network": make_pipeline(hog, StandardScaler(), network()),
    }


def network() -> MLPClassifier:
    """One hidden layer, which learns until a tenth of what it is given, kept aside, is read no better."""
    return MLPClassifier(HIDDEN, early_stopping=True, random_state=0)


def is_kept_out(digits: Digits) -> NDArray[np.bool_]:
    """Every fourth of each digit, so that all ten are asked about: (n,) bool."""
    place = np.zeros(len(digits.labels), np.intp)
    for label in range(10):
        of_label = digits.labels == label
        place[of_label] = np.arange(np.count_nonzero(of_label))
    return np.asarray(place % KEPT_OUT == KEPT_OUT - 1)


def main() -> None:
    """Read the command line, train each candidate, and print a row for it."""
    parser = argparse.ArgumentParser(
        "python -m examples.train_small", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="zip file of digits of your own")
    try:
        digits = sets(parser.parse_args().files)
    except (ExportError, OSError) as error:
        sys.exit(str(error))
    kept_out = {name: is_kept_out(each) for name, each in digits.items()}
    pictures = np.concatenate([each.pictures[~kept_out[name]] for name, each in digits.items()])
    labels = np.concatenate([each.labels[~kept_out[name]] for name, each in digits.items()])
    print(f"{len(labels):,} digits teach\n")
    print(f"| candidate | seconds | steps | {' | '.join(f'{name}: right' for name in digits)} |")
    print("|---|---:|---:|" + "---:|" * len(digits))
    for name, candidate in candidates().items():
        started = time.perf_counter()
        candidate.fit(pictures, labels)
        seconds = time.perf_counter() - started
        right = [
            float(np.mean(candidate.predict(each.pictures[kept_out[of]]) == each.labels[kept_out[of]]))
            for of, each in digits.items()
        ]
        steps = np.max(candidate[-1].n_iter_)
        print(f"| {name} | {seconds:.1f} | {steps} | {' | '.join(f'{share:.1%}' for share in right)} |", flush=True)


if __name__ == "__main__":
    main()
