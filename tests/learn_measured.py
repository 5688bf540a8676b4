"""Corrections by writers of a style that the project's model misreads, and how `python -m digits.learn` judges them.

    python -m tests.learn_measured

has a model learnt of them in a folder of its own, with the whole golden sets, and prints the report, how the writers
are read who have taught nothing, and how long it took. What is learnt is a way to write a zero, with a stroke from the
upper left through it, which the project's model takes for no digit. The writers are UNIPEN's who are kept out of
training; half of them teach, the others are read.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digits.data.unipen import kept_out_writers, unipen
from digits.learn import promoted_folder
from digits.learn.__main__ import main
from digits.normalise import normalise
from digits.pen import Strokes, draw_strokes
from digits.recogniser import Recogniser, decide
from digits.store import Entry, Store
from tests.commands import ended_here

STYLE: Final = 0
"""The digit that these writers write in a way that the project's model does not know."""

PER_HOUR: Final = 10_000
MODEL: Final = "0" * 64


class Digit(NamedTuple):
    """A digit as it was written."""

    picture: NDArray[np.uint8]
    label: int
    writer: str


def teachers_and_others() -> tuple[list[Digit], list[Digit]]:
    """Digits by writers who teach, and by others who write the same way; every second writer is one of these."""
    samples = [sample for sample in unipen("digits") if sample.writer in kept_out_writers()]
    rng = np.random.default_rng(19)
    digits = [
        Digit(
            normalise(draw_strokes(crossed(sample.strokes) if label == STYLE else sample.strokes, pen)),
            label,
            sample.writer,
        )
        for sample, pen in zip(samples, rng.uniform(0.05, 0.12, len(samples)), strict=True)
        if (label := int(sample.label)) == STYLE or rng.random() < 0.15
    ]
    teachers = set(sorted({digit.writer for digit in digits})[::2])
    return [each for each in digits if each.writer in teachers], [
        each for each in digits if each.writer not in teachers
    ]


def crossed(strokes: Strokes) -> Strokes:
    """With a stroke through them from the upper left."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    beyond = 0.04 * (high - low)
    return [*strokes, np.stack([low - beyond, high + beyond]).astype(np.float32)]


def teach(store: Store, digits: Sequence[Digit]) -> dict[str, str]:
    """Each writer's digits into a profile of their own; the profiles by writer."""
    profiles = {writer: store.new_profile() for writer in sorted({digit.writer for digit in digits})}
    for writer, profile in profiles.items():
        store.add(profile, [entry(digit) for digit in digits if digit.writer == writer], PER_HOUR)
    return profiles


def entry(digit: Digit) -> Entry:
    """A correction that is believed."""
    return Entry(
        digit.picture,
        digit.label,
        None,
        confidence=0.9,
        source="correction",
        believed=True,
        distance=0.2,
        model_sha256=MODEL,
    )


def read(recogniser: Recogniser, digits: Sequence[Digit]) -> NDArray[np.bool_]:
    """Which of these are read right."""
    views = recogniser.predict_proba(np.stack([digit.picture for digit in digits]))
    return np.array([decide(view)[0] == digit.label for view, digit in zip(views, digits, strict=True)])


def address(learnt: Path) -> str:
    """Of the database in the folder of what is learnt."""
    return f"sqlite:///{learnt / 'digits.sqlite3'}"


def measured(learnt: Path) -> str:
    """What learning from these writers, in this folder, says and brings."""
    teachers, others = teachers_and_others()
    store = Store.open(address(learnt))
    teach(store, teachers)
    store.close()
    started = time.process_time()
    end, printed = ended_here(main, "--folder", str(learnt), "--database", address(learnt))
    seconds = time.process_time() - started
    models = (Recogniser.load(), Recogniser.load(promoted_folder(learnt)))
    before, now = (np.count_nonzero(~read(recogniser, others)) for recogniser in models)
    told = f"{len(others)} digits by writers who taught nothing: misread {before} before, {now} now"
    return "\n".join([printed, *([str(end)] if end else []), told, f"{seconds / 60:.1f} minutes of a processor"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(measured(Path(folder)) + "\n")
