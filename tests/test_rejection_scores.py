"""How well what is no digit is told apart: the measures, and drawings of everything that is kept out of training."""

import os

import numpy as np
import pytest

from digits.evaluation.rejection import (
    DIGITS,
    KEPT,
    auroc,
    drawing_of_ink,
    drawing_of_strokes,
    filled,
    rejection_scores,
    rejection_table,
)
from tests.commands import cells
from tests.reading import recogniser


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    low, high = np.array([0.1, 0.2, 0.5]), np.array([0.5, 0.3])
    assert auroc(low, high) == pytest.approx((2.5 + 2) / 6)
    assert auroc(low, low) == 0.5
    assert auroc(low, low + 1) == 1


def test_drawings_hold_all_of_the_ink_on_paper_of_one_colour() -> None:
    rng = np.random.default_rng(0)
    cross = [np.array([(0, 0), (300, 900)], np.float32), np.array([(0, 900), (300, 0)], np.float32)]
    for drawn in (drawing_of_strokes(cross, (5, 20), rng), drawing_of_ink(np.ones((40, 90), np.float32), rng)):
        shown = np.asarray(drawn.convert("L"))
        assert shown.shape == (280, 280)
        inked = shown != np.bincount(shown.ravel()).argmax()
        extent = max(np.ptp(np.flatnonzero(inked.any(axis=axis))) for axis in (0, 1))
        assert 0.35 * 280 < extent < 0.85 * 280


def test_a_solid_shape_is_an_outline_without_its_inside_and_no_long_one() -> None:
    ring = np.zeros((60, 50), np.float32)
    ring[5:-5, 5:-5], ring[10:-10, 10:-10] = 1, 0
    solid = filled(ring)
    assert solid is not None
    assert solid.sum() == 50 * 40
    assert filled(ring[:, :20]) is None


if os.environ.get("DIGITS_DATA_DIR"):

    def test_each_kind_is_drawn_read_and_scored() -> None:
        scores = rejection_scores(recogniser(), count=12)
        assert scores[DIGITS].rejected < 0.5
        others = {kind: score for kind, score in scores.items() if kind != DIGITS}
        assert "letters and signs" in others
        assert np.mean([score.auroc for score in others.values()]) > 0.9
        for score in others.values():
            assert list(score.false_acceptance) == sorted(score.false_acceptance)
            assert len(score.false_acceptance) == len(KEPT)
        rows = [cells(line) for line in rejection_table(scores).splitlines()[2:]]
        assert [row[0] for row in rows] == list(scores)
