"""What is paper: the one colour of a drawn or scanned sheet, the light on a photographed one, a frame around either.

Constants without another note were set by hand, with an eye on drawings and photographs made of pen strokes by writers
kept out of training (docs/notebook.md, "Picture to ink").
"""

from functools import reduce
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.ink.components import Grey
from digits.ink.filters import smoothed

Channels = NDArray[np.uint8]
"""(channels, height, width) uint8."""

Difference = NDArray[np.uint8]
"""(height, width) uint8: how far each pixel is from the paper's colour, in grey levels."""

MAX_PAPER_NOISE: Final = 6
"""Grey levels by which paper of one colour may vary."""

MAX_ICON_SIDE: Final = 32
"""Pixels a side up to which a picture is too small for light to vary over it."""

MIN_PAPER_SHARE: Final = 0.9
"""Share of the rim's pixels that must have the paper's colour for the picture to be drawn or scanned."""

MAX_CLEAN_NOISE: Final = 2
"""Grey levels by which the rim of a drawing that is drawn over its rim may vary where it is paper."""

MIN_CLEAN_SHARE: Final = 0.5
"""Share of such a rim that must vary by no more than that."""

MIN_PAPER_OR_INK_SHARE: Final = 0.85
"""Share of such a rim that must be either paper or ink; ink is what is a quarter as far from paper as the farthest."""

MIN_FRAMED_SHARE: Final = 0.25
"""Share of a framed picture's pixels that are not of the frame's colour, at least."""

MIN_FRAMED_SIDE_SHARE: Final = 0.5
"""Share of a framed picture's side that what stands in the frame takes, at least; and of a row's or column's pixels
that must differ from the frame for it to be inside."""

MAX_FRAME_SPECKS: Final = 0.02
"""Share of the frame's pixels that may be of another colour."""

MIN_FRAME_EDGE: Final = 0.8
"""Share of the pixels along each inner side of the frame that must differ from it: the edge is straight and sharp."""

FRAME_EDGE_PART: Final = 50
"""A frame's edge may be blurred over a fiftieth of the picture's longer side, in pixels."""

BACKGROUND_SIDE: Final = 40
"""Pixels a side at which the light on the paper is estimated: 64 gave the same at eight times the time."""

BACKGROUND_WINDOW: Final = 15
"""Pixels of those of the median's window, which must be broader than any stroke."""

BACKGROUND_BLUR: Final = 2.5
"""Standard deviation in those pixels of the Gaussian that makes a smooth surface of what is bare paper."""

MIN_BARE_TOLERANCE: Final = 6.0
"""Grey levels from the median up to which paper is bare, and at least..."""

BARE_TOLERANCE: Final = 3.0
"""...so many times the median distance from it."""

INK_COLOUR_QUANTILE: Final = 0.95
"""Quantile of the contrast from which on pixels tell the colour of the ink."""


def channels_of(picture: NDArray[np.uint8]) -> Channels:
    """(height, width) or (height, width, 3) to (channels, height, width)."""
    return picture[None] if picture.ndim == 2 else np.ascontiguousarray(np.moveaxis(picture, 2, 0))


