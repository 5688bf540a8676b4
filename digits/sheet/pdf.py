"""The sheet as a PDF to print."""

from typing import Final

from digits.languages import Language

MAX_PUPILS: Final = 99
"""Sheets of a class at most: a number has two digits."""


def sheet_pdf(class_code: str | None = None, pupils: int = 1, language: Language = "en") -> bytes:
    """A PDF of one page for each pupil, A4, all of it vectors.

    Args:
        class_code: twelve characters, of a class; None for a sheet of one's own, of which there is one page.
        pupils: how many pages, numbered from 1; 1 to `MAX_PUPILS`.
        language: of what stands on it.

    """
    return b""
