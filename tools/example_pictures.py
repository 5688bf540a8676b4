"""Makes the page's examples: digits as they come from a telephone, from strokes that were drawn for the project.

python -m tools.example_pictures [--out page/examples]
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tools.drawing import STROKES, Strokes, arc, draw

FOLDER: Final = Path(__file__).parent.parent / "page" / "examples"
SEED: Final = 5
"""Of the paper's grain."""

SIZE: Final = (480, 480)
"""Pixels of a sheet, width and height."""

TURN: Final = 3
"""Degrees by which the finished sheet is turned, against the clock."""

CUT: Final = (20, 20, 460, 460)
"""What is kept of the turned sheet: left, top, right, bottom in pixels."""

QUALITY: Final = 82
"""Of the JPEG, 1..95."""

HEART: Final[Strokes] = [
    [(0.4, 0.95), *arc(0.2, 0.25, 0.2, 0.25, -120, 90), *arc(0.6, 0.25, 0.2, 0.25, -90, 120), (0.4, 0.95)]
]


def digits(*lines: str) -> Strokes:
    """Lines of digits, written one below the other; a digit is 1 high."""
    strokes: list[list[tuple[float, float]]] = []
    for row, line in enumerate(lines):
        left = 0.0
        for digit in map(int, line):
            strokes += [[(x + left, y + 1.5 * row) for x, y in stroke] for stroke in STROKES[digit]]
            left += max(x for stroke in STROKES[digit] for x, _ in stroke) + 0.35
    return strokes


TABLE: Final = (("12", "5", "40"), ("7", "", "48"), ("30", "9", "6"), ("", "81", "27"))
"""What stands in each cell of a table, row by row."""

CELL: Final = (126, 96)
"""Pixels of a cell of the table, width and height, and..."""

WRITTEN: Final = 0.52
"""...the height of the digits in it by its own."""


def in_cells(rows: Sequence[Sequence[str]]) -> Strokes:
    """Numbers in the middle of the cells of a table; a digit is 1 high."""
    strokes: list[list[tuple[float, float]]] = []
    for row, cells in enumerate(rows):
        for column, number in enumerate(cells):
            written = digits(number)
            middle = max((x for stroke in written for x, _ in stroke), default=0.0) / 2
            right, down = (column * CELL[0] / CELL[1] / WRITTEN - middle, row / WRITTEN)
            strokes += [[(x + right, y + down) for x, y in stroke] for stroke in written]
    return strokes


def squared(rng: np.random.Generator) -> Image.Image:
    """White paper with pale blue squares, in light that falls from one side."""
    sheet = Image.new("RGB", SIZE, (236, 236, 230))
    pen = ImageDraw.Draw(sheet)
    for place in range(12, SIZE[0], 34):
        pen.line([(place, 0), (place + 6, SIZE[1])], (178, 196, 216), 2)
        pen.line([(0, place), (SIZE[0], place - 6)], (178, 196, 216), 2)
    return _shaded(sheet, rng, 0.75)


def ruled(rng: np.random.Generator) -> Image.Image:
    """A copy-book's page with a red margin, darker towards a corner."""
    sheet = Image.new("RGB", SIZE, (240, 236, 222))
    pen = ImageDraw.Draw(sheet)
    for place in range(30, SIZE[1], 62):
        pen.line([(0, place), (SIZE[0], place + 8)], (165, 180, 205), 2)
    pen.line([(52, 0), (44, SIZE[1])], (214, 130, 130), 2)
    return _shaded(sheet, rng, 0.65)


def board(rng: np.random.Generator) -> Image.Image:
    """A dark green board with the dust of what was wiped off."""
    return _shaded(Image.new("RGB", SIZE, (44, 74, 62)), rng, 0.8, grain=7)


def plain(rng: np.random.Generator) -> Image.Image:
    """Plain paper with half of it in shadow."""
    sheet = np.asarray(Image.new("RGB", SIZE, (232, 230, 226)), np.float32).copy()
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    sheet *= np.where(columns + 0.4 * rows > 380, 0.72, 1)[..., None]
    return _noisy(sheet, rng, 3)


def tabular(rng: np.random.Generator) -> Image.Image:
    """White paper with a printed table of three columns and four rows, in light that falls from one side."""
    sheet = Image.new("RGB", SIZE, (238, 237, 232))
    pen = ImageDraw.Draw(sheet)
    (left, top), (columns, rows) = ((SIZE[0] - 3 * CELL[0]) // 2, (SIZE[1] - 4 * CELL[1]) // 2), (3, 4)
    for place in range(columns + 1):
        pen.line([(left + place * CELL[0], top), (left + place * CELL[0], top + rows * CELL[1])], (96, 98, 104), 2)
    for place in range(rows + 1):
        pen.line([(left, top + place * CELL[1]), (left + columns * CELL[0], top + place * CELL[1])], (96, 98, 104), 2)
    return _shaded(sheet, rng, 0.75)


def _shaded(sheet: Image.Image, rng: np.random.Generator, darkest: float, grain: float = 3) -> Image.Image:
    light = np.linspace(1, darkest, SIZE[0])[None, :, None]
    return _noisy(np.asarray(sheet, np.float32) * light, rng, grain)


def _noisy(sheet: NDArray[np.floating], rng: np.random.Generator, grain: float) -> Image.Image:
    return Image.fromarray((sheet + rng.normal(0, grain, (*SIZE, 1))).clip(0, 255).astype(np.uint8))


Sheet = Callable[[np.random.Generator], Image.Image]
EXAMPLES: Final[dict[str, tuple[Sheet, int | Strokes, tuple[int, int, int], float, float]]] = {
    "squared": (squared, 7, (36, 52, 140), 9, 0.5),
    "ruled": (ruled, 5, (92, 90, 96), 7, 0.5),
    "board": (board, 3, (226, 230, 222), 17, 0.5),
    "shadow": (plain, 2, (30, 30, 34), 20, 0.5),
    "heart": (squared, HEART, (170, 40, 60), 10, 0.5),
    "year": (squared, digits("2026"), (36, 52, 140), 7, 0.2),
    "lines": (ruled, digits("1708", "395", "2461"), (40, 40, 52), 5, 0.16),
    "table": (tabular, in_cells(TABLE), (36, 52, 140), 5, WRITTEN * CELL[1] / SIZE[1]),
}
"""Sheet, what is on it, the ink's colour, the stroke's width in pixels, the height as a share of the sheet's."""


def main() -> None:
    """Write one JPEG for each of `EXAMPLES`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder (default: %(default)s)")
    folder: Path = parser.parse_args().out
    rng = np.random.default_rng(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (sheet, shown, ink, width, height) in EXAMPLES.items():
        picture = draw(shown, SIZE, ink, sheet(rng), width=width, height=height)
        picture.rotate(TURN, Image.Resampling.BICUBIC).crop(CUT).save(folder / f"{name}.jpg", quality=QUALITY)
        print(folder / f"{name}.jpg")


if __name__ == "__main__":
    main()
