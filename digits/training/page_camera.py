"""Photographs of made pages: what lies around the sheet, light, focus, shake, noise and files. All of it set by eye."""

from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data.clouds import cloud
from digits.data.form_pictures import as_jpeg
from digits.pen import Ink
from digits.training.page_layers import Layer

Scene = NDArray[np.float32]
"""(height, width, 3) float32, share of light that is given back, or light itself, 0 to 1."""

Boxes = NDArray[np.float32]
"""(n, 4) float32: left, top, right and bottom of each digit in pixels."""

EDGED: Final = 0.1
"""Share of the pictures that show the sheet's edge and what lies beyond, and..."""

HELD: Final = 0.05
"""...that show a finger."""

BLURRED: Final = 0.45
SHAKEN: Final = 0.14
SHARPENED: Final = 0.3
REDUCED: Final = 0.1
STORED: Final = 0.85
"""Shares of the pictures that are out of focus, blurred by the hand that held the camera, sharpened by the telephone,
enlarged from fewer pixels, and stored as JPEG."""

MAX_BLUR: Final = 0.8
"""Standard deviation of the blur at most, as a share of a stroke's breadth, unless that is very thin."""

MAX_NOISE: Final = 0.4
"""Standard deviation of the noise at most, as a share of the contrast between writing and paper."""

FRAMED: Final = 0.07
"""Share of the pictures that are pasted on a frame, which is narrow..."""

MAX_FRAMED_SIDE: Final = 512
"""...around those of more pixels a side."""


def surround(rng: Generator, scene: Scene, digits: Boxes) -> NDArray[np.bool_]:
    """Lay a table beyond the sheet's edge and put fingers on it, in place: (height, width) what is no sheet any more.

    No digit is covered.
    """
    height, width = scene.shape[:2]
    covered = np.zeros((height, width), np.bool_)
    if rng.random() < EDGED:
        for _ in range(int(rng.choice([1, 2], p=[0.7, 0.3]))):
            covered |= _beyond_an_edge(rng, scene, digits)
    if rng.random() < HELD:
        covered |= _finger(rng, scene, digits)
    return covered


def _beyond_an_edge(rng: Generator, scene: Scene, digits: Boxes) -> NDArray[np.bool_]:
    height, width = scene.shape[:2]
    angle = rng.choice(4) * np.pi / 2 + rng.normal(0, 0.12)
    direction = np.array([np.cos(angle), np.sin(angle)])
    rim = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ direction
    corners = np.concatenate([digits[:, [0, 1]], digits[:, [2, 1]], digits[:, [0, 3]], digits[:, [2, 3]]])
    farthest = float((corners @ direction).max(initial=rim.min()))
    room = float(rim.max()) - farthest
    if room < 3:
        return np.zeros((height, width), np.bool_)
    start = farthest + room * rng.uniform(0.15, 0.9)
    along = np.array([-direction[1], direction[0]]) * 3 * (height + width)
    near, far = direction * start, direction * (start + 3 * (height + width))
    layer = Layer(height, width)
    layer.area(np.stack([near - along, near + along, far + along, far - along]).astype(np.float32))
    share = layer.share()
    table = rng.random(3) * rng.uniform(0.1, 1.0)
    grain = cloud(rng, height, width, rng.uniform(2, 20))[..., None] * rng.uniform(0, 0.1)
    scene += share[..., None] * (table * (1 + grain) - scene)
    if rng.random() < 0.6:  # the sheet's shadow on the table, or the table's on the sheet
        soft = cv2.GaussianBlur(share, (0, 0), max(1.0, 0.015 * (height + width) * rng.random()))
        scene *= 1 - rng.uniform(0.1, 0.5) * (4 * soft * (1 - soft))[..., None]
    return np.asarray(share > 0.3)


def _finger(rng: Generator, scene: Scene, digits: Boxes) -> NDArray[np.bool_]:
    height, width = scene.shape[:2]
    breadth = rng.uniform(0.08, 0.2) * min(height, width)
    side = rng.integers(4)
    start = np.array([[0, rng.random()], [1, rng.random()], [rng.random(), 0], [rng.random(), 1]])[side]
    inward = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])[side] * rng.uniform(0.1, 0.35) * min(height, width)
    first = start * (width, height)
    last = first + inward + rng.normal(0, 0.2 * breadth, 2)
    layer = Layer(height, width)
    layer.line(np.stack([first, last]).astype(np.float32), 2 * breadth)
    share = layer.share()
    covered = share > 0.1
    for left, top, right, bottom in digits.astype(int).clip(0).tolist():
        if covered[top:bottom, left:right].any():
            return np.zeros_like(covered)
    skin = np.array([0.85, 0.62, 0.5]) * rng.uniform(0.3, 1.1)
    shaded = 0.7 + 0.3 * cv2.GaussianBlur(share, (0, 0), max(1.0, breadth / 3))
    scene += share[..., None] * (skin * shaded[..., None] - scene)
    return np.asarray(covered)


def light(rng: Generator, height: int, width: int) -> Scene:
    """Light that falls on the sheet: gradients, shadows' edges, vignettes and a flash, each in some pictures."""
    y, x = np.mgrid[-1:1:64j, -1:1:64j].astype(np.float32)
    angle, steep = rng.uniform(0, 2 * np.pi), rng.choice([0.05, 0.25, 0.6], p=[0.5, 0.35, 0.15])
    made = 1 + steep * rng.uniform(-1, 1) * (np.cos(angle) * x + np.sin(angle) * y)
    if rng.random() < 0.3:
        made *= 1 - rng.uniform(0.05, 0.5) * (x * x + y * y) / 2
    if rng.random() < 0.12:
        spot = rng.uniform(-0.8, 0.8, 2)
        made += rng.uniform(0.2, 0.8) * np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / rng.uniform(0.05, 0.6))
    full = cv2.resize(made, (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.choice([0, 1, 2], p=[0.7, 0.22, 0.08]))):
        full *= 1 - rng.uniform(0.1, 0.6) * _shadow(rng, height, width)
    cast = 1 - rng.random(3) * rng.choice([0.04, 0.12, 0.3], p=[0.4, 0.4, 0.2])
    return np.asarray(full[..., None] * cast.astype(np.float32), np.float32)


