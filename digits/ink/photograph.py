"""Contrast -> ink of a photograph: soft thresholds with hysteresis, with and without the paper's ruling.

Constants without another note were set by hand, with an eye on photographs made of pen strokes by writers kept out of
training and on the developers' real photographs (docs/notebook.md, "Picture to ink").
"""

from collections.abc import Iterator
from typing import Final, Literal

import numpy as np

from digits.ink.components import Grey, Mask, connected_components, dilated
from digits.ink.filters import gradient_magnitude, noise_deviation, smoothed, white_top_hat
from digits.ink.paper import Channels, along, difference_from_background, ink_direction
from digits.ink.ruling import ruling, without_ruling

MIN_INK_CONTRAST: Final = 12.0
"""Grey levels (of 255) below which nothing is ink."""

MIN_EDGE_GRADIENT: Final = 2.5
"""Grey levels from one pixel to the next at the sharpest edge of a photograph: what is softer is light and shade."""

EXTREME_QUANTILE: Final = 0.998
"""Quantile of contrast and of its gradient that stands for the darkest ink and the sharpest edge."""

MIN_SIGNAL_TO_NOISE: Final = 4.0
"""Standard deviations of the noise that the darkest ink, and whatever counts as ink, must have at least."""

SMOOTHED_SIDE: Final = 640
"""A picture is smoothed by one standard deviation of a pixel for each so many pixels of its longer side."""

HYSTERESIS_THRESHOLDS: Final = ((0.2, 0.5), (0.45, 0.45), (0.15, 0.15))
"""Shares of the ink's own darkness at which a photograph is cut into ink and paper, the likeliest first: what is darker
than the first and hangs together with something darker than the second is ink."""

FULL_INK_QUANTILE: Final = 0.9
"""Quantile of the contrast of what may be ink that counts as full ink."""

THRESHOLD_NOISE: Final = 2.5
"""Standard deviations of the noise below which no threshold lies."""

EDGE_WIDTH: Final = 0.35
"""Share of full ink over which the ink's edge goes from none to all."""

MIN_INK_PIXELS: Final = 8
"""Pixels that must be clearly ink for there to be any."""

LIKELY: Final = 0.5
"""Probability of writing or a printed line from which on a pixel tells on which side of the paper the ink is."""

MIN_WRITING: Final = 0.4
"""Probability from which on a pixel is writing (0.3 to 0.5 read made pages of kept-out writers as well), if..."""

SURE_WRITING: Final = 0.9
"""...its component has `MIN_INK_PIXELS` of this one, and..."""

MIN_WRITTEN_CONTRAST: Final = 6.0
"""...grey levels from the light around them: steps of a file's colours are fainter."""

WRITING_EDGE: Final = 0.5
"""Difference of the probability of writing over which the ink's edge goes from none to all."""

MAX_STROKE_PART: Final = 6
"""A stroke is at most a sixth of a photograph's longer side broad: what is broader is a table, a finger, a shadow."""

MIN_OWN_INK: Final = 0.5
"""Ink from which on a pixel tells how dark a digit is, and around which its ink is looked for again, up to..."""

CLOSE_REACH: Final = 0.04
"""...this share of its height, a pixel at least, at..."""

CLOSE_THRESHOLD: Final = 0.5
"""...this share of its darkness. All three chosen on 3,609 digits of made pages by kept-out writers, of which 2.2 %
were misread before and 1.5 % are with it (docs/notebook.md)."""

SHARPENED: Final = 2.5
"""How often what a blur by..."""

FOCUS: Final = 0.055
"""...this share of a digit's height takes away from its contrast is added to it, before its ink is looked for at..."""

SHARP_THRESHOLD: Final = 0.55
"""...this share of its darkness. Chosen on 4,000 digits of made photographs (docs/notebook.md)."""

MIN_CLOSE_INK: Final = 0.05
"""Ink that is left out."""


Way = Literal["drawn", "sharpened", "classified", "unruled", "thresholded", "top_hat"]
"""How a view of the ink was found: a drawing as it is or sharpened; by the classifier of pixels; by a threshold on a
photograph without its ruling or with it, or on its white top-hat."""

View = tuple[Way, Grey]
"""How a view was found, and its ink, (height, width) float32 in [0, 1]."""


def classified(writing: Grey, contrast: Grey) -> Iterator[View]:
    """The ink that a classifier of pixels found, unless there is hardly any.

    Args:
        writing: (height, width) float32, how probable writing is at each pixel.
        contrast: (height, width) float32, distance of each pixel from the light around it, in grey levels.

    """
    components = connected_components(writing > MIN_WRITING)
    surely = (writing > SURE_WRITING) & (contrast > MIN_WRITTEN_CONTRAST)
    sure = np.bincount(components.labels[surely], minlength=len(components.size) + 1)
    kept = sure >= MIN_INK_PIXELS
    kept[0] = False
    if kept.any():
        ink = share_of_writing(writing)
        yield "classified", np.where(dilated(kept.take(components.labels), 1), ink, np.float32(0))


def share_of_writing(writing: Grey) -> Grey:
    """Ink, (height, width) float32 in [0, 1], by how probable writing is at each pixel."""
    ink: Grey = np.clip((writing - MIN_WRITING) / WRITING_EDGE + 0.5, 0, 1)
    return ink


