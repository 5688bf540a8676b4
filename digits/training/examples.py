"""Examples to train and to validate on: 28x28 pictures with labels 0..9, and 10 for "not a digit".

Kept out of all training, for choosing and calibrating: MNIST's last 5,000 training pictures, six writers of the Turkish
pen digits, a fifth of UNIPEN's writers, four Swiss writers, and a fifth of what is no digit.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Final, NamedTuple, TypeVar

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from digits.data.datasets import mnist_train, mnist_validation
from digits.normalise import normalise
from digits.pen import Ink
from digits.training import hands
from digits.training.augment import distort, variant
from digits.training.hands import FONT_STRENGTH, MAX_PEN, MAX_STYLED_PEN, STRENGTH, Digit, as_it_is, drawn
from digits.training.negatives import letter_or_sign, not_a_digit, thing
from digits.training.photographed_digits import photographed_digits
from digits.training.styles import styled_digit

NOT_A_DIGIT: Final = 10
"""Label of what is no digit."""

VALIDATION_NEGATIVES: Final = 4_000
"""How many things that are no digit stand in each kept-out set of them."""

NEGATIVES_A_ROUND: Final = 30_000
"""How many things that are no digit stand in each round of training."""

STYLED: Final = 5_000
"""How many digits in styles that MNIST lacks stand in each round."""

MNIST_STRENGTHS: Final = (0.4, 1.0)
"""How strongly MNIST's pictures are distorted; see `digits.training.augment.distort`."""

FRESH_NEGATIVES: Final = 60_000
"""How many things that are no digit stand in each round of fresh examples, and..."""

FRESH_KINDS: Final = 30_000
"""...how many letters and signs of UNIPEN, and as many icons, emoji, doodles and solid things, besides."""

FRESH_STRENGTHS: Final = (0.3, 1.0)
"""How strongly these are distorted; see `digits.training.augment.distort`."""

FRESH_FORMS: Final = 75
"""How many made forms are read in each of these rounds, and..."""

FRESH_MADE_TIMES: Final = 3
"""...how often what is seen of them stands there."""

CHUNK: Final = 500
"""Examples that a process makes at once, from a seed of their own."""

MIN_EXAMPLES: Final = 50
"""So many are taken at least, however small the share of a trial is."""

MADE_TIMES: Final = 4
"""How often what is seen of made photographs stands among the examples."""

UNCHANGED: Final = 2
"""How often MNIST's pictures stand among the examples as they are."""

MNIST: Final = "MNIST"
STYLES: Final = "styles drawn by hand"
MADE_PHOTOGRAPHS: Final = "made photographs and scans"
OWN: Final = "digits of one's own"
NEGATIVES: Final = "not digits"
MNIST_KEPT_OUT: Final = "MNIST, kept out"
PEN_DIGITS_KEPT_OUT: Final = "pen digits, writers kept out"
UNIPEN_KEPT_OUT: Final = "UNIPEN, writers kept out"
SWISS_KEPT_OUT: Final = "Swiss scans, writers kept out"
FONTS_KEPT_OUT: Final = "fonts, families kept out"
TYPE_KEPT_OUT: Final = "typefaces, families kept out"
NEGATIVES_KEPT_OUT: Final = "not digits, kept out"
LETTERS_KEPT_OUT: Final = "letters and signs, writers kept out"
THINGS_KEPT_OUT: Final = "icons, emoji, doodles, solid things, kept out"

Pictures = NDArray[np.uint8]
Labels = NDArray[np.int64]
Examples = tuple[Pictures, Labels]
_Item = TypeVar("_Item")


class Source(NamedTuple):
    """Digits that are drawn anew so many times a round, and how strongly they are distorted then."""

    digits: Callable[[], list[Digit]]
    times: int
    strength: float = STRENGTH


SOURCES: Final = {
    "pen digits": Source(partial(hands.pen_digits, kept_out=False), 2),
    "UNIPEN": Source(partial(hands.unipen_digits, kept_out=False), 2),
    "Swiss scans": Source(partial(hands.swiss_digits, kept_out=False), 1),
    "Semeion": Source(hands.italian_digits, 1),
    "optdigits": Source(hands.form_digits, 1),
    "fonts": Source(partial(hands.font_digits, kept_out=False), 2, FONT_STRENGTH),
    "typefaces": Source(partial(hands.type_digits, kept_out=False), 12, FONT_STRENGTH),
}
"""Sources of digits beside MNIST, each of which earned its place (docs/notebook.md)."""


