"""How pictures of made forms come about: drawn, scanned, photographed. All of it set by eye."""

from collections.abc import Callable
from typing import Final, Literal, get_args

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data.clouds import pressed
from digits.ink.components import connected_components
from digits.pen import Ink

Medium = Literal["drawn", "scanned", "photographed"]
MEDIA: Final[tuple[Medium, ...]] = get_args(Medium)

FADING: Final = 0.4
"""Share of the forms on paper whose ink is fainter where the hand presses less, and..."""

MAX_FADING: Final = 0.75
"""...by how much at most."""

QUALITIES: Final = (60, 96)
"""Quality of a photograph's JPEG file, from and below."""

Moved = Callable[[NDArray[np.float32]], NDArray[np.float32]]

TURNS: Final[dict[Medium, float]] = {"drawn": 0.0, "scanned": 1.0, "photographed": 4.0}
"""Spread of the sheet's turn in degrees."""


def pictured(rng: Generator, printed: Ink, written: Ink, medium: Medium) -> tuple[NDArray[np.uint8], Moved]:
    """A picture of a flat sheet, bent and turned.

    Args:
        rng: where the randomness comes from.
        printed: (height, width) float32 in [0, 1].
        written: the same.
        medium: how the picture comes about.

    Returns:
        (height, width) or (height, width, 3) uint8, and from (n, 2) points of the flat sheet to those of the picture.

    """
    if medium != "drawn":
        written = _faded(rng.spawn(1)[0], written)
    height, width = printed.shape
    turn = np.deg2rad(rng.normal(0, TURNS[medium]))
    bend = 0.0 if medium == "drawn" else rng.choice([0.0, 0.006]) * max(height, width)
    wave, phase = rng.uniform(0.3, 0.8) / max(height, width), rng.uniform(0, 2 * np.pi)
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    slant = np.zeros(2) if medium == "drawn" else rng.normal(0, 0.06, 2) / max(height, width)
    middle = np.array([width, height]) / 2

    def moved(points: NDArray[np.float32]) -> NDArray[np.float32]:
        around = points - middle
        around = around + bend * np.sin(2 * np.pi * wave * around[:, ::-1] + phase)
        placed = around @ linear.T / (1 + around @ slant)[:, None] + middle
        return np.asarray(placed, np.float32)

    y, x = np.mgrid[:height, :width].astype(np.float32)
    # Where a pixel comes from: two steps of a fixed-point iteration undo the bend, which is small.
    target = np.stack([x, y], axis=2).reshape(-1, 2)
    origin = target.copy()
    for _ in range(6):
        origin += target - moved(origin)
    maps = origin.reshape(height, width, 2).astype(np.float32)
    printed, written = (
        np.asarray(cv2.remap(layer, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR), np.float32)
        for layer in (printed, written)
    )
    take = _photographed if medium == "photographed" else _flat
    return take(rng, printed, written, noisy=medium == "scanned"), moved


def typical_height(written: Ink) -> float:
    """Pixels of the height of what hangs together in the middle of those heights; 0 where nothing is written."""
    heights = connected_components(written > 0.3).height
    return float(np.median(heights)) if len(heights) else 0.0


def as_jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """What is left of a (height, width, 3) uint8 picture in a JPEG file of that quality, 1 to 100."""
    _, file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)


def _faded(rng: Generator, written: Ink) -> Ink:
    """As the pen leaves it that some write with."""
    height = typical_height(written)
    if rng.random() > FADING or not height:
        return written
    return np.asarray(written * pressed(written.shape, rng.uniform(0, MAX_FADING), height, rng), np.float32)


def _flat(rng: Generator, printed: Ink, written: Ink, *, noisy: bool) -> NDArray[np.uint8]:
    """Drawn or scanned: paper of one colour."""
    dark = rng.uniform(0.3, 1.0) if rng.random() < 0.6 else 1.0
    grey = 255 * (1 - np.maximum(dark * printed, written))
    if noisy:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.4, 1.0)) + rng.normal(0, rng.choice([0.5, 2.0]), grey.shape)
    elif rng.random() < 0.3:
        grey = 255 - grey
    return np.asarray(grey.clip(0, 255), np.uint8)


def _photographed(rng: Generator, printed: Ink, written: Ink, *, noisy: bool) -> NDArray[np.uint8]:
    """On paper in uneven light, blurred, with noise, sometimes with the dark table at the rim; `noisy` is ignored."""
    height, width = printed.shape
    scene = np.full((height, width, 3), rng.uniform(0.8, 1.0), np.float32) - rng.random(3).astype(np.float32) * 0.08
    hue = np.array([(0.1, 0.1, 0.1), (0.45, 0.6, 0.85), (0.6, 0.6, 0.6)][int(rng.integers(3))])
    pen = np.array([(0.1, 0.1, 0.12), (0.1, 0.15, 0.5), (0.3, 0.3, 0.32)][int(rng.integers(3))])
    scene *= 1 - (rng.uniform(0.5, 1.0) * printed)[..., None] * (1 - hue)
    scene *= 1 - written[..., None] * (1 - pen)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    lit = 1 + rng.uniform(-0.3, 0.3) * x + rng.uniform(-0.3, 0.3) * y
    if rng.random() < 0.25:
        edge = rng.uniform(-0.5, 0.5) + rng.uniform(-1, 1) * x + y
        lit = lit * (1 - rng.uniform(0.2, 0.5) / (1 + np.exp(-edge * rng.choice([6, 30]))))
    scene *= lit[..., None]
    if rng.random() < 0.2:  # the table beyond the sheet's edge
        beyond = (x if rng.random() < 0.5 else y) * rng.choice([-1, 1]) + rng.uniform(-0.02, 0.02) * (x + y)
        scene[beyond > rng.uniform(0.93, 0.98)] = rng.uniform(0.1, 0.4)
    levels = 255 * rng.uniform(0.7, 1.0) * cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.5, 1.4))
    levels = levels + rng.normal(0, rng.choice([1.0, 3.0, 6.0]), levels.shape)
    return as_jpeg(levels.clip(0, 255).astype(np.uint8), int(rng.integers(*QUALITIES)))
