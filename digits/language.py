"""Russian or English, for programs of the command line."""

import locale
import os


def language_here() -> str:
    """Of the person at this machine: "ru" or "en"."""
    settings = (*map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")), locale.getlocale()[0])
    return "ru" if next(filter(None, settings), "").lower().startswith("ru") else "en"