def photographed(channels: Channels, likely: Grey) -> tuple[Grey, Grey, Grey, Iterator[View]]:
    """Contrast, darkness and light of a photograph, and views of its ink, the likeliest first.

    Args:
        channels: (channels, height, width) uint8.
        likely: (height, width) float32, how probable writing or a printed line is at each pixel: on that side of the
            paper is the ink, though glare may be farther from it.

    Returns:
        (height, width) float32, distance of each pixel from the light around it in grey levels, the same towards the
        ink, negative on the other side, the light itself, the darker the higher, and the views.

    """
    difference = difference_from_background(channels)
    direction = ink_direction(difference)
    darkness = along(direction, difference)
    if np.sum(darkness, where=likely > LIKELY) < 0:
        direction, darkness = -direction, -darkness
    light = along(direction, channels)
    contrast: Grey = np.abs(difference, out=difference).max(axis=0)
    return contrast, darkness, light, thresholded(darkness, light)


def thresholded(values: Grey, light: Grey, *, may_be_ruled: bool = True) -> Iterator[View]:
    """Views of the ink, the likeliest first; none where nothing stands out.

    Args:
        values: (height, width) float32, contrast to the paper towards ink, in grey levels.
        light: (height, width) float32, the same with the paper's own light in it.
        may_be_ruled: whether ruling is looked for.

    """
    values = smoothed(values, max(values.shape) / SMOOTHED_SIDE)
    noise = noise_deviation(values)
    peak = float(np.quantile(values, EXTREME_QUANTILE))
    sharpest = float(np.quantile(gradient_magnitude(values, 1), EXTREME_QUANTILE))
    if peak < max(MIN_INK_CONTRAST, MIN_SIGNAL_TO_NOISE * noise) or sharpest < MIN_EDGE_GRADIENT:
        return
    unruled = without_ruling(values, ruling(values)) if may_be_ruled else None
    for low, high in HYSTERESIS_THRESHOLDS:
        if unruled is not None:
            yield "unruled", soft_threshold(unruled, noise, low, high)
        yield "thresholded", soft_threshold(values, noise, low, high)
    if unruled is None:
        return
    light = smoothed(light, max(light.shape) / SMOOTHED_SIDE)
    strokes = white_top_hat(light, max(light.shape) // MAX_STROKE_PART)
    yield "top_hat", soft_threshold(without_ruling(strokes, ruling(strokes)), noise, *HYSTERESIS_THRESHOLDS[0])


def closely_thresholded(ink: Grey, contrast: Grey, free: Mask, *, sharpened: bool = False) -> Grey:
    """One digit's ink by a soft threshold by its own darkness: neither as fat nor as thin as a whole page's.

    Args:
        ink: (height, width) float32 in [0, 1], as it was found on the page.
        contrast: (height, width) float32, distance of each pixel from the light around it, in grey levels.
        free: (height, width) bool, where no other's ink lies.
        sharpened: whether the contrast is sharpened before, as loops close where a picture is out of focus.

    Returns:
        (height, width) float32 in [0, 1]; the ink as it was where it is too little to tell its darkness.

    """
    own = ink > MIN_OWN_INK
    if np.count_nonzero(own) < MIN_INK_PIXELS:
        return ink
    threshold = CLOSE_THRESHOLD
    if sharpened:
        contrast = contrast + SHARPENED * (contrast - smoothed(contrast, FOCUS * len(ink)))
        threshold = SHARP_THRESHOLD
    full = float(np.quantile(contrast[own], FULL_INK_QUANTILE))
    if full <= 0:
        return ink
    reach = max(1, round(CLOSE_REACH * len(ink)))
    closely = np.clip((contrast / full - threshold) / EDGE_WIDTH + 0.5, 0, 1)
    found = np.where(dilated(own, reach) & free & (closely > MIN_CLOSE_INK), closely, np.float32(0))
    return found if found.max() > MIN_OWN_INK else ink


def soft_threshold(values: Grey, noise: float, low: float, high: float) -> Grey:
    """Ink by a soft threshold with hysteresis: (height, width) float32 in [0, 1], 0.5 at the lower threshold.

    Args:
        values: (height, width) float32, contrast towards ink in grey levels.
        noise: standard deviation of the paper's noise in grey levels.
        low: share of the ink's own darkness above which a pixel may be ink.
        high: share of it that its component must reach somewhere.

    """
    strong = values[values > max(MIN_SIGNAL_TO_NOISE * noise, MIN_INK_CONTRAST / 2)]
    if len(strong) < MIN_INK_PIXELS:
        return np.zeros_like(values)
    full = float(np.quantile(strong, FULL_INK_QUANTILE))
    middle = max(low * full, THRESHOLD_NOISE * noise)
    components = connected_components(values > middle)
    dark = np.zeros(len(components.size) + 1, np.bool_)
    dark[components.labels[values > high * full]] = True
    dark[0] = False
    kept = dilated(dark.take(components.labels), 1)
    return np.where(kept, np.clip((values - middle) / (EDGE_WIDTH * full) + 0.5, 0, 1), 0).astype(np.float32)
