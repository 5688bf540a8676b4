"""Bulk recognition: a row for every picture, the API's answers, and one clear line for what is wrong with `--out`."""

import gzip
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image
from pyarrow import parquet
from pydantic import TypeAdapter

from digits.answers import NumberAnswer
from digits.bulk.table import append, pictures_done, to_parquet
from digits.bulk.worker import CellRow, Rows, rows_of_cells
from digits.csv_cells import harmless, harmless_number
from digits.languages import LANGUAGES
from tests.bulk_runs import HEADER_OF_CELLS, SECONDS, bulk_here, idx, rows, small_digits
from tests.pdfs import pdf_of_pictures
from tests.serving import ROOT, Api
from tests.stand_in import cells, number
from tools.benchmarks.pictures import CANVAS_PNG, telephone
from tools.drawing import STROKES, Strokes, draw, encoded, png
from tools.example_pictures import digits


def inputs_of_every_kind(tmp_path: Path) -> Path:
    """Folder of scans, beside it single pictures and IDX files; right ones, and one with each fault."""
    scans = tmp_path / "scans"
    (scans / "inner").mkdir(parents=True)
    (scans / "inner" / "three.jpg").write_bytes(encoded(draw(3), "JPEG"))
    (scans / "seven.PNG").write_bytes(encoded(draw(7)))
    (scans / "blank.png").write_bytes(encoded(Image.new("L", (99, 99))))
    (scans / "two\nlines.png").write_bytes(encoded(draw([*STROKES[1], [(0.8, 0), (0.8, 1)]])))
    (scans / os.fsdecode(b"\xff,.png")).write_bytes(encoded(draw(0)))
    (scans / "text.txt").write_text("I am no picture.")
    (scans / "empty.png").touch()
    (scans / "cut.png").write_bytes(encoded(draw(7))[:300])
    (scans / "bomb.png").write_bytes(png((9_000, 9_000), 1, 0, (b"IDAT", b"")))
    with (scans / "huge.png").open("wb") as huge:
        huge.truncate(32 * 2**20 + 1)
    (scans / "nowhere.png").symlink_to("gone.png")
    (scans / ".hidden.png").write_bytes(b"")
    os.mkfifo(scans / "pipe.png")
    with zipfile.ZipFile(scans / "homework.zip", "w") as archive:
        archive.writestr("class/five.png", encoded(draw(5)))
        archive.writestr("spoilt.png", encoded(draw(5)))
    spoilt = bytearray((scans / "homework.zip").read_bytes())
    spoilt[spoilt.rfind(b"IDAT")] ^= 1
    (scans / "homework.zip").write_bytes(spoilt)
    (scans / "broken.zip").write_text("PK")
    (tmp_path / "four.png").write_bytes(encoded(draw(4)))
    (tmp_path / "unasked.gif").write_bytes(encoded(draw(4)))
    digits = np.stack([np.asarray(draw(digit, (28, 28), mode="L")) for digit in (8, 9)])
    (tmp_path / "a-idx3-ubyte").write_bytes(idx(digits))
    (tmp_path / "large-idx3-ubyte.gz").write_bytes(gzip.compress(idx(np.asarray(draw(6, (600, 600), mode="L"))[None])))
    (tmp_path / "cut-idx3-ubyte.gz").write_bytes(gzip.compress(idx(digits[::-1])[:-1]))
    return scans


