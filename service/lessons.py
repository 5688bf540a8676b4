"""What a process finds out of digits that people label: of one that is put right, of a sheet, of what is stored."""

import numpy as np
from numpy.typing import NDArray

from digits.decode import Picture
from digits.features import SIDE
from digits.known import Known
from digits.memory import Memory
from digits.number import normalised_at
from digits.number.hints import Hints
from digits.recogniser import Recogniser, blamed, decide
from digits.sheet.read import SheetDigit, SheetError, read_sheet
from digits.taught import NO_DIGIT
from service.findings import Labels, Lesson, Sheet, SheetBox
from service.messages import Kind, Payload, Said


def lesson(recogniser: Recogniser, memory: Memory | None, picture: Picture, payload: Payload) -> Said:
    """What is to be known of a digit that somebody says what it is, or why nothing can be learnt."""
    assert payload.label is not None
    with_memory = recogniser.with_memory(memory)
    if payload.box is None:
        found = with_memory.recognise(picture)
        seen, prediction, confidence = found.normalised, found.prediction, found.confidence
    else:
        seen = normalised_at(with_memory, picture, Hints(payload.format, payload.lengths), payload.box)
        prediction, confidence = (None, 1.0) if seen is None else _read(with_memory, seen)
    if seen is None:
        return Kind.FAULT, {"name": "nothing-to-learn", "reason": "blank" if payload.box is None else "no_digit_there"}
    known = Known.of(recogniser.model)
    return Kind.ANSWER, Lesson(
        seen.tobytes(),
        suggested=_label(prediction),
        confidence=confidence,
        believable=known.is_believable(seen, payload.label),
        distance=known.distance(seen, payload.label),
        blamed=None if memory is None else blamed(recogniser, memory, seen, payload.label),
    )


def sheet(recogniser: Recogniser, picture: Picture, pages: int) -> Said:
    """What stands in the boxes of a photographed sheet, or why it cannot be read; its file has so many `pages`."""
    try:
        reading = read_sheet(recogniser, picture)
    except SheetError as error:
        return Kind.FAULT, {"name": "no-sheet", "reason": error.reason}
    known = Known.of(recogniser.model)
    boxes = tuple(_box(known, digit) for digit in reading.digits)
    return Kind.ANSWER, Sheet(reading.class_code, reading.number or None, boxes, pages)  # no pupil has the number 0


def _box(known: Known, digit: SheetDigit) -> SheetBox:
    seen = digit.normalised
    if seen is None:
        return SheetBox(digit.label)
    return SheetBox(
        digit.label,
        seen.tobytes(),
        _label(digit.prediction),
        digit.confidence,
        digit.suspicious,
        known.is_believable(seen, digit.label),
        known.distance(seen, digit.label),
    )


def labels_of(recogniser: Recogniser, file: bytes) -> Said:
    """What each of many 28x28, whose bytes follow on each other, is read as."""
    views = recogniser.predict_proba(np.frombuffer(file, np.uint8).reshape(-1, SIDE, SIDE))
    return Kind.ANSWER, Labels(tuple(_label(decide(view)[0]) for view in views))


def _read(recogniser: Recogniser, seen: NDArray[np.uint8]) -> tuple[int | None, float]:
    """The digit of a (28, 28) uint8, or None, and how sure that is."""
    return decide(recogniser.predict_proba(seen[None])[0])


def _label(prediction: int | None) -> int:
    return NO_DIGIT if prediction is None else prediction
