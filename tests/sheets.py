"""Sheets as they come back: the real PDF rendered, filled in by hands that nobody trained on, photographed."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
import pypdfium2
from numpy.random import Generator
from numpy.typing import NDArray

from digits.data.datasets import VALIDATION_WRITERS, pendigits
from digits.pen import Strokes
from digits.sheet.layout import BOX, BOXES, COLUMNS, box
from digits.sheet.pdf import sheet_pdf

DOTS_A_MILLIMETRE: Final = 8.0
"""Of the sheet as it lies before the camera: some 200 dots an inch."""

KEPT_OUT_WRITERS: Final = tuple(sorted(VALIDATION_WRITERS))
"""Writers of the pen digits that nobody trained on."""

FRACTION_BITS: Final = 4
"""Of coordinates that OpenCV draws at."""

Sheet = NDArray[np.float32]
"""(height, width, 3) float32, share of light that is given back."""

Points = NDArray[np.float32]


@dataclass(frozen=True)
class Pen:
    """Colour as share of light (red, green, blue) and breadth in millimetres."""

    colour: tuple[float, float, float]
    breadth: float


BLUE: Final = Pen((0.12, 0.16, 0.5), 0.5)
BLACK: Final = Pen((0.1, 0.1, 0.1), 0.6)
PENCIL: Final = Pen((0.42, 0.42, 0.44), 0.5)
FELT_TIP: Final = Pen((0.08, 0.08, 0.1), 1.1)


@dataclass(frozen=True)
class Shot:
    """How a sheet is photographed.

    Attributes:
        width, height: of the picture in pixels.
        corners: (4, 2) where the page's corners are, clockwise from its own upper left one, as shares of the picture.
        bend: how far the middle of the page rises, as a share of its height: paper that does not lie flat.
        shadow: how much light a shadow's edge across the sheet takes, 0..1.
        edge: breadth of that edge as a share of the picture.
        slope: how much darker the light is on one side.
        blur: standard deviation in pixels.
        noise: the same in grey levels.
        quality: of the JPEG.

    """

    width: int = 1500
    height: int = 2000
    corners: tuple[tuple[float, float], ...] = ((0.06, 0.05), (0.93, 0.06), (0.95, 0.95), (0.05, 0.94))
    bend: float = 0.0
    shadow: float = 0.0
    edge: float = 0.05
    slope: float = 0.1
    blur: float = 0.7
    noise: float = 2.0
    quality: int = 85


PHONE: Final = Shot(
    corners=((0.15, 0.09), (0.87, 0.05), (0.97, 0.93), (0.02, 0.96)),
    bend=0.01,
    shadow=0.4,
    slope=0.3,
    blur=1.0,
    noise=4.0,
    quality=75,
)
"""At an angle, in a shadow, a little out of focus, with a camera's grain."""


@cache
def blank(class_code: str | None = None, number: int = 1) -> Sheet:
    """The page of the real PDF as a printer makes it; not to be written to."""
    pdf = pypdfium2.PdfDocument(sheet_pdf(class_code, number if class_code else 1, "en"))
    rendered = pdf[len(pdf) - 1].render(scale=DOTS_A_MILLIMETRE * 25.4 / 72).to_numpy()
    light = 0.05 + 0.95 * rendered[:, :, ::-1].astype(np.float32) / 255
    light.setflags(write=False)
    return np.asarray(light, np.float32)


@cache
def _kept_out_digits() -> dict[tuple[int, int], list[Strokes]]:
    """What these writers wrote, by writer and label; read once, as the file is long."""
    written: dict[tuple[int, int], list[Strokes]] = {}
    for digit in pendigits():
        if digit.writer in VALIDATION_WRITERS:
            written.setdefault((digit.writer, digit.label), []).append(digit.strokes)
    return written


def hand(writer: int) -> tuple[Strokes, ...]:
    """A hundred digits of one of them, in the order of the boxes."""
    of_writer = [_kept_out_digits()[writer, label] for label in range(10)]
    return tuple(of_writer[index // COLUMNS][index % COLUMNS] for index in range(BOXES))


def filled(sheet: Sheet, digits: dict[int, Strokes], pen: Pen, rng: Generator, spread: float = 0.5) -> Sheet:
    """The sheet with digits written into its boxes.

    Args:
        sheet: as `blank` makes it.
        digits: strokes for each box that is filled, 0 to 99.
        pen: with which it is written.
        rng: of their sizes and places.
        spread: 0 for digits in the middle, 1 for such as may touch their frames.

    """
    ink = np.zeros(sheet.shape[:2], np.float32)
    for index, strokes in digits.items():
        left, top, right, bottom = box(index)
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = min(0.62 * BOX[1] / max(high[1] - low[1], 1e-3), 0.72 * BOX[0] / max(high[0] - low[0], 1e-3))
        scale *= rng.uniform(0.75, 1.1)
        room = (np.array([right - left, bottom - top]) - scale * (high - low) - pen.breadth) / 2
        shift = rng.uniform(-1, 1, 2) * spread * room.clip(0)
        middle = np.array([left + right, top + bottom]) / 2 + shift
        for stroke in strokes:
            _draw(ink, (stroke - (low + high) / 2) * scale + middle, pen.breadth)
    share = np.minimum(ink, 1)[..., None]
    return np.asarray(sheet * (1 - share) + sheet * share * np.array(pen.colour, np.float32), np.float32)


def _draw(ink: NDArray[np.float32], stroke: Points, breadth: float) -> None:
    """Draw a stroke, in millimetres, in place."""
    places = np.rint(stroke * DOTS_A_MILLIMETRE * 2**FRACTION_BITS).astype(np.int32)
    width = max(1, round(breadth * DOTS_A_MILLIMETRE))
    cv2.polylines(ink, [places.reshape(-1, 1, 2)], False, 1.0, width, cv2.LINE_AA, FRACTION_BITS)


def photograph(sheet: Sheet, shot: Shot, rng: Generator) -> bytes:
    """The sheet on a table as a telephone takes it: a JPEG."""
    height, width = sheet.shape[:2]
    target = np.array(shot.corners, np.float32) * np.array([shot.width, shot.height], np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    columns, rows = np.meshgrid(np.arange(shot.width, dtype=np.float32), np.arange(shot.height, dtype=np.float32))
    back = cv2.getPerspectiveTransform(target, source)
    places = np.stack([columns, rows, np.ones_like(columns)], axis=2) @ back.T.astype(np.float32)
    x, y = places[..., 0] / places[..., 2], places[..., 1] / places[..., 2]
    y = (y + shot.bend * height * (1 - (2 * x / width - 1) ** 2)).astype(np.float32)
    taken = np.stack(
        [
            cv2.remap(np.ascontiguousarray(sheet[..., colour]), x, y, cv2.INTER_LINEAR, borderValue=table)
            for colour, table in enumerate((0.45, 0.33, 0.24))
        ],
        axis=2,
    )
    across, down = columns / shot.width, rows / shot.height
    light = 1 - shot.slope * (0.7 * across + 0.3 * down)
    light *= 1 - shot.shadow * ((across + 0.6 * down - 0.8) / shot.edge + 0.5).clip(0, 1)
    levels = np.asarray(225 * taken * light[..., None], np.float32)
    if shot.blur:
        levels = np.asarray(cv2.GaussianBlur(levels, (0, 0), shot.blur), np.float32)
    noise = shot.noise * rng.standard_normal(levels.shape[:2], np.float32)[..., None]
    seen = (levels + noise).clip(0, 255).astype(np.uint8)
    _, stored = cv2.imencode(".jpg", seen[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, shot.quality])
    return stored.tobytes()
