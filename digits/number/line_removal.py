"""Ink and lines -> the ink without the lines, the strokes that cross them whole."""

from typing import Final

import cv2
import numpy as np

from digits.ink.components import Components, Grey, Mask, connected_components
from digits.ink.drawing import FULL_INK_QUANTILE
from digits.number.runs import Bits, closed, grown, opened

LINE_WINDOW: Final = 61
"""Pixels a side of the window in which is told whether lines are ink, and..."""

MIN_INKED: Final = 0.35
"""...the share of their place, which is somewhat broader than they are, that is."""

BESIDE: Final = 7
"""Pixels across around a line within which runs of ink along it are the line's, if they are..."""

ALONG: Final = 6.0
"""...so many times longer than lines are broad, and 16 pixels: the foot of a 2 may lie beside a line."""

ACROSS: Final = 1.25
"""Breadth of a stroke that crosses a line, by the line's, at least, and a pixel."""

MAX_LIGHT: Final = 0.8
"""Ink of lines by that of strokes at most for what is nearer to strokes to be one."""

MIN_STROKE: Final = 0.15
"""Ink from which on a pixel beside the lines may be a stroke's."""

LENGTH: Final = 6.0
"""Length of a drawing's line around a place, by its breadth, and `LINE_WINDOW` pixels at least, of which..."""

OVERHANG: Final = 0.75
"""...that share must reach farther out for the line to be broader there, by..."""

MAX_OFF: Final = 0.3
"""...that share of its breadth at most; and of which..."""

MIN_RIM: Final = 0.5
"""...that share must be ink for a thick line not to be narrower, by as much at most."""

THICK: Final = 1.4
"""Breadth of a line by that of strokes from which on what ends within it is not seen there. It is at least..."""

MIN_THICK: Final = 6
"""...so many pixels. What is seen reaches into it by..."""

DEPTH: Final = 0.5
"""...that share of a stroke's breadth."""

MAX_SLIM: Final = 0.34
"""Shorter side of what is left of a line, by its longer one, at most, if..."""

MIN_ALONG: Final = 0.6
"""...that share of its length lies along what was taken out."""

SLIVER: Final = 0.85
"""Share of something that lies close beside what was taken out from which on it is left of that, whatever its shape,
or..."""

WITHIN: Final = 0.9
"""...in the lines' place."""

MIN_SAMPLE: Final = 50
"""Pixels that tell how dark lines or strokes are, at least."""


def share_of_strokes(from_paper: Grey, ink: Grey, lines: Bits) -> Grey:
    """Ink of a drawing as a share of what strokes beside its lines have: lines may be most of it, and lighter.

    Args:
        from_paper: (height, width) float32, how far each pixel is from the paper towards the ink, in grey levels.
        ink: (height, width) float32 in [0, 1], as a share of what most of the ink has.
        lines: 1 where they run.

    """
    full = _darkness(from_paper, _beside(ink, lines))
    return np.clip(from_paper / full, 0, 1) if full else ink


