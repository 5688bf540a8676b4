"""How well the recogniser reads pictures whose file names begin with their digit.

    python -m digits.evaluation FOLDER [FOLDER ...] [--out report]
    python -m digits.evaluation --numbers [FOLDER ...] [--composed 1000] [--signs 100] [--out report]

prints one line a folder: how many were read right (a rejection counts as an error) with its 95 % interval, how many
were rejected, the calibration error of the answers given, how many of those of 0.99 and more are wrong, and the
commonest mistakes. A name that begins with no digit stands for a picture that must be rejected. The table is stored in
the folder `--out` as scores.md and scores.json, with mistakes.png: each picture that was read wrongly beside the 28x28
that the model saw.

With `--numbers` the names begin with whole numbers, or a table `labels.csv` in the folder tells what its pictures show
(see `digits.evaluation.numbers`), and what is measured is how many are read exactly; `--composed` adds that many
numbers put together from MNIST's test digits, and as many from pen strokes of writers kept out of training, apart and
touching; `--signs` that many lines with signs of each kind by writers kept out, and numbers that others of them wrote
as a whole.
"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from digits.data.sources import DataSetError
from digits.decode import decode
from digits.evaluation.contact_sheet import Mistake, contact_sheet
from digits.evaluation.numbers import report_numbers
from digits.evaluation.scores import FolderError, Outcome, predict_with, read_folder, score, table, write_json
from digits.model import ModelNotReadyError
from digits.recogniser import Recogniser, use_one_thread


def main() -> None:
    """Read what the command line names with the project's own model, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", metavar="FOLDER")
    parser.add_argument("--numbers", action="store_true", help="the pictures show numbers, not single digits")
    parser.add_argument("--composed", type=int, default=0, metavar="N", help="with --numbers: N composed ones too")
    parser.add_argument("--out", type=Path, default=Path("report"), help="folder of the report (default: %(default)s)")
    parser.add_argument("--signs", type=int, default=0, metavar="N", help="with --numbers: N lines of each kind too")
    wanted = parser.parse_args()
    if (wanted.composed or wanted.signs) and not wanted.numbers:
        parser.error("--composed and --signs go with --numbers")
    if not (wanted.folders or wanted.composed or wanted.signs):
        parser.error("name a FOLDER")
    use_one_thread()
    try:
        recogniser = Recogniser.load()
        wanted.out.mkdir(parents=True, exist_ok=True)
        if wanted.numbers:
            print(_report_of_numbers(recogniser, wanted))
        else:
            print(_report(recogniser, wanted.folders, wanted.out))
    except (DataSetError, FolderError, ModelNotReadyError, OSError) as error:
        sys.exit(str(error))


def _report_of_numbers(recogniser: Recogniser, wanted: argparse.Namespace) -> str:
    shown, scores, sheet = report_numbers(recogniser, wanted.folders, wanted.composed, wanted.signs)
    out: Path = wanted.out
    (out / "numbers.md").write_text(shown + "\n", "utf-8")
    write_json(out / "numbers.json", scores)
    sheet.save(out / "numbers.png")
    return shown


def _report(recogniser: Recogniser, folders: list[Path], out: Path) -> str:
    outcomes = {folder: read_folder(folder, predict_with(recogniser)) for folder in folders}
    scores = {str(folder): score(found) for folder, found in outcomes.items()}
    shown = table(scores.items())
    (out / "scores.md").write_text(shown + "\n", "utf-8")
    write_json(out / "scores.json", {folder: asdict(found) for folder, found in scores.items()})
    wrong = [(folder, outcome) for folder, found in outcomes.items() for outcome in found if not outcome.is_right]
    contact_sheet([_mistake(recogniser, *each) for each in wrong]).save(out / "mistakes.png")
    return shown


def _mistake(recogniser: Recogniser, folder: Path, outcome: Outcome) -> Mistake:
    picture = decode((folder / outcome.name).read_bytes())
    shown = "no digit" if outcome.label is None else f"is {outcome.label}"
    read = "rejected" if outcome.prediction is None else f"read as {outcome.prediction}"
    caption = f"{shown}, {read}, {outcome.confidence:.0%}"
    return Mistake(picture.pixels, recogniser.recognise(picture).normalised, outcome.name, caption)


if __name__ == "__main__":
    main()
