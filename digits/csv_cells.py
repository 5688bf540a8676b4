"""Cells of a CSV file that no spreadsheet takes for a formula, whatever a stranger named a file.

Signs and remedy: https://owasp.org/www-community/attacks/CSV_Injection. A cell may begin inside a name too: where
semicolons or tabs separate (Excel in Russian), `a;=1+1.png` is two of them.
"""

import re
from typing import Final

_FORMULA: Final = re.compile(r"(^|[;\t\r\n])(?=['=+\-@＝＋－＠\t\r\n])")

APOSTROPHE: Final = r"(^|[;\t\r\n])'"
r"""Regular expression of what `harmless` adds; with `\1` in its place the cell is as it was."""


_PLAIN_NUMBER: Final = re.compile(r"[+\-]?\d+([.,]\d+)?")


def harmless_number(text: str) -> str:
    """What was read as a number, harmless too: -12.5 stays a number, -12-5 does not become one."""
    return text if _PLAIN_NUMBER.fullmatch(text) else harmless(text)


def harmless(cell: str) -> str:
    """The cell with an apostrophe before each formula that begins in it; different cells stay different."""
    return _FORMULA.sub(r"\1'", cell)
