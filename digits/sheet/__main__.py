"""Makes a sheet to print: filled in by hand and photographed, it teaches the program a hand.

    python -m digits.sheet
    python -m digits.sheet --class K7QM-2XWB-9DTR --pupils 30 -o class.pdf

The first is a sheet of one's own, sheet.pdf; the second is one for each pupil of a class, numbered.
"""

import argparse
import re
import sys
from pathlib import Path

from digits.languages import LANGUAGES, language_of_this_machine
from digits.sheet.pdf import MAX_PUPILS, TEXTS, sheet_pdf
from digits.texts import Texts


def main() -> None:
    """Read the command line and write the PDF."""
    parser = argparse.ArgumentParser(
        "python -m digits.sheet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--class", dest="class_code", metavar="CODE", help="code of a class, as the page shows it")
    parser.add_argument("--pupils", type=int, default=1, metavar="N", help="with --class: so many numbered sheets")
    parser.add_argument("--language", choices=LANGUAGES, default=language_of_this_machine(), help="of the sheet")
    parser.add_argument("-o", "--out", type=Path, default=Path("sheet.pdf"), help="the PDF (default: %(default)s)")
    chosen = parser.parse_args()
    texts = Texts(TEXTS, language_of_this_machine())
    if chosen.class_code is None and chosen.pupils != 1:
        parser.error(texts("command.pupils_without_class"))
    if not 1 <= chosen.pupils <= MAX_PUPILS:
        parser.error(texts("command.too_many", most=MAX_PUPILS))
    code = None if chosen.class_code is None else re.sub(r"[\s-]", "", chosen.class_code).upper()
    try:
        made = sheet_pdf(code, chosen.pupils, chosen.language)
    except ValueError:
        parser.error(texts("command.no_code", code=chosen.class_code))
    try:
        chosen.out.write_bytes(made)
    except OSError as error:
        sys.exit(texts("command.not_written", out=chosen.out, reason=error.strerror))
    print(texts("command.done", out=chosen.out, pages=chosen.pupils))


if __name__ == "__main__":
    main()
