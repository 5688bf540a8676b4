"""Photograph -> the page as it was printed: by its corner marks, then by the frames of its boxes."""

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from digits.sheet.layout import BOXES, FIRST_BOX, MARKS, PAGE, box, mark_corners, mark_dictionary
from digits.sheet.reasons import Reason, SheetError

SCALE: Final = 6.0
"""Pixels of the straightened page for each millimetre: a box has 92x111."""

MIN_SCALE: Final = 2.2
"""Pixels of the photograph for each millimetre below which digits are too small to be read."""

MIN_SIDE: Final = 400
"""Pixels of the picture's longer side below which no mark can be told."""

STEEPEST: Final = 0.999
MIN_STEEPNESS: Final = 0.075
"""Quantile of the edges' steepness that is measured, and the share of the picture's contrast from one pixel to the next
below which it is out of focus or shaken: marks are lost from a blur of five pixels on."""

MIN_CONTRAST: Final = 40.0
"""Grey levels between dark and light below which there is nothing in the picture that could be blurred."""

MIN_MARKS: Final = 3
"""So many marks tell where the page lies; a thumb may cover one."""

FITS: Final = ((2, 9.0), (3, 2.0), (3, 1.0))
"""Degree of the polynomial and millimetres within which frames are looked for, first around where the marks say, then
around where other frames say that they are: paper bends."""

FRAME_STEP: Final = 0.25
"""Millimetres from one place that is tried for a frame to the next."""

MAX_FRAME_DARKNESS: Final = 0.08
"""Share of light that counts for a frame, which takes at least as much unless it is very blurred: ink takes more, and
must not count more. With 0.3, felt tips drew the frames of bent and blurred sheets to themselves."""

FRAME_APART: Final = 1.0
"""Millimetres from a frame to the paper beside it with which it is compared: less than half the gap between boxes."""

FRAME_BLUR: Final = 0.15
"""Standard deviation of the blur before it, in millimetres."""

PAPER_AROUND: Final = 4.0
"""Millimetres around a pixel in which the brightest is paper."""

FIT_ROUNDS: Final = 5
FIT_TOLERANCE: Final = 0.5
"""How often the fit is done again, and millimetres from it at which a frame counts a quarter."""

MIN_CLEAR: Final = 0.02
MIN_AGREEING: Final = 0.4
"""How clear a frame must be, and share of the frames that must be within twice that of the fit for it to be believed:
of frames that can be seen three in four are at least, of handwriting without frames, as in a scan of black and white,
one in fifteen."""

Points = NDArray[np.float64]
"""(..., 2) x and y."""

Pixels = NDArray[np.uint8]
"""(height, width) or (height, width, 3) uint8."""

Grey = NDArray[np.float32]


class Page(NamedTuple):
    """A straightened page.

    Attributes:
        boxes: (height, width) or (height, width, 3) uint8, upright, `SCALE` pixels a millimetre, with each box where it
            was printed.
        header: the same by the corner marks alone, which is more exact close to them.

    """

    boxes: Pixels
    header: Pixels


def straightened(picture: Pixels) -> Page:
    """The page of a photograph, (height, width) or (height, width, 3) uint8, whichever way it is turned.

    Raises:
        SheetError: its corner marks are not found, it is cut off, or it is too small.

    """
    grey = picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    found = marks_in(grey)
    if len(found) < MIN_MARKS:
        raise SheetError(_reason_for_missing(grey, found))
    to_picture = homography(found)
    if not _is_inside(to_picture, grey.shape):
        raise SheetError("cut_off")
    if _scale(to_picture) < MIN_SCALE:
        raise SheetError("too_small")
    places = _places()
    moved = np.zeros_like(places)
    for degree, reach in FITS:
        flat = _taken(grey, projected(to_picture, places + moved))
        moved += _smooth(frame_offsets(flat, reach), places, degree)
    header, boxes = (_taken(picture, projected(to_picture, each)) for each in (places, places + moved))
    return Page(boxes, header)


