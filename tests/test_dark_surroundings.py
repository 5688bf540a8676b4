"""Photographs with a dark table beside the sheet, which is farther from the light around than faint ink is."""

from itertools import islice
from typing import Final

import numpy as np
import pytest
from PIL import Image

from digits.ink import ink_candidates
from tests.forms import lines_of_digits, photographed
from tests.reading import recogniser

TABLE: Final = 20
"""Grey level of the table."""

SHEET: Final = lines_of_digits(["5071", "3298"], (480, 360), 60)


def beside_a_table(share: float, strength: float) -> Image.Image:
    """A sheet with ink of that strength; that share of the picture is table, above and at the left."""
    faint = 255 - strength * (255 - np.asarray(SHEET, np.float64))
    taken = np.array(photographed(Image.fromarray(faint.astype(np.uint8))), np.float64)
    taken[: round(share * len(taken))] = TABLE
    taken[:, : round(share * taken.shape[1])] = TABLE
    taken += np.random.default_rng(0).normal(0, 1, taken.shape)
    return Image.fromarray(taken.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(("share", "strength"), [(0.06, 0.3), (0.06, 0.6), (0.1, 0.6), (0.1, 0.8)])
def test_each_view_of_the_ink_shows_what_is_written(share: float, strength: float) -> None:
    """Where that of the classifier of pixels fails, the others are all there is."""
    picture = np.asarray(beside_a_table(share, strength))
    views = ink_candidates(picture, recogniser().model.pixel_classifier, one_digit=False)
    written = np.asarray(SHEET) < 200
    for view in islice(views, 3):
        height, width = view.ink.shape
        own = written[view.top : view.top + height, view.left : view.left + width]
        assert np.mean(view.ink[own] > 0.5) > 0.8
