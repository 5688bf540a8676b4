"""The lesson and the notebook do what they say: commands and cells are run; both languages say the same."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

import train
from digits import exports
from digits.known import known_digits
from tests.commands import ROOT, TIMEOUT_SECONDS, ended_here, printed_here
from tests.serving import Api
from tests.test_readme import code_blocks, numbers, sections
from tools import how_pictures
from tools.drawing import draw, encoded

DOCS: Final = ROOT / "docs"
LANGUAGES: Final = (("lesson.md", "lesson.ru.md"), ("how.md", "how.ru.md"))
LESSON: Final = (DOCS / "lesson.md").read_text("utf-8")
CELLS: Final = """
import ast, json, sys
for cell in json.load(open("notebook.ipynb", encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        *statements, last = ast.parse("".join(cell["source"])).body
        exec(compile(ast.Module(statements, []), "cell", "exec"), globals())
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), globals())
            print("shown:", "nothing" if shown is None else type(shown).__name__)
        else:
            exec(compile(ast.Module([last], []), "cell", "exec"), globals())
"""
"""What Jupyter does with a notebook, as far as these cells need it."""


def commands(language: str) -> list[str]:
    """The lines of the lesson's blocks of a language."""
    return [line for found, lines in code_blocks(LESSON) if found == language for line in lines]


@pytest.fixture
def classroom(tmp_path: Path) -> Path:
    """A folder as a pupil's: the project's examples, the class's digits and photographs."""
    shutil.copytree(ROOT / "page" / "examples", tmp_path / "page" / "examples")
    known = known_digits()
    some = np.flatnonzero(known.labels < 10)[::20]
    data = exports.DataSet(known.pictures[some], known.labels[some], (None,) * len(some))
    (tmp_path / "class.zip").write_bytes(exports.write(data, "idx"))
    (tmp_path / "photographs").mkdir()
    (tmp_path / "photographs" / "7-anna.png").write_bytes(encoded(draw(7)))
    return tmp_path


def main_of(module: str) -> Callable[[], None]:
    """What `python -m MODULE` runs."""
    named = import_module(module)
    main: Callable[[], None] = (import_module(f"{module}.__main__") if hasattr(named, "__path__") else named).main
    return main


@pytest.mark.posix
def test_every_command_of_the_lesson_does_what_it_is_there_for(
    classroom: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But `make run`, which has tests of its own, and training from the data sets, which goes as far as these."""
    monkeypatch.chdir(classroom)
    monkeypatch.setenv("API_URL", api.url)
    monkeypatch.setenv("DIGITS_DATA_DIR", str(classroom))
    said = {}
    for line in commands("sh"):
        program, *arguments = shlex.split(line.replace("http://127.0.0.1:8000", api.url))
        if program == "curl":
            done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
            said[program] = done.stdout
        elif arguments[0] == "-m":
            end, said[" ".join(arguments[1:])] = ended_here(main_of(arguments[1]), *arguments[2:])
            assert not end, line
        elif arguments[0] == "train.py":
            end, _ = ended_here(train.main, *arguments[1:])
            assert str(classroom / "mnist") in str(end), "the arguments are right: only the data are missing"
        else:
            assert "make run" in line
    assert (classroom / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert '"prediction":7' in said["curl"]
    assert "2026" in said["client --number page/examples/year.jpg"]
    assert "100.00%" in said["digits.evaluation photographs"]
    table = [row.split("|") for row in said["examples.train_small class.zip"].splitlines() if "%" in row]
    of_strangers, of_class = ([float(row[column].rstrip(" %")) for row in table] for column in (4, 5))
    assert of_strangers[1] > of_strangers[0] + 5, "HOG is worth more than dots"
    assert min(of_class) > 50


def test_the_lesson_s_lines_of_python_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec("\n".join(commands("python")), {})
    assert capsys.readouterr().out.startswith("7 0.9")


def test_the_notebook_runs_and_shows_what_is_stored_in_it() -> None:
    cells = json.loads((ROOT / "examples" / "notebook.ipynb").read_text("utf-8"))["cells"]
    kinds = [output["output_type"] for cell in cells for output in cell.get("outputs", ())]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CELLS],
        cwd=ROOT / "examples",
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert "error" not in kinds
    assert done.stdout.count("shown: Image") == kinds.count("execute_result") > 0


def test_a_command_makes_the_pictures_of_how_it_decides(tmp_path: Path) -> None:
    printed_here(how_pictures.main, "--out", str(tmp_path))
    for picture in DOCS.glob("how-*.png"):
        with Image.open(picture) as stored, Image.open(tmp_path / picture.name) as made:
            assert made.size == stored.size
    made_names = {picture.name for picture in tmp_path.iterdir()}
    assert made_names == set(re.findall(r"\((how-\w+\.png)\)", (DOCS / "how.md").read_text("utf-8")))


@pytest.mark.quick
@pytest.mark.parametrize("names", LANGUAGES)
def test_both_languages_have_the_same_code_and_numbers(names: tuple[str, str]) -> None:
    english, russian = ((DOCS / name).read_text("utf-8") for name in names)
    assert code_blocks(english) == code_blocks(russian)
    for each, other in zip(sections(english), sections(russian), strict=True):
        assert numbers(each) == numbers(other), each.splitlines()[0]
