"""What a memory of one's own digits gains, for writers that nothing was trained on.

    python -m digits.evaluation.memory [--pens 4]

The digits of each hand come in the order in which they were written; pen strokes are drawn with pens of several widths,
each as a hand of its own. What is misread in the second half of each hand is counted, a rejection too: with nothing
taught; with misread digits put right as they come, from the first one on; with the first half put right or confirmed;
enrolled with so many of each kind from the first half; with 50 digits of another hand; and with 50 false labels, left
alone or switched off as they make answers wrong. Further, how many labels are believed.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from digits.data.datasets import VALIDATION_WRITERS, pendigits
from digits.data.scans import SWISS_KEPT_OUT, numbers_swiss
from digits.data.sources import DataSetError
from digits.data.unipen import SAME_AS_KEPT_OUT, kept_out_writers, unipen
from digits.decode import Picture
from digits.known import Known
from digits.memory import Memory
from digits.model import ModelNotReadyError
from digits.normalise import normalise
from digits.pen import PenSample, draw_strokes
from digits.recogniser import CONFIDENT, Recogniser, blamed, decide, use_one_thread
from digits.taught import NO_DIGIT, NOTHING, Taught

PENS: Final = (0.07, 0.1, 0.04, 0.14)
"""Widths of the pens that draw strokes, as shares of the digit's longer side."""

MIN_DIGITS: Final = 20
"""Of a hand; UNIPEN has hands of a few digits only."""

MAX_OF_A_KIND: Final = 20
"""So many of a digit are remembered of a hand at most; those that were misread first."""

OTHERS: Final = 50
"""Digits of another hand, and false labels."""

STRAIGHT: Final = 1.15
"""Length of a stroke by the distance between its ends, up to which it is a bare line: in UNIPEN a part of a digit,
unless it is an upright 1."""

FORMS: Final = (0, 130, 256, 386, 516, 646, 776, 905, 1029, 1157, 1287, 1415, 1541, 1667, 1797)
"""Where each form begins in scikit-learn's load_digits, and where the last one ends: each has the same digits in the
same order."""

SEED: Final = 19

Counts = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Hand:
    """What one person wrote with one pen, in this order.

    Attributes:
        source: of the digits.
        taught: the digits, and what they are.

    """

    source: str
    taught: Taught

    @property
    def half(self) -> int:
        """Where the second half begins."""
        return len(self.taught) // 2

    @property
    def second_half(self) -> Taught:
        """The digits from there on."""
        return self.taught.at(range(self.half, len(self.taught)))


def hands(recogniser: Recogniser, pens: int) -> list[Hand]:
    """The hands of writers kept out of all training, each with so many of `PENS`, or as it was scanned."""
    found = []
    for width in PENS[:pens]:
        for source, samples in _strokes():
            pictures = [normalise(draw_strokes(sample.strokes, width)) for sample in samples]
            found.append(Hand(source, _taught(pictures, [int(sample.label) for sample in samples])))
    rng = np.random.default_rng(SEED)
    for writer in sorted(SWISS_KEPT_OUT):
        scans = [(255 - scan.picture, scan.label) for scan in numbers_swiss() if scan.writer == writer]
        found.append(Hand("Swiss scans", _as_seen(recogniser, [scans[place] for place in rng.permutation(len(scans))])))
    pictures, labels = load_digits(return_X_y=True)
    paper = 255 - np.rint(pictures.reshape(-1, 8, 8) * 255 / 16).astype(np.uint8)
    forms = [*zip(paper, labels.tolist(), strict=True)]
    return found + [Hand("forms, 8x8", _as_seen(recogniser, forms[start:stop])) for start, stop in pairwise(FORMS)]


def _strokes() -> Iterator[tuple[str, list[PenSample]]]:
    """Source and digits of each writer."""
    by_writer: dict[str, list[PenSample]] = {}
    for digit in pendigits():
        if digit.writer in VALIDATION_WRITERS:
            sample = PenSample(digit.strokes, str(digit.label), str(digit.writer))
            by_writer.setdefault(f"pen digits {digit.writer:02d}", []).append(sample)
    for sample in unipen("digits"):
        if sample.writer in kept_out_writers() - SAME_AS_KEPT_OUT and not _is_part(sample):
            by_writer.setdefault(f"UNIPEN {sample.writer}", []).append(sample)
    for name, samples in sorted(by_writer.items()):
        if len(samples) >= MIN_DIGITS:
            yield name.rpartition(" ")[0], samples


