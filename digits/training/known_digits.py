"""Put together the known digits: one picture of digits by many hands, and of things that are no digit.

    python -m digits.training.known_digits [--out FILE]

The digits are by writers that may be trained on, of sources that may be redistributed: Numbers by A. Schröder and
contributors (CC0 1.0), Pen-Based Recognition of Handwritten Digits by E. Alpaydin and F. Alimoglu (UCI 81, CC BY 4.0),
Semeion Handwritten Digit by the Semeion Research Center, Rome, and Tattile, Brescia (UCI 178, CC BY 4.0), and Optical
Recognition of Handwritten Digits by E. Alpaydin and C. Kaynak (UCI 80, CC BY 4.0); all scaled to 28x28, pen strokes
drawn. What is no digit comes from Omniglot by B. Lake, R. Salakhutdinov and J. Tenenbaum (MIT), the Hershey fonts by A.
V. Hershey, icons of Lucide (ISC) and Noto Emoji (OFL 1.1), handwriting fonts (digits/data/fonts.csv), and from rows of
those digits. `digits.known` reads the picture.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from digits.known import COLUMNS, KNOWN_DIGITS, ROWS
from digits.normalise import normalise
from digits.pen import Ink
from digits.taught import CLASSES, NO_DIGIT
from digits.training import letters, negatives, shapes
from digits.training.hands import Digit, as_it_is, form_digits, italian_digits, pen_digits, swiss_digits

SEED: Final = 19
"""Of what is chosen, of the pens' widths and of the things that are no digit."""

SHARES: Final[tuple[tuple[Callable[[], list[Digit]], float], ...]] = (
    (partial(swiss_digits, kept_out=False), 0.3),
    (partial(pen_digits, kept_out=False), 0.35),
    (italian_digits, 0.2),
    (form_digits, 0.15),
)
"""Sources of the digits, and the share of each."""

THINGS: Final[tuple[tuple[Callable[[Generator], Ink], float], ...]] = (
    (partial(letters.foreign_letter, kept_out=False), 0.25),
    (partial(letters.stroke_font_letter, kept_out=False), 0.15),
    (partial(letters.font_letter, kept_out=False), 0.15),
    (partial(shapes.icon, kept_out=False), 0.1),
    (partial(shapes.pictogram, kept_out=False), 0.05),
    (shapes.scribble, 0.1),
    (shapes.stain, 0.05),
)
"""What is no digit, and the share of each; the rest are rows of digits."""


def known_digits() -> Iterator[NDArray[np.uint8]]:
    """The 28x28 pictures, `ROWS` * `COLUMNS` of each class."""
    rng = np.random.default_rng(SEED)
    sources = [(source(), share) for source, share in SHARES]
    chosen = [picture for label in range(NO_DIGIT) for picture in _of_label(label, sources, rng)]
    yield from chosen
    for place in range(ROWS * COLUMNS):
        make, ends = partial(negatives.several, np.array(chosen)), 0.0
        for thing, share in THINGS:
            ends += share
            if place / (ROWS * COLUMNS) < ends:
                make = partial(thing)
                break
        yield normalise(make(rng))


def _of_label(label: int, sources: list[tuple[list[Digit], float]], rng: Generator) -> Iterator[NDArray[np.uint8]]:
    """As many of a label as are wanted, from all over each source, which goes from writer to writer."""
    left, share_left = ROWS * COLUMNS, 1.0
    for digits, share in sources:
        count = round(left * share / share_left)
        left, share_left = left - count, share_left - share
        of_label = [digit for digit in digits if digit.label == label]
        for place in np.linspace(0, len(of_label) - 1, count).astype(np.intp):
            yield as_it_is(of_label[place].shape, rng)


def mosaic(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, 28, 28) pictures as tiles of one, `COLUMNS` in a row."""
    rows, side = len(pictures) // COLUMNS, pictures.shape[1]
    return pictures.reshape(rows, COLUMNS, side, side).swapaxes(1, 2).reshape(rows * side, COLUMNS * side)


def main() -> None:
    """Write the picture to its place in the project, or to another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=KNOWN_DIGITS, help="default: %(default)s")
    out: Path = parser.parse_args().out
    pictures = np.stack(list(known_digits()))
    Image.fromarray(mosaic(pictures)).save(out, "PNG", optimize=True)
    print(f"{len(pictures):,} pictures, {len(pictures) // CLASSES} of a class: {out}, {out.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