@pytest.mark.quick
@pytest.mark.linux
def test_every_kind_of_input_and_a_row_for_every_fault(tmp_path: Path) -> None:
    scans = inputs_of_every_kind(tmp_path)
    table = scans / "answers.csv"
    assert bulk_here(scans, tmp_path / "*.p?g", *sorted(tmp_path.glob("*ubyte*")), "--out", table) is None
    found = rows(table)
    names = [name.removeprefix(f"{tmp_path}/") for name, *_ in found]
    said = [(prediction, rejected, error) for _, prediction, _, rejected, error in found]
    assert dict(zip(names, said, strict=True)) == {
        "scans/blank.png": ("", "blank", ""),
        "scans/bomb.png": ("", "", "too-many-pixels"),
        "scans/broken.zip": ("", "", "damaged-archive"),
        "scans/cut.png": ("", "", "unreadable-picture"),
        "scans/empty.png": ("", "", "no-file"),
        "scans/homework.zip/class/five.png": ("5", "", ""),
        "scans/homework.zip/spoilt.png": ("", "", "damaged-archive"),
        "scans/huge.png": ("", "", "too-large"),
        "scans/inner/three.jpg": ("3", "", ""),
        "scans/nowhere.png": ("", "", "no-file"),
        "scans/pipe.png": ("", "", "no-file"),
        "scans/seven.PNG": ("7", "", ""),
        "scans/text.txt": ("", "", "not-a-picture"),
        "scans/two\\nlines.png": ("", "several_digits", ""),
        "scans/\\udcff,.png": ("0", "", ""),
        "four.png": ("4", "", ""),
        "a-idx3-ubyte/00000": ("8", "", ""),
        "a-idx3-ubyte/00001": ("9", "", ""),
        "cut-idx3-ubyte.gz/00000": ("9", "", ""),
        "cut-idx3-ubyte.gz/00001": ("", "", "damaged-archive"),
        "large-idx3-ubyte.gz/00000": ("6", "", ""),
    }
    assert all((confidence == "") == (error != "") for _, _, confidence, _, error in found)
    assert bulk_here(scans, tmp_path / "*.tiff", "--out", tmp_path / "other.csv") == "2"
    assert bulk_here(scans, "--jobs", "0", "--out", tmp_path / "other.csv") == "2"


@pytest.mark.quick
def test_each_page_of_a_file_is_a_row(tmp_path: Path) -> None:
    """Those of files that lie about and of files in a zip file, also where a run is continued among them."""
    scans = tmp_path / "scans"
    scans.mkdir()
    pages = [draw(shown, ink="black", paper="white") for shown in (3, 1, 4)]
    scan, fax = (
        pdf_of_pictures(pages),
        encoded(pages[2].convert("1"), "TIFF", save_all=True, append_images=pages[:1]),
    )
    (scans / "a.PDF").write_bytes(scan)
    (scans / "b.pdf").write_bytes(pdf_of_pictures(pages[1:2]))
    (scans / "c.pdf").write_text("I am no picture.")
    (scans / "d.heic").write_bytes(encoded(draw(5), "WEBP"))  # whatever its name says
    (scans / "e.tif").write_bytes(fax)
    with zipfile.ZipFile(scans / "f.zip", "w") as archive:
        archive.writestr("g.pdf", scan)
        archive.writestr("h.tiff", fax[:-200])
    table = tmp_path / "answers.csv"
    assert bulk_here(scans, "--out", table) is None
    whole = table.read_bytes()
    assert [(name.removeprefix(f"{scans}/"), digit, error) for name, digit, _, _, error in rows(table)] == [
        ("a.PDF#page=1", "3", ""),
        ("a.PDF#page=2", "1", ""),
        ("a.PDF#page=3", "4", ""),
        ("b.pdf", "1", ""),
        ("c.pdf", "", "not-a-picture"),
        ("d.heic", "5", ""),
        ("e.tif#page=1", "4", ""),
        ("e.tif#page=2", "3", ""),
        ("f.zip/g.pdf#page=1", "3", ""),
        ("f.zip/g.pdf#page=2", "1", ""),
        ("f.zip/g.pdf#page=3", "4", ""),
        ("f.zip/h.tiff#page=1", "4", ""),
        ("f.zip/h.tiff#page=2", "", "unreadable-picture"),
    ]
    for done in (2, 10):
        table.write_bytes(b"".join(whole.splitlines(keepends=True)[: 1 + done]))
        assert bulk_here(scans, "--out", table) is None
        assert table.read_bytes() == whole
    assert bulk_here(scans / "a.PDF", "--numbers", "--out", tmp_path / "numbers.csv") is None
    assert [digit for _, digit, *_ in rows(tmp_path / "numbers.csv")] == ["3", "1", "4"]