def _is_part(sample: PenSample) -> bool:
    """Whether it is a dot, or a bare line that is no upright 1."""
    width, height = np.ptp(np.concatenate(sample.strokes), axis=0)
    if len(sample.strokes) > 1 or not (width or height):
        return len(sample.strokes) == 1
    stroke = sample.strokes[0]
    length = np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum()
    is_bare = length <= STRAIGHT * np.linalg.norm(stroke[-1] - stroke[0])
    return bool(is_bare and (sample.label != "1" or width > height))


def _as_seen(recogniser: Recogniser, scans: list[tuple[NDArray[np.uint8], int]]) -> Taught:
    """What is seen of pictures on paper, with their labels."""
    seen = [(recogniser.recognise(Picture.of_pixels(picture)).normalised, label) for picture, label in scans]
    pictures, labels = zip(*[(picture, label) for picture, label in seen if picture is not None], strict=True)
    return _taught([*pictures], [*labels])


def _taught(pictures: list[NDArray[np.uint8]], labels: list[int]) -> Taught:
    return Taught(np.stack(pictures), np.array(labels, np.intp))


def misread(
    recogniser: Recogniser, digits: Taught, known: Taught = NOTHING, *, learns: bool = False, doubtful: float = 0.0
) -> Counts:
    """Which digits are misread by who has taught the known ones.

    Args:
        recogniser: without a memory.
        digits: that are read, one after the other.
        known: what was taught before.
        learns: whether each misread one is put right at once: it is remembered, and what made it wrong switched off.
        doubtful: confidence below which right ones are confirmed then, and remembered too.

    """
    found: list[int] = []
    start = 0
    while start < len(digits):
        memory = Memory.of(recogniser.model, known)
        answers, confidences = _answers(recogniser.with_memory(memory), digits.pictures[start:])
        is_wrong = answers != digits.labels[start:]
        if not learns:
            return start + np.flatnonzero(is_wrong)
        told = np.flatnonzero(is_wrong | (confidences < doubtful))
        if not len(told):
            break
        first = start + int(told[0])
        cause = None
        if is_wrong[told[0]]:
            found.append(first)
            cause = blamed(recogniser, memory, digits.pictures[first], int(digits.labels[first]))
        kept = [place for place in range(len(known)) if place != cause]
        known, start = known.at(kept).and_also(digits.at([first])), first + 1
    return np.array(found, np.intp)


def _answers(recogniser: Recogniser, pictures: NDArray[np.uint8]) -> tuple[Counts, NDArray[np.float64]]:
    """What each picture is read as, and how surely."""
    answers, confidences = zip(*(decide(view) for view in recogniser.predict_proba(pictures)), strict=True)
    return np.array([NO_DIGIT if answer is None else answer for answer in answers], np.intp), np.array(confidences)


