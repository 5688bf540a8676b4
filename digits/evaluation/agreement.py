"""How far both ways to read agree on pictures of one digit.

    python -m digits.evaluation.agreement FOLDER [FOLDER ...]

`/predict/` recognises one digit, `/read/` a number. They agree on a picture where both give the same digit and nothing
else, or where neither gives a digit.
"""

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from digits.answers import NumberAnswer
from digits.decode import MAX_NUMBER_SIDE, BadPictureError, decode
from digits.evaluation.scores import FolderError, pictures_in
from digits.model import ModelNotReadyError
from digits.number import read_number
from digits.recogniser import Recogniser, use_one_thread


@dataclass(frozen=True)
class Both:
    """A picture as one digit and as a number.

    Attributes:
        name: of its file.
        digit: the one, empty where there is none.
        number: text of the lines, apart by a slash; empty where there is no digit in them.

    """

    name: str
    digit: str
    number: str

    @property
    def agree(self) -> bool:
        """Whether both say the same."""
        return self.digit == self.number


def main() -> None:
    """Print a Markdown table, a row for each folder, and what they say where they disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    use_one_thread()
    try:
        recogniser = Recogniser.load()
        found = [(folder, read_both(recogniser, folder)) for folder in parser.parse_args().folders]
    except (FolderError, ModelNotReadyError, OSError) as error:
        sys.exit(str(error))
    print("| folder | pictures | both the same |", "|---|---:|---:|", sep="\n")
    for folder, all_of_it in found:
        print(f"| {folder} | {len(all_of_it):,} | {agreement(all_of_it):.1%} |")
    for folder, all_of_it in found:
        for each in all_of_it:
            if not each.agree:
                print(f"{folder / each.name}: digit {each.digit or 'none'}, number {each.number or 'none'}")


def read_both(recogniser: Recogniser, folder: Path) -> list[Both]:
    """Read each picture of a folder in both ways.

    Raises:
        FolderError: there is no such folder, or no picture in it.

    """
    return [_both(recogniser, path) for path in pictures_in(folder)]


def agreement(found: Iterable[Both]) -> float:
    """Share of the pictures on which both agree."""
    agreeing = [each.agree for each in found]
    return sum(agreeing) / len(agreeing)


def _both(recogniser: Recogniser, path: Path) -> Both:
    content = path.read_bytes()
    try:
        prediction = recogniser.recognise(decode(content)).prediction
        number = _text(read_number(recogniser, decode(content, MAX_NUMBER_SIDE)))
    except BadPictureError:
        return Both(path.name, "", "")
    return Both(path.name, "" if prediction is None else str(prediction), number)


def _text(answer: NumberAnswer) -> str:
    return "" if answer.rejected else "/".join(line.text for line in answer.lines)


if __name__ == "__main__":
    main()