def training_examples(
    rounds: Iterable[int],
    share: float,
    mnist_times: int = 1,
    forms: int = 0,
    kinds: int = 0,
    own: Examples | None = None,
) -> tuple[Pictures, Labels, dict[str, int]]:
    """MNIST as it is, and in each round another variant of everything, shuffled.

    Args:
        rounds: their numbers, from which the variants come.
        share: 0..1 of the data sets, for a quick trial.
        mnist_times: how often MNIST's digits are varied in each round.
        forms: that are made, filled in, photographed and read in each round; see `photographed_digits`.
        kinds: letters and signs of UNIPEN, and as many icons, emoji, doodles and solid things, besides, in each round.
        own: digits of one's own, varied as MNIST's; all of them, whatever the share.

    Returns:
        The pictures, their labels, and how many come from each source.

    """
    mnist = first(share, mnist_train())
    parts: defaultdict[str, list[Examples]] = defaultdict(list, {MNIST: [mnist] * UNCHANGED})
    if own is not None:
        parts[OWN] += [own] * UNCHANGED
    for seed in rounds:
        parts[MNIST] += [(_mnist_variants(mnist[0], (seed, number)), mnist[1]) for number in range(mnist_times)]
        for title, source in SOURCES.items():
            digits = _spread(source.digits(), share)
            parts[title] += [_drawings(title, digits, source.strength, (seed, time)) for time in range(source.times)]
        if own is not None:
            parts[OWN].append((_mnist_variants(own[0], (seed, 0)), own[1]))
        if forms:
            parts[MADE_PHOTOGRAPHS] += [photographed_digits(seed, math.ceil(share * forms))] * MADE_TIMES
        parts[STYLES].append(_styled_digits(share_of(share, STYLED), seed))
        parts[NEGATIVES].append(_negatives(share_of(share, NEGATIVES_A_ROUND), seed, validation=False))
        if kinds:
            parts[NEGATIVES] += _kinds(share_of(share, kinds), seed)
    counts = {title: sum(len(labels) for _, labels in found) for title, found in parts.items()}
    pictures, labels = (np.concatenate(column) for column in zip(*chain(*parts.values()), strict=True))
    order = np.random.default_rng(0).permutation(len(labels))
    return pictures[order], labels[order], counts


def fresh_examples(seed: int, share: float) -> Iterator[Examples]:
    """Another variant of digits of every source, and more of what is no digit: parts of a round of this number."""
    pictures, labels = first(share, mnist_train())
    yield _mnist_variants(pictures, (seed, 0)), labels
    for title, source in SOURCES.items():
        yield _drawings(title, _spread(source.digits(), share), source.strength, (seed, 0))
    made = photographed_digits(seed, math.ceil(share * FRESH_FORMS))
    yield from [made] * FRESH_MADE_TIMES
    yield _styled_digits(share_of(share, STYLED), seed)
    yield _negatives(share_of(share, FRESH_NEGATIVES), seed, validation=False)
    yield from _kinds(share_of(share, FRESH_KINDS), seed)


