"""Every sentence the page says, in Russian and in English, from the two files in ``page/texts/``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("ru", "en")


def language_of(locale: str | None) -> str:
    """The language for a browser's locale such as "en-GB": Russian unless the browser asks for English."""
    return "en" if locale is not None and locale.lower().startswith("en") else "ru"


class Texts:
    """The sentences of one language, by a dotted name: ``texts("mode.draw")``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = sentences(language)

    def __call__(self, name: str, **values: object) -> str:
        """The sentence `name` with its ``{placeholders}`` filled in; raises KeyError where there is none."""
        return self._sentences[name].format(**values)


@cache
def sentences(language: str) -> dict[str, str]:
    """All sentences of a language, by dotted name."""
    return dict(_flat(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}.")
        else:
            found.append((prefix + name, value))
    return found
