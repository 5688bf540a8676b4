"""Examples to train and to validate on: 28x28 pictures with labels 0..9, and 10 for "not a digit".

Kept out of all training, for choosing and calibrating: MNIST's last 5,000 training pictures, the drawings of six
of the pen writers, and a fifth of the letters.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from digits.normalise import normalise
from digits.training import datasets
from digits.training.augment import draw_strokes, variant
from digits.training.negatives import not_a_digit

NOT_A_DIGIT: Final = 10
VALIDATION_PICTURES: Final = 5_000
VALIDATION_WRITERS: Final = frozenset((3, 8, 13, 18, 23, 28))

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]
Examples = tuple[Pictures, Labels]
_Item = TypeVar("_Item")

CHUNK: Final = 500

DIGITS_IN_DISGUISE: Final = frozenset(
    f"{alphabet}/character{number:02d}"
    for alphabet, numbers in (
        ("Latin", (2, 7, 9, 10, 12, 15, 17, 19, 26)),
        ("Greek", (6, 9, 15, 18)),
        ("Korean", (21, 22, 27, 33, 37)),
        ("Early_Aramaic", (3, 6, 12, 16, 17)),
        ("Balinese", (5,)),
    )
    for number in numbers
)
"""Letters that a person without their context would take for a digit: o, l, z, s, b, q and their like."""


def mnist_train() -> Examples:
    """The 55,000 pictures that may be trained on."""
    pictures, labels = datasets.mnist("train")
    return pictures[:-VALIDATION_PICTURES], labels[:-VALIDATION_PICTURES]


def mnist_validation() -> Examples:
    """The 5,000 pictures that are kept out."""
    pictures, labels = datasets.mnist("train")
    return pictures[-VALIDATION_PICTURES:], labels[-VALIDATION_PICTURES:]


def pen_digits(*, validation: bool) -> list[datasets.PenDigit]:
    """The drawings of the writers kept out, or of all the others."""
    return [digit for digit in datasets.pendigits() if (digit.writer in VALIDATION_WRITERS) == validation]


def letters(*, validation: bool) -> Pictures:
    """Hand-drawn letters of which none is a digit in disguise; every fifth drawing is kept out."""
    drawings, names = datasets.omniglot()
    places = [
        place for place, name in enumerate(names) if name not in DIGITS_IN_DISGUISE and (place % 5 == 4) == validation
    ]
    return drawings[places]


def mnist_variants(seed: int) -> Examples:
    """A distorted copy of each MNIST training picture."""
    pictures, labels = mnist_train()

    def one(picture: Pictures, rng: Generator) -> Pictures:
        return variant(picture.astype(np.float32) / 255, rng)

    return _made(one, pictures, seed, "MNIST, distorted"), labels


def pen_drawings(seed: int, *, validation: bool) -> Examples:
    """A drawing of each pen digit with a pen of random width, distorted unless it is for validation."""
    digits = pen_digits(validation=validation)

    def one(digit: datasets.PenDigit, rng: Generator) -> Pictures:
        ink = draw_strokes(digit.strokes, rng.uniform(0.02, 0.16))
        return normalise(ink) if validation else variant(ink, rng, 0.8)

    labels = np.array([digit.label for digit in digits])
    return _made(one, digits, seed, "pen digits, drawn"), labels


def negatives(count: int, seed: int, *, validation: bool) -> Examples:
    """Things that are no digit."""
    alphabet = letters(validation=validation)
    digits = (mnist_validation() if validation else mnist_train())[0]

    def one(_: int, rng: Generator) -> Pictures:
        ink = not_a_digit(alphabet, digits, rng)
        return normalise(ink) if ink.any() else one(_, rng)

    return _made(one, range(count), seed, "not digits, drawn"), np.full(count, NOT_A_DIGIT)


def _made(
    make: Callable[[_Item, Generator], Pictures], items: "list[_Item] | NDArray[np.uint8] | range", seed: int, title: str
) -> Pictures:
    """`make` of every item, on all cores; the outcome depends on the seed alone."""
    def chunk(start: int) -> Pictures:
        rng = np.random.default_rng((seed, start))
        return np.stack([make(item, rng) for item in items[start : start + CHUNK]])

    starts = range(0, len(items), CHUNK)
    jobs: Iterator[Pictures] = Parallel(n_jobs=-1, return_as="generator")(delayed(chunk)(start) for start in starts)
    return np.concatenate(list(tqdm(jobs, title, len(starts), unit="chunk")))