def validation_sets(share: float = 1.0) -> dict[str, Examples]:
    """Everything that is kept out of training, by name; `share` of it (0..1) for a quick trial."""
    return {
        MNIST_KEPT_OUT: first(share, mnist_validation()),
        PEN_DIGITS_KEPT_OUT: _as_they_are(hands.pen_digits(kept_out=True), share),
        UNIPEN_KEPT_OUT: _as_they_are(hands.unipen_digits(kept_out=True), share),
        SWISS_KEPT_OUT: _as_they_are(hands.swiss_digits(kept_out=True), share),
        FONTS_KEPT_OUT: _as_they_are(hands.font_digits(kept_out=True), share),
        TYPE_KEPT_OUT: _as_they_are(hands.type_digits(kept_out=True), share),
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


def _mnist_variants(pictures: Pictures, seed: tuple[int, int]) -> Pictures:
    """Another variant of each (28, 28) picture."""

    def one(picture: Pictures, rng: Generator) -> Pictures:
        return variant(picture.astype(np.float32) / np.float32(255), rng, rng.uniform(*MNIST_STRENGTHS))

    return _made(one, list(pictures), seed, f"{MNIST}, {seed[0]}")


def _spread(digits: list[Digit], share: float) -> list[Digit]:
    """That share (0..1) of the digits, from all over the list."""
    count = min(share_of(share, len(digits)), len(digits))
    return [digits[place] for place in np.linspace(0, len(digits) - 1, count).astype(np.intp)]


def _drawings(title: str, digits: list[Digit], strength: float, seed: tuple[int, int]) -> Examples:
    def one(digit: Digit, rng: Generator) -> Pictures:
        return drawn(digit.shape, rng, MAX_PEN, strength)

    return _made(one, digits, seed, f"{title}, {seed[0]}"), _labels(digits)


def _as_they_are(digits: list[Digit], share: float) -> Examples:
    chosen = _spread(digits, share)
    rng = np.random.default_rng(0)
    return np.stack([as_it_is(digit.shape, rng) for digit in chosen]), _labels(chosen)


def _styled_digits(count: int, seed: int) -> Examples:
    rng = np.random.default_rng((seed, count))
    digits = [Digit(*styled_digit(rng)) for _ in range(count)]

    def one(digit: Digit, rng: Generator) -> Pictures:
        return drawn(digit.shape, rng, MAX_STYLED_PEN, STRENGTH)

    return _made(one, digits, (seed, 0), f"{STYLES}, {seed}"), _labels(digits)


def _labels(digits: list[Digit]) -> Labels:
    return np.array([digit.label for digit in digits])


def _negatives(count: int, seed: int, *, validation: bool) -> Examples:
    digits = (mnist_validation() if validation else mnist_train())[0]

    def one(number: int, rng: Generator) -> Pictures:
        ink = not_a_digit(digits, rng, kept_out=validation)
        return normalise(ink) if ink.any() else one(number, rng)

    return _made(one, list(range(count)), (seed, 0), f"{NEGATIVES}, {seed}"), np.full(count, NOT_A_DIGIT)


def _kinds(count: int, seed: int) -> list[Examples]:
    """So many letters and signs, and so many things."""
    return [_distorted(make, count, (seed, number)) for number, make in enumerate((letter_or_sign, thing), 1)]


def _distorted(make: Callable[..., Ink], count: int, seed: tuple[int, int]) -> Examples:
    """Things that are no digit, of those that may be trained on."""

    def one(number: int, rng: Generator) -> Pictures:
        ink = distort(make(rng, kept_out=False), rng, rng.uniform(*FRESH_STRENGTHS))
        return normalise(ink) if ink.any() else one(number, rng)

    return _made(one, list(range(count)), seed, make.__name__), np.full(count, NOT_A_DIGIT)


def _as_drawn(make: Callable[..., Ink], share: float, title: str) -> Examples:
    """Things that are no digit as they were drawn, kept out of training."""

    def one(_: int, rng: Generator) -> Pictures:
        return normalise(make(rng, kept_out=True))

    count = share_of(share, VALIDATION_NEGATIVES)
    return _made(one, list(range(count)), (0, 0), title), np.full(count, NOT_A_DIGIT)


def _made(
    make: Callable[[_Item, Generator], Pictures], items: list[_Item], seed: tuple[int, int], title: str
) -> Pictures:
    """`make` of every item, on all cores; the outcome depends on the seed alone."""
    starts = range(0, len(items), CHUNK)
    jobs = Parallel(n_jobs=-1, return_as="generator")(
        delayed(_made_chunk)(make, items[start : start + CHUNK], (*seed, start)) for start in starts
    )
    return np.concatenate(list(tqdm(jobs, title, len(starts), unit="chunk", mininterval=5)))


def _made_chunk(make: Callable[[_Item, Generator], Pictures], items: list[_Item], seed: tuple[int, ...]) -> Pictures:
    rng = np.random.default_rng(seed)
    return np.stack([make(item, rng) for item in items])
