"""What a script may count on, the one rule for languages, and which way the arrows between packages point."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from digits.languages import Language, preferred_language

pytestmark = pytest.mark.quick

ROOT: Final = Path(__file__).parent.parent
MAY_IMPORT: Final = {
    "digits": {"digits"},
    "client": {"client", "digits"},
    "page": {"page", "client", "digits"},
    "service": {"service", "digits"},
    "examples": {"digits"},
    "tools": {"tools", "page", "client", "service", "digits"},
}
KNOWN_TO_THE_CLIENT: Final = {
    f"digits.{name}"
    for name in (
        "answers",
        "codes",
        "csv_cells",
        "decode",
        "formats",
        "languages",
        "learning_answers",
        "limits",
        "texts",
    )
}
"""The page and its client know the API, not the recogniser."""

SCRIPT: Final = """
from digits import Recogniser, decode, read_number
from tools.drawing import draw, encoded
picture = decode(encoded(draw(7)))
recogniser = Recogniser.load()
print(recogniser.recognise(picture).prediction, *(line.text for line in read_number(recogniser, picture).lines))
"""


def test_a_script_reads_a_digit_and_a_number() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout.split(), done.returncode) == (["7", "7"], 0), done.stderr


def imports(package: str) -> Iterator[tuple[str, str]]:
    """Each file of a package with each module that it imports."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                yield str(path.relative_to(ROOT)), name


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_arrows_point_down_only(package: str) -> None:
    ours = {*MAY_IMPORT, "main", "app", "train", "tests"}
    wrong = [
        (file, name)
        for file, name in imports(package)
        if name.split(".")[0] in ours - MAY_IMPORT[package]
        or (package in ("client", "page") and name.startswith("digits") and name not in KNOWN_TO_THE_CLIENT)
        or (package == "digits" and name.split(".")[0] in ("streamlit", "fastapi", "starlette", "requests"))
        or (file.startswith("digits/evaluation") and name.startswith("digits.training"))
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("preferences", "default", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "en", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "ru", "en"),
        ("ru_RU.UTF-8", "en", "ru"),
        ("en", "ru", "en"),
        ("de, fr;q=0.5", "en", "en"),
        ("de, fr;q=0.5", "ru", "ru"),
        ("de, ru;q=0.1", "en", "ru"),
        ("*, ru;q=0.5", "en", "en"),
        ("ru;q=0", "en", "en"),
        ("ru;q=nonsense", "en", "en"),
        ("", "ru", "ru"),
        ("C.UTF-8", "en", "en"),
    ],
)
def test_the_language_is_the_one_that_is_preferred(preferences: str, default: Language, language: Language) -> None:
    assert preferred_language(preferences, default) == language
