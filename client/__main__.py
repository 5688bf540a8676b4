"""Asks a running API about pictures.

    python -m client seven.png photo.jpg
    python -m client --number meter.jpg
    python -m client --number --format date --length 8 forms/*.png
    python -m client --profile K7QM-2XWB-9DTR homework/*.jpg
    python -m client --api https://digits.example --wait 120 scans/*.png

Prints one line for each picture, with --number for each page of a PDF or TIFF; lines of numbers and rows of tables are set apart by /, the cells of a row by |.
Ends with 1 when one of them could not be answered.
"""

import argparse
import glob
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from client import LOCAL_API, ApiError, in_one_line, predict, read, with_retries
from client.errors import KINDS_WITHOUT_API, SENTENCES
from digits.answers import NUMBER_FORMATS, DigitAnswer, NumberAnswer
from digits.languages import language_of_this_machine
from digits.texts import Texts


def main() -> None:
    """Read the command line, ask about each picture, print a line for each."""
    parser = argparse.ArgumentParser(
        "python -m client", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", nargs="+", metavar="picture", help="file with a picture, or a pattern of names")
    parser.add_argument("--number", action="store_true", help="read all numbers of each picture")
    parser.add_argument("--format", choices=NUMBER_FORMATS, help="with --number: how each number is written")
    parser.add_argument("--length", metavar="DIGITS", help="with --number: how many digits each has, such as 2 or 4-6")
    parser.add_argument("--profile", metavar="CODE", help="whose remembered digits weigh in")
    parser.add_argument("--api", default=os.environ.get("API_URL", LOCAL_API), help="default: API_URL, or %(default)s")
    parser.add_argument("--wait", type=float, default=10, help="seconds to go on trying (default: %(default)s)")
    chosen = parser.parse_args()
    api = chosen.api.rstrip("/")
    texts = Texts(SENTENCES, language_of_this_machine())
    if not chosen.number and (chosen.format or chosen.length):
        parser.error(texts("hints_of_numbers"))
    failed = False
    for path in _files(chosen.pictures):
        try:
            picture = Path(path).read_bytes()
        except OSError:
            failed = True
            print(f"{path}: {texts('cannot_be_opened')}", file=sys.stderr)
            continue

        def ask(page: int, picture: bytes = picture) -> DigitAnswer | NumberAnswer:
            if chosen.number:
                hints = chosen.format, chosen.length
                return read(api, picture, texts.language, *hints, profile=chosen.profile, page=page)
            return predict(api, picture, texts.language, profile=chosen.profile)

        failed |= not _answered(path, lambda page, ask=ask: with_retries(partial(ask, page), chosen.wait), api, texts)
    sys.exit(failed)


def _answered(path: str, ask: Callable[[int], DigitAnswer | NumberAnswer], api: str, texts: Texts) -> bool:
    """Print a line for each page of a file, or what went wrong; whether all could be answered."""
    page, pages, all_answered = 1, 1, True
    while page <= pages:
        name = f"{path}#page={page}"
        try:
            answer = ask(page)
            pages = answer.pages if isinstance(answer, NumberAnswer) else 1
            print(f"{name if pages > 1 else path}: {_said(answer, texts)}", flush=True)
        except ApiError as error:
            all_answered = False
            where = f" ({api})" if error.kind in KINDS_WITHOUT_API else ""
            print(f"{name if pages > 1 else path}: {error.title}. {error.detail}{where}", file=sys.stderr)
        page += 1
    return all_answered


def _said(answer: DigitAnswer | NumberAnswer, texts: Texts) -> str:
    match answer:
        case NumberAnswer(rejected=None):
            said = in_one_line(answer)
        case NumberAnswer(rejected="not_a_digit"):
            return texts("rejected.no_digits")
        case NumberAnswer():
            return texts(f"rejected.{answer.rejected}")
        case DigitAnswer():
            said = str(answer.prediction) if answer.rejected is None else texts(f"rejected.{answer.rejected}")
    return f"{said} ({answer.confidence:.1%})"


def _files(names: list[str]) -> Iterator[str]:
    """The files of these names or patterns, which a shell of Windows hands over as they are."""
    for name in names:
        yield from [name] if Path(name).exists() else sorted(glob.glob(name)) or [name]


if __name__ == "__main__":
    main()
