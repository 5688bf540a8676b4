"""Photographed pages that are made, with the truth for every pixel: paper, something printed, or writing.

    page = composed_page(np.random.default_rng(0), page_hands(kept_out=False))

What people wrote is placed on a sheet (`page_layout`), which has its own paper (`page_paper`), written with some pen
(`page_pens`) and photographed (`page_camera`). Lines and strokes are drawn where the sheet's lie puts them, and so the
truth is sharp where the picture is not.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data import datasets
from digits.data.datasets import VALIDATION_WRITERS
from digits.data.fonts import FontFile, fonts
from digits.data.scans import SWISS_KEPT_OUT, Scan, numbers_swiss
from digits.data.unipen import Kind, kept_out_writers, unipen
from digits.pen import Ink, PenSample, box
from digits.training.page_camera import Boxes, frame, light, photograph, surround
from digits.training.page_layers import Layer, Lie, Points, random_lie
from digits.training.page_layout import CONTENTS, Content, Hands, Layout, Slot, Written, lay_out
from digits.training.page_paper import (
    DARK_LINES,
    PAPERS,
    PRINTED_SHARE,
    Colour,
    Press,
    Printed,
    board_colour,
    line_colour,
    paper_colour,
    print_paper,
    texture,
)
from digits.training.page_pens import MIN_PEN_PIXELS, Pen, inked, random_pen, write
from digits.training.styles import styled_digit

REST: Final = 0
PRINTED: Final = 1
WRITING: Final = 2
"""Classes of a pixel. Where ink lies on a printed line it is writing."""

WRITTEN_SHARE: Final = 0.4
"""Share of a pixel that ink must cover for the pixel to count as writing."""

SCANS_STEP: Final = 4
"""One in so many scanned digits is used: strokes, drawn as sharp as may be, teach more."""

OTHERS_STEPS: Final[dict[Kind, int]] = {"letters": 5, "symbols": 4, "words": 1, "numbers": 1}
"""One in so many of UNIPEN's letters, signs, words and numbers is used."""

STRAIGHT: Final = 8
"""One digit for so many by hands is of `digits.training.styles`, among them strokes as straight as printed lines."""

GLYPH_SIZE: Final = 96
"""Pixels of a font's em square."""

CUT_OFF: Final = 0.12
"""Share of the pages on which other writing is cut off by the picture's edge, and..."""

SHOWN_THROUGH: Final = 0.06
"""...of those through which the back of the sheet shows."""

SLANT: Final = 0.12
"""Spread of the slant that a page's writing gets: width over height."""


class ComposedPage(NamedTuple):
    """A made photograph.

    Attributes:
        picture: (height, width, 3) uint8.
        truth: (height, width) uint8: `REST`, `PRINTED` or `WRITING`.
        labels: of the digits.
        boxes: (n, 4) float32, each digit's left, top, right and bottom in pixels, beyond the rim where it is cut off.

    """

    picture: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    labels: tuple[int, ...]
    boxes: Boxes


@cache
def page_hands(*, kept_out: bool) -> Hands:
    """What is written on pages: by hands that are trained on, or by those that are kept out of all training."""
    own = (digit for digit in datasets.pendigits() if (digit.writer in VALIDATION_WRITERS) == kept_out)
    digits = [Written(digit.strokes, digit.label, f"pendigits/{digit.writer}") for digit in own]
    others = _unipen("digits", kept_out=kept_out)
    digits += [Written(sample.strokes, int(sample.label), sample.writer) for sample in others]
    scans = [scan for scan in numbers_swiss() if (scan.writer in SWISS_KEPT_OUT) == kept_out]
    digits += [Written(_ink(scan), scan.label, scan.writer) for scan in scans[::SCANS_STEP]]
    for font in (*fonts("hand"), *fonts("school")):
        if font.kept_out == kept_out:
            digits += _glyphs(font)
    kinds: tuple[Kind, ...] = ("letters", "symbols", "words", "numbers")
    written = [sample for kind in kinds for sample in _unipen(kind, kept_out=kept_out)[:: OTHERS_STEPS[kind]]]
    type_faces = [font for font in (*fonts("letters"), *fonts("block")) if font.kept_out == kept_out]
    typed = [_glyphs(font) for font in type_faces]
    return Hands(digits, [Written(sample.strokes, None, sample.writer) for sample in written], [*filter(None, typed)])


