"""How well what is no digit is told apart from digits, as drawings that go the product's whole way.

Letters, signs and words by UNIPEN's kept-out writers, icons, emoji and doodles that are kept out of training are drawn
as PNG files, and so are digits by writers who are kept out. Each gets a score, the probability that it is no digit. The
measures are the usual ones of out-of-distribution detection (Hendrycks & Gimpel, ICLR 2017): the area under the ROC
curve, and the rate of false acceptance at thresholds that keep 95, 99 and 99.5 % of the digits.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_fill_holes
from scipy.stats import rankdata

from digits.data.datasets import VALIDATION_WRITERS, pendigits
from digits.data.digit_like import is_digit_like
from digits.data.drawings import emoji, icons, quickdraw
from digits.data.split import is_kept_out
from digits.data.unipen import Kind, kept_out_writers, unipen
from digits.decode import Picture, decode
from digits.pen import Strokes
from digits.recogniser import Recogniser

SIDE: Final = 280
"""Pixels a side of a drawing, as on the page."""

FINE: Final = 2
"""So many times larger it is drawn, so that its edges are soft."""

SIZES: Final = (0.4, 0.8)
"""The longer side of what is drawn, as a share of the drawing's."""

PENS: Final = (6.0, 22.0)
WORD_PENS: Final = (3.0, 9.0)
"""Pixels of the pens, and of those that write words."""

MAX_SOLID_ASPECT: Final = 2.2
"""Longer by shorter side of a solid shape."""

KEPT: Final = (0.95, 0.99, 0.995)
"""Shares of the digits that are kept at the thresholds that are told."""

SEED: Final = 2026
"""Of the drawings, so that they are the same ones each time."""

DIGITS: Final = "digits"

Drawer = Callable[[Generator], Image.Image]


@dataclass(frozen=True)
class RejectionScore:
    """How well one kind of what is no digit is told apart.

    Attributes:
        count: of the drawings.
        rejected: share of them that the recogniser rejects, 0..1.
        auroc: area under the ROC curve against the digits: how probable it is that one of these scores higher than a
            digit; 0.5 is chance.
        false_acceptance: share of them that passes at thresholds that keep `KEPT` of the digits, 0..1 each.

    """

    count: int
    rejected: float
    auroc: float
    false_acceptance: tuple[float, ...]


def on_sheet(mask: Image.Image, rng: Generator) -> Image.Image:
    """A drawing of `SIDE` pixels a side with this ink (L) somewhere on it, white on black or the other way round."""
    paper = Image.new("L", (SIDE, SIDE))
    room = SIDE - mask.width, SIDE - mask.height
    paper.paste(mask, (int(rng.integers(room[0] + 1)), int(rng.integers(room[1] + 1))))
    shown = np.asarray(paper)
    return Image.fromarray(shown if rng.random() < 0.5 else 255 - shown).convert("RGB")


