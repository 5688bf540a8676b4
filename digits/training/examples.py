"""Examples to train and to validate on: 28x28 pictures with labels 0..9, and 10 for "not a digit".

Kept out of all training, for choosing and calibrating: MNIST's last 5,000 training pictures, the drawings of six
of the pen writers, and a fifth of the letters.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from digits.data import datasets
from digits.data.datasets import VALIDATION_WRITERS
from digits.data.pen import Ink, Strokes, draw_strokes
from digits.normalise import normalise
from digits.training.augment import fill_loop, leaning, variant
from digits.training.negatives import letter_or_sign, not_a_digit, thing
from digits.training.styles import styled_digit

NOT_A_DIGIT: Final = 10
"""Label of what is no digit."""

VALIDATION_PICTURES: Final = 5_000
"""So many of MNIST's training pictures, the last ones, are kept out."""

VALIDATION_NEGATIVES: Final = 4_000
"""How many things that are no digit stand in each kept-out set of them."""

NEGATIVES: Final = 30_000
"""How many things that are no digit stand in each round of training."""

STYLED: Final = 5_000
"""How many digits in styles that MNIST lacks stand in each round."""

PENS: Final = 2
"""How often each pen digit is drawn in a round."""

MIN_PEN: Final = 0.02
MAX_PEN: Final = 0.16
MAX_STYLED_PEN: Final = 0.12
"""Width of the pen that draws strokes, and at most that of digits in other styles, as shares of the longer side."""

LEAN: Final = 0.15
"""Spread of the slant that what is drawn from strokes gets, as a share of its height."""

FILLED: Final = 0.15
"""Share of what is drawn from strokes that gets a loop filled, if it has a small one."""

MNIST_STRENGTHS: Final = (0.4, 1.0)
STROKE_STRENGTH: Final = 0.8
"""How strongly MNIST's pictures and drawn strokes are distorted; see `digits.training.augment.distort`."""

CHUNK: Final = 500
"""Examples that a process makes at once, from a seed of their own."""

MIN_EXAMPLES: Final = 100
"""So many are taken at least, however small the share of a trial is."""

MNIST_KEPT_OUT: Final = "MNIST, kept out"
PEN_DIGITS_KEPT_OUT: Final = "pen digits, writers kept out"
NEGATIVES_KEPT_OUT: Final = "not digits, kept out"
LETTERS_KEPT_OUT: Final = "letters and signs, writers kept out"
THINGS_KEPT_OUT: Final = "icons, emoji, doodles, solid things, kept out"

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]
Examples = tuple[Pictures, Labels]
_Item = TypeVar("_Item")


def mnist_train() -> Examples:
    """The 55,000 pictures that may be trained on."""
    pictures, labels = datasets.mnist("train")
    return pictures[:-VALIDATION_PICTURES], labels[:-VALIDATION_PICTURES]


def mnist_validation() -> Examples:
    """The 5,000 pictures that are kept out."""
    pictures, labels = datasets.mnist("train")
    return pictures[-VALIDATION_PICTURES:], labels[-VALIDATION_PICTURES:]


def training_examples(rounds: int, share: float) -> Examples:
    """MNIST as it is, and in each round another variant of everything, shuffled.

    Args:
        rounds: how many variants of each digit.
        share: 0..1 of the data sets, for a quick trial.

    """
    pictures, labels = first(share, mnist_train())
    parts = [(pictures, labels)] * 2
    for seed in range(1, rounds + 1):
        parts.append((_mnist_variants(pictures, seed), labels))
        parts += [_pen_drawings(seed * 10 + pen, share, validation=False) for pen in range(PENS)]
        parts.append(_styled_digits(share_of(share, STYLED), seed))
        parts.append(_negatives(share_of(share, NEGATIVES), seed, validation=False))
    order = np.random.default_rng(0).permutation(sum(len(part) for _, part in parts))
    return np.concatenate([part for part, _ in parts])[order], np.concatenate([part for _, part in parts])[order]


