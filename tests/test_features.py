"""Features against scikit-image's HOG, 28x28 pictures against MNIST's convention, further looks against SciPy."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.feature import hog

from digits.augmented_views import ROTATIONS, SHIFTS, augmented_views
from digits.features import LENGTH, PARAMETERS, VIEWS, hog_features, hog_picture
from digits.normalise import normalise
from tools.drawing import STROKES, draw, stroke_mask

Pictures = NDArray[np.uint8]


def drawn(chance: Generator) -> Pictures:
    """Digits by MNIST's convention, of every width."""
    widths = chance.uniform(4, 25, 40)
    return np.stack([normalise(ink_of(number % 10, width=width)) for number, width in enumerate(widths)])


def ink_of(shown: int, width: float = 16, unit: float = 170) -> NDArray[np.float32]:
    return np.asarray(stroke_mask(STROKES[shown], unit, width), np.float32) / np.float32(255)


def soft(chance: Generator) -> Pictures:
    blurred = ndimage.gaussian_filter(chance.normal(0, 1, (40, 28, 28)), (0, 2, 2))
    grey: Pictures = (255 * (blurred - blurred.min()) / np.ptp(blurred)).astype(np.uint8)
    return grey


def stripes(chance: Generator) -> Pictures:
    """Straight edges in every direction, where an orientation lies on the border of two bins."""
    rows, columns = np.mgrid[:28, :28]
    turns = np.deg2rad(np.arange(0, 180, 5))
    waves = [np.cos(turn) * columns + np.sin(turn) * rows > 14 for turn in turns]
    return np.stack(waves).astype(np.uint8) * 255


