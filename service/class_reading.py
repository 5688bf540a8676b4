"""How today's model, without any profile, reads what a class wrote."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from digits.answers import LABELS
from digits.learning_answers import ClassDigit, ClassView, PupilCounts
from digits.store import ClassSummary, StoredDigit
from service.asked import finding, pool_of, storage_of
from service.findings import Labels
from service.messages import Payload
from service.pictures import data_url
from service.recent import Recent

NO_DIGIT: Final = 10

CHUNK: Final = 200
"""Digits that a process reads at a time, so that others need not wait for a whole class."""

MAX_CLASSES: Final = 8
"""So many classes' digits are at hand, of up to a few MB each."""


@dataclass(frozen=True, eq=False)
class ClassReading:
    """Digits of a class, of which none is labelled as no digit, and what each is read as, 0..10.

    `model` names the model by which they were read.
    """

    summary: ClassSummary
    model: str
    digits: tuple[StoredDigit, ...]
    predicted: tuple[int, ...]

    def view(self) -> ClassView:
        """Who wrote how many, and how they are read; all sheets without a number count as one pupil's."""
        confusion = [[0] * len(LABELS) for _ in range(10)]
        counts = {pupil.number: [0] * 10 for pupil in self.summary.pupils}
        misread = Counter[int | None]()
        for digit, predicted in zip(self.digits, self.predicted, strict=True):
            confusion[digit.label][predicted] += 1
            counts.setdefault(digit.number, [0] * 10)[digit.label] += 1
            misread[digit.number] += digit.label != predicted
        pupils = (PupilCounts(number, tuple(counted), misread[number]) for number, counted in counts.items())
        return ClassView(self.summary.code, tuple(pupils), tuple(map(tuple, confusion)), len(self.digits))

    def shown(self, label: int | None, predicted: int | None, number: int | None) -> tuple[ClassDigit, ...]:
        """Those of this label, that are read so, by this pupil; each is left open by None."""
        return tuple(
            ClassDigit(digit.id, data_url(digit.picture), digit.number, LABELS[digit.label], LABELS[read])
            for digit, read in zip(self.digits, self.predicted, strict=True)
            if label in (None, digit.label) and predicted in (None, read) and number in (None, digit.number)
        )


class ClassReadings:
    """The classes that were looked at last, so that nothing is read twice."""

    def __init__(self) -> None:
        self._recent = Recent[ClassReading](MAX_CLASSES)

    async def of(self, request: Request, code: str) -> ClassReading:
        """The digits of a class as they are read; raises ProblemError (unknown-class)."""
        storage = storage_of(request)
        model = str(pool_of(request).record()["files"])
        summary = await storage.ask(lambda store: store.class_summary(code), "unknown-class")
        before = self._recent.get(summary.code)
        if before is not None and before.model == model and before.summary.version == summary.version:
            return before
        stored = await storage.ask(lambda store: store.class_digits(code), "unknown-class")
        digits = tuple(digit for digit in stored if digit.label < NO_DIGIT)
        known = {}
        if before is not None and before.model == model:
            known = {digit.id: read for digit, read in zip(before.digits, before.predicted, strict=True)}
        known |= await _read(request, [digit for digit in digits if digit.id not in known])
        found = ClassReading(summary, model, digits, tuple(known[digit.id] for digit in digits))
        self._recent.put(summary.code, found)
        return found


async def _read(request: Request, digits: Sequence[StoredDigit]) -> dict[int, int]:
    """What each is read as, by its number."""
    found: dict[int, int] = {}
    for start in range(0, len(digits), CHUNK):
        chunk = digits[start : start + CHUNK]
        pictures = b"".join(digit.picture.tobytes() for digit in chunk)
        labels = (await finding(request, Payload("labels", [pictures]), Labels)).labels
        found |= {digit.id: read for digit, read in zip(chunk, labels, strict=True)}
    return found
