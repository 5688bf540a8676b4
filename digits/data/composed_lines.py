"""Lines as people write them, put together from pen strokes of many hands: numbers with signs, spaces and litter.

What is written, how large a sign is and where it stands is set by eye; lengths are shares of the digits' height, with y
from 0 at the base line to -1 at the digits' tops. Spreads are standard deviations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data import datasets
from digits.data.datasets import VALIDATION_WRITERS
from digits.data.digit_like import DIGIT_LIKE
from digits.data.line_litter import rest, speck
from digits.data.line_texts import CROSSED, KINDS, LETTER, LineKind, line_text
from digits.data.unipen import Kind, kept_out_writers, unipen
from digits.pen import Ink, Strokes

SPECK: Final = ""
"""What dirt and the rests of printed lines say."""

UNIT: Final = (26.0, 80.0)
"""Pixels of a digit's height, from and to."""

PENS: Final = (0.03, 0.15)
"""Width of the pen."""

HIGH: Final[dict[str, tuple[float, float, float, float]]] = {
    ",": (0.1, 0.38, -0.05, 0.1),
    "/": (0.95, 1.6, -0.45, 0.12),
    ":": (0.3, 0.75, -0.38, 0.08),
    "+": (0.35, 0.75, -0.45, 0.08),
    "×": (0.3, 0.8, -0.4, 0.1),
    "(": (0.95, 1.5, -0.46, 0.07),
    ")": (0.95, 1.5, -0.46, 0.07),
    "%": (0.75, 1.15, -0.5, 0.05),
    LETTER: (0.5, 1.2, -0.45, 0.08),
}
"""Height of each sign, from and to, and where its middle stands (a comma's top), with the spread of that."""

WIDE: Final[dict[str, tuple[float, float, float, float]]] = {
    "-": (0.15, 0.65, -0.46, 0.08),
    "=": (0.25, 0.7, -0.44, 0.07),
    "÷": (0.3, 0.65, -0.45, 0.07),
}
"""The same for signs that are measured by their width."""

LEAST_STROKES: Final = {"=": 2, "+": 2, "%": 2, ":": 2}
"""Strokes of such a sign at least, and..."""

ASPECTS: Final = {"=": (0.15, 1.5), "+": (0.3, 3.0), "%": (0.6, 3.0), ":": (1.5, np.inf)}
"""...its height by its width. Set by eye: 60 of UNIPEN's 1,394 are not so."""

LONG_COMMAS: Final = 0.45
"""Share of the commas that hang far below the base line, slanted, as many Europeans write them; their..."""

LONG: Final = (0.3, 0.8)
"""...height, from and to, and..."""

LONG_LEAN: Final = (0.0, 0.9)
"""...width by that, leaning to the left."""

CLOSE_COMMA: Final = 0.15
"""By how much closer than other signs a comma may stand to the digit before it, and to that behind it."""

STROKE_POINTS: Final = 0.15
"""Share of the points that are short strokes, and..."""

POINT_STROKE: Final = (0.08, 0.2)
"""...their length."""

OVERSHOOT: Final = (0.12, 0.4)
"""By how much a line that crosses out juts out at either side."""

FINER: Final = 3
"""Pixels of a drawing for each of the picture's, before it is reduced."""

MAX_LEAN: Final = 0.9
"""Width of a slash by its height, where it is as straight as a ruler."""


@dataclass(frozen=True)
class Item:
    """Something that is written in a line, or litter.

    Attributes:
        text: the digit or sign, `LETTER`, `CROSSED` or `SPECK`.
        strokes: (n, 2) points each, in pixels of the line's picture.

    """

    text: str
    strokes: Strokes


@dataclass(frozen=True)
class ComposedLine:
    """A line on plain paper.

    Attributes:
        ink: (height, width) float32 in [0, 1].
        owners: (height, width) uint8, which item's ink it is, counted from 1; 0 where there is none.
        items: what is written, from left to right, and then the litter.
        text: of the line, with spaces between groups, without what is crossed out.
        unit: pixels of a digit's height.
        pen: pixels of the pen's width.

    """

    ink: Ink
    owners: NDArray[np.uint8]
    items: list[Item]
    text: str
    unit: float
    pen: float


@dataclass(frozen=True)
class LineHands:
    """Samples of each digit and sign, and of letters under `LETTER`."""

    of: Mapping[str, Sequence[Strokes]]

    def one(self, rng: Generator, text: str) -> Strokes:
        """Any of the samples of a digit, a sign or a letter."""
        samples = self.of[text]
        return samples[int(rng.integers(len(samples)))]


