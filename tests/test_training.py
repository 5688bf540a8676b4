"""Training end to end on a hundredth of the data, and the figures of the evaluation.

Training needs the data sets: where DIGITS_DATA_DIR does not name them, `train.py` would download them, so there the
training test is not part of the run.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from digits.decode import decode
from digits.evaluation.scores import Outcome, score
from digits.recogniser import Recogniser
from tools.drawing import draw, encoded

ROOT = Path(__file__).parent.parent


def run(*command: str) -> str:
    """What a command prints, run in the project with warnings as errors."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


if os.environ.get("DIGITS_DATA_DIR"):

    def test_training_makes_a_model_that_reads_digits_and_a_card_that_describes_it(tmp_path: Path) -> None:
        run("train.py", "--share", "0.01", "--rounds", "1", "--epochs", "4", "--out", str(tmp_path))
        recogniser = Recogniser.load(tmp_path)
        assert recogniser.recognise(decode(encoded(draw(7)))).prediction == 7
        record = json.loads((tmp_path / "model_card.json").read_text("utf-8"))
        assert record["scores"]["MNIST, test set"]["accuracy"] > 0.9
        assert record["scores"]["MNIST, test set"]["count"] == 500
        card = (tmp_path / "MODEL_CARD.md").read_text("utf-8")
        assert all(file["sha256"] in card for file in record["files"].values())
        assert all((tmp_path / "docs" / name).exists() for name in ("confusion_matrix.png", "reliability.png"))


def test_the_card_records_the_pickles_that_are_shipped() -> None:
    record = json.loads((ROOT / "model_card.json").read_text("utf-8"))
    card = (ROOT / "MODEL_CARD.md").read_text("utf-8")
    assert all(file["sha256"] in card for file in record["files"].values())
    assert sum((ROOT / name).stat().st_size for name in record["files"]) < 12_000_000


def test_evaluation_counts_a_folder_of_pictures_named_by_their_digit(tmp_path: Path) -> None:
    for digit in range(10):
        (tmp_path / f"{digit}_drawn.png").write_bytes(encoded(draw(digit)))
    (tmp_path / "x_blank.png").write_bytes(encoded(Image.new("L", (280, 280))))
    (tmp_path / "notes.txt").write_text("not a picture")
    row = run("-m", "digits.evaluation", str(tmp_path), "--out", str(tmp_path / "report")).splitlines()[-1]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:3] == ["11", "100.00%"]


def test_the_report_keeps_the_figures_and_shows_what_was_read_wrongly(tmp_path: Path) -> None:
    (tmp_path / "right").mkdir()
    (tmp_path / "wrong").mkdir()
    (tmp_path / "right" / "3_drawn.png").write_bytes(encoded(draw(3)))
    (tmp_path / "wrong" / "8_in_truth_a_three.png").write_bytes(encoded(draw(3, ink="red")))
    report = tmp_path / "report"
    right, wrong = str(tmp_path / "right"), str(tmp_path / "wrong")
    printed = run("-m", "digits.evaluation", right, wrong, "--out", str(report))
    assert (report / "scores.md").read_text("utf-8") == printed
    stored = json.loads((report / "scores.json").read_text("utf-8"))
    assert (stored[right]["accuracy"], stored[wrong]["accuracy"]) == (1, 0)
    colours = {colour for _, colour in Image.open(report / "mistakes.png").getcolors(2**16) or []}
    assert (255, 0, 0) in colours


def test_a_rejected_digit_counts_as_an_error_and_a_rejected_blank_does_not() -> None:
    outcomes = [
        Outcome("a", 3, 3, 0.9),
        Outcome("b", 3, None, 0.8),
        Outcome("c", None, None, 1.0),
        Outcome("d", 5, 6, 0.7),
    ]
    found = score(outcomes)
    assert (found.count, found.accuracy, found.rejected) == (4, 0.5, 0.5)
    assert found.low < 0.5 < found.high
    assert found.calibration_error == pytest.approx((0.1 + 0.7) / 2)
