"""Pages that are made to learn from: what is said of their pixels is so."""

import numpy as np
import pytest

from digits.training.page_layout import CONTENTS, Content, Hands, Written
from digits.training.pages import PRINTED, WRITING, composed_page
from digits.training.styles import styled_digit, styled_letter

RNG = np.random.default_rng(0)
HANDS = Hands([Written(*styled_digit(RNG)) for _ in range(20)], [Written(styled_letter(RNG), None) for _ in range(20)])


@pytest.mark.parametrize("content", CONTENTS)
def test_every_content_makes_a_page_with_its_truth(content: Content) -> None:
    for seed in range(12):
        page = composed_page(np.random.default_rng(seed), HANDS, content)
        assert page.picture.shape == (*page.truth.shape, 3)
        assert page.picture.dtype == np.uint8
        assert set(np.unique(page.truth)) <= {0, PRINTED, WRITING}
        assert page.boxes.shape == (len(page.labels), 4)
        assert set(page.labels) <= set(range(10))


def test_the_same_seed_makes_the_same_page() -> None:
    first, second = (composed_page(np.random.default_rng(5), HANDS) for _ in range(2))
    assert np.array_equal(first.picture, second.picture)
    assert np.array_equal(first.truth, second.truth)


def test_writing_stands_out_where_the_truth_says_so() -> None:
    contrasts = []
    for seed in range(20):
        page = composed_page(np.random.default_rng(seed), HANDS, "one digit")
        ((left, top, right, bottom),) = page.boxes.round().astype(int).clip(0)
        box, written = page.picture[top:bottom, left:right], page.truth[top:bottom, left:right] == WRITING
        assert written.any()
        rest = page.truth[top:bottom, left:right] == 0
        contrasts.append(np.abs(box[written].mean(axis=0) - box[rest].mean(axis=0)).max())
    assert np.median(contrasts) > 20
