"""Makes a folder of drawings as the page's canvas sends them: 280x280 RGBA, white strokes on black.

    python -m tools.benchmarks.canvas_folder FOLDER [COUNT]

The strokes are those of the pen digits, each drawn a few times with other pens and in other places.
"""

import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image
from tqdm import tqdm

from digits.data.datasets import PenDigit, pendigits
from digits.data.sources import DataSetError
from digits.pen import FILLED, draw_strokes

SIDE: Final = 280
"""Pixels a side of the canvas."""

PENS: Final = (12, 24)
"""Pixels of the thinnest and the broadest stroke."""

COUNT: Final = 20_000
"""Of the drawings, if not said."""


def drawing(digit: PenDigit, rng: Generator) -> Image.Image:
    """The digit on a canvas, 0.4 to 0.7 of its side high."""
    side = int(rng.integers(SIDE * 4 // 7, SIDE))
    ink = Image.fromarray(draw_strokes(digit.strokes, rng.uniform(*PENS) / (FILLED * side), side=2 * side))
    canvas = Image.new("RGBA", (SIDE, SIDE), "black")
    left, top = (int(place) for place in rng.integers(0, SIDE - side, 2))
    canvas.paste("white", (left, top), Image.fromarray((255 * np.asarray(ink.reduce(2))).astype(np.uint8)))
    return canvas


def main() -> None:
    """Draw and save."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    try:
        digits = pendigits()
    except DataSetError as error:
        sys.exit(str(error))
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for index in tqdm(range(count), unit=" pictures", disable=None):
        digit = digits[index % len(digits)]
        drawing(digit, rng).save(folder / f"{digit.label}-{index:05d}.png", compress_level=4)


if __name__ == "__main__":
    main()
