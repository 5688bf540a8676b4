"""Drawn with a program, scanned, or a small icon: ink on paper of one colour, and sharper views of what is blurred.

Constants without another note were set by hand, with an eye on drawings of pen strokes by writers kept out of training,
on scikit-learn's load_digits and on the developers' real drawings (docs/notebook.md, "Picture to ink").
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from PIL import Image

from digits.ink.components import Grey, Mask
from digits.ink.paper import (
    MAX_ICON_SIDE,
    MAX_PAPER_NOISE,
    Channels,
    Difference,
    along_ink,
    noise_sample,
    paper_noise,
    resized,
)
from digits.ink.photograph import MIN_INK_CONTRAST, View, thresholded
from digits.normalise import BOX

MIN_NOISES: Final = 6
"""So many times the paper's noise must the farthest pixel stand out, on top of `MIN_INK_CONTRAST`."""

MIN_MARK_SHARE: Final = 0.15
"""Share of the greatest difference from the paper from which on a pixel may be ink."""

FULL_INK_QUANTILE: Final = 0.8
"""Quantile of the contrast of what may be ink that counts as full ink."""

MAX_BLURRED_SIDE: Final = 100
"""Pixels a side up to which the strokes of a drawing may be more blur than stroke."""

EDGE_LEVELS: Final = (0.45, 0.55, 0.65)
"""Shares of full ink at which the edges of a blurred digit may lie; chosen with load_digits."""

EDGE_WIDTH: Final = 0.2
"""Share of full ink over which a sharpened edge goes from none to all."""

SHARPENED_SIDE: Final = 80
"""Pixels a side, about, to which a blurred drawing is enlarged before it is sharpened."""

MIN_DRAWING_SIDE: Final = 70
"""Pixels a side down to which a drawing may be reduced, unless its pen is so fine that the strokes would break. 4,500
drawings of kept-out pen writers were read as well as at 80 (99.04 and 99.07 %)."""

MIN_PEN_WIDTH: Final = 3
"""Pixels of the reduced drawing that its strokes are broad at least, as their area by its side."""

MARGIN: Final = 8
"""Pixels of paper left around a drawing when it is cut out."""


def is_blank(difference: Difference, peak: int) -> bool:
    """Whether nothing stands out of the paper and its noise; `peak` is the farthest from the paper, in grey levels."""
    surely_ink = MIN_INK_CONTRAST + MIN_NOISES * MAX_PAPER_NOISE
    return peak < surely_ink and peak < MIN_INK_CONTRAST + MIN_NOISES * paper_noise(difference)


def share_of_full_ink(values: Grey) -> Grey:
    """Contrast to the paper, (height, width) float32, as a share of its full ink's: 0 to 1."""
    inked = values[values > MIN_MARK_SHARE * values.max()]
    full = int(FULL_INK_QUANTILE * len(inked))
    inked.partition(full)
    shares: Grey = values * (1 / inked[full])
    return np.minimum(np.maximum(shares, 0, out=shares), 1, out=shares)  # half the time of a clip of so few pixels


def drawn_digit(channels: Channels, paper: Channels, difference: Difference) -> Iterator[View]:
    """Ink of a drawing, cut out and reduced as far as one digit allows, then what else it may be; none when blank.

    Args:
        channels: (channels, height, width) uint8.
        paper: (channels, 1, 1) uint8, its colour.
        difference: (height, width) uint8, of each pixel from it.

    Yields:
        How it was found, and the ink, float32 in [0, 1], cut out of the picture or of its size; the likeliest first.

    """
    peak = int(difference.max())
    if is_blank(difference, peak):
        return
    marked = difference > int(MIN_MARK_SHARE * peak)
    left, top, width, height = cv2.boundingRect(marked.view(np.uint8))
    rows = slice(max(top - MARGIN, 0), top + height + MARGIN)
    columns = slice(max(left - MARGIN, 0), left + width + MARGIN)
    ink = share_of_full_ink(along_ink(_reduced(channels[:, rows, columns], marked).astype(np.float32) - paper))
    yield "drawn", ink
    if max(difference.shape) <= MAX_ICON_SIDE:
        if max(width, height) < BOX:
            yield from _sharpened(ink)
        return
    clean = np.median(noise_sample(difference)) == 0
    if clean and max(difference.shape) <= MAX_BLURRED_SIDE:
        yield from _sharpened(ink)
    else:
        values = along_ink(channels.astype(np.float32) - paper)
        yield from thresholded(values, values, may_be_ruled=not clean or _reaches_the_rim(marked))


def _reaches_the_rim(mask: Mask) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


def _reduced(channels: Channels, marked: Mask) -> Channels:
    """Means of squares of so many pixels a side; the last ones may reach beyond the picture, which goes on there."""
    side = max(channels.shape[1:])
    factor = side // MIN_DRAWING_SIDE
    if factor < 2 or np.count_nonzero(marked) < MIN_PEN_WIDTH * factor * side:
        return channels
    height, width = (-(-side // factor) for side in channels.shape[1:])
    below, beyond = height * factor - channels.shape[1], width * factor - channels.shape[2]
    whole = [cv2.copyMakeBorder(channel, 0, below, 0, beyond, cv2.BORDER_REPLICATE) for channel in channels]
    return np.array([cv2.resize(channel, (width, height), interpolation=cv2.INTER_AREA) for channel in whole], np.uint8)


def _sharpened(ink: Grey) -> Iterator[View]:
    """A drawing of few pixels, or enlarged from few, is a blur: what it may have looked like with edges."""
    height, width = (side + 2 for side in ink.shape)
    scale = max(1, round(SHARPENED_SIDE / max(height, width)))
    fine = resized(np.pad(ink, 1)[None], height * scale, width * scale, Image.Resampling.BICUBIC)[0]
    for middle in EDGE_LEVELS:
        yield "sharpened", np.clip((fine - middle) / EDGE_WIDTH + 0.5, 0, 1)
