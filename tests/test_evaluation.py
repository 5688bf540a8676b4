"""`python -m digits.evaluation`: its figures, its report, and what it says where it cannot measure."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits.data.composed_forms import kept_out_hand
from digits.evaluation.__main__ import main
from digits.evaluation.forms import main as made_forms
from digits.evaluation.scores import Outcome, score
from digits.normalise import stroke_width
from tests.commands import cells, ended_here, printed_here, run
from tools.drawing import draw, encoded
from tools.example_pictures import digits

pytestmark = pytest.mark.quick


def test_evaluation_counts_a_folder_of_pictures_named_by_their_digit_with_what_runs_alone(tmp_path: Path) -> None:
    for digit in range(10):
        (tmp_path / f"{digit}_drawn.png").write_bytes(encoded(draw(digit)))
    (tmp_path / "x_blank.png").write_bytes(encoded(Image.new("L", (280, 280))))
    (tmp_path / "notes.txt").write_text("not a picture")
    only_for_training = ("pooch", "unlzw3", "matplotlib")
    command = ("-m", "digits.evaluation", str(tmp_path), "--out", str(tmp_path / "report"))
    done = run(*command, without=only_for_training)
    assert done.returncode == 0, done.stderr
    assert cells(done.stdout.splitlines()[-1])[1:3] == ["11", "100.00%"]


def test_the_report_keeps_the_figures_and_shows_what_was_read_wrongly(tmp_path: Path) -> None:
    right, wrong, report = tmp_path / "right", tmp_path / "wrong", tmp_path / "report"
    right.mkdir()
    wrong.mkdir()
    (right / "3_drawn.png").write_bytes(encoded(draw(3)))
    (wrong / "8_in_truth_a_three.png").write_bytes(encoded(draw(3, ink="red")))
    printed = printed_here(main, str(right), str(wrong), "--out", str(report))
    assert (report / "scores.md").read_text("utf-8") == printed
    stored = json.loads((report / "scores.json").read_text("utf-8"))
    assert (stored[str(right)]["accuracy"], stored[str(wrong)]["accuracy"]) == (1, 0)
    colours = {colour for _, colour in Image.open(report / "mistakes.png").getcolors(2**16) or []}
    assert (255, 0, 0) in colours


def test_numbers_are_counted_with_their_digit_errors(tmp_path: Path) -> None:
    for name, shown in (("42_drawn", "42"), ("719_drawn", "719"), ("55_in_truth_another", "57")):
        picture = draw(digits(shown), (480, 280), height=0.4)
        (tmp_path / f"{name}.png").write_bytes(encoded(picture))
    report = tmp_path / "report"
    printed = printed_here(main, "--numbers", str(tmp_path), "--out", str(report))
    assert cells(printed.splitlines()[-1])[1:3] == ["3", "66.67%"]
    stored = json.loads((report / "numbers.json").read_text("utf-8"))[str(tmp_path)]
    assert (stored["accuracy"], stored["digit_errors"]) == (2 / 3, 1 / 7)
    assert (report / "numbers.md").read_text("utf-8") == printed
    red, green, _ = np.asarray(Image.open(report / "numbers.png")).astype(int).transpose(2, 0, 1)
    assert (green - red).max() > 100, "the boxes of what was read wrongly"


def test_a_table_of_labels_tells_lines_signs_and_kinds_of_pictures(tmp_path: Path) -> None:
    for name, shown in (("a", "42"), ("b", "719")):
        (tmp_path / f"{name}.png").write_bytes(encoded(draw(digits(shown), (480, 280), height=0.4)))
    rows = ("a.png,42,,plain photo", "a.png,42,,boxes", "b.png,719,71+9,plain", "b.png,71/9,,plain multi-line")
    (tmp_path / "labels.csv").write_text("\n".join(("file,digits,written,conditions", *rows)), "utf-8")
    report = tmp_path / "report"
    printed_here(main, "--numbers", str(tmp_path), "--out", str(report))
    stored = json.loads((report / "numbers.json").read_text("utf-8"))
    counted = {name.partition(": ")[2]: (found["count"], found["accuracy"]) for name, found in stored.items()}
    assert counted == {
        "": (4, 0.5),
        "one line": (3, 2 / 3),
        "several lines": (1, 0),
        "plain paper": (3, 1 / 3),
        "boxes or tables": (1, 1),
        "with signs": (1, 0),
    }
    (tmp_path / "b.png").unlink()
    said, _ = ended_here(main, "--numbers", str(tmp_path), "--out", str(report))
    assert "labels.csv" in str(said)


if os.environ.get("DIGITS_DATA_DIR"):

    def test_composed_numbers_are_measured_apart_and_touching_and_are_the_same_each_time(tmp_path: Path) -> None:
        command = ("--numbers", "--composed", "4", "--out", str(tmp_path))
        printed = printed_here(main, *command)
        rows = [cells(row) for row in printed.splitlines()[2:]]
        assert len(rows) == 4
        assert {row[1] for row in rows} == {"4"}
        assert printed_here(main, *command) == printed
        assert sum(found["accuracy"] for found in json.loads((tmp_path / "numbers.json").read_text()).values()) > 1


@pytest.mark.parametrize("options", [[], ["--numbers"]])
def test_a_folder_that_cannot_be_measured_ends_in_one_line_that_names_it(tmp_path: Path, options: list[str]) -> None:
    empty, broken = tmp_path / "empty", tmp_path / "broken"
    empty.mkdir()
    broken.mkdir()
    (broken / "3.png").write_bytes(b"no picture")
    for folder in (empty, broken, tmp_path / "missing"):
        said, _ = ended_here(main, *options, str(folder), "--out", str(tmp_path / "report"))
        assert isinstance(said, str)
        assert folder.name in said or "3.png" in said
        assert "\n" not in said


def test_a_rejected_digit_counts_as_an_error_and_a_rejected_blank_does_not() -> None:
    outcomes = [
        Outcome("a", 3, 3, 0.9),
        Outcome("b", 3, None, 0.8),
        Outcome("c", None, None, 1.0),
        Outcome("d", 5, 6, 0.7),
        Outcome("e", 4, 4, 0.99),
        Outcome("f", 9, 4, 1.0),
        Outcome("g", 7, None, 1.0),
    ]
    found = score(outcomes)
    assert (found.count, found.accuracy, found.rejected) == (7, 3 / 7, 3 / 7)
    assert found.low < 3 / 7 < found.high
    assert found.calibration_error == pytest.approx((0.1 + 0.7 + 2 * 0.495) / 4)
    assert found.wrong_when_sure == 1 / 2


if os.environ.get("DIGITS_DATA_DIR"):

    def test_made_forms_are_counted_cell_by_cell() -> None:
        counted = cells(printed_here(made_forms, "--count", "1", "--kind", "boxes").splitlines()[-1])
        assert counted[:2] == ["boxes", "1"]
        assert counted[-2:] == ["100.0%", "100.0%"]

    def test_pages_with_much_writing_are_made_and_counted_digit_by_digit() -> None:
        counted = cells(printed_here(made_forms, "--count", "1", "--kind", "large plain").splitlines()[-1])
        assert int(counted[3]) > 20
        assert float(counted[4].rstrip("%")) < 20

    def test_a_form_by_one_hand_is_counted_like_others() -> None:
        counted = cells(printed_here(made_forms, "--count", "1", "--kind", "boxes", "--one-pen").splitlines()[-1])
        assert counted[:2] == ["boxes", "1"]

    def test_digits_by_one_pen_have_strokes_about_as_broad() -> None:
        def spread(*, one_pen: bool) -> float:
            source = kept_out_hand(np.random.default_rng(5), one_pen=one_pen)
            drawn = (source(np.random.default_rng(seed), 120)[0] for seed in range(20))
            return float(np.std([np.log(stroke_width(ink) / max(ink.shape)) for ink in drawn]))

        assert spread(one_pen=True) < 0.6 * spread(one_pen=False)