@pytest.mark.quick
@pytest.mark.parametrize("packed", [False, True])
def test_idx_file_gives_no_more_rows_than_it_has_pictures(tmp_path: Path, packed: bool) -> None:
    def written(name: str, content: bytes) -> None:
        (tmp_path / f"{name}-idx3-ubyte").write_bytes(gzip.compress(content) if packed else content)

    seven = np.asarray(draw(7, (28, 28), mode="L"))
    many = b"\0\0\x08\x03" + 3 * b"\xff\xff\xff\xff"
    written("endless", many[:8] + idx(seven[None])[8:])
    written("header", many[:8] + idx(seven[None])[8:16])
    written("large", many)
    written("short", many[:15])
    (tmp_path / "torn-idx3-ubyte.gz").write_bytes(gzip.compress(many[:8] + idx(seven[None])[8:])[:-30])
    (tmp_path / "twisted-idx3-ubyte.gz").write_bytes(gzip.compress(many)[:10] + b"\xff" * 20)
    assert bulk_here(tmp_path, "--out", tmp_path / "answers.csv") is None
    assert [
        (name.removeprefix(f"{tmp_path}/"), digit, error) for name, digit, _, _, error in rows(tmp_path / "answers.csv")
    ] == [
        ("endless-idx3-ubyte/00000", "7", ""),
        ("endless-idx3-ubyte/00001", "", "damaged-archive"),
        ("header-idx3-ubyte/00000", "", "damaged-archive"),
        ("large-idx3-ubyte/00000", "", "too-many-pixels"),
        ("short-idx3-ubyte", "", "damaged-archive"),
        ("torn-idx3-ubyte.gz/00000", "", "damaged-archive"),
        ("twisted-idx3-ubyte.gz", "", "damaged-archive"),
    ]


def test_answers_as_the_api_does_one_by_one_and_in_batches(api: Api, tmp_path: Path) -> None:
    pictures = {f"{at:03d}.png": encoded(Image.fromarray(digit)) for at, digit in enumerate(small_digits(300)[::3])}
    pictures |= {f"corpus-{file.name}": file.read_bytes() for file in sorted((ROOT / "tests" / "corpus").iterdir())}
    pictures |= {"canvas.png": CANVAS_PNG.read_bytes(), "telephone.jpg": telephone(1600, 1200)}
    pictures |= {f"faint-{digit}.png": encoded(draw(digit, ink="#777", paper="#888", width=2)) for digit in range(10)}
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, picture in pictures.items():
            archive.writestr(name, picture)
    (tmp_path / "300-idx3-ubyte").write_bytes(idx(small_digits(300)))
    assert bulk_here(tmp_path, "--out", tmp_path / "answers.csv") is None
    found = {Path(name).name.removesuffix("#page=1"): rest for name, *rest in rows(tmp_path / "answers.csv")}
    batches = [list(pictures.items())[start : start + 100] for start in range(0, len(pictures), 100)]
    answered: list[tuple[str, dict[str, Any]]] = []
    with requests.Session() as session:
        for batch in batches:
            files = [("file", (name, picture)) for name, picture in batch]
            together = session.post(f"{api.url}/predict/batch/", files=files, timeout=SECONDS).json()["answers"]
            answered += zip(dict(batch), together, strict=True)
        for name, in_batch in answered:
            alone = session.post(f"{api.url}/predict/", files={"file": pictures[name]}, timeout=SECONDS).json()
            same(found[name], alone)
            same(found[name], in_batch)
            if name[:3].isdigit() and name.endswith(".png"):
                same(found[f"{3 * int(name[:3]):05d}"], alone)


