"""Pictures that a candidate is held in place by, and golden sets that it must not read worse than before.

What is rehearsed may be trained on; the golden sets are by writers, and of things, that are kept out of all training.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import islice, repeat
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator

from digits.data.datasets import mnist_train, mnist_validation
from digits.data.fetching import data_folder
from digits.evaluation.numbers import ReadNumber, folder_of_numbers, read_all, sets_of_composed_numbers
from digits.evaluation.scores import Outcome, predict_with, read_folder
from digits.normalise import normalise
from digits.pen import Ink
from digits.recogniser import Recogniser, decide
from digits.taught import NO_DIGIT, Taught
from digits.training import hands
from digits.training.hands import Digit, as_it_is
from digits.training.negatives import letter_or_sign, thing

REHEARSED: Final = 1_500
"""Pictures of each kind that are rehearsed: MNIST, pen digits of two sources, letters and signs, things."""

NO_DIGITS: Final = 2_000
"""Pictures in each golden set of what is no digit."""

NUMBERS: Final = 100
"""Numbers in each golden set that is composed of digits."""

MIN_PICTURES: Final = 5
"""So many are in a golden set at least, however small the share of a trial is."""

AT_ONCE: Final = 1_000
"""Pictures of 28x28 that are read at once."""

Answers = Sequence[Outcome] | Sequence[ReadNumber]
"""How each picture of a set was read."""

GoldenSet = Callable[[Recogniser], Answers]
"""Has its pictures read, always in the same order."""


@cache
def rehearsed() -> Taught:
    """Digits and what is no digit, of those that may be trained on; the same ones each time."""
    rng = np.random.default_rng(0)
    pictures, labels = mnist_train()
    parts = [Taught(pictures[:REHEARSED], labels[:REHEARSED].astype(np.intp))]
    for digits in (hands.pen_digits(kept_out=False), hands.unipen_digits(kept_out=False)):
        places = rng.choice(len(digits), REHEARSED, replace=False)
        parts.append(_as_written([digits[place] for place in places], rng))
    parts += [_no_digits(partial(make, kept_out=False), REHEARSED, rng) for make in (letter_or_sign, thing)]
    return Taught(np.concatenate([part.pictures for part in parts]), np.concatenate([part.labels for part in parts]))


@cache
def golden_sets(share: float = 1.0) -> dict[str, GoldenSet]:
    """The golden sets by name; those by strangers are called real/FOLDER.

    Args:
        share: 0..1 of the sets that take long: what is no digit, numbers, strangers' pictures.

    Raises:
        DataSetError: a data set is not to be had.

    """
    rng = np.random.default_rng(1)
    pictures, labels = mnist_validation()
    composed = [list(numbers) for _, numbers in sets_of_composed_numbers(share_of(share, NUMBERS))]
    return {
        "mnist": _each(Taught(pictures, labels.astype(np.intp))),
        "pen_digits": _each(_as_written(hands.pen_digits(kept_out=True), rng)),
        "unipen": _each(_as_written(hands.unipen_digits(kept_out=True), rng)),
        "letters": _each(_no_digits(partial(letter_or_sign, kept_out=True), share_of(share, NO_DIGITS), rng)),
        "things": _each(_no_digits(partial(thing, kept_out=True), share_of(share, NO_DIGITS), rng)),
        "numbers": partial(read_all, pictures=[number for numbers in composed for number in numbers]),
        **_by_strangers(share),
    }


def _by_strangers(share: float) -> dict[str, GoldenSet]:
    """Real pictures where the data folder has them: they are only ever measured on."""
    data = data_folder()
    folders = sorted(data.glob("real/*/")) if data is not None else []
    return {f"real/{folder.name}": _folder(folder, share) for folder in folders}


def _folder(folder: Path, share: float) -> GoldenSet:
    if folder.name.startswith("number"):
        numbers = folder_of_numbers(folder)
        return partial(read_all, pictures=numbers[: share_of(share, len(numbers))])
    return lambda recogniser: read_folder(folder, predict_with(recogniser), share)


def read_each(recogniser: Recogniser, taught: Taught) -> list[Outcome]:
    """How pictures of 28x28 are read, each by itself."""
    views = (
        view
        for start in range(0, len(taught), AT_ONCE)
        for view in recogniser.predict_proba(taught.pictures[start : start + AT_ONCE])
    )
    return [
        Outcome(str(number), None if label == NO_DIGIT else int(label), *decide(view))
        for number, (label, view) in enumerate(zip(taught.labels, views, strict=True))
    ]


def share_of(share: float, total: int) -> int:
    """How many that share (0..1) of the total is; `MIN_PICTURES` at least, where there are as many."""
    return min(total, max(MIN_PICTURES, round(share * total)))


def _each(taught: Taught) -> GoldenSet:
    return partial(read_each, taught=taught)


def _as_written(digits: Sequence[Digit], rng: Generator) -> Taught:
    pictures = [as_it_is(digit.shape, rng) for digit in digits]
    return Taught(np.stack(pictures), np.array([digit.label for digit in digits], np.intp))


def _no_digits(make: Callable[[Generator], Ink], count: int, rng: Generator) -> Taught:
    drawn = (make(rng) for _ in repeat(None))
    pictures = [normalise(ink) for ink in islice(filter(np.any, drawn), count)]
    return Taught(np.stack(pictures), np.full(count, NO_DIGIT))
