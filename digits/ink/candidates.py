"""Picture -> ink candidates: what is written, light, paper and specks removed; several views where one is not sure.

What is ink is told by its contrast to the paper next to it, in the one colour direction in which the picture varies
most, whichever side is the brighter. Photographs keep ruling, shadows and edges that no single threshold separates
from ink: there are therefore several candidates for the same picture, the likeliest first, and the recogniser judges
among them.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digits.ink.components import Grey
from digits.ink.drawing import MAX_BLURRED_SIDE, drawn_digit, is_blank, share_of_full_ink
from digits.ink.paper import (
    MAX_ICON_SIDE,
    Channels,
    Difference,
    along_ink,
    channels_of,
    difference_from,
    flat_paper,
    noise_sample,
    within_frame,
)
from digits.ink.photograph import View, Way, classified, photographed, thresholded
from digits.ink.pixel_classifier import PRINTED_LINE, WRITING, PixelClassifier


class InkCandidate(NamedTuple):
    """One view of what the ink is.

    Attributes:
        ink: (height, width) float32, 0 for paper and up to 1 for full ink.
        flat_paper: whether the paper has one colour: a drawing, a scan or an icon rather than a photograph.
        thresholded: whether the ink was cut out of its paper as in a photograph.
        icon: whether the picture is so small that there is room for one digit only.
        contrast: of a photograph (height, width) float32, how far each pixel is from the light around it, in grey
            levels; else None.
        way: how the ink was found.
        writing: of a photograph (height, width) float32, how probable writing is at each pixel; else None.
        left: column of the picture in which the ink's first column lies, for candidates of the whole picture.
        top: row of it.
        printed: of a photograph (height, width) float32, how probable a printed line is at each pixel; else None.
        darkness: of a photograph (height, width) float32, how far each pixel is from the light around it towards the
            ink, in grey levels, negative on the other side; else None.
        light: of a photograph (height, width) float32, grey levels towards the ink, the light not taken off; else None.
        from_paper: of a whole drawing or scan (height, width) float32, how far each pixel is from the paper towards the
            ink, in grey levels; else None.

    """

    ink: Grey
    flat_paper: bool
    thresholded: bool
    icon: bool
    contrast: Grey | None
    way: Way
    writing: Grey | None
    left: int = 0
    top: int = 0
    printed: Grey | None = None
    darkness: Grey | None = None
    light: Grey | None = None
    from_paper: Grey | None = None


class _Sheet(NamedTuple):
    """A picture within its frame, if it has one, and what is known of its paper."""

    channels: Channels
    paper: Channels | None
    difference: Difference | None
    left: int
    top: int


def _sheet(picture: NDArray[np.uint8], *, is_photograph: bool) -> _Sheet:
    channels, left, top = channels_of(picture), 0, 0
    paper = None if is_photograph else flat_paper(channels)
    difference = None if paper is None else difference_from(channels, paper)
    if difference is not None and (inside := within_frame(difference)) is not None:
        rows, columns = inside
        channels, left, top = channels[:, rows, columns], int(columns.start), int(rows.start)
        paper = flat_paper(channels)
        difference = None if paper is None else difference_from(channels, paper)
    return _Sheet(channels, paper, difference, left, top)


def ink_candidates(
    picture: NDArray[np.uint8], classifier: PixelClassifier, *, one_digit: bool, is_photograph: bool = False
) -> Iterator[InkCandidate]:
    """Views of what the ink is, the likeliest first; none for a blank picture.

    Args:
        picture: (height, width) or (height, width, 3) uint8.
        classifier: of the pixels of a photograph.
        one_digit: whether a drawing's ink may be cut out and reduced as far as one digit allows, and a blurred one
            sharpened; else the candidates are of the whole picture at its size.
        is_photograph: whether it is known to be one; else that is told by the colours of its rim.

    """
    sheet = _sheet(picture, is_photograph=is_photograph)
    icon = max(sheet.channels.shape[1:]) <= MAX_ICON_SIDE
    if sheet.paper is None or sheet.difference is None:
        printed, writing = classifier.probabilities(sheet.channels)[[PRINTED_LINE, WRITING]]
        contrast, darkness, light, views = photographed(sheet.channels, np.maximum(printed, writing))
        for way, ink in chain(classified(writing, contrast), views):
            place = sheet.left, sheet.top
            yield InkCandidate(ink, False, True, icon, contrast, way, writing, *place, printed, darkness, light)
        return
    if one_digit:
        views, values = drawn_digit(sheet.channels, sheet.paper, sheet.difference), None
    elif is_blank(sheet.difference, int(sheet.difference.max())):
        return
    else:
        values = along_ink(sheet.channels.astype(np.float32) - sheet.paper)
        drawn: View = "drawn", share_of_full_ink(values)
        views = chain([drawn], thresholded(values, values))
    for way, ink in _with_the_classifier_s(views, sheet.channels, sheet.difference, classifier):
        place = sheet.left, sheet.top
        yield InkCandidate(ink, True, way != "drawn", icon, None, way, None, *place, from_paper=values)


def _with_the_classifier_s(
    views: Iterator[View], channels: Channels, difference: Difference, classifier: PixelClassifier
) -> Iterator[View]:
    """Views of what is drawn or scanned; the classifier's is the second of what has noise: it may be ruled."""
    for way, ink in views:
        yield way, ink
        if way == "drawn" and max(difference.shape) > MAX_BLURRED_SIDE and np.median(noise_sample(difference)):
            writing = classifier.probabilities(channels)[WRITING]
            yield from classified(writing, difference.astype(np.float32))
