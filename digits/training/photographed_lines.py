"""Composed lines on paper, lit and photographed: the parts of made pages without the sheet's turn and bend."""

from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data.composed_lines import ComposedLine
from digits.data.form_pictures import as_jpeg
from digits.pen import Ink
from digits.training.page_camera import light, photograph
from digits.training.page_layers import Layer, Lie
from digits.training.page_paper import PAPERS, Press, line_colour, paper_colour, print_paper, texture
from digits.training.page_pens import inked, random_pen

PLAIN: Final = 0.45
"""Share of the papers without anything printed."""

ON_RULING: Final = 0.35
"""Share of the printed papers that are ruled where the line is written, as people write on ruled paper; and..."""

RULED_APART: Final = (0.9, 2.2)
"""...between its lines, by a digit's height."""

MILD: Final = 0.6
"""Share of the photographs that are sharp and well lit, as most that people send."""

WIDTHS: Final = (0.008, 0.05)
"""Width of printed lines, by a digit's height."""


def photographed_line(line: ComposedLine, rng: Generator) -> NDArray[np.uint8]:
    """(height, width, 3) uint8: the line at its place, so that its owners stay true."""
    size = line.ink.shape
    pen = random_pen(rng)
    while pen.light:
        pen = random_pen(rng)
    scene = (paper_colour(rng) * texture(rng, *size)[..., None]).astype(np.float32)
    if rng.random() > PLAIN:
        _print(rng, scene, line, pen.colour, pen.strength)
    bare = scene.mean()
    share = inked(line.ink, pen, rng)
    scene *= 1 - share[..., None] * (1 - pen.colour)
    contrast = float(abs(scene.mean() - bare) / max(line.ink.mean(), 1e-6))
    scene *= light(rng, *size)
    if rng.random() > MILD:
        return photograph(rng, scene, contrast, line.pen)
    blurred = cv2.GaussianBlur(scene, (0, 0), 0.3 + 0.15 * line.pen * rng.random())
    noise = rng.normal(0, min(rng.uniform(0.5, 4), 25 * contrast), blurred.shape[:2])[..., None]
    taken = (255 * blurred * rng.uniform(0.7, 1.0) + noise).clip(0, 255).astype(np.uint8)
    return as_jpeg(taken, int(rng.choice([75, 90, 95])))


def _print(rng: Generator, scene: NDArray[np.float32], line: ComposedLine, ink: Ink, strength: float) -> None:
    """Print ruling, squares or a form on the paper, in place."""
    size = scene.shape[0], scene.shape[1]
    middle = np.array([size[1] / 2, size[0] / 2], np.float32)
    turn = np.deg2rad(rng.normal(0, 1.5))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    lie = Lie(turned, np.zeros(2, np.float32), 0.0, np.zeros((2, 3), np.float32), middle)
    width = max(0.6, line.unit * float(np.exp(rng.uniform(*np.log(WIDTHS)))))
    kinds = [kind for kind in PAPERS if kind != "plain"]
    shares = np.array([PAPERS[kind] for kind in kinds])
    layers: list[Layer] = []

    def press() -> Press:
        layers.append(Layer(*size))
        return Press(layers[-1], lie, width, None)

    if rng.random() < ON_RULING:
        _rule(rng, press(), line)
    else:
        print_paper(rng, kinds[rng.choice(len(kinds), p=shares / shares.sum())], press, size, line.unit)
    colour = line_colour(rng, ink, strength, dark=rng.random() < 0.2)
    for layer in layers:
        scene *= 1 - layer.share()[..., None] * (1 - colour)


def _rule(rng: Generator, press: Press, line: ComposedLine) -> None:
    """Print level lines, one of them about where the digits stand."""
    height, width = line.ink.shape
    bottoms = [float(np.concatenate(item.strokes)[:, 1].max()) for item in line.items if item.text.isdigit()]
    base = (float(np.median(bottoms)) if bottoms else 0.6 * height) - height / 2
    apart, first = line.unit * rng.uniform(*RULED_APART), base + line.unit * rng.normal(0.05, 0.08)
    count = int(height / apart) + 1
    for place in first + apart * np.arange(-count, count + 1):
        press.line((-width, place), (width, place))
