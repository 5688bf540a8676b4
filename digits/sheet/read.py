"""Photograph or scan of a filled sheet -> a hundred labelled digits."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from digits.decode import Picture
from digits.recogniser import Recogniser

MAX_SHEET_SIDE: Final = 2048
"""Pixels a side to which the picture of a sheet is decoded: a box has then some seventy."""

Reason = Literal["no_corners", "cut_off", "too_small", "too_blurred", "no_code", "empty"]
"""Why a sheet cannot be read: its corner marks are not found or covered; the sheet is cut off by the picture's rim; it
is too small in the picture; it is out of focus or shaken; its code is covered or is no sheet's; nothing is written."""


class SheetError(ValueError):
    """The picture shows no sheet that can be read; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, eq=False)
class SheetDigit:
    """One box of a sheet.

    Attributes:
        label: 0..9, the digit of its row: what was to be written.
        normalised: (28, 28) uint8, what is written as the model sees it; None for an empty box.
        prediction: 0..9, what the model reads; None where it reads no digit, and for an empty box.
        confidence: of that, 0..1.
        suspicious: whether the box is likely filled wrongly: the model surely reads another digit, or no digit.

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


def read_sheet(recogniser: Recogniser, picture: Picture) -> SheetReading:
    """Read a photographed or scanned sheet, whichever way it is turned.

    Args:
        recogniser: reads each box, so that wrongly filled ones can be told.
        picture: as `digits.decode.decode` returns it, decoded to `MAX_SHEET_SIDE`.

    Raises:
        SheetError: it cannot be read.

    """
    raise SheetError("no_corners")
