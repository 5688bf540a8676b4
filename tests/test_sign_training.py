"""The training of the sign classifier: a tiny one, and the model loads and reads with what it wrote.

It needs the data sets: where DIGITS_DATA_DIR does not name them, they would be downloaded, so there these tests are not
part of the run.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np

from digits import Recogniser, read_number
from digits.data.composed_lines import SPECK, composed_line, line_hands
from digits.data.line_texts import CROSSED, KINDS
from digits.decode import Picture
from digits.model import HOMES, RECORD, SIGN_CLASSIFIER, model_path
from digits.training import signs
from tests.commands import trained
from tools.benchmarks.hostile_pages import page_of_digits

if os.environ.get("DIGITS_DATA_DIR"):

    def test_a_sign_classifier_is_trained_recorded_and_loaded(tmp_path: Path) -> None:
        for name in set(HOMES) - {SIGN_CLASSIFIER}:
            shutil.copy(model_path(name), tmp_path)
        shutil.copy(model_path(SIGN_CLASSIFIER), tmp_path)
        before = model_path(SIGN_CLASSIFIER).read_bytes()
        trial = ("--lines", "40", "--out", str(tmp_path))
        assert "told right" in trained(signs.main, *trial)
        recorded = [json.loads(model_path(RECORD, folder).read_text("utf-8"))["files"] for folder in (tmp_path, None)]
        assert [name for name in recorded[0] if recorded[0][name] != recorded[1][name]] == [SIGN_CLASSIFIER]
        assert model_path(SIGN_CLASSIFIER).read_bytes() == before, "a trial leaves the project alone"
        page = Picture.of_pixels(page_of_digits(1, 6, size=(640, 280)))
        assert read_number(Recogniser.load(tmp_path), page).lines

    def test_composed_lines_tell_whose_their_ink_is() -> None:
        hands = line_hands(kept_out=True)
        for kind in KINDS:
            line = composed_line(hands, np.random.default_rng(5), kind, litter=1.0)
            written = [item.text for item in line.items if item.text not in (SPECK, CROSSED)]
            assert "".join(written) == line.text.replace(" ", "")
            assert ((line.ink > 0) == (line.owners > 0)).all()
            assert set(np.unique(line.owners).tolist()) <= set(range(len(line.items) + 1))

    def test_nobody_who_is_kept_out_is_learnt_from() -> None:
        ours, theirs = line_hands(kept_out=False).of, line_hands(kept_out=True).of
        assert ours.keys() == theirs.keys()
        for text, samples in theirs.items():
            assert samples
            assert not {id(sample) for sample in samples} & {id(sample) for sample in ours[text]}
