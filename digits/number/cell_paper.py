"""How much darker each pixel of a photograph's cells is than the cell's own paper.

Thick lines dim the light around them, so that a cell's paper is told within the cell alone: as one level, or, where a
shadow or its edge lies on it, as what is left of the cell without all that is narrower than strokes may be (the opening
by a square, Serra, Image Analysis and Mathematical Morphology, 1982). Constants were chosen on made tables by writers
kept out of training (docs/notebook.md, "Faint type, shadows' edges and slanted lines in cells").
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from digits.ink.components import Grey, Mask
from digits.ink.filters import smoothed, white_top_hat

GRAIN: Final = 1.0
"""Pixels of the blur against noise before the paper is told."""

STROKE: Final = 0.7
"""Breadth by the cells' height up to which something dark is a stroke and no shadow."""

FULL_INK: Final = 0.95
"""Quantile of a cell's darkness that counts as full ink, if there is any."""

MAX_SHADE: Final = 0.3
"""Change of the paper within a cell, by how much darker its ink is, up to which it counts as one level."""


def above_paper(light: Grey, core: Mask, places: Iterable[tuple[slice, slice]], height: float) -> Grey:
    """How much darker what lies within the cells is than their paper, in grey levels; 0 elsewhere.

    Args:
        light: (height, width) float32 of a photograph, in grey levels, the darker the higher.
        core: (height, width) bool, what lies within the sides of a cell.
        places: rows and columns of each cell's box.
        height: of a cell in pixels, about.

    Returns:
        (height, width) float32; below 0 where the paper is lighter than it mostly is.

    """
    even = smoothed(light, GRAIN)
    papers = even - white_top_hat(even, max(round(STROKE * height), 3))
    above = np.zeros_like(light)
    for place in places:
        own, within, paper = light[place], core[place], papers[place]
        if not within.any():
            continue
        level, full = np.quantile(own[within], (0.5, FULL_INK))
        if np.ptp(paper[within]) > MAX_SHADE * (full - level):
            own = own - paper
            level = np.median(own[within])
        above[place] = np.where(within, own - level, above[place])
    return above