@cache
def line_hands(*, kept_out: bool) -> LineHands:
    """What those wrote who are trained on, or those who are kept out of all training."""
    found: dict[str, list[Strokes]] = {text: [] for text in ("0123456789×" + LETTER)}
    for digit in datasets.pendigits():
        if (digit.writer in VALIDATION_WRITERS) == kept_out:
            found[str(digit.label)].append(digit.strokes)
    kinds: tuple[Kind, ...] = ("digits", "symbols", "letters")
    for sample in (sample for kind in kinds for sample in unipen(kind)):
        if (sample.writer in kept_out_writers()) == kept_out:
            if not _is_as_labelled(sample.label, sample.strokes):
                continue
            if sample.label in ("x", "X", "*"):
                found["×"].append(sample.strokes)
            elif sample.label.isdigit() or sample.label in ".,-/:+=()%":
                found.setdefault(sample.label, []).append(sample.strokes)
            elif sample.label not in DIGIT_LIKE and sample.label not in "\"'`;|_~!<>[]{}\\^tTIJ":
                found[LETTER].append(sample.strokes)
    return LineHands(found)


def _is_as_labelled(label: str, strokes: Strokes) -> bool:
    """Whether a sample may be the sign that it is said to be: some of UNIPEN's are a dash, a dot or a circle."""
    if label not in LEAST_STROKES:
        return True
    across, down = np.ptp(np.concatenate(strokes), axis=0).tolist()
    low, high = ASPECTS[label]
    return len(strokes) >= LEAST_STROKES[label] and low * across <= down <= high * across


def composed_line(
    hands: LineHands, rng: Generator, kind: LineKind | None = None, *, litter: float = 0.0
) -> ComposedLine:
    """A line of numbers with their signs.

    Args:
        hands: that write it.
        rng: where the randomness comes from.
        kind: what is written; any in their usual shares where it is None.
        litter: mean count of specks, and as many rests of printed lines.

    """
    if kind is None:
        kind = list(KINDS)[rng.choice(len(KINDS), p=list(KINDS.values()))]
    text = line_text(kind, rng)
    unit, pen = rng.uniform(*UNIT), float(np.exp(rng.uniform(*np.log(PENS))))
    written, end = _written(hands, rng, text, pen)
    specks = [(SPECK, speck(rng, end)) for _ in range(rng.poisson(litter))]
    specks += [(SPECK, rest(rng, end)) for _ in range(rng.poisson(litter))]
    margin = rng.uniform(0.3, 0.9)
    size = round(unit * (2.4 + 2 * margin)), round(unit * (end + 2 * margin))
    origin = np.array([margin, 1.7 + margin], np.float32)
    rise = rng.normal(0, 0.03)
    turn = np.array([[1, rise], [-rise, 1]], np.float32)
    pens = [pen] * len(written) + [float(rng.uniform(0.3, 1.0)) * pen for _ in specks]
    items = [
        Item(text, [((stroke @ turn + origin) * unit).astype(np.float32) for stroke in strokes])
        for text, strokes in (*written, *specks)
    ]
    ink, owners = np.zeros(size, np.float32), np.zeros(size, np.uint8)
    for number, (item, width) in enumerate(zip(items, pens, strict=True), 1):
        _draw(ink, owners, number, item.strokes, width * unit)
    return ComposedLine(ink, owners, items, text.replace(CROSSED, ""), unit, pen * unit)


Written = list[tuple[str, Strokes]]


def _written(hands: LineHands, rng: Generator, text: str, pen: float) -> tuple[Written, float]:
    """What is written, from x = 0 on the base line, and where it ends."""
    spacing, space = rng.uniform(0.08, 0.45), rng.uniform(0.9, 1.8)
    slant, signs_apart, digits_spread = rng.normal(0, 0.15), rng.uniform(0.0, 1.0), rng.uniform(0.0, 0.1)
    written: Written = []
    end, gap = 0.0, 0.0
    for character in text:
        if character == " ":
            gap += space
            continue
        strokes = _placed(hands, rng, character, pen, digits_spread)
        leaning = np.array([[1, 0], [-slant - rng.normal(0, 0.05), 1]], np.float32)
        strokes = [(stroke @ leaning).astype(np.float32) for stroke in strokes]
        points = np.concatenate(strokes)
        own = spacing * rng.uniform(0.5, 1.5) * (1.0 if character.isdigit() else signs_apart + 0.3)
        if character == "/" or (written and written[-1][0] == "/"):
            own -= rng.uniform(0.0, 0.25)  # a slash leans over its neighbours
        if character == "," or (written and written[-1][0] == ","):
            own -= rng.uniform(0.0, CLOSE_COMMA)
        shift = end + gap + max(own, -0.2) + pen - points[:, 0].min()
        strokes = [stroke + np.array([shift, 0], np.float32) for stroke in strokes]
        written.append((character, strokes))
        end, gap = max(end, float(points[:, 0].max() + shift) + pen), 0.0
    return written, end


