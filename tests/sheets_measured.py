"""How well photographed sheets are read: sheets by writers kept out of training, photographed in many ways.

    python -m tests.sheets_measured 48

prints how many of so many sheets are read, and of their digits how many are taken with the right ink and how many are
misread, beside the same strokes drawn without paper or camera; the second line is of shadows with sharp edges.
"""

import sys
import time
from collections import defaultdict

import cv2
import numpy as np
from numpy.random import Generator

from digits.data.unipen import kept_out_writers, unipen
from digits.decode import decode
from digits.model import activations
from digits.normalise import normalise
from digits.pen import Strokes, draw_strokes
from digits.sheet.layout import BOXES, COLUMNS
from digits.sheet.read import MAX_SHEET_SIDE, SheetError, read_sheet
from tests.reading import recogniser
from tests.sheets import (
    BLACK,
    BLUE,
    FELT_TIP,
    KEPT_OUT_WRITERS,
    PENCIL,
    Shot,
    blank,
    filled,
    hand,
    photograph,
)

MIN_ALIKE = 0.8
"""Cosine of the last hidden layers from which on ink is the right one."""


def hands() -> list[list[list[Strokes]]]:
    """Of each kept-out writer the strokes of each digit, 0 to 9: pen digits and UNIPEN."""
    by_writer: dict[str, list[list[Strokes]]] = defaultdict(lambda: [[] for _ in range(10)])
    for sample in unipen("digits"):
        if sample.writer in kept_out_writers() and np.ptp(np.concatenate(sample.strokes), 0).any():
            by_writer[sample.writer][int(sample.label)].append(sample.strokes)
    turkish = [[list(hand(writer)[10 * label : 10 * label + 10]) for label in range(10)] for writer in KEPT_OUT_WRITERS]
    return turkish + [found for _, found in sorted(by_writer.items()) if min(map(len, found)) >= 2]


def any_shot(rng: Generator, *, sharp: bool) -> Shot:
    """A photograph of a sheet, from at an angle and bent to in a shadow, out of focus, noisy and small."""
    width = int(rng.choice([1200, 1500, 1900]))
    corners = np.array([[0.08, 0.07], [0.92, 0.07], [0.92, 0.93], [0.08, 0.93]]) + rng.uniform(-0.06, 0.06, (4, 2))
    return Shot(
        width,
        round(width * 4 / 3),
        tuple((float(x), float(y)) for x, y in corners),
        bend=float(rng.choice([0, 0.005, 0.01, 0.02]) * rng.choice([-1, 1])),
        shadow=float(rng.choice([0.4, 0.6] if sharp else [0, 0.3, 0.6])),
        edge=float(rng.choice([0.003, 0.01, 0.03]) if sharp else 0.07),
        slope=float(rng.uniform(0, 0.4)),
        blur=float(width / 1500 * rng.choice([0.5, 1, 1.5, 2.2])),
        noise=float(rng.choice([1, 4, 8])),
        quality=int(rng.choice([50, 75, 92])),
    )


def measured(count: int, *, sharp: bool) -> str:
    """One line of figures."""
    of_all, labels = hands(), np.arange(BOXES) // COLUMNS
    read = right = misread = misread_clean = suspicious = 0
    worst, seconds = BOXES, 0.0
    for number in range(count):
        rng = np.random.default_rng((number, sharp))
        writer = of_all[rng.integers(len(of_all))]
        written = [writer[label][rng.integers(len(writer[label]))] for label in labels]
        pen = (BLUE, BLACK, PENCIL, FELT_TIP)[number % 4]
        sheet = filled(blank("K7QM2XWB9DTR", 1), dict(enumerate(written)), pen, rng, spread=float(rng.choice([0.5, 1])))
        picture = decode(photograph(sheet, any_shot(rng, sharp=sharp), rng), MAX_SHEET_SIDE)
        started = time.process_time()
        try:
            digits = read_sheet(recogniser(), picture).digits
        except SheetError as error:
            print(f"sheet {number}: {error.reason}")
            continue
        seconds += time.process_time() - started
        clean = np.stack([normalise(draw_strokes(strokes, pen.breadth / 10)) for strokes in written])
        seen = np.stack(
            [np.zeros((28, 28), np.uint8) if each.normalised is None else each.normalised for each in digits]
        )
        hidden = [activations(recogniser().model.classifier, pictures)[0] for pictures in (seen, clean)]
        one, other = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in hidden)
        taken = int(np.count_nonzero((one * other).sum(axis=1) >= MIN_ALIKE))
        read, right, worst = read + 1, right + taken, min(worst, taken)
        misread += sum(each.prediction != label for each, label in zip(digits, labels.tolist(), strict=True))
        misread_clean += int(np.count_nonzero(recogniser().predict_proba(clean).argmax(axis=1) != labels))
        suspicious += sum(each.suspicious for each in digits)
    of = BOXES * read
    return (
        f"{read} of {count} sheets read; {right / of:.1%} of digits taken right, {worst} of the worst sheet; misread "
        f"{misread / of:.2%}, without a photograph {misread_clean / of:.2%}; marked as suspicious "
        f"{suspicious / of:.2%}; {seconds / read:.2f} s a sheet"
    )


if __name__ == "__main__":
    cv2.setNumThreads(1)
    for is_sharp in (False, True):
        print(measured(int(sys.argv[1]), sharp=is_sharp), flush=True)
