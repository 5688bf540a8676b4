"""What stands in two languages says the same, links lead somewhere, and the commands that are named exist."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.quick

ROOT: Final = Path(__file__).parent.parent
IN_BOTH: Final = ("README", "docs/requests", "docs/training", "docs/how", "docs/lesson")
FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WORD_OF_THE_READER: Final = re.compile(r"FOLDER|ПАПКА|INPUT|ВХОД")


def code_blocks(text: str) -> list[tuple[str, list[str]]]:
    """Language and lines of each block, without comments, which are prose."""
    return [
        (
            language,
            [WORD_OF_THE_READER.sub("X", re.sub(r"\s+#.*", "", line)) for line in content.splitlines() if line.strip()],
        )
        for language, content in FENCE.findall(text)
    ]


def sections(text: str) -> list[str]:
    """What stands under each heading, the heading included."""
    return re.split(r"^(?=#)", FENCE.sub("", text), flags=re.MULTILINE)


def numbers(text: str) -> Counter[str]:
    """Each number of a text and how often: 10,000 and 10 000 are one, and so are 97.1 and 97,1."""
    plain = re.sub(r"\(.*?\)", lambda link: link[0].partition("#")[0], text)
    joined = re.sub(r"(?<=\d)[,\u00a0\u202f](?=\d{3}\b)", "", plain)
    return Counter(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", joined)))


def in_both(name: str) -> tuple[str, str]:
    """A document in English and in Russian."""
    return (ROOT / f"{name}.md").read_text("utf-8"), (ROOT / f"{name}.ru.md").read_text("utf-8")


@pytest.mark.parametrize("name", IN_BOTH)
def test_both_have_the_same_headings_code_and_numbers(name: str) -> None:
    english, russian = in_both(name)
    levels = [re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE) for text in (english, russian)]
    assert levels[0] == levels[1]
    assert code_blocks(english) == code_blocks(russian)
    for one, other in zip(sections(english), sections(russian), strict=True):
        assert numbers(one) == numbers(other), one.splitlines()[0]
        assert one.count("\n|") == other.count("\n|"), one.splitlines()[0]


@pytest.mark.parametrize(
    "name", ["README.md", "README.ru.md", *(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))]
)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("name", IN_BOTH)
def test_the_commands_that_are_named_exist(name: str) -> None:
    english, _ = in_both(name)
    for module in set(re.findall(r"python -m ([a-z_.]+)", english)) - {"venv", "pytest"}:
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
    for requirements in re.findall(r"pip install -r (\S+)", english):
        assert (ROOT / requirements.strip("`").replace("\\", "/")).exists(), requirements