def marks_in(grey: Pixels) -> dict[int, Points]:
    """Corners of each mark that is found, (4, 2) in pixels, clockwise from the mark's own upper left one.

    What is not found is looked for again at half the size, where there is less noise.
    """
    found: dict[int, Points] = {}
    for shrunk in (1, 2):
        if len(found) == len(MARKS):
            break
        size = max(1, grey.shape[1] // shrunk), max(1, grey.shape[0] // shrunk)
        seen = grey if shrunk == 1 else np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
        corners, numbers, _ = _detector().detectMarkers(seen)
        for of_mark, number in zip(corners, [] if numbers is None else numbers.ravel().tolist(), strict=True):
            found.setdefault(int(number), (of_mark.reshape(4, 2).astype(np.float64) + 0.5) * shrunk - 0.5)
    return found


def _detector() -> cv2.aruco.ArucoDetector:
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    parameters.adaptiveThreshWinSizeMax = 43
    known = mark_dictionary()
    ours = cv2.aruco.Dictionary(known.bytesList[: len(MARKS)], known.markerSize, known.maxCorrectionBits)
    return cv2.aruco.ArucoDetector(ours, parameters)


def homography(found: dict[int, Points]) -> Points:
    """(3, 3) from millimetres of the page to pixels of the picture, by all corners of the marks."""
    printed = np.concatenate([mark_corners(number) for number in found])
    seen = np.concatenate(list(found.values()))
    return np.asarray(cv2.findHomography(printed.astype(np.float64), seen)[0], np.float64)


def projected(to_picture: Points, places: Points) -> Points:
    """Millimetres of the page in pixels of the picture: (..., 2) to (..., 2)."""
    ahead = places @ to_picture[:, :2].T + to_picture[:, 2]
    return np.asarray(ahead[..., :2] / ahead[..., 2:], np.float64)


def _outline() -> Points:
    """(4, 2) corners of all boxes together."""
    (left, top), (_, _, right, bottom) = FIRST_BOX, box(BOXES - 1)
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _is_inside(to_picture: Points, shape: tuple[int, ...]) -> bool:
    corners = projected(to_picture, _outline())
    return bool(((corners > 0) & (corners < np.array([shape[1], shape[0]]))).all())


def _scale(to_picture: Points) -> float:
    """Pixels of the picture for a millimetre, in that corner of the boxes where they are fewest."""
    corners = _outline()
    sides = [
        np.linalg.norm(projected(to_picture, corners + step) - projected(to_picture, corners - step), axis=-1) / 2
        for step in np.eye(2)
    ]
    return float(np.min(sides))


def _reason_for_missing(grey: Pixels, found: dict[int, Points]) -> Reason:
    """Why fewer than `MIN_MARKS` marks are found."""
    if max(grey.shape) < MIN_SIDE:
        return "too_small"
    if found:
        to_picture = homography(found)
        if _scale(to_picture) < MIN_SCALE:
            return "too_small"
        middles = np.array([mark_corners(number).mean(axis=0) for number in range(len(MARKS)) if number not in found])
        places = projected(to_picture, middles.astype(np.float64))
        if ((places < 0) | (places > np.array([grey.shape[1], grey.shape[0]]))).any():
            return "cut_off"
    return "too_blurred" if _is_blurred(grey) else "no_corners"


def _is_blurred(grey: Pixels) -> bool:
    """Whether even the steepest edges of the picture are soft; not where there is hardly anything in it."""
    light = cv2.GaussianBlur(grey, (0, 0), 1).astype(np.float32)
    steps = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(light, cv2.CV_32F, 0, 1, scale=1 / 8))
    low, high = np.quantile(light, (0.01, 0.99))
    return bool(high - low > MIN_CONTRAST and np.quantile(steps, STEEPEST) < MIN_STEEPNESS * (high - low))


