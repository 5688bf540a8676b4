"""How well made forms are read, cell by cell: `python -m digits.evaluation.forms --count 20`.

A cell counts as found when a cell of the answer covers it (intersection over union above a half), and as right when its
digits are; a form when the digits of all its lines are.
"""

import argparse
import re
from typing import Final

import numpy as np

from digits.answers import NumberAnswer, covered
from digits.data.composed_forms import FORM_KINDS, ComposedForm, composed_form, kept_out_hands
from digits.decode import Picture
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
    asked = parser.parse_args()
    use_one_thread()
    recogniser, hands = Recogniser.load(), kept_out_hands()
    print("| forms | count | read exactly | cells | found | right |", "|---|---:|---:|---:|---:|---:|", sep="\n")
    for number, kind in enumerate(FORM_KINDS):
        if kind not in (asked.kind or FORM_KINDS):
            continue
        scores = np.zeros(4, np.intp)
        for place in range(asked.first, asked.first + asked.count):
            form = composed_form(np.random.default_rng((SEED, number, place)), hands, kind)
            scores += score(form, read_number(recogniser, Picture.of_pixels(form.picture)))
        exactly, cells, found, right = scores.tolist()
        shares = f"{found / cells:.1%} | {right / cells:.1%}" if cells else "– | –"
        print(f"| {kind} | {asked.count} | {exactly / asked.count:.1%} | {cells:,} | {shares} |", flush=True)


def score(form: ComposedForm, answer: NumberAnswer) -> tuple[int, int, int, int]:
    """Whether it is read exactly (1 or 0), how many cells it has, how many are found, and how many right."""
    lines = [digits for line in answer.lines if (digits := _digits(line.text))]
    cells = [cell for row in answer.table or () for cell in row]
    found = right = 0
    for wanted in form.cells:
        shares = [covered(cell.box, wanted.box) for cell in cells]
        if shares and max(shares) > MIN_COVERED:
            found += 1
            right += _digits(cells[int(np.argmax(shares))].text) == wanted.text
    return int(lines == list(form.lines)), len(form.cells), found, right


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


if __name__ == "__main__":
    main()