def _shadow(rng: Generator, height: int, width: int) -> Ink:
    """Something's shadow: a polygon from the rim, or a band, with edges between sharp and soft."""
    small = max(1, max(height, width) // 256)
    layer = Layer(height // small + 1, width // small + 1)
    centre, reach = rng.random(2) * layer.size[::-1], float(sum(layer.size))
    angle, opening = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 1.4)
    ends = [centre + reach * np.array([np.cos(angle + turn), np.sin(angle + turn)]) for turn in (-opening, opening)]
    layer.area(np.stack([centre, *ends]).astype(np.float32))
    soft = cv2.GaussianBlur(layer.share(), (0, 0), 0.3 + 0.05 * reach * rng.random() ** 2)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def photograph(rng: Generator, scene: Scene, contrast: float, breadth: float) -> NDArray[np.uint8]:
    """The lit scene as a telephone takes it.

    Args:
        rng: where the randomness comes from.
        scene: light, which is 1 on white paper.
        contrast: between writing and paper in the scene, to keep the noise below it.
        breadth: of a stroke in pixels, to keep the blur below it.

    Returns:
        (height, width, 3) uint8.

    """
    height, width = scene.shape[:2]
    if rng.random() < BLURRED:
        radius = 0.4 + max(0.004 * max(height, width), MAX_BLUR * breadth) * rng.random() ** 2
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), radius), np.float32)
    if rng.random() < SHAKEN:
        scene = np.asarray(cv2.filter2D(scene, -1, _path(rng, max(height, width))), np.float32)
    if rng.random() < REDUCED:
        scale = rng.uniform(1.5, 5)
        size = max(16, round(width / scale)), max(16, round(height / scale))
        reduced = cv2.resize(scene, size, interpolation=cv2.INTER_AREA)
        few = _sensor(rng, np.asarray(reduced, np.float32), contrast)
        method = cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(few, (width, height), interpolation=method), np.uint8)
    return _sensor(rng, scene, contrast)


def _path(rng: Generator, side: int) -> Ink:
    """The camera's way while it took the picture: a kernel, with more weight where it rested."""
    length = 2 + 0.035 * side * rng.random()
    radius = int(length) + 1
    angle, bow = rng.uniform(0, np.pi), rng.normal(0, 0.15)
    steps = np.linspace(-0.5, 0.5, 9)
    curve = np.stack([steps, bow * (1 - 4 * steps**2)], axis=1) * length
    turned = curve @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    layer = Layer(2 * radius + 1, 2 * radius + 1)
    layer.line((turned + radius + 0.5).astype(np.float32), 1)
    kernel = layer.share()
    if rng.random() < 0.4:
        kernel[round(turned[0, 1]) + radius, round(turned[0, 0]) + radius] += kernel.sum() * rng.uniform(0.2, 0.8)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _sensor(rng: Generator, scene: Scene, contrast: float) -> NDArray[np.uint8]:
    """Exposure, noise, sharpening and compression: (height, width, 3) uint8."""
    height, width = scene.shape[:2]
    exposure = rng.uniform(0.75, 1.05) if rng.random() < 0.7 else rng.uniform(0.25, 0.75)
    levels = 255 * scene * np.float32(exposure)
    if rng.random() < 0.3:  # a flat picture, as of haze
        levels = levels * rng.uniform(0.5, 1) + rng.uniform(0, 60)
    strong = float(rng.choice([1.0, 3.0, 8.0, 16.0], p=[0.45, 0.35, 0.15, 0.05]))
    strong = min(strong, MAX_NOISE * 255 * exposure * contrast)
    noise = cloud(rng, height, width, rng.choice([1.0, 1.0, 2.0]))
    levels += (strong * rng.uniform(0.5, 1) * noise)[..., None]
    if strong > 2:
        colours = np.stack([cloud(rng, height, width, rng.uniform(2, 4)) for _ in range(3)], axis=2)
        levels += 0.4 * strong * colours
    if strong < 4 and rng.random() < SHARPENED:
        levels += rng.uniform(0.3, 1.5) * (levels - cv2.GaussianBlur(levels, (0, 0), rng.uniform(0.8, 2.5)))
    taken = levels.clip(0, 255).astype(np.uint8)
    if rng.random() > STORED:
        return taken
    return as_jpeg(taken, int(rng.choice([15, 30, 50, 75, 90, 95])))


def frame(rng: Generator, height: int, width: int) -> tuple[tuple[int, int, int, int], NDArray[np.uint8]] | None:
    """A frame for some pictures: pixels above, below, to the left and right, and its (3,) colour; None for most."""
    if rng.random() > FRAMED:
        return None
    broadest = 0.5 if max(height, width) <= MAX_FRAMED_SIDE else 0.1
    sides = rng.uniform(0.02, broadest, 4) if rng.random() < 0.5 else np.repeat(rng.uniform(0.02, broadest, 2), 2)
    top, bottom, left, right = (
        round(side * length) for side, length in zip(sides, (height, height, width, width), strict=True)
    )
    white, black, any_colour = np.full(3, 255), np.zeros(3), rng.integers(0, 256, 3)
    colour = (white, black, any_colour)[rng.choice(3, p=[0.6, 0.2, 0.2])]
    return (top, bottom, left, right), colour.astype(np.uint8)
