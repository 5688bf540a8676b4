"""Where everything stands on the sheet, in millimetres from the upper left corner of an A4 page: for who prints it and
for who reads it.

A printer may scale the page; all of it stays in proportion, and only proportions matter to who reads it.
"""

import re
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

PAGE: Final = (210.0, 297.0)
"""Width and height of the page."""

ROWS: Final = 10
COLUMNS: Final = 10
BOXES: Final = ROWS * COLUMNS

MARK: Final = 15.0
"""Side of a corner mark: found in made photographs from two pixels a millimetre on, and up to a blur of 0.6 mm."""

MARKS: Final = ((10.0, 10.0), (185.0, 10.0), (185.0, 272.0), (10.0, 272.0))
"""Upper left corner of each mark, clockwise; its index is the number that the mark says. Ten millimetres of the paper's
edge are free, more than any printer leaves blank."""

CODE: Final = (151.5, 10.0, 28.0)
"""Left, top and side of the QR code, without the white around it."""

BOX: Final = (15.3, 18.5)
"""Width and height of a box, to the middle of its frame: digits are higher than wide."""

PITCH: Final = (17.3, 21.0)
"""From one box to the next, across and down."""

FIRST_BOX: Final = (27.0, 57.0)
"""Upper left corner of the first box."""

FRAME: Final = 0.4
"""Breadth of the line around a box."""

LABEL_CENTRE: Final = 17.5
"""Where the middle of a row's printed digit is, across."""

CODE_PATTERN: Final = re.compile(r"DIGITS1(?::([2-9A-HJKMNP-TV-Z]{12}):([0-9]{2}))?")
"""What the QR code says: the kind of sheet, and of a class its code and the pupil's number."""

Modules = NDArray[np.bool_]
"""(n, n) bool, the black squares of a mark or code."""


class Owner(NamedTuple):
    """Whose sheet it is: `class_code` of twelve characters and the pupil's number, or None and None."""

    class_code: str | None
    number: int | None

    @property
    def said(self) -> str:
        """What the code on the sheet says."""
        return "DIGITS1" if self.class_code is None else f"DIGITS1:{self.class_code}:{self.number:02}"


def box(index: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a box, 0 to 99, row by row."""
    row, column = divmod(index, COLUMNS)
    left, top = FIRST_BOX[0] + column * PITCH[0], FIRST_BOX[1] + row * PITCH[1]
    return left, top, left + BOX[0], top + BOX[1]


def mark_corners(mark: int) -> NDArray[np.float32]:
    """(4, 2) the corners of a mark, clockwise from its own upper left one."""
    left, top = MARKS[mark]
    square = np.array([[0, 0], [MARK, 0], [MARK, MARK], [0, MARK]], np.float32)
    return square + np.array([left, top], np.float32)


def mark_dictionary() -> cv2.aruco.Dictionary:
    """The marks that there are: 4x4 squares in a black rim, of the 50 that differ most from each other."""
    return cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)


def mark_modules(mark: int) -> Modules:
    """The black squares of a mark: (6, 6) bool."""
    return np.asarray(cv2.aruco.generateImageMarker(mark_dictionary(), mark, 6, borderBits=1) == 0)


def code_modules(owner: Owner) -> Modules:
    """The black squares of a QR code, a quarter of which may be dirty, without the white around it."""
    parameters = cv2.QRCodeEncoder.Params()
    parameters.correction_level = cv2.QRCODE_ENCODER_CORRECT_LEVEL_Q
    black = np.asarray(cv2.QRCodeEncoder.create(parameters).encode(owner.said) == 0)
    rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
    return black[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def owner_in(said: str) -> Owner | None:
    """Whose sheet it is by what its code says; None where that is no sheet's code."""
    found = CODE_PATTERN.fullmatch(said)
    if found is None:
        return None
    return Owner(found[1], int(found[2]) if found[2] else None)
