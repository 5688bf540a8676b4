"""Picture -> ink: light, paper and specks removed; several readings where one is not sure.

What is ink is told by its contrast to the paper next to it, in the one colour direction in which the picture varies
most, whichever side is the brighter. Photographs keep ruling, shadows and edges that no single threshold separates
from ink: `readings` therefore yields several views of the same picture, the likeliest first, and the recogniser
judges among them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from digits.normalise import BOX
from digits.ruling import ruling, without_ruling

Grey = NDArray[np.float32]
Planes = NDArray[np.uint8]
Distance = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Labels = NDArray[np.integer]

FAINTEST_INK: Final = 12.0
"""Contrast in grey levels (of 255) below which nothing is ink."""

SOFTEST_EDGE: Final = 2.5
"""Grey levels from one pixel to the next at the sharpest edge of a photograph: what is softer is light and shade."""

THRESHOLDS: Final = ((0.2, 0.5), (0.45, 0.45), (0.15, 0.15))
"""Shares of the ink's own darkness at which a photograph is cut into ink and paper, the likeliest first: what is
darker than the first and hangs together with something darker than the second is ink (hysteresis)."""

BROADEST_STROKE: Final = 6
"""Part of a photograph's longer side above which nothing is a stroke: a table, a finger, a shadow with a sharp edge."""

SHEETS_EDGE: Final = 0.06
"""Part of a photograph's height or width: what lies in a rim of this breadth is the sheet's edge, not a digit."""

SMALLEST_DIGIT: Final = 0.025
"""Part of a photograph's longer side below which nothing is a digit: paper's grain."""

RIM_NOISE: Final = 6
"""Grey levels by which the rim of a picture with one paper colour may vary."""

THINNEST_RIVAL: Final = 0.25
"""Width by height of a part of a photograph that may be a digit beside the digit; what is thinner may be ruling."""

BLURRED: Final = 100
"""Side in pixels up to which the strokes of a drawing may be more blur than stroke."""

SHARPENED_AT: Final = (0.45, 0.55, 0.65)
"""Shares of full ink at which the edges of a blurred digit may lie."""

ENOUGH: Final = 70
"""Side in pixels down to which a drawing may be reduced, unless its pen is so fine that the strokes would break."""

MARGIN: Final = 8
"""Pixels of paper left around a drawing when it is cut out."""

FEW_PIXELS: Final = 200_000
"""So many have fewer than 65,536 parts: numbers of 16 bits, which are twice as fast, are enough for them."""

ICON: Final = 32
"""Side in pixels up to which a picture is too small for light to vary over it."""


@dataclass(frozen=True)
class Reading:
    """One view of what the ink is: (height, width) float32, 0 for paper and up to 1 for full ink.

    `labels` numbers the connected parts of the ink from 1, 0 is paper; `members` are the parts of the digit, `rivals`
    all that are about as tall. What touches the rim of a photograph, or crosses a drawing from rim to rim, is rather a
    printed line or the sheet's edge than a stroke.
    """

    ink: Grey
    labels: Labels
    members: NDArray[np.intp]
    rivals: NDArray[np.intp]
    runs_into_the_rim: bool
    contrast: Grey | None = None
    """Of a photograph: how far each pixel is from the light around it, in grey levels."""

    @cached_property
    def digit(self) -> Grey:
        """The ink of the digit: its largest part and what lies with it."""
        return self._of(self.members)

    def apart(self) -> list[Grey]:
        """Ink of each part that is about as tall as the digit and stands beside it."""
        return [self._of(rival) for rival in self.rivals if rival not in self.members]

    def pieces(self) -> list[Grey]:
        """Ink of each part, in the digit or beside it, that is about as tall as the digit."""
        return [self._of(rival) for rival in self.rivals]

    def _of(self, parts: NDArray[np.intp]) -> Grey:
        wanted = np.zeros(int(self.labels.max()) + 1, np.bool_)
        wanted[parts] = True
        return self.ink * (_spread(wanted.take(self.labels), 2) & (self.ink > 0.05))


