"""Photograph or scan of a filled sheet -> a hundred labelled digits."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.decode import Picture
from digits.features import SIDE
from digits.normalise import normalise
from digits.recogniser import CONFIDENT, Recogniser, decide
from digits.sheet.boxes import reduced, unframed, written_in
from digits.sheet.code import owner_of
from digits.sheet.layout import BOXES, COLUMNS
from digits.sheet.reasons import Reason as Reason
from digits.sheet.reasons import SheetError as SheetError
from digits.sheet.straighten import straightened

MAX_SHEET_SIDE: Final = 2048
"""Pixels a side to which the picture of a sheet is decoded: a box has then some eighty."""

RECOGNISED_SCALE: Final = 2 / 3
"""Scale at which a box goes through the whole recogniser: at full size it takes twice the time and reads no better."""

NEIGHBOURS: Final = 3
"""So many of the sheet's most similar digits tell whether a misread one is written as others of its row are."""


@dataclass(frozen=True, eq=False)
class SheetDigit:
    """One box of a sheet.

    Attributes:
        label: 0..9, the digit of its row: what was to be written.
        normalised: (28, 28) uint8, what is written as the model sees it; None for an empty box.
        prediction: 0..9, what the model reads; None where it reads no digit, and for an empty box.
        confidence: of that, 0..1.
        suspicious: whether the box is likely filled wrongly: the model reads no digit, or surely another one, and the
            others of its row are written in another way.

    """

    label: int
    normalised: NDArray[np.uint8] | None
    prediction: int | None
    confidence: float
    suspicious: bool


@dataclass(frozen=True, eq=False)
class SheetReading:
    """A sheet as it was filled in.

    Attributes:
        class_code: twelve characters, of the class to which it belongs; None for a sheet of one's own.
        number: the pupil's, from 1; None likewise.
        digits: a hundred, row by row from the top, from left to right: number n is row n // 10, column n % 10.

    """

    class_code: str | None
    number: int | None
    digits: tuple[SheetDigit, ...]


@dataclass
class _Box:
    """What was found in a box so far: what `SheetDigit` says."""

    normalised: NDArray[np.uint8] | None = None
    prediction: int | None = None
    confidence: float = 1.0


def read_sheet(recogniser: Recogniser, picture: Picture) -> SheetReading:
    """Read a photographed or scanned sheet, whichever way it is turned.

    Args:
        recogniser: reads each box, so that wrongly filled ones can be told.
        picture: as `digits.decode.decode` returns it, decoded to `MAX_SHEET_SIDE`.

    Raises:
        SheetError: it cannot be read.

    """
    page = straightened(picture.within(MAX_SHEET_SIDE).pixels)
    owner = owner_of(page)
    if owner is None:
        raise SheetError("no_code")
    boxes = _read_boxes(recogniser, [unframed(page.boxes, index) for index in range(BOXES)])
    written = [index for index, each in enumerate(boxes) if each.normalised is not None]
    if not written:
        raise SheetError("empty")
    suspicious = _suspicious(recogniser, boxes, written)
    digits = (
        SheetDigit(index // COLUMNS, each.normalised, each.prediction, each.confidence, index in suspicious)
        for index, each in enumerate(boxes)
    )
    return SheetReading(owner.class_code, owner.number, tuple(digits))


def _read_boxes(recogniser: Recogniser, cells: list[NDArray[np.uint8]]) -> list[_Box]:
    """What is written in each box.

    One threshold is enough for nine in ten. What the model is not sure of then goes through the whole recogniser, which
    tells shadows' edges and dirt from ink: on made photographs with sharp shadows it misreads 2.3 % in place of 3.1 %
    (the same digits without a photograph: 1.6 %).
    """
    boxes = [_Box() for _ in cells]
    found = written_in(cells)
    written = [index for index, each in enumerate(found) if each is not None]
    if not written:
        return boxes
    pictures = np.stack([normalise(each.ink) for each in found if each is not None])
    for index, seen, view in zip(written, pictures, recogniser.model.predict_proba(pictures), strict=True):
        boxes[index] = _Box(seen, *decide(view))
    unsure = [i for i in written if boxes[i].prediction is None or boxes[i].confidence < CONFIDENT]
    again = recogniser.recognise_all(Picture.of_pixels(reduced(cells[index], RECOGNISED_SCALE)) for index in unsure)
    for index, answer in zip(unsure, again, strict=True):
        boxes[index] = _Box(answer.normalised, answer.prediction, answer.confidence)
    return boxes


def _suspicious(recogniser: Recogniser, boxes: list[_Box], written: list[int]) -> set[int]:
    """Boxes of the written ones that are likely filled wrongly."""
    labels = np.array([index // COLUMNS for index in written])
    vectors = recogniser.model.hidden(np.stack([_seen(boxes[index]) for index in written]))
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1)
    nearest = labels[np.argsort(-alike, axis=1)[:, :NEIGHBOURS]]
    of_its_row = (nearest == labels[:, None]).sum(axis=1)
    return {
        index
        for index, label, neighbours in zip(written, labels.tolist(), of_its_row.tolist(), strict=True)
        if boxes[index].prediction is None
        or (boxes[index].prediction != label and boxes[index].confidence >= CONFIDENT and neighbours <= NEIGHBOURS // 2)
    }


def _seen(box: _Box) -> NDArray[np.uint8]:
    return np.zeros((SIDE, SIDE), np.uint8) if box.normalised is None else box.normalised