def drawing_of_strokes(strokes: Strokes, pens: tuple[float, float], rng: Generator) -> Image.Image:
    """Pen strokes drawn with a round pen of some width, somewhere on a sheet."""
    pen = rng.uniform(*pens)
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-3)
    scale = FINE * (rng.uniform(*SIZES) * SIDE - pen) / extent.max()
    width, height = (int(side) for side in np.ceil(extent * scale + FINE * pen))
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    radius = FINE * pen / 2
    for stroke in strokes:
        placed = [(float(x), float(y)) for x, y in (stroke - low) * scale + radius]
        draw.line(placed, 255, round(2 * radius))
        for x, y in placed:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    small = max(1, width // FINE), max(1, height // FINE)
    return on_sheet(image.resize(small, Image.Resampling.BOX), rng)


def drawing_of_ink(ink: NDArray[np.float32], rng: Generator) -> Image.Image:
    """Ink, (height, width) float32 in [0, 1], scaled and put somewhere on a sheet."""
    scale = rng.uniform(*SIZES) * SIDE / max(ink.shape)
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    mask = Image.fromarray(np.rint(255 * ink).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return on_sheet(mask, rng)


def _kept_out_strokes(*kinds: Kind) -> list[Strokes]:
    writers = kept_out_writers()
    samples = [sample for kind in kinds for sample in unipen(kind) if sample.writer in writers]
    return [sample.strokes for sample in samples if "digits" in kinds or not is_digit_like(sample)]


def drawers() -> dict[str, Drawer]:
    """What draws one of each kind, `DIGITS` first; each takes the source of its randomness."""
    digits = _kept_out_strokes("digits")
    digits += [digit.strokes for digit in pendigits() if digit.writer in VALIDATION_WRITERS]
    lines = [icon for index, icon in enumerate(icons()) if is_kept_out(index)]
    shown = [character for index, character in enumerate(emoji().characters) if is_kept_out(index)]
    inks = [ink for character in shown if (ink := emoji().glyph(character, SIDE)) is not None]
    doodles = quickdraw()[[index for index in range(len(quickdraw())) if is_kept_out(index)]]
    return {
        DIGITS: partial(_one_of_strokes, digits, PENS),
        "letters and signs": partial(_one_of_strokes, _kept_out_strokes("letters", "symbols"), PENS),
        "words": partial(_one_of_strokes, _kept_out_strokes("words"), WORD_PENS),
        "icons": partial(_one_of_strokes, lines, PENS),
        "emoji": partial(_one_of_inks, inks),
        "solid shapes": partial(_one_of_inks, [solid for ink in inks if (solid := filled(ink)) is not None]),
        "doodles": partial(_one_of_inks, [doodle / np.float32(255) for doodle in doodles]),
    }


def filled(outline: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """What is drawn in lines as a solid shape; None where it is long and narrow, and so a 1 of a broad pen."""
    inside: NDArray[np.float32] = binary_fill_holes(outline > 0.5).astype(np.float32)
    return inside if max(outline.shape) < MAX_SOLID_ASPECT * min(outline.shape) else None


def _one_of_strokes(choice: list[Strokes], pens: tuple[float, float], rng: Generator) -> Image.Image:
    return drawing_of_strokes(choice[rng.integers(len(choice))], pens, rng)


def _one_of_inks(choice: list[NDArray[np.float32]], rng: Generator) -> Image.Image:
    return drawing_of_ink(choice[rng.integers(len(choice))], rng)


def scores_of(recogniser: Recogniser, drawer: Drawer, count: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Of so many drawings as PNG files how probable it is that they show no digit, and which are rejected: (count,)."""
    rng = np.random.default_rng(SEED)
    answers = recogniser.recognise_in_batches(_decoded(drawer(rng)) for _ in range(count))
    told = [(answer.no_digit_probability, answer.prediction is None) for answer in answers]
    scores, rejected = zip(*told, strict=True)
    return np.array(scores), np.array(rejected)


def _decoded(image: Image.Image) -> Picture:
    file = io.BytesIO()
    image.save(file, "PNG")
    return decode(file.getvalue())


def rejection_scores(recogniser: Recogniser, count: int) -> dict[str, RejectionScore]:
    """The scores of `count` drawings of each kind, `DIGITS` first."""
    scores = {kind: scores_of(recogniser, drawer, count) for kind, drawer in drawers().items()}
    kept = scores[DIGITS][0]
    thresholds = np.quantile(kept, KEPT, method="higher")
    return {kind: _score(kept, thresholds, *found) for kind, found in scores.items()}


def _score(
    kept: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    scores: NDArray[np.float64],
    rejected: NDArray[np.bool_],
) -> RejectionScore:
    accepted = (scores[:, None] <= thresholds).mean(axis=0)
    return RejectionScore(len(scores), float(rejected.mean()), auroc(kept, scores), tuple(accepted.tolist()))


def auroc(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """Area under the ROC curve: how probable it is that one of `high` is higher than one of `low`; ties count half."""
    ranks = rankdata(np.concatenate([high, low]))[: len(high)]
    return float((ranks.sum() - len(high) * (len(high) + 1) / 2) / (len(high) * len(low)))


def rejection_table(scores: Mapping[str, RejectionScore]) -> str:
    """The scores as a Markdown table."""
    lines = [
        "| drawings | count | rejected | AUROC | " + " | ".join(f"accepted at {kept:.1%} kept" for kept in KEPT) + " |",
        "|---|" + "---:|" * (3 + len(KEPT)),
    ]
    for kind, score in scores.items():
        cells = ["–"] * (1 + len(KEPT))
        if kind != DIGITS:
            cells = [f"{score.auroc:.3f}", *(f"{share:.1%}" for share in score.false_acceptance)]
        lines.append(f"| {kind} | {score.count:,} | {score.rejected:.1%} | {' | '.join(cells)} |")
    return "\n".join(lines)