def validation_sets(share: float = 1.0) -> dict[str, Examples]:
    """Everything that is kept out of training, by name; `share` of it (0..1) for a quick trial."""
    return {
        MNIST_KEPT_OUT: first(share, mnist_validation()),
        PEN_DIGITS_KEPT_OUT: _pen_drawings(0, share, validation=True),
        NEGATIVES_KEPT_OUT: _negatives(share_of(share, VALIDATION_NEGATIVES), 0, validation=True),
        LETTERS_KEPT_OUT: _as_drawn(letter_or_sign, share, LETTERS_KEPT_OUT),
        THINGS_KEPT_OUT: _as_drawn(thing, share, THINGS_KEPT_OUT),
    }


def first(share: float, examples: Examples) -> Examples:
    """That share (0..1) of the examples, from the first on; `MIN_EXAMPLES` of them at least."""
    pictures, labels = examples
    count = share_of(share, len(labels))
    return pictures[:count], labels[:count]


def share_of(share: float, total: int) -> int:
    """How many that share (0..1) of the total is; `MIN_EXAMPLES` at least."""
    return max(MIN_EXAMPLES, round(share * total))


def _mnist_variants(pictures: Pictures, seed: int) -> Pictures:
    def one(picture: Pictures, rng: Generator) -> Pictures:
        return variant(picture.astype(np.float32) / np.float32(255), rng, rng.uniform(*MNIST_STRENGTHS))

    return _made(one, list(pictures), seed, f"MNIST, variant {seed}")


def _pen_drawings(seed: int, share: float, *, validation: bool) -> Examples:
    """Each pen digit drawn with a pen of random width, and distorted unless it is for validation."""
    digits = [digit for digit in datasets.pendigits() if (digit.writer in VALIDATION_WRITERS) == validation]
    digits = digits[: share_of(share, len(digits))]

    def one(digit: datasets.PenDigit, rng: Generator) -> Pictures:
        if validation:
            return normalise(draw_strokes(digit.strokes, rng.uniform(MIN_PEN, MAX_PEN)))
        return _drawn(digit.strokes, MAX_PEN, rng)

    labels = np.array([digit.label for digit in digits])
    return _made(one, digits, seed, f"pen digits, drawing {seed}"), labels


def _styled_digits(count: int, seed: int) -> Examples:
    rng = np.random.default_rng((seed, count))
    digits = [styled_digit(rng) for _ in range(count)]

    def one(strokes: Strokes, rng: Generator) -> Pictures:
        return _drawn(strokes, MAX_STYLED_PEN, rng)

    drawn = _made(one, [strokes for strokes, _ in digits], seed, f"other styles, set {seed}")
    return drawn, np.array([label for _, label in digits])


def _drawn(strokes: Strokes, max_pen: float, rng: Generator) -> Pictures:
    ink = draw_strokes(leaning(strokes, LEAN, rng), rng.uniform(MIN_PEN, max_pen))
    return variant(fill_loop(ink, rng) if rng.random() < FILLED else ink, rng, STROKE_STRENGTH)


def _negatives(count: int, seed: int, *, validation: bool) -> Examples:
    digits = (mnist_validation() if validation else mnist_train())[0]

    def one(number: int, rng: Generator) -> Pictures:
        ink = not_a_digit(digits, rng, kept_out=validation)
        return normalise(ink) if ink.any() else one(number, rng)

    return _made(one, list(range(count)), seed, f"not digits, set {seed}"), np.full(count, NOT_A_DIGIT)


def _as_drawn(make: Callable[..., Ink], share: float, title: str) -> Examples:
    """Things that are no digit as they were drawn, kept out of training."""

    def one(_: int, rng: Generator) -> Pictures:
        return normalise(make(rng, kept_out=True))

    count = share_of(share, VALIDATION_NEGATIVES)
    return _made(one, list(range(count)), 0, title), np.full(count, NOT_A_DIGIT)


def _made(make: Callable[[_Item, Generator], Pictures], items: list[_Item], seed: int, title: str) -> Pictures:
    """`make` of every item, on all cores; the outcome depends on the seed alone."""
    starts = range(0, len(items), CHUNK)
    jobs = Parallel(n_jobs=-1, return_as="generator")(
        delayed(_made_chunk)(make, items[start : start + CHUNK], (seed, start)) for start in starts
    )
    return np.concatenate(list(tqdm(jobs, title, len(starts), unit="chunk", mininterval=5)))


def _made_chunk(make: Callable[[_Item, Generator], Pictures], items: list[_Item], seed: tuple[int, int]) -> Pictures:
    rng = np.random.default_rng(seed)
    return np.stack([make(item, rng) for item in items])
