"""Asks a running API about pictures.

    python -m client seven.png photo.jpg
    python -m client --number meter.jpg
    python -m client --number --format date --length 8 forms/*.png
    python -m client --profile K7QM-2XWB-9DTR homework/*.jpg
    python -m client --api https://digits.example --wait 120 scans/*.png

Prints one line for each picture, with --number for each page of a PDF or TIFF; lines of numbers and rows of tables are
set apart by /, the cells of a row by |. Ends with 1 when one of them could not be answered.
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

    def ask(picture: bytes, page: int) -> DigitAnswer | NumberAnswer:
        by, language = {"profile": chosen.profile}, texts.language
        if chosen.number:
            hints = chosen.format, chosen.length
            return with_retries(partial(read, api, picture, language, *hints, page=page, **by), chosen.wait)
        return with_retries(partial(predict, api, picture, language, **by), chosen.wait)

    failed = False
    for path in _files(chosen.pictures):
        try:
            picture = Path(path).read_bytes()
        except OSError:
            failed = True
            print(f"{path}: {texts('cannot_be_opened')}", file=sys.stderr)
        else:
            failed |= not _all_answered(path, partial(ask, picture), api, texts)
    sys.exit(failed)


def _all_answered(path: str, ask: Callable[[int], DigitAnswer | NumberAnswer], api: str, texts: Texts) -> bool:
    """Print a line for each page of a file, or what went wrong with it; whether nothing did."""
    page, pages, failed = 1, 1, False
    while page <= pages:
        try:
            answer = ask(page)
        except ApiError as error:
            failed = True
            where = f" ({api})" if error.kind in KINDS_WITHOUT_API else ""
            print(f"{_named(path, page, pages)}: {error.title}. {error.detail}{where}", file=sys.stderr)
        else:
            pages = answer.pages if isinstance(answer, NumberAnswer) else 1
            print(f"{_named(path, page, pages)}: {_said(answer, texts)}", flush=True)
        page += 1
    return not failed


def _named(path: str, page: int, pages: int) -> str:
    """The file, or a page of it where it has several, as `digits.bulk` names them."""
    return path if pages == 1 else f"{path}#page={page}"


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
