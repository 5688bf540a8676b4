"""The command line client, as a person runs it, against a real API."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.serving import ROOT, WAIT_SECONDS, Api
from tests.stand_in import Reply, answer, cells, problem, standing_in
from tools.drawing import STROKES, draw, encoded, stroke_mask

NOBODY = "http://127.0.0.1:9"


def client(*arguments: str | Path, language: str = "en_GB.UTF-8", **variables: str) -> "subprocess.Popen[str]":
    """`python -m client` with these arguments, started."""
    command = [sys.executable, "-m", "client", *map(str, arguments)]
    environment = os.environ | {"LC_ALL": language, "PYTHONIOENCODING": "utf-8"} | variables
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, encoding="utf-8")


def said(process: "subprocess.Popen[str]", seconds: float = WAIT_SECONDS) -> tuple[int, list[str], list[str]]:
    """Its exit status, and the lines it wrote to standard output and to standard error."""
    output, errors = process.communicate(timeout=seconds)
    return process.returncode, output.splitlines(), errors.splitlines()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with drawings of a 3 and a 7, a blank page and what is no picture."""
    for name, picture in {
        "a3.png": encoded(draw(3)),
        "b7.jpg": encoded(draw(7), "JPEG"),
        "blank.png": encoded(Image.new("L", (280, 280))),
        "text.txt": b"I am no picture.",
    }.items():
        (tmp_path / name).write_bytes(picture)
    return tmp_path


def test_prints_a_line_for_each_picture(api: Api, pictures: Path) -> None:
    status, output, errors = said(client(pictures / "*.*", "--api", api.url))
    digits = [line.rpartition(": ")[2][0] for line in output[:2]]
    assert (status, digits, len(output)) == (1, ["3", "7"], 3)
    assert "blank.png" in output[2]
    assert [Path(line.partition(": ")[0]).name for line in errors] == ["text.txt"]


def test_reads_numbers(api: Api, tmp_path: Path) -> None:
    plate = Image.new("L", (700, 300))
    for place, digit in enumerate((4, 0, 7)):
        plate.paste(255, (60 + 200 * place, 60), stroke_mask(STROKES[digit], 180, 20))
    plate.save(tmp_path / "plate.png")
    Image.new("L", (280, 280)).save(tmp_path / "blank.png")
    status, output, errors = said(client("--number", tmp_path / "plate.png", tmp_path / "blank.png", API_URL=api.url))
    assert (status, len(output), errors) == (0, 2, [])
    assert output[0].partition(": ")[2].split()[0] == "407"
    assert not re.search(r"\d", output[1].rpartition(": ")[2])


def test_prints_tables_cell_by_cell_and_asks_with_hints(pictures: Path) -> None:
    hints = ("--number", "--format", "decimal", "--length", "1-3")
    with standing_in() as api:
        api.reply = Reply(cells(("7,8", ""), ("15", "3")))
        status, output, errors = said(client(pictures / "a3.png", *hints, "--api", api.url))
        assert api.questions[0].path == "/read/?format=decimal&length=1-3"
    assert (status, errors) == (0, [])
    assert "7,8 |  / 15 | 3 (" in output[0]


def test_hints_are_for_numbers_and_a_wrong_one_is_told_by_the_api(api: Api, pictures: Path) -> None:
    for arguments, told in (
        (("--format", "date"), "--number"),
        (("--number", "--format", "roman"), "roman"),
        (("--number", "--length", "6-4"), "length"),
    ):
        status, output, errors = said(client(pictures / "a3.png", *arguments, "--api", api.url))
        assert status != 0
        assert output == []
        assert told in errors[-1]


def test_ends_well_when_all_was_answered(api: Api, pictures: Path) -> None:
    status, output, errors = said(client(pictures / "a3.png", API_URL=api.url))
    assert (status, len(output), errors) == (0, 1, [])


def test_each_error_is_one_line_in_the_language_of_the_caller(api: Api, pictures: Path) -> None:
    errors = {
        "no such file": (pictures / "none.png", "--api", api.url),
        "no picture": (pictures / "text.txt", "--api", api.url),
        "nobody there": (pictures / "a3.png", "--api", NOBODY, "--wait", "0"),
        "another program": (pictures / "a3.png", "--api", f"{api.url}/health/live/none"),
    }
    for arguments in errors.values():
        for language, russian in (("ru_RU.UTF-8", True), ("en_GB.UTF-8", False)):
            status, output, (line,) = said(client(*arguments, language=language))
            assert (status, output) == (1, [])
            assert any("а" <= letter <= "я" for letter in line.rpartition(": ")[2]) == russian, line


def test_comes_back_when_the_api_is_busy(pictures: Path) -> None:
    with standing_in() as api:
        api.reply = lambda _: Reply(answer(3)) if len(api.questions) > 2 else problem("busy", 503, retry_after="0")
        status, output, errors = said(client(pictures / "a3.png", "--api", api.url, "--wait", "60"))
        assert len(api.questions) == 3
    assert (status, len(output), errors) == (0, 1, [])


def test_waits_for_an_api_that_starts_later(pictures: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as not_yet:
        port = not_yet.getsockname()[1]
        waiting = client(pictures / "a3.png", "--api", f"http://127.0.0.1:{port}", "--wait", "60")
        not_yet.accept()[0].close()  # it has asked, in vain
    with standing_in(port):
        status, output, errors = said(waiting)
    assert (status, len(output), errors) == (0, 1, [])