def _placed(hands: LineHands, rng: Generator, character: str, pen: float, spread: float) -> Strokes:
    """The strokes of a digit or sign at their height above the base line, anywhere from left to right."""
    if character.isdigit():
        size = float(np.exp(rng.normal(0, spread)))
        return _scaled(hands.one(rng, character), height=size, middle=-0.5 * size + rng.normal(0, 0.05), broad=1.3)
    if character == ".":
        return _point(rng, hands, pen)
    if character == CROSSED:
        return _crossed_out(rng, hands, spread)
    if character == "," and rng.random() < LONG_COMMAS:
        return _long_comma(rng, hands)
    if character in WIDE:
        low, high, middle, shift = WIDE[character]
        width, middle = rng.uniform(low, high), middle + rng.normal(0, shift)
        if character == "÷":
            return _divided(rng, hands, width, middle)
        shape = hands.one(rng, character) if rng.random() < 0.85 else _ruler(rng, character)
        return _scaled(shape, width=width, middle=middle, flat=0.6 if character == "=" else 0.35)
    low, high, middle, shift = HIGH[character]
    height, middle = rng.uniform(low, high), middle + rng.normal(0, shift)
    if character == ",":
        middle += height / 2
    shape = hands.one(rng, character)
    if (character == "/" and rng.random() < 0.35) or (character == "×" and rng.random() < 0.25):
        shape = _ruler(rng, character)
    return _scaled(shape, height=height, middle=middle, broad=1.2)