@cache
def hands_and_straight_strokes(*, kept_out: bool) -> Hands:
    """The hands of `page_hands`, and strokes as straight as printed lines."""
    hands = page_hands(kept_out=kept_out)
    rng = np.random.default_rng(int(kept_out))
    straight = [Written(*styled_digit(rng), "styles") for _ in range(len(hands.digits) // STRAIGHT)]
    return replace(hands, digits=[*hands.digits, *straight])


def _glyphs(font: FontFile) -> list[Written]:
    """The font's digits."""
    glyphs = ((font.glyph(str(label), GLYPH_SIZE), label) for label in range(10))
    return [Written(glyph, label, font.name) for glyph, label in glyphs if glyph is not None]


def _unipen(kind: Kind, *, kept_out: bool) -> list[PenSample]:
    return [sample for sample in unipen(kind) if (sample.writer in kept_out_writers()) == kept_out]


def _ink(scan: Scan) -> Ink:
    """A scanned digit's ink, without the paper's grey."""
    ink = (scan.picture.astype(np.float32) / max(float(scan.picture.max()), 1) * 1.4 - 0.3).clip(0, 1)
    return ink[box(ink)]


def composed_page(rng: Generator, hands: Hands, content: Content | None = None) -> ComposedPage:
    """A photograph of a page.

    Args:
        rng: where the randomness comes from.
        hands: that write.
        content: of the page; any in their usual shares where it is None.

    """
    if content is None:
        content = list(CONTENTS)[rng.choice(len(CONTENTS), p=list(CONTENTS.values()))]
    layout = lay_out(rng, hands, content)
    lie, pen = random_lie(rng, *layout.size), random_pen(rng)
    paper = board_colour(rng) if pen.light else paper_colour(rng)
    scene = (paper * texture(rng, *layout.size)[..., None]).astype(np.float32)
    if rng.random() < SHOWN_THROUGH:
        _show_through(rng, scene, hands, layout, lie)
    truth = np.full(layout.size, REST, np.uint8)
    for printed in _printed(rng, layout, lie, pen):
        _lay(scene, printed.share, printed.colour, light=pen.light)
        truth[printed.share > PRINTED_SHARE] = PRINTED
    boxes, contrast = _fill_in(rng, scene, truth, hands, layout, pen, lie)
    slots = [*layout.slots, *layout.typed]
    digits = np.array([slot.written.label is not None for slot in slots], np.bool_)
    truth[surround(rng, scene, boxes[digits])] = REST
    picture = photograph(rng, scene * light(rng, *layout.size), contrast, pen.width * layout.unit)
    labels = tuple(slot.written.label for slot in slots if slot.written.label is not None)
    return _framed(rng, ComposedPage(picture, truth, labels, boxes[digits]))


def _fill_in(
    rng: Generator,
    scene: NDArray[np.float32],
    truth: NDArray[np.uint8],
    hands: Hands,
    layout: Layout,
    pen: Pen,
    lie: Lie,
) -> tuple[Boxes, float]:
    """Write on the sheet, in place: boxes of what is written and of what is in type, and the contrast of the former."""
    typed_boxes = np.zeros((0, 4), np.float32)
    if layout.typed:
        layer = Layer(*layout.size)
        typed_boxes = _write(rng, layer, layout.typed, pen, lie, 0.0)
        share = layer.share()
        _lay(scene, share, np.full(3, 0.9 if pen.light else rng.uniform(0, 0.4), np.float32), light=pen.light)
        truth[share > WRITTEN_SHARE] = WRITING
    layer = Layer(*layout.size)
    boxes = _write(rng, layer, layout.slots, pen, lie, rng.normal(0, SLANT))
    if rng.random() < CUT_OFF:
        _write(rng, layer, _cut_off(rng, hands, layout, boxes), pen, lie, rng.normal(0, SLANT))
    share = layer.share()
    bare = scene.mean()
    _lay(scene, inked(share, pen, rng), pen.colour, light=pen.light)
    contrast = float(abs(scene.mean() - bare) / max(share.mean(), 1e-6)) if share.any() else 1.0
    truth[share > WRITTEN_SHARE] = WRITING
    return np.concatenate([boxes, typed_boxes]), contrast


def _lay(scene: NDArray[np.float32], share: Ink, colour: Colour, *, light: bool) -> None:
    """Ink on paper takes light away; chalk on a board covers it. In place."""
    share = share[..., None]
    if light:
        scene += share * (colour - scene)
    else:
        scene *= 1 - share * (1 - colour)


def _printed(rng: Generator, layout: Layout, lie: Lie, pen: Pen) -> list[Printed]:
    """What is printed on the sheet, one for each colour."""
    layers: list[tuple[Layer, Colour]] = []
    dark = rng.random() < DARK_LINES
    width = max(0.5, layout.unit * float(np.exp(rng.uniform(np.log(0.006), np.log(0.06)))))
    dashed = rng.random() < 0.15

    def press() -> Press:
        layer = Layer(*layout.size)
        layers.append((layer, line_colour(rng, pen.colour, pen.strength, dark=dark)))
        dash = (float(width * rng.uniform(0.5, 6)), float(width * rng.uniform(1.5, 5))) if dashed else None
        return Press(layer, lie, width, dash)

    if layout.cells:
        _print_cells(rng, press(), layout)
    kinds = list(PAPERS)
    kind = kinds[rng.choice(len(kinds), p=list(PAPERS.values()))]
    if layout.pitch is not None and kind in ("plain", "form"):
        kind = "squared" if rng.random() < 0.6 else "ruled"
    if kind != "plain" and not (layout.cells and rng.random() < 0.8) and not (pen.light and rng.random() < 0.6):
        print_paper(rng, kind, press, layout.size, layout.unit, layout.pitch)
    if not pen.light:
        return [Printed(layer.share(), colour) for layer, colour in layers]
    chalked = np.float32(rng.uniform(0.1, 0.8))
    return [Printed(layer.share() * chalked, 1 - 0.3 * colour) for layer, colour in layers]


def _print_cells(rng: Generator, press: Press, layout: Layout) -> None:
    """Boxes, or combs: the lower line and short ticks between the digits."""
    comb = rng.random() < 0.15
    for left, top, right, bottom in layout.cells:
        if comb:
            tick = bottom - (bottom - top) * 0.35
            press.line((left, bottom), (right, bottom))
            press.line((left, tick), (left, bottom))
            press.line((right, tick), (right, bottom))
        else:
            press.box((left, top, right, bottom))


def _write(rng: Generator, layer: Layer, slots: Sequence[Slot], pen: Pen, lie: Lie, slant: float) -> Boxes:
    """Write everything where it stands, all with this pen and slant: (n, 4) their boxes."""
    boxes = np.zeros((len(slots), 4), np.float32)
    for outline, slot in zip(boxes, slots, strict=True):
        if isinstance(slot.written.shape, list):
            strokes = _placed(slot, slant)
            write(layer, strokes, pen, slot.height, lie, rng)
            points = lie(np.concatenate(strokes))
            beyond = max(MIN_PEN_PIXELS, pen.width * slot.height) / 2
        else:
            points, beyond = _stamp(layer, slot, lie), 0.0
        outline[:2], outline[2:] = points.min(axis=0) - beyond, points.max(axis=0) + beyond
    return boxes


def _placed(slot: Slot, slant: float) -> list[Points]:
    """The slot's strokes on the sheet."""
    assert isinstance(slot.written.shape, list)
    points = np.concatenate(slot.written.shape)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = slot.height / max(float((high - low)[1]), float((high - low)[0]) / 6, 1e-3)
    leaning = np.array([[1, 0], [-slant, 1]], np.float32)
    place = np.array([slot.x, slot.y], np.float32)
    return [((stroke - (low + high) / 2) * scale @ leaning + place).astype(np.float32) for stroke in slot.written.shape]


def _stamp(layer: Layer, slot: Slot, lie: Lie) -> Points:
    """Put the slot's ink on the sheet: (4, 2) where its corners are."""
    assert not isinstance(slot.written.shape, list)
    height, width = slot.written.shape.shape
    scale = slot.height / height
    place = np.array([slot.x, slot.y], np.float32)
    linear, shift = np.split(lie.along(place), [2], axis=1)
    middle = np.array([[width / 2], [height / 2]])
    origin = linear @ place[:, None] + shift - scale * linear @ middle
    layer.picture(slot.written.shape, np.hstack([scale * linear, origin]).astype(np.float32))
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)])
    return np.asarray(corners @ (scale * linear).T + origin.T, np.float32)


