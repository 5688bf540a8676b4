"""Digits as the program cuts them out of made photographs and scans: with uneven edges, closed loops, rests of lines.

Forms and lines of numbers (`digits.data.composed_forms`) are read with the project's own model, and what it finds is
what was written there, if it is as many digits. Of photographs of one digit (`digits.training.pages`) each ink
candidate that lies where the digit was written shows it, if a person could read it.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain, islice
from typing import Final

import numpy as np
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from digits.answers import covered
from digits.candidate_judge import NOT_A_DIGIT
from digits.data.composed_forms import ComposedForm, composed_form
from digits.data.composed_numbers import Source, from_pictures, from_strokes
from digits.data.datasets import PenDigit, mnist_train
from digits.data.form_pictures import Medium
from digits.data.form_sheets import FormKind
from digits.decode import MAX_SIDE, Picture
from digits.features import SIDE
from digits.ink import digit_candidates
from digits.ink.digit import DigitCandidate
from digits.normalise import normalise
from digits.number.found import Found, Page
from digits.number.page import best_page
from digits.pen import box
from digits.recogniser import Recogniser
from digits.training.hands import Digit, font_digits, pen_digits, swiss_digits, type_digits, unipen_digits
from digits.training.judged_pictures import is_readable
from digits.training.pages import composed_page, hands_and_straight_strokes

PAGES: Final = 2
"""Photographs of one digit for each form."""

KINDS: Final[tuple[FormKind, ...]] = (
    "boxes",
    "comb",
    "grid",
    "table",
    "drawn table",
    "squares",
    "plain",
    "plain",
    "sudoku",
    "ruled",
    "squared",
    "large grid",
    "large table",
    "large plain",
    "large ruled",
)
"""Of forms, each as often as it stands here."""

PHOTOGRAPHED: Final = 0.7
"""Share of the forms that are photographed; the others are scanned."""

TIGHT: Final = 0.4
"""Share of the photographs of one digit that are closely cut out."""

WRITTEN_BY: Final = {"pens": 0.55, "MNIST": 0.2, "Swiss scans": 0.1, "fonts": 0.08, "typefaces": 0.07}
"""Share of the forms that are filled in with these digits. Set by hand."""

MIN_COVERED: Final = 0.5
"""Intersection over union from which on a cell that was found is one that was printed, and..."""

MIN_COVERED_DIGIT: Final = 0.6
"""...a candidate is the digit that was written."""

MIN_ASPECT: Final = 0.6
"""Width by height that a digit's box is taken for at least, as that of an upright 1 is hardly anything."""

MIN_HEIGHT: Final = 0.3
"""Height of a digit by its cell's; what is lower is litter."""

MAX_CANDIDATES: Final = 3
"""Ink candidates of a photograph of one digit that are taken."""

UNREADABLE: Final = 0.9
"""Probability of "not a digit" from which on a candidate has lost the digit."""

CHUNK: Final = 20
"""Forms or photographs that a process makes at once."""

_Examples = tuple[NDArray[np.uint8], NDArray[np.int64]]
_Labelled = Iterator[tuple[NDArray[np.uint8], int]]


def photographed_digits(seed: int, forms: int) -> _Examples:
    """What is seen of so many forms, and of `PAGES` times as many photographs of one digit: (n, 28, 28), (n,) labels.

    Args:
        seed: of the first ones.
        forms: how many.

    """
    jobs = [
        delayed(_chunk)(make, range(start, min(start + CHUNK, count)), (seed, number))
        for number, (make, count) in enumerate(((_of_a_form, forms), (_of_a_page, PAGES * forms)))
        for start in range(0, count, CHUNK)
    ]
    made = Parallel(n_jobs=-1, return_as="generator")(jobs)
    title = f"made photographs, {seed}"
    pictures, labels = zip(*tqdm(made, title, len(jobs), unit="chunk", mininterval=5), strict=True)
    return np.concatenate(pictures), np.concatenate(labels)


def _chunk(make: Callable[[Generator, Recogniser], _Labelled], numbers: range, seed: tuple[int, int]) -> _Examples:
    recogniser = _recogniser()
    found = [each for number in numbers for each in make(np.random.default_rng((*seed, number)), recogniser)]
    pictures = np.array([picture for picture, _ in found], np.uint8).reshape(-1, SIDE, SIDE)
    return pictures, np.array([label for _, label in found], np.int64)