def _scaled(
    strokes: Strokes,
    *,
    middle: float,
    height: float | None = None,
    width: float | None = None,
    flat: float = 9.0,
    broad: float = 9.0,
) -> Strokes:
    """Scaled to that height or width, at most `flat` times as tall as broad or `broad` times as broad as tall."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    across, down = np.maximum(high - low, 1e-3).tolist()
    scale = height / down if height is not None else (width or 0.0) / across
    scales = np.array([scale, scale])
    if height is not None:
        scales[0] = min(scale, broad * height / across)
    if width is not None:
        scales[1] = min(scale, flat * width / down)
    place = np.array([0, middle])
    return [((stroke - (low + high) / 2) * scales + place).astype(np.float32) for stroke in strokes]


def _ruler(rng: Generator, character: str) -> Strokes:
    """A slash, a cross or a dash as straight as a ruler."""
    lean, wobble = float(rng.uniform(0.05, MAX_LEAN)), rng.normal(0, 0.04, 4)
    if character == "/":
        return [np.array([[lean, 0], [0, 1]], np.float32)]
    if character == "×":
        return [
            np.array([[0, wobble[0]], [1, 1]], np.float32),
            np.array([[1 + wobble[1], 0], [wobble[2], 1]], np.float32),
        ]
    strokes = [np.array([[0, wobble[0]], [1, wobble[1]]], np.float32)]
    return (
        strokes if character == "-" else [*strokes, strokes[0] + np.array([wobble[2], lean * 0.5 + 0.15], np.float32)]
    )


def _long_comma(rng: Generator, hands: LineHands) -> Strokes:
    """A comma that begins near the base line, before it or behind, and hangs far below; straight, bent or by hand."""
    height, lean = rng.uniform(*LONG), rng.uniform(*LONG_LEAN)
    top = rng.normal(-0.04, 0.12)
    kind = rng.random()
    if kind < 0.3:
        return _scaled(hands.one(rng, ","), height=float(height), middle=float(top + height / 2), broad=1.0)
    steps = np.linspace(0, 1, 6)
    bow = (rng.normal(0, 0.12) if kind < 0.7 else rng.uniform(0.0, 0.35)) * np.sin(np.pi * steps)
    points = np.stack([-lean * steps + bow, steps], axis=1) * height + np.array([0, top])
    return [points.astype(np.float32)]


def _crossed_out(rng: Generator, hands: LineHands, spread: float) -> Strokes:
    """One to three digits and what crosses them out: lines through all of them, a cross, or a scribble."""
    count = int(rng.integers(1, 4))
    strokes: Strokes = []
    end = 0.0
    for digit in rng.integers(0, 10, count):
        own = _placed(hands, rng, str(digit), 0.0, spread)
        left, right = (float(of(np.concatenate(own)[:, 0])) for of in (np.min, np.max))
        strokes += [stroke + np.array([end - left, 0], np.float32) for stroke in own]
        end += right - left + rng.uniform(0.02, 0.25)
    before, behind = -rng.uniform(*OVERSHOOT), end + rng.uniform(*OVERSHOOT)

    def line(start: float, stop: float) -> None:
        strokes.append(np.array([[before, start], [behind, stop]], np.float32))

    kind, middle, rise = rng.random(), rng.normal(-0.5, 0.08), rng.normal(0, 0.12)
    if kind < 0.35 and count > 1:
        line(middle + rise, middle - rise)
    elif kind < 0.6:
        apart = rng.uniform(0.12, 0.3)
        for place in np.arange(rng.integers(2, 4)) * apart - apart / 2:
            line(middle + rise + place, middle - rise + place + rng.normal(0, 0.04))
    elif kind < 0.78:
        line(*(rng.uniform(-1.1, -0.9), rng.uniform(-0.15, 0.15)))
        line(*(rng.uniform(-0.15, 0.15), rng.uniform(-1.1, -0.9)))
    else:
        turns = int(rng.integers(5, 7 + 4 * count))
        across = np.linspace(before / 2, behind, turns) + rng.normal(0, 0.06, turns)
        down = middle + rng.uniform(0.25, 0.5) * np.resize([-1, 1], turns) + rng.normal(0, 0.06, turns)
        strokes.append(np.stack([across, down], axis=1).astype(np.float32))
    return strokes


def _point(rng: Generator, hands: LineHands, pen: float) -> Strokes:
    """A decimal point: a dab of the pen, a blot, or a small circle."""
    kind, middle = rng.random(), rng.uniform(-0.13, 0.05)
    if kind > 1 - STROKE_POINTS:
        length, angle = rng.uniform(*POINT_STROKE), rng.uniform(0, np.pi)
        end = 0.5 * length * np.array([np.cos(angle), np.sin(angle)])
        return [np.stack([-end, end]).astype(np.float32) + np.array([0, middle], np.float32)]
    if kind < 0.55:
        return _scaled(hands.one(rng, "."), height=float(rng.uniform(0.002, 0.08)), middle=middle, broad=1.0)
    turns = np.linspace(0, 2 * np.pi, 9)
    around = np.stack([np.cos(turns), np.sin(turns)], axis=1) * (1 + rng.normal(0, 0.15, (9, 1)))
    radius = 0.35 * pen if kind < 0.72 else rng.uniform(0.8, 1.6) * pen
    return [(around * radius + np.array([0, middle])).astype(np.float32)]


def _divided(rng: Generator, hands: LineHands, width: float, middle: float) -> Strokes:
    """A dash between two points."""
    dash = _scaled(hands.one(rng, "-"), width=width, middle=middle, flat=0.3)
    apart = rng.uniform(0.17, 0.35)
    dots = []
    for side in (-1, 1):
        dot = _scaled(hands.one(rng, "."), height=float(rng.uniform(0.01, 0.06)), middle=middle + side * apart, broad=1)
        dots += [stroke + np.array([rng.normal(0, 0.04), 0], np.float32) for stroke in dot]
    return [*dash, *dots]


def _draw(ink: Ink, owners: NDArray[np.uint8], number: int, strokes: Strokes, pen: float) -> None:
    """Draw an item with a round pen of so many pixels, in place; where it is the darkest the ink is its own."""
    points = np.concatenate(strokes)
    reach = pen / 2 + 2
    low = np.maximum(np.floor(points.min(axis=0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(points.max(axis=0) + reach), ink.shape[::-1]).astype(int)
    width, height = (high - low).tolist()
    if min(width, height) < 1:
        return
    mask = np.zeros((height * FINER, width * FINER), np.uint8)
    for stroke in strokes:
        fixed = np.rint((stroke - low) * FINER * 16).astype(np.int32)
        if len(fixed) == 1:
            fixed = np.vstack([fixed, fixed + 1])
        cv2.polylines(mask, [fixed], False, 255, max(1, round(pen * FINER)), cv2.LINE_AA, 4)
    drawn = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    place = slice(low[1], high[1]), slice(low[0], high[0])
    owners[place][drawn > ink[place]] = number
    np.maximum(ink[place], drawn, out=ink[place])