def test_reads_numbers_as_the_api_does(api: Api, tmp_path: Path) -> None:
    paper = Image.new("L", (600, 280))
    for place, digit in enumerate((4, 7, 2)):
        paper.paste(draw(digit, (200, 280), mode="L"), (200 * place, 0))
    wide, seven = np.asarray(paper), np.asarray(draw(7, (280, 280), mode="L"))
    (tmp_path / "472.png").write_bytes(encoded(paper))
    (tmp_path / "blank.png").write_bytes(encoded(Image.new("L", (280, 280))))
    (tmp_path / "text.png").write_text("I am no picture.")
    (tmp_path / "wide-idx3-ubyte").write_bytes(idx(wide[None]))
    (tmp_path / "seven-idx3-ubyte").write_bytes(idx(seven[None]))
    table = tmp_path / "answers.csv"
    assert bulk_here(tmp_path, "--numbers", "--out", table) is None
    number, blank, (_, *seven_alone), text, from_idx = rows(table)
    with (tmp_path / "472.png").open("rb") as file:
        answer = requests.post(f"{api.url}/read/", files={"file": file}, timeout=SECONDS).json()
    (line,) = answer["lines"]
    assert number[1:] == ["472", number[2], "", ""]
    assert (line["text"], line["confidence"]) == ("472", pytest.approx(float(number[2]), abs=1e-5))
    assert from_idx[1:] == number[1:]
    assert (blank[1:], text[1:], seven_alone[0]) == (["", "", "blank", ""], ["", "", "", "not-a-picture"], "7")


@pytest.mark.quick
def test_what_is_known_of_the_numbers_is_kept_to(tmp_path: Path) -> None:
    slash = [[(0.22, 0.0), (0.0, 1.0)]]
    strokes = [*digits("4"), *_shifted(slash, 0.9), *_shifted(digits("7"), 1.4)]
    (tmp_path / "slash.png").write_bytes(encoded(draw(strokes, (420, 280), "black", "white", height=0.25, width=8)))
    found = []
    for name, *hints in (("four", "--format", "expression", "--length", "2"), ("three", "--length", "3")):
        table = tmp_path / f"{name}.csv"
        assert bulk_here(tmp_path / "slash.png", "--numbers", *hints, "--out", table) is None
        found += [prediction for _, prediction, *_ in rows(table)]
    assert found == ["4/7", "417"]
    out = tmp_path / "answers.csv"
    assert bulk_here(tmp_path / "slash.png", "--length", "3", "--out", out) is not None  # of one digit, none is taken
    assert bulk_here(tmp_path / "slash.png", "--numbers", "--length", "6-4", "--out", out) is not None
    assert not out.exists()


def _shifted(strokes: Strokes, right: float) -> Strokes:
    return [[(x + right, y) for x, y in stroke] for stroke in strokes]


@pytest.mark.quick
def test_lines_are_rows_each_where_cells_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "lines.png").write_bytes(encoded(draw(digits("472", "30"), (400, 400), height=0.25)))
    (tmp_path / "one.png").write_bytes(encoded(draw(7)))
    (tmp_path / "blank.png").write_bytes(encoded(Image.new("L", (280, 280))))
    (tmp_path / "text.png").write_text("I am no picture.")
    table = tmp_path / "answers.csv"
    assert bulk_here(tmp_path, "--cells", "--out", table) is None
    found = [[Path(name).name, *rest] for name, *rest in rows(table, HEADER_OF_CELLS)]
    assert [[*row[:5], *row[6:]] for row in found] == [
        ["blank.png", "", "", "", "", "blank", "", "1"],
        ["lines.png", "", "1", "", "472", "", "", "2"],
        ["lines.png", "", "2", "", "30", "", "", "2"],
        ["one.png", "", "1", "", "7", "", "", "1"],
        ["text.png", "", "", "", "", "", "not-a-picture", "1"],
    ]
    assert [0.5 < float(row[5]) <= 1 for row in found if row[4]] == [True] * 3
    assert bulk_here(tmp_path, "--numbers", "--out", table) is not None  # a table of another kind
    assert bulk_here(tmp_path / "*.png", "--numbers", "--cells", "--out", tmp_path / "answers.parquet") is None
    kept = parquet.read_table(tmp_path / "answers.parquet")
    assert kept["row"].to_pylist()[:3] == [None, 1, 2]
    assert [kept["rows"].to_pylist(), kept["text"].to_pylist()[1:3]] == [[1, 2, 2, 1, 1], ["472", "30"]]