@cache
def _recogniser() -> Recogniser:
    return Recogniser.load()


def _of_a_form(rng: Generator, recogniser: Recogniser) -> _Labelled:
    kind = KINDS[int(rng.integers(len(KINDS)))]
    medium: Medium = "photographed" if rng.random() < PHOTOGRAPHED else "scanned"
    source = _source(str(rng.choice([*WRITTEN_BY], p=[*WRITTEN_BY.values()])))
    form = composed_form(rng, source, kind, medium)
    page = best_page(recogniser, Picture.of_pixels(form.picture).pixels)
    if page is not None and not page.turn:
        for found, label in _labelled(form, page):
            for seen in found.seen:
                yield seen, label


@cache
def _source(hands: str) -> Source:
    if hands == "MNIST":
        return from_pictures(*mnist_train())
    if hands == "pens":
        pens = [*pen_digits(kept_out=False), *unipen_digits(kept_out=False)]
        return from_strokes([PenDigit(digit.shape, digit.label, 0) for digit in pens if isinstance(digit.shape, list)])
    made: dict[str, Callable[..., list[Digit]]] = {
        "Swiss scans": swiss_digits,
        "fonts": font_digits,
        "typefaces": type_digits,
    }
    digits = made[hands](kept_out=False)
    pictures = [np.asarray(255 * np.asarray(digit.shape, np.float32), np.uint8) for digit in digits]
    return from_pictures(pictures, np.array([digit.label for digit in digits]))


def _labelled(form: ComposedForm, page: Page) -> Iterator[tuple[Found, int]]:
    """What was found where as many digits were written, and which they are."""
    if not form.cells:
        lines = [digits for line in page.lines if (digits := [found for found in line if found.is_digit])]
        texts = [line.replace(" ", "") for line in form.lines]
        if [*map(len, lines)] == [*map(len, texts)]:
            yield from zip(chain.from_iterable(lines), map(int, "".join(texts)), strict=True)
        return
    if page.cells is None or not len(page.cells.boxes):
        return
    of_cells, boxes = page.by_cell(), [page.placed(box) for box in page.cells.boxes]
    for wanted in form.cells:
        shares = [covered(box, wanted.box) for box in boxes]
        place = int(np.argmax(shares))
        lowest = MIN_HEIGHT * (wanted.box[3] - wanted.box[1]) * page.enlarged
        found = [each for line in of_cells.get(place + 1, []) for each in line if each.hypothesis.height >= lowest]
        if shares[place] > MIN_COVERED and len(found) == len(wanted.text):
            yield from zip(found, map(int, wanted.text), strict=True)


def _of_a_page(rng: Generator, recogniser: Recogniser) -> _Labelled:
    hands = hands_and_straight_strokes(kept_out=False)
    page = composed_page(rng, hands, "tight" if rng.random() < TIGHT else "one digit")
    if not page.labels or not is_readable(page):
        return
    shown = Picture.of_pixels(page.picture).within(MAX_SIDE).pixels
    written = _broadened(page.boxes[0] * (shown.shape[0] / page.picture.shape[0]))
    candidates = digit_candidates(shown, recogniser.model.pixel_classifier)
    for candidate in islice(candidates, MAX_CANDIDATES):
        if covered(_broadened(_box(candidate)), written) > MIN_COVERED_DIGIT:
            seen = normalise(candidate.ink)
            if recogniser.model.predict_proba(seen[None])[0, NOT_A_DIGIT] < UNREADABLE:
                yield seen, page.labels[0]


def _box(candidate: DigitCandidate) -> tuple[float, ...]:
    rows, columns = box(candidate.ink)
    left, top = candidate.source.left, candidate.source.top
    return left + columns.start, top + rows.start, left + columns.stop, top + rows.stop


def _broadened(box: Sequence[float]) -> tuple[float, ...]:
    left, top, right, bottom = (float(side) for side in box)
    more = max(0.0, MIN_ASPECT * (bottom - top) - (right - left)) / 2
    return left - more, top, right + more, bottom
