"""How well made forms are read, cell by cell: `python -m digits.evaluation.forms --count 20`.

A cell counts as found when a cell of the answer covers it (intersection over union above a half), and as right when its
digits are; a form when the digits of all its lines are. Misread are as many digits as must be put in, taken out or
changed. What stands on large pages is by one hand each.
"""

import argparse
import re
from typing import Final, NamedTuple

import numpy as np

from digits.answers import NumberAnswer, covered
from digits.data.composed_forms import ComposedForm, composed_form, kept_out_hand, kept_out_hands, reduced
from digits.data.form_sheets import FORM_KINDS
from digits.decode import Picture
from digits.evaluation.numbers import edit_distance
from digits.number import read_number
from digits.recogniser import Recogniser, use_one_thread

SEED: Final = 11
"""Of the made forms, so that they are the same ones each time."""

MIN_COVERED: Final = 0.5
"""Intersection over union from which on a cell is found."""


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m digits.evaluation.forms", description="Read made forms.")
    parser.add_argument("--count", type=int, default=20, help="forms of each kind")
    parser.add_argument("--kind", choices=FORM_KINDS, action="append", help="of forms, may be repeated; default: all")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--height", type=float, metavar="PIXELS", help="of digits, of which most forms have more")
    parser.add_argument("--one-pen", action="store_true", help="each form by one hand with one pen, as most are")
    asked = parser.parse_args()
    use_one_thread()
    recogniser, hands = Recogniser.load(), kept_out_hands()
    print("| forms | count | read exactly | digits | misread | cells | found | right |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for number, kind in enumerate(FORM_KINDS):
        if kind not in (asked.kind or FORM_KINDS):
            continue
        scores = []
        for place in range(asked.first, asked.first + asked.count):
            rng = np.random.default_rng((SEED, number, place))
            by_one = asked.one_pen or kind.startswith("large")
            source = kept_out_hand(rng, one_pen=asked.one_pen) if by_one else hands
            form = composed_form(rng, source, kind)
            if asked.height is not None:
                form = reduced(form, asked.height, rng)
            scores.append(score(form, read_number(recogniser, Picture.of_pixels(form.picture))))
        exactly, digits, misread, cells, found, right = (sum(of_all) for of_all in zip(*scores, strict=True))
        shares = f"{found / cells:.1%} | {right / cells:.1%}" if cells else "– | –"
        counted = f"{exactly / asked.count:.1%} | {digits:,} | {misread / max(digits, 1):.1%} | {cells:,}"
        print(f"| {kind} | {asked.count} | {counted} | {shares} |", flush=True)


class Score(NamedTuple):
    """How a form is read.

    Attributes:
        exactly: 1 where all of it is.
        digits: that are written in it.
        misread: of these.
        cells: that it has.
        found: of these.
        right: of these.

    """

    exactly: int
    digits: int
    misread: int
    cells: int
    found: int
    right: int


def score(form: ComposedForm, answer: NumberAnswer) -> Score:
    """How well that answer reads the form."""
    lines = [digits for line in answer.lines if (digits := _digits(line.text))]
    wanted = [line.replace(" ", "") for line in form.lines]
    written = sum(len(line) for line in wanted)
    apart = edit_distance("/".join(lines), "/".join(wanted))
    cells = [cell for row in answer.table or () for cell in row]
    found = right = 0
    for each in form.cells:
        shares = [covered(cell.box, each.box) for cell in cells]
        if shares and max(shares) > MIN_COVERED:
            found += 1
            right += _digits(cells[int(np.argmax(shares))].text) == each.text
    return Score(int(lines == wanted), written, min(apart, written), len(form.cells), found, right)


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


if __name__ == "__main__":
    main()
