"""Photographs of whole pages on which much is written, small: tables whose digits touch lines, lines without cells."""

import os

import numpy as np
import pytest

from digits import read_number
from digits.data.composed_forms import composed_form, kept_out_hand
from digits.data.form_sheets import FORM_KINDS, FormKind
from digits.decode import Picture
from digits.evaluation.forms import score
from tests.reading import recogniser

if os.environ.get("DIGITS_DATA_DIR"):

    @pytest.mark.parametrize(("kind", "seed", "most"), [("large table", 6501, 100), ("large plain", 6504, 12)])
    def test_most_digits_of_a_page_are_read(kind: FormKind, seed: int, most: int) -> None:
        """Of 179 and 84 digits 175 and 15 were misread, 54 and 9 are."""
        rng = np.random.default_rng((11, FORM_KINDS.index(kind), seed))
        form = composed_form(rng, kept_out_hand(rng), kind, "photographed")
        assert score(form, read_number(recogniser(), Picture.of_pixels(form.picture))).misread <= most
