"""Bulk recognition that something happens to, on one machine and on clusters of two workers: no row is lost."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from pyarrow import parquet

from tests.bulk_runs import HEADER_OF_CELLS, SECONDS, bulk, bulk_here, finished, rows, wait_until
from tests.serving import ROOT
from tools.drawing import draw, encoded
from tools.example_pictures import digits
from tools.processes import megabytes
from tools.servers import free_port

pytestmark = pytest.mark.linux

CHUNKS = 4
CHUNK = 4
"""Pictures of a chunk: each of them is a quarter of `digits.bulk.backends.CHUNK_BYTES`."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip file of pictures that make `CHUNKS` chunks, for runs that something happens to."""
    path = tmp_path_factory.mktemp("many") / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for index in range(CHUNKS * CHUNK):
            archive.writestr(f"{index:02d}.png", encoded(draw(index % 10)) + bytes(2**20))
    return path


@pytest.fixture(scope="module")
def last(many: Path) -> Path:
    """The last picture of each run: a pipe, at which the run stays until somebody writes a picture into it."""
    path = many.with_name("last.png")
    os.mkfifo(path)
    return path


@pytest.fixture(scope="module")
def answers(many: Path) -> list[list[str]]:
    """The rows of a run that nothing happened to, but for the last."""
    table = many.with_name("undisturbed.csv")
    finished(bulk(many, "--jobs", "2", "--out", table))
    found = rows(table)
    assert [row[:2] for row in found] == [[f"{many}/{index:02d}.png", str(index % 10)] for index in range(len(found))]
    assert len(found) == CHUNKS * CHUNK
    return found


@contextmanager
def at_pipe(pipe: Path, run: "subprocess.Popen[str]") -> Iterator[None]:
    """While this run waits at the pipe, behind which it then finds a picture."""
    ends: list[int] = []

    def is_read() -> bool:
        with suppress(OSError):  # nobody reads
            ends.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(ends)

    wait_until(is_read, run)
    with open(ends[0], "wb") as stream:
        yield
        stream.write(encoded(draw(7)))


def count_rows(table: Path) -> int:
    return table.read_bytes().count(b"\n") - 1 if table.exists() else 0