@pytest.mark.quick
def test_each_cell_of_a_table_is_a_row() -> None:
    answer = TypeAdapter(NumberAnswer).validate_json(cells(("1", "", "15"), ("4", "-7", "8\n9")), strict=True)
    assert answer.table is not None
    (line,) = TypeAdapter(NumberAnswer).validate_json(number("5", *["6"] * 5), strict=True).lines[5:]
    second = tuple(tuple(replace(cell, table=2) for cell in row) for row in answer.table)
    answer = replace(answer, lines=(*answer.lines, line), table=answer.table + second)
    found = rows_of_cells("a.png", answer)
    assert [(row.table, row.row, row.column, row.text) for row in found] == [
        (1, 1, 1, "1"),
        (1, 1, 2, None),
        (1, 1, 3, "15"),
        (1, 2, 1, "4"),
        (1, 2, 2, "-7"),
        (1, 2, 3, "8 9"),
        (None, 1, None, "6"),
        (2, 1, 1, "1"),
        (2, 1, 2, None),
        (2, 1, 3, "15"),
        (2, 2, 1, "4"),
        (2, 2, 2, "-7"),
        (2, 2, 3, "8 9"),
    ]
    assert {(row.file, row.rows) for row in found} == {("a.png", 13)}
    assert [row.confidence for row in found[:3]] == [0.97, 0.97, 0.6]


@pytest.mark.quick
def test_texts_are_no_formulas_in_csv_and_as_they_were_in_parquet(tmp_path: Path) -> None:
    table, out, columns = tmp_path / "a.csv", tmp_path / "a.parquet", CellRow._fields
    texts = ["=5", "-7-8", "-12.5", "7,8", "25/02/2023", None]
    assert pictures_done(table, columns, iter([])) == 0
    results: list[list[Rows]] = [
        [[CellRow("=a.png", 1, 1, column, text, 0.9, rows=6) for column, text in enumerate(texts, start=1)]]
    ]
    assert list(append(table, results)) == results
    assert [row[4] for row in rows(table, HEADER_OF_CELLS)] == ["'=5", "'-7-8", "-12.5", "7,8", "25/02/2023", ""]
    assert pictures_done(table, columns, iter(["=a.png"])) == 1
    to_parquet(table, columns, out)
    kept = parquet.read_table(out)
    assert kept["text"].to_pylist() == texts
    assert set(kept["file"].to_pylist()) == {"=a.png"}


def same(row: list[str], answer: dict[str, Any]) -> None:
    """Asserts that a row of the table says what the API does."""
    prediction, confidence, rejected, error = row
    if "type" in answer:
        assert (error, prediction, confidence, rejected) == (answer["type"].rpartition("/")[2], "", "", "")
    else:
        expected = tuple("" if answer[name] is None else str(answer[name]) for name in ("prediction", "rejected"))
        assert ((prediction, rejected), error) == (expected, "")
        assert float(confidence) == pytest.approx(answer["confidence"], abs=1e-5)


