"""The sentences a program says to people: TOML files for each language in a folder of the program's own."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


class Texts:
    """The sentences in `folder`/`language`.toml, by dotted name: ``texts("mode.draw")``.

    There may be more files of the same language beside it, such as learners.`language`.toml.
    """

    def __init__(self, folder: Path, language: str) -> None:
        self.language = language
        self._sentences = _sentences(folder, language)

    def __call__(self, name: str, **values: object) -> str:
        """The sentence `name` with its ``{placeholders}`` filled in; raises KeyError where there is none."""
        return self._sentences[name].format(**values)


@cache
def _sentences(folder: Path, language: str) -> dict[str, str]:
    files = folder.glob(f"*{language}.toml")
    return dict(sentence for file in files for sentence in _flat(tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}.")
        else:
            found.append((prefix + name, value))
    return found
