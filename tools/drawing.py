"""Clean digits for tests and tools, drawn as strokes in any size, colour, width and place."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]
Strokes = Sequence[Sequence[Point]]
Colour = str | int | tuple[int, ...]


def arc(x: float, y: float, across: float, down: float, start: float, end: float) -> list[Point]:
    """Part of an ellipse around (x, y); the degrees run clockwise from 12 o'clock."""
    turns = np.deg2rad(np.linspace(start, end, 40))
    return [(float(x + across * np.sin(turn)), float(y - down * np.cos(turn))) for turn in turns]


STROKES: Final[dict[int, Strokes]] = {
    0: [arc(0.32, 0.5, 0.32, 0.5, 0, 365)],
    1: [[(0.06, 0.26), (0.3, 0), (0.3, 1)]],
    2: [[*arc(0.32, 0.28, 0.3, 0.28, -75, 125), (0.02, 1), (0.66, 1)]],
    3: [[*arc(0.28, 0.25, 0.28, 0.25, -65, 165), (0.22, 0.47), *arc(0.26, 0.73, 0.34, 0.27, 10, 250)]],
    4: [[(0.22, 0), (0.02, 0.58), (0.66, 0.58)], [(0.52, 0.22), (0.48, 1)]],
    5: [[(0.12, 0), (0.08, 0.45), *arc(0.28, 0.68, 0.34, 0.32, -25, 235)], [(0.12, 0), (0.58, 0.01)]],
    6: [[*arc(0.56, 0.62, 0.54, 0.62, -15, -90), *arc(0.31, 0.7, 0.3, 0.3, -90, 275)]],
    7: [[(0, 0.02), (0.6, 0), (0.22, 1)]],
    8: [[*arc(0.3, 0.25, 0.25, 0.25, 180, -180), *arc(0.3, 0.75, 0.3, 0.25, 0, 360)]],
    9: [[*arc(0.3, 0.29, 0.28, 0.29, 90, -275), (0.55, 0.6), (0.48, 1)]],
}
"""The ten digits as written by hand; y runs from 0 at the top to 1 at the bottom, x in the same unit."""


def draw(
    shown: int | Strokes,
    size: tuple[int, int] = (280, 280),
    ink: Colour = "white",
    paper: Colour | Image.Image = "black",
    *,
    width: float | None = None,
    height: float = 0.6,
    centre: Point = (0.5, 0.5),
    mode: str = "RGB",
) -> Image.Image:
    """A digit with soft edges, as a drawing program makes it.

    Args:
        shown: the digit, or other strokes in the same unit.
        size: width and height of the picture in pixels.
        ink: colour of the strokes.
        paper: what is drawn on: one colour, or a picture of the same size and mode, which stays as it is.
        width: of the stroke, in pixels; an eighth of the digit's height if not given.
        height: of the digit, as a share of the picture's height, or of its width where that is smaller.
        centre: of the digit, as shares of the picture's width and height.
        mode: of the picture; ink and paper are colours of this mode.

    """
    picture = paper.copy() if isinstance(paper, Image.Image) else Image.new(mode, size, paper)
    tall = height * min(picture.size)
    mask = stroke_mask(STROKES[shown] if isinstance(shown, int) else shown, tall, width or tall / 8)
    left = round(centre[0] * picture.width - mask.width / 2)
    top = round(centre[1] * picture.height - mask.height / 2)
    picture.paste(ink, (left, top), mask)
    return picture


def stroke_mask(strokes: Strokes, unit: float, width: float) -> Image.Image:
    """Opacity of the strokes, in a picture (L) that just holds them; `unit` and `width` in pixels."""
    fine = 4 if unit < 400 else 1
    points = [np.array(stroke) * unit * fine for stroke in strokes]
    pen = width * fine
    corner = np.min(np.concatenate(points), axis=0) - pen
    columns, rows = np.ceil((np.max(np.concatenate(points), axis=0) + pen - corner) / fine).astype(int)
    mask = Image.new("L", (int(columns) * fine, int(rows) * fine))
    draw = ImageDraw.Draw(mask)
    for stroke in points:
        path = [(float(x), float(y)) for x, y in stroke - corner]
        draw.line(path, 255, max(1, round(pen)), joint="curve")
        for x, y in path:
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), 255)
    return mask.reduce(fine)


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as the bytes of a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(size: tuple[int, int], bits: int, colour: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG put together by hand from its chunks after the header."""
    header = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in parts)