@pytest.mark.quick
def test_does_not_go_on_with_other_pictures(tmp_path: Path) -> None:
    scans, table = tmp_path / "scans", tmp_path / "answers.csv"
    scans.mkdir()
    for name in ("a.png", "c.png"):
        (scans / name).write_bytes(encoded(draw(7)))
    assert bulk_here(scans, "--out", table) is None
    before = table.read_text()
    (scans / "b.png").write_bytes(encoded(draw(7)))
    assert bulk_here(scans, "--out", table)
    assert table.read_text() == before
    (scans / "b.png").rename(scans / "d.png")
    assert bulk_here(scans, "--out", table) is None
    assert [Path(name).name for name, *_ in rows(table)] == ["a.png", "c.png", "d.png"]


@pytest.mark.quick
def test_no_name_is_a_formula_for_a_spreadsheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["'quoted.png", "+1.png", "-1.png", "=1+1.png", "@sum(1).png", "a;=1+1.png", "'=1.png", "plain;-.png"]
    with zipfile.ZipFile("=2.zip", "w") as archive:
        archive.writestr("=3.png", "I am no picture.")
    for name in names:
        Path(name).write_text("I am no picture.")
    patterns = ["*.png", "=2.zip"]
    for _ in range(2):  # the second time all rows are done
        assert bulk_here(*patterns, "--out", "answers.csv") is None
        assert len(rows(Path("answers.csv"))) == len(names) + 1
    with Path("answers.csv").open("a") as torn:
        torn.write("'=2.zip/torn")
    assert bulk_here(*patterns, "--out", "answers.csv") is None
    cells = [name for name, *_ in rows(Path("answers.csv"))]
    starts = {part[0] for cell in cells for part in cell.split(";")}
    assert starts.isdisjoint("=+-@")
    assert len(set(cells)) == len(cells)
    assert bulk_here(*patterns, "--out", "answers.parquet") is None
    assert parquet.read_table("answers.parquet")["file"].to_pylist() == [*sorted(names), "=2.zip/=3.png"]


@pytest.mark.quick
def test_what_a_spreadsheet_may_take_for_a_formula() -> None:
    for plain in ("-12.5", "+7", "7,8", "25/02/2023", ""):
        assert harmless_number(plain) == plain
    for formula in ("-12-5", "=5", "+7+8", "-", "=1+1", "7;=1", "@A1", "-1\n", "--1"):
        assert harmless_number(formula) == harmless(formula) != formula
    assert [harmless(cell) for cell in ("", "7.png", "a=1", "a-1.png", "a;b", "3;4")] == [
        "", "7.png", "a=1", "a-1.png", "a;b", "3;4"
    ]  # fmt: skip
    for sign in "=+-@＝＋－＠":
        for before in ("", "\t", "\r", "\n", "a;", "a\t", "a\r\n", ";;"):
            assert f"'{sign}" in harmless(f"{before}{sign}1")


@pytest.mark.quick
@pytest.mark.linux
def test_a_table_that_cannot_be_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scan.png").write_bytes(encoded(draw(7)))
    (tmp_path / "text.csv").write_text("I am no table.")
    (tmp_path / "blank.csv").write_text("file,prediction,confidence,rejected,error\n\n")
    for folder in ("folder.csv", "folder.parquet", "half.parquet.csv"):
        (tmp_path / folder).mkdir()
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "there.parquet").touch()
    names = ("text.csv", "blank.csv", "folder.csv", "device.csv", "folder.parquet", "half.parquet", "there.parquet")
    here = [tmp_path / name for name in (*names, f"{300 * 'x'}.csv")]
    missing = [tmp_path / "missing" / "a.csv", tmp_path / "scan.png" / "a.csv"]
    forbidden = [Path("/sys/a.csv"), Path("/sys/a.parquet")]  # not even root may
    before = sorted(path.name for path in tmp_path.iterdir())
    said = []
    for language in LANGUAGES:
        monkeypatch.setenv("LC_ALL", language)
        for out in (*here, *missing, *forbidden):
            line = bulk_here(tmp_path / "scan.png", "--out", out)
            assert line is not None
            assert str(out) in line
            assert len(line.splitlines()) == 1
            said.append(line)
        assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert len(set(said)) == len(said)