def _cut_off(rng: Generator, hands: Hands, layout: Layout, boxes: Boxes) -> list[Slot]:
    """Other writing that the picture's edge cuts off, away from what is written already."""
    height, width = layout.size
    slots: list[Slot] = []
    for _ in range(int(rng.integers(1, 5))):
        side = rng.integers(4)
        across = rng.uniform(-0.5, 0.5) * (width, height)[side % 2]
        at_rim = (-1 if side < 2 else 1) * 0.5 * (height, width)[side % 2]
        x, y = (across, at_rim) if side % 2 == 0 else (at_rim, across)
        own = layout.unit * rng.uniform(0.5, 1.3)
        written = hands.other(rng) if rng.random() < 0.5 else hands.digit(rng)
        half = np.array([written.aspect, 1]) * own * 0.7
        middle = np.array([x + width / 2, y + height / 2])
        low, high = middle - half, middle + half
        if not ((boxes[:, :2] < high).all(axis=1) & (boxes[:, 2:] > low).all(axis=1)).any():
            slots.append(Slot(written, float(x), float(y), own))
    return slots


def _show_through(rng: Generator, scene: NDArray[np.float32], hands: Hands, layout: Layout, lie: Lie) -> None:
    """What is written on the back, from right to left and pale, in place."""
    layer, pen = Layer(*layout.size), random_pen(rng)
    height, width = layout.size
    slots = [
        Slot(hands.other(rng), rng.uniform(-0.5, 0.5) * width, rng.uniform(-0.5, 0.5) * height, layout.unit)
        for _ in range(int(rng.integers(1, 8)))
    ]
    _write(rng, layer, slots, pen, lie, 0.0)
    soft = cv2.GaussianBlur(layer.share()[:, ::-1], (0, 0), 0.5 + 0.004 * max(height, width) * rng.random())
    _lay(scene, np.asarray(soft, np.float32) * np.float32(rng.uniform(0.03, 0.2)), pen.colour * 0.5, light=False)


def _framed(rng: Generator, page: ComposedPage) -> ComposedPage:
    """Some pictures pasted on a frame."""
    height, width = page.truth.shape
    found = frame(rng, height, width)
    if found is None:
        return page
    (top, bottom, left, right), colour = found
    picture = np.empty((top + height + bottom, left + width + right, 3), np.uint8)
    picture[:] = colour
    picture[top : top + height, left : left + width] = page.picture
    truth = np.pad(page.truth, ((top, bottom), (left, right)))
    return ComposedPage(picture, truth, page.labels, page.boxes + np.array([left, top, left, top], np.float32))
