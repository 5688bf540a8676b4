"""Composed lines as pictures of which it is known whose ink each pixel is: what divides lines learns from them."""

from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage

from digits.answers import SIGNS
from digits.data.composed_lines import SPECK as SPECK_TEXT
from digits.data.composed_lines import ComposedLine, composed_line, line_hands
from digits.data.line_texts import CROSSED as CROSSED_TEXT
from digits.data.line_texts import LETTER as LETTER_TEXT
from digits.ink import ink_candidates
from digits.ink.paper import channels_of
from digits.ink.photograph import photographed
from digits.ink.pixel_classifier import PRINTED_LINE, WRITING
from digits.model import Model
from digits.pen import Ink
from digits.sign_classifier import CROSSED, DIGIT, LETTER, SPECK
from digits.training.photographed_lines import photographed_line

PHOTOGRAPHED: Final = 0.4
"""Share of the lines that are photographed."""

LITTER: Final = 0.7
"""Mean count of specks, and of rests of printed lines, on the lines that have any; and..."""

LITTERED: Final = (0.2, 0.5)
"""...share of the drawings, and of the photographs, that have any. Set by hand."""

THRESHOLDED: Final = 0.67
"""Share of the photographs whose ink is thresholded rather than found by the classifier of pixels, which is dear."""


class Owned(NamedTuple):
    """A picture and whose its ink is: (height, width) the number of an item from 1, 0 for none; class of each item."""

    picture: NDArray[np.uint8]
    owners: NDArray[np.uint8]
    classes: list[int]


def class_of(text: str) -> int:
    """Class of an item of a composed line."""
    if text.isdigit():
        return DIGIT
    return {LETTER_TEXT: LETTER, SPECK_TEXT: SPECK, CROSSED_TEXT: CROSSED}.get(text) or SIGNS.index(text)


def owned_line(rng: Generator, *, kept_out: bool) -> Owned:
    """A composed line, drawn or photographed."""
    is_photograph = bool(rng.random() < PHOTOGRAPHED)
    litter = LITTER if rng.random() < LITTERED[is_photograph] else 0.0
    line = composed_line(line_hands(kept_out=kept_out), rng, litter=litter)
    picture = photographed_line(line, rng) if is_photograph else drawn_line(line, rng)
    return Owned(picture, line.owners, [class_of(item.text) for item in line.items])


def drawn_line(line: ComposedLine, rng: Generator) -> NDArray[np.uint8]:
    """(height, width) uint8, dark on white or white on black."""
    drawn = (255 * line.ink).astype(np.uint8)
    return drawn if rng.random() < 0.3 else 255 - drawn


class OwnedInk(NamedTuple):
    """What was found of a picture's ink, and whose it is.

    Attributes:
        ink: (height, width) float32 in [0, 1].
        drawn: whether it is a drawing's.
        owners: (height, width) uint8, as in `Owned`; in a photograph the pixels around an item are its own too.
        sizes: (items + 1,) ink of each item, that of none first.

    """

    ink: Ink
    drawn: bool
    owners: NDArray[np.uint8]
    sizes: NDArray[np.float64]


def owned_ink(owned: Owned, model: Model, rng: Generator) -> OwnedInk | None:
    """One view of a picture's ink; None where there is none."""
    view = _view(owned.picture, model, rng)
    if view is None or view[0].shape != owned.owners.shape:
        return None
    ink, drawn = view
    sizes = np.bincount(owned.owners.ravel(), ink.ravel(), len(owned.classes) + 1).astype(np.float64)
    reach = owned.owners if drawn else ndimage.grey_dilation(owned.owners, (3, 3))
    return OwnedInk(ink, drawn, np.where(owned.owners > 0, owned.owners, reach), sizes)


def _view(picture: NDArray[np.uint8], model: Model, rng: Generator) -> tuple[Ink, bool] | None:
    """The ink, and whether it is a drawing's."""
    if picture.ndim == 3 and rng.random() < THRESHOLDED:
        channels = channels_of(picture)
        likely = model.pixel_classifier.probabilities(channels)[[PRINTED_LINE, WRITING]].max(axis=0)
        _, _, _, views = photographed(channels, likely)
        view = next(iter(views), None)
        return None if view is None else (view[1], False)
    candidate = next(ink_candidates(picture, model.pixel_classifier, one_digit=False), None)
    return None if candidate is None else (candidate.ink, not candidate.thresholded)
