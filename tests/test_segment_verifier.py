"""The training of the segment verifier: a tiny one, and the model loads and reads with what it wrote.

It needs the data sets: where DIGITS_DATA_DIR does not name them, they would be downloaded, so there this test is not
part of the run.
"""

import json
import os
import shutil
from pathlib import Path

from digits import Recogniser, read_number
from digits.decode import Picture
from digits.model import HOMES, RECORD, VERIFIER, model_path
from digits.training import segment_verifier
from tests.commands import trained
from tools.benchmarks.hostile_pages import page_of_digits

if os.environ.get("DIGITS_DATA_DIR"):

    def test_a_verifier_is_trained_recorded_and_loaded(tmp_path: Path) -> None:
        before = {name: model_path(name).read_bytes() for name in HOMES}
        for name in set(HOMES) - {VERIFIER}:
            shutil.copy(model_path(name), tmp_path)
        trial = ("--numbers", "60", "--out", str(tmp_path))
        assert "judged right" in trained(segment_verifier.main, *trial)
        recorded = [json.loads(model_path(RECORD, folder).read_text("utf-8"))["files"] for folder in (tmp_path, None)]
        assert [name for name in recorded[0] if recorded[0][name] != recorded[1][name]] == [VERIFIER]
        (line,) = read_number(Recogniser.load(tmp_path), Picture.of_pixels(page_of_digits(1, 6, size=(640, 280)))).lines
        assert len(line.digits) == 6
        assert {name: model_path(name).read_bytes() for name in HOMES} == before, "a trial leaves the project alone"