@pytest.mark.quick
def test_killed_run_is_continued_and_meanwhile_a_second_one_keeps_off(
    many: Path, last: Path, answers: list[list[str]], tmp_path: Path
) -> None:
    table = tmp_path / "answers.csv"
    killed = bulk(many, last, "--jobs", "2", "--out", table)
    wait_until(lambda: count_rows(table) >= CHUNK, killed)
    before = table.read_bytes()
    refused = bulk_here(many, last, "--out", table)
    assert refused is not None
    assert (len(refused.splitlines()), str(table) in refused) == (1, True)
    assert table.read_bytes().startswith(before)
    workers = psutil.Process(killed.pid).children(recursive=True)
    assert workers
    killed.send_signal(signal.SIGKILL)  # nobody asks for its status yet: a zombie is dead too
    _, alive = psutil.wait_procs(workers, SECONDS)
    assert not alive
    killed.communicate()
    with table.open("a") as torn:
        torn.write(f"{many}/torn")
    assert bulk_here(many, "--out", table) is None
    assert rows(table) == answers
    assert bulk_here(many, "--out", table) is None
    assert rows(table) == answers
    assert list(tmp_path.iterdir()) == [table]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip file of pages of three lines each, in as many chunks."""
    path = tmp_path_factory.mktemp("pages") / "pages.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for index in range(CHUNKS * CHUNK):
            lines = (f"{index % 10}{place}" for place in range(3))
            archive.writestr(f"{index:02d}.png", encoded(draw(digits(*lines), (400, 400), height=0.18)) + bytes(2**20))
    return path


def test_pictures_of_several_rows_are_whole_in_a_run_that_is_continued(pages: Path, last: Path, tmp_path: Path) -> None:
    table = tmp_path / "answers.csv"
    assert bulk_here(pages, "--cells", "--out", table) is None
    whole = table.read_bytes()
    found = rows(table, HEADER_OF_CELLS)
    assert [(row[0][-6:], row[2], row[8]) for row in found] == [
        (f"{index:02d}.png", str(line), "3") for index in range(CHUNKS * CHUNK) for line in (1, 2, 3)
    ]

    table.unlink()
    killed = bulk(pages, last, "--cells", "--jobs", "2", "--out", table)
    wait_until(lambda: count_rows(table) >= 3 * CHUNK, killed)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert whole.startswith(table.read_bytes())
    assert bulk_here(pages, "--cells", "--out", table) is None
    assert table.read_bytes() == whole

    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for end in (ends[-1] - 1, ends[-2], ends[-2] + 9, ends[-3], ends[-4], ends[-4] - 1, ends[-7] + 1):
        table.write_bytes(whole[:end])  # as a write leaves it that was cut off there
        assert bulk_here(pages, "--cells", "--out", table) is None
        assert table.read_bytes() == whole


@pytest.mark.parametrize("spoil", [lambda lines: lines[:2] + lines[3:], lambda lines: [*lines[:3], b"x\n", *lines[4:]]])
def test_a_table_of_which_rows_are_missing_is_left_alone(
    pages: Path, tmp_path: Path, spoil: Callable[[list[bytes]], list[bytes]]
) -> None:
    table = tmp_path / "answers.csv"
    names = [f"{pages}/{index:02d}.png" for index in range(2)]
    lines = [f"{name},,{line},,7,0.9,,,3\n".encode() for name in names for line in (1, 2, 3)]
    table.write_bytes(b"".join(spoil([",".join(HEADER_OF_CELLS).encode() + b"\n", *lines])))
    before = table.read_bytes()
    refused = bulk_here(pages, "--cells", "--out", table)
    assert refused is not None
    assert (len(refused.splitlines()), str(table) in refused) == (1, True)
    assert table.read_bytes() == before


def test_run_that_loses_a_process_says_so_in_one_line_and_is_continued(
    many: Path, last: Path, answers: list[list[str]], tmp_path: Path
) -> None:
    table = tmp_path / "answers.csv"
    run = bulk(many, last, "--jobs", "2", "--out", table)
    wait_until(lambda: count_rows(table) >= CHUNK, run)
    for worker in psutil.Process(run.pid).children(recursive=True):
        if "popen_loky" in " ".join(worker.cmdline()):
            worker.kill()
    _, errors = run.communicate(timeout=SECONDS)
    assert run.returncode == 1
    assert "Traceback" not in errors
    assert bulk_here(many, "--out", table) is None
    assert rows(table) == answers


def test_run_on_a_full_disk_is_continued(many: Path, answers: list[list[str]], tmp_path: Path) -> None:
    out = tmp_path / "answers.parquet"
    journal = tmp_path / "answers.parquet.csv"
    whole = many.with_name("undisturbed.csv").stat().st_size
    # Room for half of the rows, then for all but not for a Parquet file.
    for jobs, limit in (("2", whole // 2), ("1", whole + 10)):
        full = bulk(many, "--jobs", jobs, "--out", out, before=partial(limit_file_size, limit))
        said = finished(full, status=1)
        assert len(said.splitlines()) == 1
        assert str(out) in said
        assert list(tmp_path.iterdir()) == [journal]
    assert rows(journal) == answers
    assert bulk_here(many, "--out", out) is None
    assert [list(row.values()) for row in parquet.read_table(out).to_pylist()] == [
        [name, prediction or None, float(confidence), rejected or None, error or None]
        for name, prediction, confidence, rejected, error in answers
    ]
    assert list(tmp_path.iterdir()) == [out]


def limit_file_size(limit: int) -> None:
    """Let no file of this process grow beyond so many bytes."""
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def test_memory_does_not_grow_with_the_number_of_files(last: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("I am no picture.")

    def peak(count: int) -> float:
        folder = tmp_path / str(count)
        folder.mkdir()
        for index in range(count):
            os.link(tmp_path / "text.txt", folder / f"{index}.txt")
        table = tmp_path / f"{count}.csv"
        run = bulk(folder, last, "--jobs", "1", "--out", table)
        with at_pipe(last, run):
            peak = megabytes(run.pid, peak=True)
        finished(run)
        assert len(rows(table)) == count + 1
        return peak

    few, many = peak(500), peak(20_000)
    assert many < few + 10  # megabytes


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
    options = ("--nworkers", "2", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
    with (
        started(log, "dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"),
        started(log, "dask", "worker", address, *options) as workers,
    ):
        wait_until(lambda: log.read_text().count("Registered to") >= 2, workers)
        yield address, [workers]


@contextmanager
def ray_cluster(log: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """Ray's head with places for two workers: the address, and the process that starts them."""
    address = f"127.0.0.1:{free_port()}"
    options = ("--num-cpus", "2", "--include-dashboard", "false", "--object-store-memory", "100000000")
    ray = ("ray.scripts.scripts", "start", "--head", "--block", "--port", address.rpartition(":")[2])
    with started(log, *ray, *options) as head:
        wait_until(lambda: "Ray runtime started" in log.read_text(), head)
        yield address, [head]


def workers_of(backend: str, parents: list[psutil.Process]) -> list[psutil.Process]:
    """The processes of a cluster that recognise pictures."""
    sign = {"dask": "spawn_main", "ray": "ray::PoolActor"}[backend]
    children = [child for parent in parents for child in parent.children(recursive=True)]
    return [child for child in children if child.is_running() and sign in " ".join(child.cmdline())]


@pytest.mark.parametrize(("backend", "cluster"), [("dask", dask_cluster), ("ray", ray_cluster)])
def test_a_cluster_gives_the_same_rows_and_a_killed_worker_loses_none(
    many: Path, last: Path, answers: list[list[str]], tmp_path: Path, backend: str, cluster: Any
) -> None:
    table = tmp_path / "answers.csv"
    with cluster(tmp_path / "log") as (address, parents):
        run = bulk(many, last, "--out", table, "--backend", backend, "--address", address)
        with at_pipe(last, run):
            wait_until(lambda: len(workers_of(backend, parents)) == 2, run)
            workers_of(backend, parents)[0].kill()
        finished(run)
    *found, (name, digit, *_) = rows(table)
    assert found == answers
    assert (name, digit) == (str(last), "7")


def test_a_cluster_that_does_not_answer_is_told_in_one_line(
    last: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    address = f"tcp://127.0.0.1:{free_port()}"
    said = finished(bulk(last, "--out", tmp_path / "a.csv", "--backend", "dask", "--address", address), status=1)
    assert address in said
    assert len(said.splitlines()) == 1