KINDS: Final[dict[str, Callable[[Generator], Pictures]]] = {
    "drawn": drawn,
    "noise": lambda chance: chance.integers(0, 256, (40, 28, 28), np.uint8),
    "faint noise": lambda chance: chance.integers(0, 2, (40, 28, 28), np.uint8),
    "binary": lambda chance: chance.choice(np.array([0, 255], np.uint8), (40, 28, 28)),
    "soft": soft,
    "stripes": stripes,
    "one dot": lambda chance: (np.arange(784) == chance.integers(0, 784, (40, 1))).reshape(-1, 28, 28).astype(np.uint8),
    "constant": lambda chance: np.repeat(chance.integers(0, 256, (9, 1, 1), np.uint8), 28, 1).repeat(28, 2),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_equals_scikit_image(kind: Callable[[Generator], Pictures]) -> None:
    pictures = kind(np.random.default_rng(0))
    options = {name: PARAMETERS[name] for name in ("orientations", "block_norm")}
    blocks = (PARAMETERS["cells_per_block"],) * 2
    for picture, found in zip(pictures, hog_features(pictures), strict=True):
        parts = []
        for side, cell in VIEWS:
            rim = (28 - side) // 2
            middle = picture[rim : 28 - rim, rim : 28 - rim] / 255
            parts.append(hog(middle, pixels_per_cell=(cell, cell), cells_per_block=blocks, **options))
        np.testing.assert_allclose(found, np.concatenate(parts), rtol=0, atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_shape_and_type(count: int) -> None:
    found = hog_features(np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8))
    assert found.shape == (count, LENGTH)
    assert found.dtype == np.float32
    assert np.all((found >= 0) & (found <= 1))


def test_a_picture_has_the_same_features_alone_and_among_others() -> None:
    pictures = drawn(np.random.default_rng(0))
    alone = np.concatenate([hog_features(picture[None]) for picture in pictures])
    np.testing.assert_array_equal(hog_features(pictures), alone)


def test_polarity_does_not_matter_to_the_features() -> None:
    pictures = drawn(np.random.default_rng(0))
    np.testing.assert_allclose(hog_features(255 - pictures), hog_features(pictures), atol=1e-5)


def test_draws_the_edges() -> None:
    picture = normalise(ink_of(7))
    drawing = hog_picture(picture)
    assert drawing.dtype == np.uint8
    assert drawing.shape[0] == drawing.shape[1] >= 28
    assert drawing.max() == 255
    assert not hog_picture(np.zeros((28, 28), np.uint8)).any()


@pytest.mark.parametrize("turn", range(10, 180, 20))
def test_draws_an_edge_along_itself(turn: int) -> None:
    rows, columns = np.mgrid[-14:14, -14:14] + 0.5
    bright = np.cos(np.deg2rad(turn)) * columns + np.sin(np.deg2rad(turn)) * rows > 0
    picture = ndimage.gaussian_filter(bright * 255.0, 2, mode="nearest").astype(np.uint8)
    middle = hog_picture(picture)[96:128, 96:128]
    height, width = np.ptp(np.argwhere(middle == middle.max()), axis=0)
    slope = np.rad2deg(np.arctan2(height, width))
    assert abs(slope - abs(90 - turn)) < 5


# MNIST's convention: http://yann.lecun.com/exdb/mnist/


def box(picture: Pictures) -> tuple[int, int]:
    """Height and width of the ink."""
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@pytest.mark.parametrize("unit", [20, 60, 170, 900])
@pytest.mark.parametrize("shown", range(10))
def test_keeps_to_the_convention_of_mnist(shown: int, unit: float) -> None:
    picture = normalise(ink_of(shown, unit / 10, unit))
    assert picture.shape == (28, 28)
    assert picture.dtype == np.uint8
    assert picture.max() == 255
    assert max(box(picture)) == 20
    np.testing.assert_allclose(ndimage.center_of_mass(picture), 14, atol=0.6)


@pytest.mark.parametrize("shown", range(10))
def test_keeps_the_aspect_ratio(shown: int) -> None:
    ink = ink_of(shown, unit=500, width=50)
    height, width = box(np.asarray(ink * 255, np.uint8))
    found = box(normalise(ink))
    assert found[1] / found[0] == pytest.approx(width / height, abs=0.06)


def test_place_and_size_do_not_matter() -> None:
    for shown in range(10):
        small = normalise(np.pad(ink_of(shown, 12, 120), ((300, 5), (0, 90)))).astype(float)
        large = normalise(ink_of(shown, 60, 600)).astype(float)
        assert np.abs(small - large).mean() < 6


def test_leaves_pictures_that_keep_to_it_as_they_are() -> None:
    for shown in range(10):
        picture = normalise(ink_of(shown, 16))
        np.testing.assert_array_equal(normalise(picture.astype(np.float32) / np.float32(255)), picture)


def test_a_hairline_stays_visible() -> None:
    for width in (1, 3):
        ink = np.asarray(draw(1, (1000, 1000), 255, 0, width=width, height=0.9, mode="L"), np.float32) / np.float32(255)
        assert np.mean(normalise(ink) > 100) > 0.02


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 2000), (2000, 3)])
def test_takes_ink_of_any_shape(shape: tuple[int, int]) -> None:
    picture = normalise(np.ones(shape, np.float32))
    assert picture.shape == (28, 28)
    assert picture.max() == 255


def test_no_ink_is_an_error() -> None:
    with pytest.raises(ValueError, match="ink"):
        normalise(np.zeros((28, 28), np.float32))


def test_what_goes_in_stays_as_it_is() -> None:
    ink = ink_of(3)
    before = ink.copy()
    picture = normalise(ink)
    hog_features(picture[None])
    np.testing.assert_array_equal(ink, before)
    assert Image.fromarray(picture).size == (28, 28)


def test_further_looks_are_the_picture_moved_and_turned() -> None:
    pictures = drawn(np.random.default_rng(0))
    shifts = [ndimage.shift(pictures, (0, *move), order=0) for move in SHIFTS]
    turns = [ndimage.rotate(pictures, -degrees, (1, 2), reshape=False, order=1) for degrees in ROTATIONS]
    difference = augmented_views(pictures).astype(int) - np.stack(shifts + turns)
    assert np.abs(difference).max() <= 1
