"""Lines of a table -> the same lines as they run where they are drawn: bent, as by hand.

Constants were chosen on made tables by writers kept out of training (docs/notebook.md, "Cells").
"""

from typing import Final

import numpy as np

from digits.ink.components import Grey
from digits.number.curves import Curves
from digits.number.table_lines import Lines

REACH: Final = 12
"""Pixels up and down within which a line is looked for at most, and..."""

ROOM: Final = 0.2
"""...by the room between lines."""

STEP: Final = 4
"""Pixels along a line in which it may go a pixel up or down."""

NEAR: Final = 3
"""Pixels around a line within which is told how strong it is; strokes that cross it and are stronger by..."""

MAX_STRONGER: Final = 1.3
"""...this much count for no more."""

ASIDE: Final = 0.06
"""What a line's evidence, by its strength, must be higher for each pixel farther away, and..."""

BEND: Final = 0.15
"""...for each pixel up or down in a step."""


def bent(family: Lines) -> Lines:
    """The lines, each moved in each column to where the evidence of it is highest and that is not far from the next."""
    room = float(np.diff(np.median(family.y, axis=1)).min()) if len(family.y) > 1 else np.inf
    reach = int(min(REACH, ROOM * room))
    if reach < 1:
        return family
    x, offsets = np.arange(0, family.y.shape[1], STEP), np.arange(-reach, reach + 1)
    rows = np.rint(family.y[:, x]).astype(np.intp)[..., None] + offsets
    values = family.evidence[np.clip(rows, 0, len(family.evidence) - 1), x[:, None]]
    there = (x >= family.first[:, None]) & (x <= family.last[:, None])
    near = np.where(there, values[..., np.abs(offsets) <= NEAR].max(axis=2), np.nan)
    strength = np.maximum(np.nanmedian(near, axis=1), 1e-3)[:, None, None]
    gain = np.minimum(values / strength, MAX_STRONGER) - ASIDE * np.abs(offsets)
    moves = _path(np.where(there[..., None], gain, 0))
    columns = np.arange(family.y.shape[1])
    moved = np.stack([np.interp(columns, x, offsets[move]) for move in moves]) if len(moves) else family.y[:0]
    return family._replace(y=(family.y + moved).astype(np.float32))


def _path(gain: Grey) -> Curves:
    """(n, m) which of k places is taken in each of m steps, (n, m, k) their gains, so that the sum is highest."""
    count, steps, places = gain.shape
    total = gain[:, 0].copy()
    came = np.zeros(gain.shape, np.int8)
    for step in range(1, steps):
        before = np.full((3, count, places), -np.inf)
        before[0, :, 1:], before[1], before[2, :, :-1] = total[:, :-1] - BEND, total, total[:, 1:] - BEND
        best = before.argmax(axis=0)
        came[:, step] = best - 1
        total = np.take_along_axis(before, best[None], axis=0)[0] + gain[:, step]
    path = np.zeros((count, steps), np.intp)
    each = np.arange(count)
    path[:, -1] = total.argmax(axis=1)
    for step in range(steps - 1, 0, -1):
        path[:, step - 1] = path[:, step] + came[each, step, path[:, step]]
    return path