def without_lines(ink: Grey, level: Bits, upright: Bits, breadth: float, *, partly: bool, sharp: bool) -> Grey:
    """The ink without the lines, strokes that cross them kept.

    A line's pixel stays where the ink reaches farther across the line than the line is broad, where it is clearly
    darker than lines are, and where it mends a stroke.

    Args:
        ink: (height, width) float32 in [0, 1].
        level: 1 where a line to be taken out runs about from left to right.
        upright: the same from top to bottom.
        breadth: of the lines in pixels.
        partly: whether lines may be left out of the ink already.
        sharp: whether the ink shows where lines end, as it does in drawings and scans.

    """
    mask = (ink > 0.3).view(np.uint8)
    if partly:
        there = _inked(mask, level | upright)
        level, upright = level & there, upright & there
    along = round(ALONG * breadth) + 16
    level = level | (grown(level, BESIDE, 1) & opened(mask, 1, along))
    upright = upright | (grown(upright, 1, BESIDE) & opened(mask, along, 1))
    if sharp:
        level, upright = _fitted(level, mask, breadth), _turned(_fitted(_turned(upright), _turned(mask), breadth))
    across = round(ACROSS * breadth) + 1
    broad = round(1.6 * breadth) + 2
    zone = level | upright
    strokes = opened(mask, broad, broad) | zone & mask & _darker(ink, level, upright)
    crossing_level, crossing_upright = opened(mask & (1 - upright), across, 1), opened(mask & (1 - level), 1, across)
    crossing = (crossing_level & level & (1 - upright)) | (crossing_upright & upright & (1 - level))
    if sharp:
        beside = mask & (1 - zone)
        pen = _breadth_of(beside)
        across_level = _passable(level, beside, breadth, pen)
        crossing &= across_level | _turned(_passable(_turned(upright), _turned(beside), breadth, pen))
    kept = (1 - zone) | strokes | crossing
    left = mask & kept
    mend = round(breadth) + 3
    mended = closed(left, mend, 1) & level
    mended |= closed(left, 1, mend) & upright
    cleaned = np.where((kept | mended) > 0, ink, np.float32(0))
    return _without_remains(cleaned, zone, mask & (cleaned <= 0.3).view(np.uint8), breadth)


def _turned(mask: Bits) -> Bits:
    """Rows and columns exchanged."""
    return np.ascontiguousarray(mask.T)


def _fitted(level: Bits, mask: Bits, breadth: float) -> Bits:
    """Lines from left to right up to where their ink ends, as far as most of what is around ends there."""
    window = max(LINE_WINDOW, 2 * round(LENGTH * breadth / 2) + 1), 2 * round(breadth / 2) + 1

    def inked(rim: Bits, share: float) -> Bits:
        """1 on the rim where that share of what is around of it is ink."""
        all_of_it = cv2.boxFilter(rim.astype(np.float32), -1, window)
        ink = cv2.boxFilter((rim & mask).astype(np.float32), -1, window)
        return rim & (ink > share * all_of_it).view(np.uint8)

    thick = _thick(level, _breadth_of(mask & (1 - level)))
    if not thick.any():
        return level
    farthest = round(MAX_OFF * breadth)
    for _ in range(farthest):
        for by in (-1, 1):
            rim = level & (1 - _moved(level, by)) & thick
            level = level & (1 - rim | inked(rim, MIN_RIM))
    whole = level
    for pixels in range(1, farthest + 1):
        broad_enough = grown(opened(whole, round(pixels / MAX_OFF), 1), 2 * pixels + 1, 1)
        for by in (-1, 1):
            level = level | (inked(_moved(level, by) & (1 - level) & broad_enough, OVERHANG) & mask)
    return level


def _moved(mask: Bits, by: int) -> Bits:
    """The mask moved down by a pixel, or up."""
    moved = np.roll(mask, by, axis=0)
    moved[0 if by > 0 else -1] = 0
    return moved


def _thick(level: Bits, pen: float) -> Bits:
    """1 where lines from left to right are thicker than strokes of that breadth in pixels."""
    return opened(level, max(round(THICK * pen) + 2, MIN_THICK), 1)


def _breadth_of(strokes: Bits) -> float:
    """Pixels, about: twice their area by the length of their edges."""
    inside = np.asarray(cv2.erode(strokes, np.ones((3, 3), np.uint8)), np.uint8)
    edges = strokes & (1 - inside)
    return 2 * float(np.count_nonzero(strokes)) / max(float(np.count_nonzero(edges)), 1.0)


def _passable(level: Bits, strokes: Bits, breadth: float, pen: float) -> Bits:
    """1 on lines from left to right where strokes may be seen: thick ones where some stand above and below."""
    thick = _thick(level, pen)
    if not thick.any():
        return level
    wide = grown(strokes, 1, 2 * round(breadth / 2) + 1)
    down = np.ones((round(1.5 * breadth) + 4, 1), np.uint8)
    above, below = (np.asarray(cv2.dilate(wide, down, anchor=(0, end)), np.uint8) for end in (len(down) - 1, 0))
    entered = grown(strokes, 2 * round(DEPTH * pen) + 1, 1)
    return level & ((1 - thick) | (above & below) | entered)


