"""Bulk recognition as a person runs it, on one machine and on clusters of two workers."""

import csv
import gzip
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import requests
from numpy.typing import NDArray
from PIL import Image
from pyarrow import parquet
from sklearn.datasets import load_digits

from tests.conftest import ROOT, Api
from tools.benchmarks.pictures import CANVAS_PNG, telephone
from tools.browser import free_port
from tools.drawing import STROKES, draw, encoded, png

SECONDS = 120
HEADER = ["file", "prediction", "confidence", "rejected", "error"]


def bulk(*arguments: str | Path) -> "subprocess.Popen[str]":
    """`python -m digits.bulk` with these arguments, started."""
    command = [sys.executable, "-m", "digits.bulk", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, encoding="utf-8")


def finished(process: "subprocess.Popen[str]", status: int = 0) -> None:
    """Wait for its end, which must be this one."""
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == status, errors


def rows(table: Path) -> list[list[str]]:
    """The rows of a complete table."""
    with table.open(encoding="utf-8", newline="") as file:
        header, *found = csv.reader(file)
    assert header == HEADER
    return found


def idx(pictures: NDArray[np.uint8]) -> bytes:
    """An IDX file as MNIST ships them."""
    return b"\0\0\x08\x03" + np.array(pictures.shape, ">u4").tobytes() + pictures.tobytes()


def small_digits(count: int) -> NDArray[np.uint8]:
    """Handwritten digits of scikit-learn in MNIST's size."""
    grey = (255 / 16 * load_digits().images[:count]).astype(np.uint8)
    enlarged = [np.asarray(Image.fromarray(digit).resize((20, 20), Image.Resampling.BICUBIC)) for digit in grey]
    small: NDArray[np.uint8] = np.pad(np.stack(enlarged), ((0, 0), (4, 4), (4, 4)))
    return small[np.arange(count) % len(small)]


def test_every_kind_of_input_and_a_row_for_every_fault(tmp_path: Path) -> None:
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
    table = scans / "answers.csv"
    finished(bulk(scans, tmp_path / "*.p?g", *sorted(tmp_path.glob("*ubyte*")), "--out", table))
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
    finished(bulk(scans, tmp_path / "*.tiff", "--out", tmp_path / "other.csv"), status=2)


def test_answers_as_the_api_does_one_by_one_and_in_batches(api: Api, tmp_path: Path) -> None:
    pictures = {f"{index:03d}.png": encoded(Image.fromarray(digit)) for index, digit in enumerate(small_digits(300))}
    pictures |= {f"corpus-{file.name}": file.read_bytes() for file in sorted((ROOT / "tests" / "corpus").iterdir())}
    pictures |= {"canvas.png": CANVAS_PNG.read_bytes(), "telephone.jpg": telephone(1600, 1200)}
    pictures |= {f"faint-{digit}.png": encoded(draw(digit, ink="#777", paper="#888", width=2)) for digit in range(10)}
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, picture in pictures.items():
            archive.writestr(name, picture)
    (tmp_path / "300-idx3-ubyte").write_bytes(idx(small_digits(300)))
    finished(bulk(tmp_path, "--out", tmp_path / "answers.csv"))
    found = {Path(name).name: rest for name, *rest in rows(tmp_path / "answers.csv")}
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
                same(found[f"00{name[:3]}"], alone)


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
    finished(bulk(tmp_path, "--numbers", "--jobs", "1", "--out", table))
    number, blank, (_, *seven_alone), text, from_idx = rows(table)
    with (tmp_path / "472.png").open("rb") as file:
        answer = requests.post(f"{api.url}/read/", files={"file": file}, timeout=SECONDS).json()
    (line,) = answer["lines"]
    assert number[1:] == ["472", number[2], "", ""]
    assert (line["text"], line["confidence"]) == ("472", pytest.approx(float(number[2]), abs=1e-5))
    assert from_idx[1:] == number[1:]
    assert (blank[1:], text[1:], seven_alone[0]) == (["", "", "blank", ""], ["", "", "", "not-a-picture"], "7")


