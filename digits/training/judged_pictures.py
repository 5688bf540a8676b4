"""Made photographs of what hands that are kept out of all training wrote, and their ink candidates.

Every second picture is by the hands that check.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import cv2
import numpy as np
import skimage.data
from joblib import Parallel, delayed
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.datasets import load_sample_images
from tqdm import tqdm

from digits.candidate_judge import NOT_A_DIGIT
from digits.data.clouds import cloud
from digits.data.digit_like import DIGIT_LIKE
from digits.data.unipen import Kind, kept_out_writers, unipen
from digits.decode import MAX_SIDE, Picture
from digits.features import SIDE
from digits.ink import digit_candidates
from digits.ink.evidence import EVIDENCE, evidence
from digits.ink.pixel_classifier import PixelClassifier
from digits.normalise import normalise
from digits.training.page_camera import light, photograph
from digits.training.page_layers import Layer
from digits.training.page_layout import Content, Hands, Written
from digits.training.page_pens import smooth
from digits.training.pages import REST, WRITING, ComposedPage, composed_page, page_hands

NOT_DIGITS: Final = 0.15
"""Share of the pictures that show a letter or a sign, and..."""

EMPTY: Final = 0.03
"""...nothing but paper, and..."""

CLUTTERED: Final = 0.05
"""...things that are no paper, and..."""

TIGHT: Final = 0.4
"""...share of the others that are closely cut out. Set by hand."""

THINGS: Final = 0.4
"""So many photographs of things besides, for each of these pictures, half of them cut out of photographs that come with
scikit-image and scikit-learn."""

SAMPLES: Final = ("astronaut", "brick", "camera", "coins", "grass", "gravel", "hubble_deep_field", "moon", "retina")
"""Of scikit-image; the others are for tests, or show text."""

CUT_OUT: Final = (0.2, 1.0)
"""Share of the sides of such a photograph that a picture shows."""

CLUTTER_SIDES: Final = (100, 640)
"""Pixels a side of a photograph of things, from and below."""

MIN_VISIBLE: Final = 0.97
"""Share of a readable digit's box that lies in the picture, at least, and..."""

MIN_PIXELS: Final = 20
"""...pixels of its longer side as they are recognised, and..."""

MIN_CONTRAST: Final = 25.0
"""...grey levels between its ink and its paper, and..."""

MIN_CONTRAST_TO_NOISE: Final = 3.0
"""...the same by the standard deviation of both. Set by eye, on two contact sheets."""

LIGHT_BLUR: Final = 0.3
"""Standard deviation of the blur, by the digit's longer side, that takes the light out of the picture before."""

SEED: Final = 17
"""Of all that is made."""

OTHERS_STEP: Final = 3
"""One in so many letters and signs is used."""

CHUNK: Final = 50
"""Pictures that one process makes at once, from seeds of their own."""


class Candidates(NamedTuple):
    """Ink candidates of made pictures.

    Attributes:
        pictures: (n, 28, 28) uint8, each candidate as a model of digits sees it.
        evidence: (n, digits.ink.evidence.EVIDENCE) float32.
        page: (n,) number of its picture, from 0 and in order.
        labels: (m,) what each picture shows, 0 to 9, or 10 for no digit.
        checks: (m,) bool, whether its hand is one of those that check.
        things: (m,) bool, whether it is a photograph of things from which only is learnt what is not written.

    """

    pictures: NDArray[np.uint8]
    evidence: NDArray[np.float32]
    page: NDArray[np.int64]
    labels: NDArray[np.int64]
    checks: NDArray[np.bool_]
    things: NDArray[np.bool_]


class Writers(NamedTuple):
    """Hands that write digits, and the same that write what is none, labelled so."""

    digits: Hands
    others: Hands


@cache
def writing_hands(*, check: bool) -> Writers:
    """Every second of the hands that are kept out of training, sorted by name, or those between them."""
    hands = page_hands(kept_out=True)
    kinds: tuple[Kind, ...] = ("letters", "symbols")
    signs = [
        Written(sample.strokes, NOT_A_DIGIT, sample.writer)
        for kind in kinds
        for sample in unipen(kind)
        if sample.writer in kept_out_writers() and len(sample.label) == 1 and sample.label not in DIGIT_LIKE
    ]
    names = sorted({written.writer for written in (*hands.digits, *hands.others, *signs)})
    chosen = frozenset(names[check::2])

    def of_them(written: Sequence[Written]) -> list[Written]:
        return [each for each in written if each.writer in chosen]

    others = of_them(hands.others)
    return Writers(Hands(of_them(hands.digits), others), Hands(of_them(signs)[::OTHERS_STEP], others))


def made_picture(rng: Generator, writers: Writers) -> tuple[NDArray[np.uint8], int]:
    """A photograph to judge by, and what it shows: 0 to 9, or 10 for no digit."""
    what = rng.random()
    if what > 1 - CLUTTERED:
        return clutter(rng), NOT_A_DIGIT
    hands = writers.others if what < NOT_DIGITS else writers.digits
    content: Content = "empty" if what > 1 - CLUTTERED - EMPTY else "tight" if rng.random() < TIGHT else "one digit"
    page = composed_page(rng, hands, content)
    while not is_readable(page):
        page = composed_page(rng, hands, content)
    return page.picture, page.labels[0] if page.labels else NOT_A_DIGIT