def _inked(mask: Bits, lines: Bits) -> Bits:
    """1 where most of the lines around are ink; a classifier of pixels may have left them out already."""
    size = (LINE_WINDOW, LINE_WINDOW)
    all_lines = cv2.boxFilter(lines.astype(np.float32), -1, size)
    inked = cv2.boxFilter((lines & mask).astype(np.float32), -1, size)
    return np.asarray(inked > MIN_INKED * all_lines, np.bool_).view(np.uint8)


def _darker(ink: Grey, level: Bits, upright: Bits) -> Bits:
    """1 on what is as dark as strokes rather than as lines, those of the picture or this one, where it is lighter."""
    lines = level | upright
    of_strokes, of_all = _darkness(ink, _beside(ink, lines)), _darkness(ink, lines > 0)
    if of_all >= MAX_LIGHT * of_strokes:
        return np.zeros_like(lines)
    own = np.maximum(_along_rows(ink, level), _along_rows(np.ascontiguousarray(ink.T), _turned(upright)).T)
    of_lines = np.maximum(own, of_all)
    is_lighter = of_lines < MAX_LIGHT * of_strokes
    return (is_lighter & (ink > (of_lines + of_strokes) / 2)).view(np.uint8)


def _along_rows(ink: Grey, level: Bits) -> Grey:
    """Mean ink of what lies on lines in the same row around each pixel of a line; 0 where none is."""
    size = (LINE_WINDOW, 1)
    total, count = (cv2.boxFilter(each, -1, size) for each in (ink * level, level.astype(np.float32)))
    return np.where(level > 0, total / np.maximum(count, np.float32(1e-6)), np.float32(0))


def _beside(ink: Grey, lines: Bits) -> Mask:
    """What may be a stroke away from lines."""
    return np.asarray((grown(lines, 5, 5) == 0) & (ink > MIN_STROKE), np.bool_)


def _darkness(ink: Grey, mask: Mask) -> float:
    """Of full ink there, as in a drawing; 0 where there is too little of it."""
    values = ink[mask]
    return float(np.quantile(values, FULL_INK_QUANTILE)) if values.size >= MIN_SAMPLE else 0.0


def _without_remains(ink: Grey, zone: Bits, removed: Bits, breadth: float) -> Grey:
    """The ink without components that lie in the lines' place or close beside it, or along what was taken out."""
    found = connected_components(ink > 0.3)
    near = grown(zone, 5, 5)
    in_zone = np.bincount(found.labels[near > 0], minlength=len(found.size) + 1)[1:]
    thin = np.minimum(found.width, found.height) <= 2 * breadth + 4
    beside = np.bincount(found.labels[grown(removed, 5, 5) > 0], minlength=len(found.size) + 1)[1:]
    slivers = (beside > SLIVER * found.size) | (in_zone > WITHIN * found.size)
    gone = found.pixels_of(slivers | thin & ((in_zone > 0.75 * found.size) | _along(found, removed)))
    gone = grown(gone.view(np.uint8), 3, 3).view(np.bool_) & (gone | (found.labels == 0))
    return np.where(gone, np.float32(0), ink)


def _along(found: Components, removed: Bits) -> Mask:
    """(n,) whether components are slim and touch what was taken out along most of their length."""
    slim = np.minimum(found.width, found.height) <= MAX_SLIM * found.length
    row, column = np.nonzero((grown(removed, 3, 3) > 0) & np.concatenate([[False], slim])[found.labels])
    label = found.labels[row, column].astype(np.int64)
    along = np.where((found.height > found.width)[label - 1], row, column)
    touched = np.unique(label * max(removed.shape) + along) // max(removed.shape)
    shares = np.bincount(touched, minlength=len(found.size) + 1)[1:] / found.length
    return np.asarray(shares > MIN_ALONG, np.bool_)