def same(row: list[str], answer: dict[str, Any]) -> None:
    """Asserts that a row of the table says what the API does."""
    prediction, confidence, rejected, error = row
    if "type" in answer:
        assert (error, prediction, confidence, rejected) == (answer["type"].rpartition("/")[2], "", "", "")
    else:
        expected = tuple("" if answer[name] is None else str(answer[name]) for name in ("prediction", "rejected"))
        assert ((prediction, rejected), error) == (expected, "")
        assert float(confidence) == pytest.approx(answer["confidence"], abs=1e-5)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip file of 1,500 pictures, for runs that something happens to."""
    path = tmp_path_factory.mktemp("many") / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for index, digit in enumerate(small_digits(1_500)):
            archive.writestr(f"{index:04d}.png", encoded(Image.fromarray(digit)))
    return path


@pytest.fixture(scope="module")
def answers(many: Path) -> list[list[str]]:
    """The rows for `many` of a run that nothing happened to."""
    table = many.with_name("undisturbed.csv")
    finished(bulk(many, "--out", table))
    found = rows(table)
    assert [name for name, *_ in found] == [f"{many}/{index:04d}.png" for index in range(1_500)]
    return found


def wait_for_rows(process: "subprocess.Popen[str]", table: Path) -> None:
    """Return when the table has its first rows and the process is not at its end."""
    deadline = time.monotonic() + SECONDS
    while not table.exists() or table.read_bytes().count(b"\n") < 100:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert process.poll() is None


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_goes_on_after_sigkill(many: Path, answers: list[list[str]], tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"answers.{suffix}"
    journal = out if suffix == "csv" else tmp_path / "answers.parquet.csv"
    killed = bulk(many, "--out", out)
    wait_for_rows(killed, journal)
    workers = psutil.Process(killed.pid).children(recursive=True)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(journal.read_bytes().splitlines()) < 1_500
    with journal.open("a") as table:
        table.write(f"{many}/torn")
    finished(bulk(many, "--out", out))
    if suffix == "csv":
        assert rows(out) == answers
        finished(bulk(many, "--out", out))
        assert rows(out) == answers
    else:
        assert [list(row.values()) for row in parquet.read_table(out).to_pylist()] == [
            [name, prediction or None, float(confidence), rejected or None, error or None]
            for name, prediction, confidence, rejected, error in answers
        ]
        assert not journal.exists()
    _, alive = psutil.wait_procs(workers, 30)
    assert not alive


def test_does_not_go_on_with_other_pictures(tmp_path: Path) -> None:
    scans, table = tmp_path / "scans", tmp_path / "answers.csv"
    scans.mkdir()
    for name in ("a.png", "c.png"):
        (scans / name).write_bytes(encoded(draw(7)))
    finished(bulk(scans, "--out", table, "--jobs", "1"))
    before = table.read_text()
    (scans / "b.png").write_bytes(encoded(draw(7)))
    finished(bulk(scans, "--out", table), status=1)
    assert table.read_text() == before
    (scans / "b.png").rename(scans / "d.png")
    finished(bulk(scans, "--out", table, "--jobs", "1"))
    assert [Path(name).name for name, *_ in rows(table)] == ["a.png", "c.png", "d.png"]


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("I am no picture.")

    def peak(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        for index in range(count):
            os.link(tmp_path / "text.txt", folder / f"{index}.txt")
        process = bulk(folder, "--jobs", "1", "--out", tmp_path / f"{count}.csv")
        _, status, used = os.wait4(process.pid, 0)
        process.communicate()
        assert status == 0
        return used.ru_maxrss

    assert peak(20_000) < 1.1 * peak(2_000)
    assert len(rows(tmp_path / "20000.csv")) == 20_000


@contextmanager
def started(log: Path, *arguments: str) -> Iterator[psutil.Popen]:
    """`python -m` with these arguments; what it has started ends with it."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0"}
    with log.open("ab") as output:
        command = [sys.executable, "-m", *arguments]
        process = psutil.Popen(command, cwd=ROOT, env=os.environ | quiet, stdout=output, stderr=output)
    try:
        yield process
    finally:
        family = process.children(recursive=True)
        process.terminate()
        _, alive = psutil.wait_procs([process, *family], 15)
        for each in alive:
            each.kill()


@contextmanager
def dask_cluster(log: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Dask's scheduler and two workers: the address, and the processes that started the workers."""
    address = f"tcp://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    one = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
    with (
        started(log, "dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"),
        started(log, "dask", "worker", address, *one) as first,
        started(log, "dask", "worker", address, *one) as second,
    ):
        yield address, [first, second]


@contextmanager
def ray_cluster(log: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Ray's head with places for two workers: the address, and the process that starts them."""
    address = f"127.0.0.1:{free_port()}"
    options = ("--num-cpus", "2", "--include-dashboard", "false", "--object-store-memory", "100000000")
    ray = ("ray.scripts.scripts", "start", "--head", "--block", "--port", address.rpartition(":")[2])
    with started(log, *ray, *options) as head:
        while "Ray runtime started" not in log.read_text():
            assert head.poll() is None, log.read_text()
            time.sleep(0.1)
        yield address, [head]


def a_worker(backend: str, parents: list[psutil.Process]) -> psutil.Process:
    """A process of the cluster that recognises pictures."""
    sign = {"dask": "spawn_main", "ray": "ray::PoolActor"}[backend]
    children = (child for parent in parents for child in parent.children(recursive=True))
    return next(child for child in children if sign in " ".join(child.cmdline()))


@pytest.mark.parametrize(("backend", "cluster"), [("dask", dask_cluster), ("ray", ray_cluster)])
def test_a_cluster_gives_the_same_rows_and_a_killed_worker_loses_none(
    many: Path, answers: list[list[str]], tmp_path: Path, backend: str, cluster: Any
) -> None:
    table = tmp_path / "answers.csv"
    with cluster(tmp_path / "log") as (address, parents):
        run = bulk(many, "--out", table, "--backend", backend, "--address", address)
        wait_for_rows(run, table)
        a_worker(backend, parents).kill()
        finished(run)
    assert rows(table) == answers