class Streams:
    """Hands, and what is misread in the second half of each."""

    def __init__(self, recogniser: Recogniser, all_hands: list[Hand]) -> None:
        self.recogniser = recogniser
        self.hands = all_hands
        self.before = [misread(recogniser, hand.taught) for hand in all_hands]

    def untaught(self) -> Counts:
        """How many digits of each second half are misread with nothing taught."""
        return np.array([np.sum(wrong >= hand.half) for wrong, hand in zip(self.before, self.hands, strict=True)])

    def as_they_come(self, doubtful: float = 0.0) -> Counts:
        """The same where each misread digit is put right, from the first one on, and doubtful ones are confirmed."""
        found = [misread(self.recogniser, hand.taught, learns=True, doubtful=doubtful) for hand in self.hands]
        return np.array([np.sum(wrong >= hand.half) for wrong, hand in zip(found, self.hands, strict=True)])

    def after(self, taught: Callable[[int], Taught], *, learns: bool = False) -> Counts:
        """The same where this was taught before, to the hand of that number; see `misread`."""
        return np.array(
            [
                len(misread(self.recogniser, hand.second_half, taught(number), learns=learns))
                for number, hand in enumerate(self.hands)
            ]
        )

    def first_half(self, number: int, most: int = MAX_OF_A_KIND) -> Taught:
        """Of the first half of a hand so many of each kind, the misread ones first."""
        hand, wrong = self.hands[number], set(self.before[number].tolist())
        order = sorted(range(hand.half), key=lambda place: (place not in wrong, place))
        of_kinds = [[place for place in order if hand.taught.labels[place] == kind][:most] for kind in range(10)]
        return hand.taught.at(chain.from_iterable(of_kinds))

    def enrolled(self, number: int, most: int) -> Taught:
        """Of a hand the first digits of each kind, so many, from its first half."""
        hand = self.hands[number]
        labels = hand.taught.labels[: hand.half]
        return hand.taught.at(np.concatenate([np.flatnonzero(labels == kind)[:most] for kind in range(10)]))

    def of_another(self, number: int) -> Taught:
        """The first digits of each kind by another hand."""
        return self.enrolled((number + len(self.hands) // 2) % len(self.hands), OTHERS // 10)

    def false_labels(self, number: int) -> Taught:
        """Digits of the first half of a hand with labels that are wrong."""
        rng = np.random.default_rng((SEED, number))
        half = self.hands[number].half
        digits = self.hands[number].taught.at(rng.choice(half, min(OTHERS, half), replace=False))
        return Taught(digits.pictures, (digits.labels + rng.integers(1, 10, len(digits))) % 10)

    def measured(self) -> dict[str, Counts]:
        """How many digits of each second half are misread, by what was taught."""
        of_each = {f"{most} of each kind": partial(self.enrolled, most=most) for most in (1, 3, 5, 10)}
        return {
            "nothing": self.untaught(),
            "what is misread, as it comes": self.as_they_come(),
            "what is misread or doubtful, as it comes": self.as_they_come(CONFIDENT),
            **{name: self.after(taught) for name, taught in of_each.items()},
            "the first half": self.after(self.first_half),
            "the first half, then what is misread": self.after(self.first_half, learns=True),
            "50 by another hand": self.after(self.of_another),
            "50 false labels": self.after(self.false_labels),
            "50 false labels, then what is misread": self.after(self.false_labels, learns=True),
        }

    def believed(self) -> dict[str, tuple[int, int]]:
        """How many labels are believed, and of how many: true ones of misread digits, and false ones."""
        known = Known.of(self.recogniser.model)
        true = [hand.taught.at(wrong) for hand, wrong in zip(self.hands, self.before, strict=True)]
        false = [self.false_labels(number) for number in range(len(self.hands))]
        return {name: _believed(known, sets) for name, sets in (("true, of misread digits", true), ("false", false))}

    def table(self) -> str:
        """The figures as a Markdown table: what is misread of each source and of all."""
        sources = sorted({hand.source for hand in self.hands})
        chosen = [
            np.array([hand.source in kind for hand in self.hands]) for kind in (*([each] for each in sources), sources)
        ]
        digits = np.array([len(hand.second_half) for hand in self.hands])
        lines = [
            f"| taught | {' | '.join(sources)} | all | fewer |",
            "|---|" + "---:|" * (len(sources) + 2),
            "| digits | " + " | ".join(f"{digits[each].sum():,}" for each in chosen) + " | |",
        ]
        measured = self.measured()
        for name, counts in measured.items():
            cells = [f"{counts[each].sum()} ({counts[each].sum() / digits[each].sum():.2%})" for each in chosen]
            lines.append(f"| {name} | {' | '.join(cells)} | {1 - counts.sum() / measured['nothing'].sum():.0%} |")
        return "\n".join(lines)


def _believed(known: Known, sets: list[Taught]) -> tuple[int, int]:
    labels = [(picture, int(label)) for each in sets for picture, label in zip(each.pictures, each.labels, strict=True)]
    return sum(known.is_believable(picture, label) for picture, label in labels), len(labels)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pens", type=int, default=len(PENS), choices=range(1, len(PENS) + 1))
    pens = parser.parse_args().pens
    use_one_thread()
    try:
        recogniser = Recogniser.load()
        streams = Streams(recogniser, hands(recogniser, pens))
    except (DataSetError, ModelNotReadyError) as error:
        sys.exit(str(error))
    print(streams.table())
    print("\n| labels | believed |\n|---|---:|")
    for name, (count, total) in streams.believed().items():
        print(f"| {name} | {count} of {total} ({count / total:.1%}) |")


if __name__ == "__main__":
    main()