def _places() -> Points:
    """(height, width, 2) the middle of each square millimetre of the page."""
    x, y = np.meshgrid(np.arange(PAGE[0]) + 0.5, np.arange(PAGE[1]) + 0.5)
    return np.stack([x, y], axis=2)


def _taken(picture: Pixels, at: Points) -> Pixels:
    """The page's pixels, of where each of its square millimetres is in the picture."""
    size = round(PAGE[0] * SCALE), round(PAGE[1] * SCALE)
    x, y = (cv2.resize(at[..., axis].astype(np.float32), size, interpolation=cv2.INTER_LINEAR) for axis in (0, 1))
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def frame_offsets(page: Pixels, reach: float) -> Points:
    """(BOXES, 3) how far each frame is from where it should be, across and down in millimetres, and how clear it is.

    Args:
        page: (height, width) uint8.
        reach: millimetres within which a frame is looked for.

    """
    dark = _darkness(page)
    apart = round(FRAME_APART * SCALE)
    upright, level = (
        (dark - np.maximum(np.roll(dark, apart, axis), np.roll(dark, -apart, axis))).clip(0, MAX_FRAME_DARKNESS)
        for axis in (1, 0)
    )
    steps = np.arange(-reach, reach + FRAME_STEP / 2, FRAME_STEP)
    pixels = np.rint(steps * SCALE).astype(np.intp)
    found = np.zeros((BOXES, 3))
    for index in range(BOXES):
        left, top, right, bottom = (round(side * SCALE) for side in box(index))
        across, down = upright[top:bottom].mean(axis=0), level[:, left:right].mean(axis=1)
        x, y = across[left + pixels] + across[right + pixels], down[top + pixels] + down[bottom + pixels]
        clear = min(x.max() - np.median(x), y.max() - np.median(y))
        found[index] = steps[x.argmax()], steps[y.argmax()], clear
    return found


def _darkness(page: Pixels) -> Grey:
    """(height, width) float32, share of the paper's light that each pixel takes."""
    light = cv2.GaussianBlur(page.astype(np.float32), (0, 0), FRAME_BLUR * SCALE)
    around = round(PAPER_AROUND * SCALE)
    paper = cv2.dilate(light, np.ones((around, around), np.uint8)) + 1
    return np.asarray(1 - light / paper, np.float32)


def _smooth(offsets: Points, places: Points, degree: int) -> Points:
    """The offsets of frames as a smooth surface over the page: (BOXES, 3) to the shape of `places`.

    A polynomial by least squares; what is far from it counts little. Zero where the frames do not agree.
    """
    middles = np.array(
        [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in map(box, range(BOXES))]
    )
    terms, clear = _powers(middles, degree), offsets[:, 2]
    weights = clear / (clear.max() + 1e-9)
    for _ in range(FIT_ROUNDS):
        root = np.sqrt(weights)[:, None]
        surface = np.linalg.lstsq(terms * root, offsets[:, :2] * root, rcond=None)[0]
        distance = np.linalg.norm(offsets[:, :2] - terms @ surface, axis=1)
        weights = clear / (1 + (distance / FIT_TOLERANCE) ** 2) ** 2
    agreeing = np.count_nonzero((distance < 2 * FIT_TOLERANCE) & (clear > MIN_CLEAR))
    if agreeing < MIN_AGREEING * BOXES:
        return np.zeros_like(places)
    return np.asarray(_powers(places, degree) @ surface)


def _powers(places: Points, degree: int) -> Points:
    """(..., terms) powers of x and y up to that degree; beyond the boxes it is as at their outline."""
    low, high = _outline()[[0, 2]]
    x, y = np.moveaxis(2 * (places.clip(low, high) - low) / (high - low) - 1, -1, 0)
    return np.stack([x**a * y**b for a in range(degree + 1) for b in range(degree + 1 - a)], axis=-1)