def readings(picture: NDArray[np.uint8]) -> Iterator[Reading]:
    """Views of what the ink is, the likeliest first; none for a blank picture.

    Args:
        picture: (height, width) or (height, width, 3) uint8.

    """
    planes = _planes(picture)
    paper = flat_paper(planes)
    off = None if paper is None else _distance(planes, paper)
    if off is not None and (inside := within_frame(off)) is not None:
        planes = planes[:, *inside]
        paper = flat_paper(planes)
        off = None if paper is None else _distance(planes, paper)
    contrast: Grey | None = None
    if paper is None or off is None:
        contrast, inks = _lit(planes)
    else:
        inks = _drawing(planes, paper, off)
    doubtful: list[Reading] = []
    for ink in inks:
        if (reading := read(ink, drawn=paper is not None, icon=max(planes.shape[1:]) <= ICON)) is None:
            continue
        if contrast is not None:
            reading = replace(reading, contrast=contrast)
        if reading.runs_into_the_rim and (paper is None or max(picture.shape) > BLURRED):
            doubtful.append(reading)
        else:
            yield reading
    yield from doubtful


def _planes(picture: NDArray[np.uint8]) -> Planes:
    """(height, width) or (height, width, 3) to (channels, height, width)."""
    return picture[None] if picture.ndim == 2 else np.ascontiguousarray(np.moveaxis(picture, 2, 0))