def thing(rng: Generator) -> NDArray[np.uint8]:
    """A photograph of something else than paper, made or cut out of one."""
    if rng.random() < 0.5:
        return clutter(rng)
    photographs = _samples()
    whole = photographs[int(rng.integers(len(photographs)))]
    sides = [round(side * share) for side, share in zip(whole.shape, rng.uniform(*CUT_OUT, 2), strict=False)]
    top, left = (int(rng.integers(side - own + 1)) for side, own in zip(whole.shape, sides, strict=False))
    return np.ascontiguousarray(whole[top : top + sides[0], left : left + sides[1]])


@cache
def _samples() -> list[NDArray[np.uint8]]:
    return [getattr(skimage.data, name)() for name in SAMPLES] + [*load_sample_images().images]


def clutter(rng: Generator) -> NDArray[np.uint8]:
    """A photograph of something else than paper: light and shade of every size, areas, edges and threads."""
    height, width = (int(side) for side in rng.integers(*CLUTTER_SIDES, 2))
    scene = np.full((height, width, 3), rng.uniform(0.2, 0.8), np.float32)
    for part in (2, 4, 16, 64):
        spots = cloud(rng, height, width, max(height, width) / part)
        scene += np.float32(rng.uniform(0, 0.25)) * spots[..., None] * rng.uniform(0.5, 1, 3).astype(np.float32)
    for _ in range(int(rng.integers(0, 12))):
        layer, corners = Layer(height, width), int(rng.integers(2, 6))
        points = (rng.uniform(-0.2, 1.2, (corners, 2)) * (width, height)).astype(np.float32)
        if rng.random() < 0.5:
            layer.area(points)
        else:
            layer.line(smooth(points), float(rng.uniform(0.005, 0.05)) * width)
        scene += layer.share()[..., None] * (rng.random(3).astype(np.float32) - scene)
    return photograph(rng, scene.clip(0, 1) * light(rng, height, width), 0.5, 0.01 * width)


def is_readable(page: ComposedPage) -> bool:
    """Whether a person reads the digit of a page easily: whole, large enough, darker or lighter than its paper.

    People look at their picture before they send it. Of pages of every difficulty the judge learns to trust nothing.
    """
    if not page.labels:
        return True
    height, width = page.truth.shape
    whole = page.boxes[0]
    left, top, right, bottom = whole.clip(0, [width, height, width, height]).round().astype(int).tolist()
    area = float((whole[2] - whole[0]) * (whole[3] - whole[1]))
    reduced = min(1.0, MAX_SIDE / max(height, width))
    if (right - left) * (bottom - top) < MIN_VISIBLE * area or max(right - left, bottom - top) * reduced < MIN_PIXELS:
        return False
    truth = page.truth[top:bottom, left:right]
    seen = page.picture[top:bottom, left:right].astype(np.float32)
    seen -= cv2.GaussianBlur(seen, (0, 0), LIGHT_BLUR * max(truth.shape))
    ink, paper = seen[truth == WRITING], seen[truth == REST]
    if min(len(ink), len(paper)) < MIN_PIXELS:
        return False
    contrast = np.abs(ink.mean(axis=0) - paper.mean(axis=0))
    noise = np.sqrt((ink.var(axis=0) + paper.var(axis=0)) / 2)
    best = int(contrast.argmax())
    return bool(contrast[best] > max(MIN_CONTRAST, MIN_CONTRAST_TO_NOISE * float(noise[best])))


def candidates(pages: int, classifier: PixelClassifier) -> Candidates:
    """The candidates of so many pictures and of `THINGS`, the same ones each time; every second hand checks."""
    total = pages + round(THINGS * pages)
    chunks = -(-total // CHUNK)
    jobs = Parallel(n_jobs=-1, return_as="generator")(
        delayed(_chunk)(number * CHUNK, min((number + 1) * CHUNK, total), pages, classifier) for number in range(chunks)
    )
    found = list(tqdm(jobs, "pictures", chunks, unit="chunk", mininterval=5))
    return Candidates(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _chunk(first: int, behind: int, pages: int, classifier: PixelClassifier) -> Candidates:
    """The candidates of the pictures of these numbers, of which those from `pages` on are of things."""
    made = []
    pictures, described, page = [], [], []
    for number in range(first, behind):
        check, is_thing, rng = number % 2 == 1, number >= pages, np.random.default_rng((number, SEED))
        shown, label = (thing(rng), NOT_A_DIGIT) if is_thing else made_picture(rng, writing_hands(check=check))
        made.append((label, check, is_thing))
        for candidate in digit_candidates(Picture.of_pixels(shown).within(MAX_SIDE).pixels, classifier):
            pictures.append(normalise(candidate.ink))
            described.append(evidence(candidate))
            page.append(number)
    labels, checks, things = zip(*made, strict=True)
    return Candidates(
        np.array(pictures, np.uint8).reshape(-1, SIDE, SIDE),
        np.array(described, np.float32).reshape(-1, EVIDENCE),
        np.array(page, np.int64),
        np.array(labels, np.int64),
        np.array(checks, np.bool_),
        np.array(things, np.bool_),
    )
