"""Russian or English: one rule for the page, the API and the programs of the command line."""

import locale
import os
from typing import Final, Literal

Language = Literal["en", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru")


def preferred_language(preferences: str, default: Language) -> Language:
    """Russian or English, whichever the reader prefers; `default` where neither is named.

    Args:
        preferences: language tags with weights as in Accept-Language (RFC 9110, 12.5.4); one tag, such as "ru-RU" or
            "ru_RU.UTF-8", is a list of one. A `*` stands for the default.
        default: "en" or "ru".

    """
    weights: dict[str, float] = {}
    for choice in preferences.split(","):
        tag, _, parameters = choice.partition(";")
        name = tag.strip().lower()[:2]
        _, _, weight = parameters.partition("q=")
        try:
            weights.setdefault(default if name == "*" else name, float(weight or 1))
        except ValueError:
            continue
    known = {language: weights.get(language, 0.0) for language in LANGUAGES}
    best = max(known.values())
    return default if known[default] == best else max(LANGUAGES, key=lambda language: known[language])


def language_of_this_machine() -> Language:
    """Of the person at this machine, by its locale; English where that is neither Russian nor English."""
    settings = (*map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")), locale.getlocale()[0])
    return preferred_language(next(filter(None, settings), ""), "en")