def flat_paper(planes: Planes) -> Planes | None:
    """Colour of the rim of a drawing, scan or icon: (channels, 1, 1); None where the rim has not one colour."""
    rim = np.concatenate([planes[:, 0], planes[:, -1], planes[:, :, 0], planes[:, :, -1]], axis=1)
    first = rim[:, :1]
    if (rim == first).all():
        return first[:, :, None]
    middle = rim.shape[1] // 2
    paper = np.partition(rim, middle, axis=1)[:, middle]
    off = _distance(rim, paper)
    like_paper = off <= RIM_NOISE
    flat = max(planes.shape[1:]) <= ICON or np.count_nonzero(like_paper) > 0.9 * like_paper.size
    if not flat and np.mean(off <= 2) > 0.5:  # drawn to the rim
        flat = np.mean(like_paper | (off > off.max() // 4)) > 0.85
    return paper[:, None, None] if flat else None


def _distance(planes: Planes, paper: Planes) -> Distance:
    """How far each pixel is from the paper's colour in the channel that differs most, without its sign."""
    levels = paper.ravel().tolist()
    apart = [
        cv2.absdiff(plane, np.full_like(plane, level)) if level else plane
        for plane, level in zip(planes, levels, strict=True)
    ]
    return np.asarray(reduce(cv2.max, apart), np.uint8)


def within_frame(distance: Distance) -> tuple[slice, slice] | None:
    """Rows and columns inside a plain frame, None where there is no frame: straight edges, no paper inside.

    Args:
        distance: (height, width) uint8, from the colour of the rim.

    """
    off = distance > RIM_NOISE
    if np.count_nonzero(off) < off.size / 4:
        return None
    rows, columns = np.flatnonzero(off.mean(axis=1) > 0.5), np.flatnonzero(off.mean(axis=0) > 0.5)
    height, width = off.shape
    if len(rows) < max(height / 2, ICON) or len(columns) < max(width / 2, ICON) or off.all():
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    edge = max(off.shape) // 50 + 1
    frame = np.ones_like(off)
    frame[max(top - edge, 0) : bottom + edge, max(left - edge, 0) : right + edge] = False
    plain = np.count_nonzero(off & frame) <= 0.02 * np.count_nonzero(frame)
    inside = off[top:bottom, left:right]
    sides = (inside[edge], inside[-1 - edge], inside[:, edge], inside[:, -1 - edge])
    if not plain or min(side.mean() for side in sides) < 0.8:
        return None
    return slice(top + 1, bottom - 1), slice(left + 1, right - 1)


def lit_paper(planes: Grey) -> Grey:
    """Paper as it would look without ink, under the light that falls on it: the shape of `planes`.

    A median over a window broader than any stroke, then a smooth surface through what is close to it.
    """
    height, width = planes.shape[1:]
    scale = 40 / max(height, width, 40)
    coarse = _resized(planes, max(2, round(height * scale)), max(2, round(width * scale)), Image.Resampling.BOX)
    middle = ndimage.median_filter(coarse, (1, 15, 15), mode="nearest")
    off = np.abs(coarse - middle).max(axis=0)
    bare = (off < max(6.0, 3 * float(np.median(off)))).astype(np.float32) + 1e-3
    surface = ndimage.gaussian_filter(coarse * bare, (0, 2.5, 2.5)) / ndimage.gaussian_filter(bare, 2.5)
    return _resized(surface, height, width, Image.Resampling.BICUBIC)


def _resized(planes: Grey, height: int, width: int, method: Image.Resampling) -> Grey:
    return np.stack([np.asarray(Image.fromarray(plane).resize((width, height), method)) for plane in planes])


def towards_ink(difference: Grey) -> Grey:
    """The direction from paper to ink among the channels: (channels, height, width) to (channels,), of length 1 in sum.

    The first principal axis of the strongest differences is the ink's colour; its longer tail is the ink's side.
    """
    if len(difference) == 1:
        grey = difference[0]
        return np.array([1 if np.vdot(grey * grey, grey) >= 0 else -1], np.float32)
    pixels = difference.reshape(len(difference), -1)
    size = np.abs(pixels).max(axis=0)
    strong = pixels[:, size >= max(float(np.quantile(size, 0.95)), 1.0)]
    if not strong.size:
        return np.zeros(len(difference), np.float32)
    axis: Grey = np.linalg.eigh(strong @ strong.T)[1][:, -1]
    axis *= np.copysign(1 / np.abs(axis).sum(), np.sum((axis @ strong) ** 3))
    return axis


def along_ink(difference: Grey) -> Grey:
    """How far each pixel is from paper towards ink, in grey levels: (channels, height, width) to (height, width)."""
    return _along(towards_ink(difference), difference)


def _along(direction: Grey, planes: Grey) -> Grey:
    """Grey levels in that direction: (channels, height, width) to (height, width)."""
    return reduce(np.add, (share * plane for share, plane in zip(direction, planes, strict=True)))


def _lit(planes: Planes) -> tuple[Grey, Iterator[Grey]]:
    """Of a photograph, the distance of each pixel from the light around it in grey levels, and views of its ink."""
    light = planes.astype(np.float32)
    difference = light - lit_paper(light)
    direction = towards_ink(difference)
    contrast: Grey = np.abs(difference).max(axis=0)
    return contrast, _photograph(_along(direction, difference), _along(direction, light))


def _is_blank(off: Distance, peak: int) -> bool:
    """Whether nothing stands out of the paper and its noise; `peak` is the farthest from the paper."""
    return peak < FAINTEST_INK + 6 * RIM_NOISE and peak < FAINTEST_INK + 6 * _noise(off)


def _by_full_ink(values: Grey) -> Grey:
    """Contrast of a drawing to its paper, as a share of its full ink's: 0 to 1."""
    inked = values[values > 0.15 * values.max()]
    full = int(0.8 * len(inked))
    inked.partition(full)
    shares: Grey = (values * (1 / inked[full])).clip(0, 1)
    return shares


def _drawing(planes: Planes, paper: Planes, off: Distance) -> Iterator[Grey]:
    """Drawn with a program, or scanned: ink as it is, and what a photograph's readings make of it when that fails."""
    peak = int(off.max())
    if _is_blank(off, peak):
        return
    marked = off > int(0.15 * peak)
    left, top, width, height = cv2.boundingRect(marked.view(np.uint8))
    rows = slice(max(top - MARGIN, 0), top + height + MARGIN)
    columns = slice(max(left - MARGIN, 0), left + width + MARGIN)
    closely = planes[:, rows, columns]
    side = max(closely.shape[1:])
    factor = side // ENOUGH
    fine_pen = np.count_nonzero(marked) < 3 * factor * side
    if factor > 1 and not fine_pen:
        closely = _reduced(closely, factor)
    values = along_ink(closely.astype(np.float32) - paper)
    ink = _by_full_ink(values)
    yield ink
    if max(off.shape) <= ICON:
        if max(width, height) < BOX:
            yield from _sharpened(ink)
        return
    calm = np.median(_calm(off)) == 0
    if calm and max(off.shape) <= BLURRED:
        yield from _sharpened(ink)
    else:
        values = along_ink(planes.astype(np.float32) - paper)
        yield from _photograph(values, values, may_be_ruled=not calm or _reaches_the_rim(marked))


def _reaches_the_rim(mask: Mask) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


def _reduced(planes: Planes, factor: int) -> Planes:
    """Means of squares of so many pixels a side; the last ones may reach beyond the picture, which goes on there."""
    height, width = (-(-side // factor) for side in planes.shape[1:])
    below, beyond = height * factor - planes.shape[1], width * factor - planes.shape[2]
    whole = [cv2.copyMakeBorder(plane, 0, below, 0, beyond, cv2.BORDER_REPLICATE) for plane in planes]
    return np.array([cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) for plane in whole], np.uint8)


def _calm(off: Distance) -> Grey:
    """A sample of the distances that may be the paper's noise."""
    sample = off[::4, ::4].astype(np.float32)
    return sample[sample <= RIM_NOISE]


def _noise(off: Distance) -> float:
    """The paper's noise: root of the mean square in grey levels, at most `RIM_NOISE`."""
    calm = _calm(off)
    return float(np.sqrt(np.sum(calm**2) / max(calm.size, 1)))


def _sharpened(ink: Grey) -> Iterator[Grey]:
    """A drawing of few pixels, or enlarged from few, is a blur: what it may have looked like with edges."""
    height, width = (side + 2 for side in ink.shape)
    scale = max(1, round(80 / max(height, width)))
    fine = _resized(np.pad(ink, 1)[None], height * scale, width * scale, Image.Resampling.BICUBIC)[0]
    for middle in SHARPENED_AT:
        yield np.clip((fine - middle) / 0.2 + 0.5, 0, 1)


def _photograph(values: Grey, light: Grey, *, may_be_ruled: bool = True) -> Iterator[Grey]:
    """Photographed: `values` are contrast to the paper, `light` is the same with the paper's own light in it."""
    values = ndimage.gaussian_filter(values, max(values.shape) / 640)
    noise = 1.4826 * float(np.median(np.abs(values)))
    peak = float(np.quantile(values, 0.998))
    sharpest = float(np.quantile(ndimage.gaussian_gradient_magnitude(values, 1), 0.998))
    if peak < max(FAINTEST_INK, 4 * noise) or sharpest < SOFTEST_EDGE:
        return
    unruled = without_ruling(values, ruling(values)) if may_be_ruled else None
    for low, high in THRESHOLDS:
        if unruled is not None:
            yield cut(unruled, noise, low, high)
        yield cut(values, noise, low, high)
    if unruled is None:
        return
    light = ndimage.gaussian_filter(light, max(light.shape) / 640)
    strokes = ndimage.white_tophat(light, max(light.shape) // BROADEST_STROKE)
    yield cut(without_ruling(strokes, ruling(strokes)), noise, *THRESHOLDS[0])


def cut(values: Grey, noise: float, low: float, high: float) -> Grey:
    """Ink by a soft threshold with hysteresis, at shares of the ink's own darkness; 0.5 at the lower threshold."""
    strong = values[values > max(4 * noise, FAINTEST_INK / 2)]
    if len(strong) < 8:
        return np.zeros_like(values)
    full = float(np.quantile(strong, 0.9))
    middle = max(low * full, 2.5 * noise)
    labels, parts = connected_parts(values > middle)
    dark = np.zeros(len(parts) + 1, np.bool_)
    dark[labels[values > high * full]] = True
    dark[0] = False
    kept = _spread(dark.take(labels), 1)
    return np.where(kept, np.clip((values - middle) / (0.35 * full) + 0.5, 0, 1), 0).astype(np.float32)


def whole_inks(picture: NDArray[np.uint8]) -> Iterator[tuple[Grey, bool]]:
    """Views of all the ink of a picture, the likeliest first; none for a blank picture.

    Args:
        picture: (height, width) or (height, width, 3) uint8.

    Yields:
        (height, width) float32, 0 for paper and up to 1 for full ink, and whether it is drawn rather than photographed.

    """
    planes = _planes(picture)
    paper = flat_paper(planes)
    if paper is None:
        for ink in _lit(planes)[1]:
            yield ink, False
        return
    off = _distance(planes, paper)
    if _is_blank(off, int(off.max())):
        return
    values = along_ink(planes.astype(np.float32) - paper)
    yield _by_full_ink(values), True
    for ink in _photograph(values, values):
        yield ink, False


def read(ink: Grey, *, drawn: bool, icon: bool) -> Reading | None:
    """Tell the digit from specks, from what the rim cuts off and from what stands beside it; None if no ink is left.

    What lies along the rim of a drawing is its digit, closely cut out; along that of a photograph it is something else.
    In an icon there is room for one digit only: all of its ink is that digit, in however many pieces.
    """
    labels, parts = connected_parts(ink > (0.3 if drawn else 0.5))
    if not len(parts):
        return None
    left, top, breadths, heights, sizes = parts.T
    height, width = ink.shape
    if drawn and len(parts) == 1:
        only = np.ones(1, np.intp)
        return Reading(ink, labels, only, only, bool(breadths[0] == width or heights[0] == height))
    right, bottom = left + breadths, top + heights
    at_rim = (top == 0) | (left == 0) | (bottom == height) | (right == width)
    if not drawn:
        in_the_rim = (bottom <= SHEETS_EDGE * height) | (top >= (1 - SHEETS_EDGE) * height)
        in_the_rim |= (right <= SHEETS_EDGE * width) | (left >= (1 - SHEETS_EDGE) * width)
        sizes = sizes * ~(parts_along_the_rim(labels, np.maximum(breadths, heights)) | in_the_rim)
    if not sizes.any():
        return None
    across = (breadths == width) | (heights == height)
    main = int(np.argmax(sizes * np.where(at_rim, 0.3, 1.0)))
    length = max(heights[main], breadths[main])
    if not drawn and length < SMALLEST_DIGIT * max(height, width):
        return None
    reach = 0.15 * length
    near = (top <= bottom[main] + reach) & (bottom >= top[main] - reach)
    near &= (left <= right[main] + reach) & (right >= left[main] - reach)
    near |= icon
    whole = (sizes >= 0.02 * sizes[main]) & (~at_rim | at_rim[main])
    tall = heights >= 0.6 * heights[main]
    if not drawn:
        tall &= breadths >= THINNEST_RIVAL * heights
    members, rivals = 1 + np.flatnonzero(near & whole), 1 + np.flatnonzero(tall & whole)
    return Reading(ink, labels, members, rivals, bool(across[main] if drawn else at_rim[main]))


def parts_along_the_rim(labels: Labels, extent: NDArray[np.intp]) -> Mask:
    """Parts that lie along the picture's rim rather than run into it: a table's edge, a shadow, a finger."""
    rims = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    contact = np.stack([np.bincount(rim, minlength=len(extent) + 1)[1:] for rim in rims], axis=1)
    along: Mask = contact.max(axis=1) > 0.4 * extent
    return along


def connected_parts(mask: Mask) -> tuple[Labels, NDArray[np.intp]]:
    """Connected parts, by edge or corner: their labels from 1, and left, top, breadth, height and size of each."""
    kind = cv2.CV_16U if mask.size < FEW_PIXELS else cv2.CV_32S
    _, labels, parts, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8, ltype=kind)
    return np.asarray(labels), np.asarray(parts[1:], np.intp)


def _spread(mask: Mask, reach: int) -> Mask:
    """The mask grown by `reach` pixels to each side."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate(mask.view(np.uint8), square).view(np.bool_)