def flat_paper(channels: Channels) -> Channels | None:
    """Colour of the rim of a drawing, scan or icon: (channels, 1, 1); None where the rim has not one colour."""
    rim = np.concatenate([channels[:, 0], channels[:, -1], channels[:, :, 0], channels[:, :, -1]], axis=1)
    first = rim[:, :1]
    if (rim == first).all():
        return first[:, :, None]
    middle = rim.shape[1] // 2
    paper = np.partition(rim, middle, axis=1)[:, middle]
    difference = difference_from(rim, paper)
    like_paper = difference <= MAX_PAPER_NOISE
    flat = max(channels.shape[1:]) <= MAX_ICON_SIDE or np.count_nonzero(like_paper) > MIN_PAPER_SHARE * like_paper.size
    if not flat and np.mean(difference <= MAX_CLEAN_NOISE) > MIN_CLEAN_SHARE:  # drawn to the rim
        flat = np.mean(like_paper | (difference > difference.max() // 4)) > MIN_PAPER_OR_INK_SHARE
    return paper[:, None, None] if flat else None


def difference_from(channels: Channels, paper: Channels) -> Difference:
    """How far each pixel is from the paper's colour in the channel that differs most, without its sign."""
    levels = paper.ravel().tolist()
    apart = [
        cv2.absdiff(channel, np.full_like(channel, level)) if level else channel
        for channel, level in zip(channels, levels, strict=True)
    ]
    return np.asarray(reduce(cv2.max, apart), np.uint8)


def within_frame(difference: Difference) -> tuple[slice, slice] | None:
    """Rows and columns inside a plain frame, None where there is no frame: straight edges, no paper inside.

    Args:
        difference: (height, width) uint8, from the colour of the rim.

    """
    differs = difference > MAX_PAPER_NOISE
    if np.count_nonzero(differs) < MIN_FRAMED_SHARE * differs.size:
        return None
    rows = np.flatnonzero(differs.mean(axis=1) > MIN_FRAMED_SIDE_SHARE)
    columns = np.flatnonzero(differs.mean(axis=0) > MIN_FRAMED_SIDE_SHARE)
    height, width = differs.shape
    too_low = len(rows) < max(MIN_FRAMED_SIDE_SHARE * height, MAX_ICON_SIDE)
    if too_low or len(columns) < max(MIN_FRAMED_SIDE_SHARE * width, MAX_ICON_SIDE) or differs.all():
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    edge = max(differs.shape) // FRAME_EDGE_PART + 1
    frame = np.ones_like(differs)
    frame[max(top - edge, 0) : bottom + edge, max(left - edge, 0) : right + edge] = False
    plain = np.count_nonzero(differs & frame) <= MAX_FRAME_SPECKS * np.count_nonzero(frame)
    inside = differs[top:bottom, left:right]
    sides = (inside[edge], inside[-1 - edge], inside[:, edge], inside[:, -1 - edge])
    if not plain or min(side.mean() for side in sides) < MIN_FRAME_EDGE:
        return None
    return slice(top + 1, bottom - 1), slice(left + 1, right - 1)


def difference_from_background(channels: Channels) -> Grey:
    """How much brighter than the paper around it each pixel is: (channels, height, width) float32 in grey levels."""
    paper = background(channels)
    return np.subtract(channels, paper, out=paper)


def background(channels: Channels | Grey) -> Grey:
    """Paper as it would look without ink, under the light that falls on it: (channels, height, width) in grey levels.

    A median over a window broader than any stroke, then a smooth surface through what is close to it.
    """
    height, width = channels.shape[1:]
    scale = BACKGROUND_SIDE / max(height, width, BACKGROUND_SIDE)
    coarse = resized(channels, max(2, round(height * scale)), max(2, round(width * scale)), Image.Resampling.BOX)
    levels = np.rint(coarse).clip(0, 255).astype(np.uint8)  # of bytes OpenCV takes the median in a tenth of the time
    median = np.stack([cv2.medianBlur(level, BACKGROUND_WINDOW) for level in levels]).astype(np.float32)
    distance = np.abs(coarse - median).max(axis=0)
    tolerance = max(MIN_BARE_TOLERANCE, BARE_TOLERANCE * float(np.median(distance)))
    bare = (distance < tolerance).astype(np.float32) + 1e-3
    blurred = np.stack([smoothed(channel * bare, BACKGROUND_BLUR) for channel in coarse])
    return resized(blurred / smoothed(bare, BACKGROUND_BLUR), height, width, Image.Resampling.BICUBIC)


def resized(channels: Channels | Grey, height: int, width: int, method: Image.Resampling) -> Grey:
    """(channels, any, any) to (channels, height, width) float32."""
    found = np.empty((len(channels), height, width), np.float32)
    for channel, plane in zip(channels, found, strict=True):
        plane[:] = np.asarray(Image.fromarray(np.asarray(channel, np.float32)).resize((width, height), method))
    return found


def ink_direction(difference: Grey) -> Grey:
    """The direction from paper to ink among the channels: (channels, height, width) to (channels,), of length 1 in sum.

    The first principal axis of the strongest differences is the ink's colour; its longer tail is the ink's side.
    """
    if len(difference) == 1:
        grey = difference[0]
        return np.array([1 if np.vdot(grey * grey, grey) >= 0 else -1], np.float32)
    pixels = difference.reshape(len(difference), -1)
    size = np.abs(pixels).max(axis=0)
    strong = pixels[:, size >= max(float(np.quantile(size, INK_COLOUR_QUANTILE)), 1.0)]
    if not strong.size:
        return np.zeros(len(difference), np.float32)
    axis: Grey = np.linalg.eigh(strong @ strong.T)[1][:, -1]
    axis *= np.copysign(1 / np.abs(axis).sum(), np.sum((axis @ strong) ** 3))
    return axis


def along(direction: Grey, channels: Channels | Grey) -> Grey:
    """Grey levels in that direction: (channels,) and (channels, height, width) to (height, width)."""
    return reduce(np.add, (share * channel for share, channel in zip(direction, channels, strict=True)))


def along_ink(difference: Grey) -> Grey:
    """How far each pixel is from paper towards ink, in grey levels: (channels, height, width) to (height, width)."""
    return along(ink_direction(difference), difference)


def noise_sample(difference: Difference) -> Grey:
    """(n,) float32: a sample of the differences that may be the paper's noise, in grey levels."""
    sample = difference[::4, ::4].astype(np.float32)
    return sample[sample <= MAX_PAPER_NOISE]


def paper_noise(difference: Difference) -> float:
    """The paper's noise: root of the mean square in grey levels, at most `MAX_PAPER_NOISE`."""
    sample = noise_sample(difference)
    return float(np.sqrt(np.sum(sample**2) / max(sample.size, 1)))
