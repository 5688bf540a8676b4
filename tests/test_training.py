"""train.py: a model trained, measured and compared on tiny shares of the data, and what it says without data.

What trains needs the data sets: where DIGITS_DATA_DIR does not name them, they would be downloaded, so there these
tests are not part of the run.
"""

import dataclasses
import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
import pytest

import digits.evaluation.__main__ as evaluation
import train
from digits import exports
from digits.data.fetching import fetch
from digits.data.sources import FILES, DataSetError
from digits.decode import decode
from digits.model import CLASSIFIER, HOMES, RECORD, VERIFIER, model_path
from digits.recogniser import Recogniser
from digits.training import examples, hands
from digits.training.card import CARD, CONFUSION, RELIABILITY, card, card_path
from digits.training.compare import COMPARISON
from digits.training.examples import MNIST_KEPT_OUT
from digits.training.hands import Digit
from tests.commands import ended_here, run, trained
from tools.benchmarks import canvas_folder, original
from tools.drawing import draw, encoded

MODEL: Final = tuple(HOMES)


def record_of(folder: Path | None) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(model_path(RECORD, folder).read_text("utf-8"))
    return record


def content(digit: Digit) -> bytes:
    return np.concatenate(digit.shape).tobytes()


def own_files(folder: Path, count: int) -> list[Path]:
    """A data set of that many digits in each of the three formats."""
    labels = np.arange(count) % 10
    pictures = np.stack([np.asarray(draw(int(label), (28, 28), mode="L")) for label in labels])
    files = []
    for kind in get_args(exports.ExportFormat):
        files.append(folder / f"class-{kind}.zip")
        files[-1].write_bytes(exports.write(exports.DataSet(pictures, labels, (None,) * count), kind))
    return files


@pytest.mark.quick
def test_a_file_to_take_along_that_is_none_is_named(tmp_path: Path) -> None:
    broken, empty = tmp_path / "broken.zip", tmp_path / "empty.zip"
    broken.write_bytes(b"no zip file")
    empty.write_bytes(exports.write(exports.DataSet(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.intp), ()), "csv"))
    for file in (broken, empty, tmp_path / "absent.zip"):
        assert str(file) in str(ended_here(train.main, "--with", str(file), "--out", str(tmp_path))[0])
    assert ended_here(train.main, "--measure", "--with", str(broken))[0] == 2


if os.environ.get("DIGITS_DATA_DIR"):

    def test_training_makes_a_model_that_reads_digits_and_a_card_that_describes_it(tmp_path: Path) -> None:
        before = {name: model_path(name).read_bytes() for name in MODEL}
        own = own_files(tmp_path, 30)
        trial = ("--share", "0.005", "--rounds", "1", "--epochs", "2", "--out", str(tmp_path))
        trained(train.main, *trial, *(word for file in own for word in ("--with", str(file))))
        recogniser = Recogniser.load(tmp_path)
        assert recogniser.recognise(decode(encoded(draw(7)))).prediction == 7
        score = record_of(tmp_path)["scores"]["MNIST, test set"]
        assert score["count"] == examples.MIN_EXAMPLES
        assert score["accuracy"] > 0.8
        counts = record_of(tmp_path)["training"]["sources"]
        made = {examples.STYLES, examples.MADE_PHOTOGRAPHS, examples.NEGATIVES}
        assert set(counts) == {examples.MNIST, *examples.SOURCES, *made, examples.OWN}
        cycles = len(train.CYCLES)
        assert counts[examples.OWN] == len(own) * 30 * cycles * (examples.UNCHANGED + 1), (
            "all of them, as they are and varied"
        )
        data = record_of(tmp_path)["data"]
        assert [data[f"own/{place}-{file.name}"] for place, file in enumerate(own, 1)] == [
            sha256(file.read_bytes()).hexdigest() for file in own
        ]
        assert not any(path.startswith("own/") for path in record_of(None)["data"])
        assert sum(counts.values()) == record_of(tmp_path)["training"]["examples"]
        told = (tmp_path / CARD).read_text("utf-8")
        files = record_of(tmp_path)["files"]
        assert {*files, RECORD} == set(MODEL)
        assert all(file["sha256"] in told for file in files.values())
        assert all(f"({name})" in told and (tmp_path / name).exists() for name in (CONFUSION, RELIABILITY))
        assert {name: model_path(name).read_bytes() for name in MODEL} == before, "a trial leaves the project alone"

    def test_a_model_learns_on(tmp_path: Path) -> None:
        trained(train.main, "--further", "--share", "0.002", "--rounds", "1", "--epochs", "1", "--out", str(tmp_path))
        recogniser, before, after = Recogniser.load(tmp_path), record_of(None), record_of(tmp_path)
        assert recogniser.recognise(decode(encoded(draw(7)))).prediction == 7
        assert after["files"][CLASSIFIER] != before["files"][CLASSIFIER]
        assert after["training"]["rounds"] == before["training"]["rounds"] + 1
        assert after["training"]["examples"] > before["training"]["examples"]
        assert after["scores"]["MNIST, test set"]["accuracy"] > 0.95, "it has not forgotten what it knew"

    @pytest.mark.parametrize(
        "source",
        [hands.pen_digits, hands.unipen_digits, hands.swiss_digits, hands.font_digits, hands.type_digits],
    )
    def test_nothing_that_is_kept_out_is_trained_on(source: Callable[..., list[Digit]]) -> None:
        trained, kept_out = ({content(digit) for digit in source(kept_out=which)} for which in (False, True))
        assert not trained & kept_out
        assert 0.05 < len(kept_out) / len(trained) < 0.35

    def test_measuring_again_writes_record_and_card_of_the_model_as_it_is(tmp_path: Path) -> None:
        for name in {*MODEL, *record_of(None)["files"]}:
            shutil.copy(model_path(name), tmp_path)
        shown = trained(train.main, "--measure", "--share", "0.001", "--out", str(tmp_path))
        record = record_of(tmp_path)
        assert record["files"] == record_of(None)["files"]
        assert record["training"] == record_of(None)["training"]
        assert record["scores"]["MNIST, test set"]["count"] == examples.MIN_EXAMPLES
        told = (tmp_path / CARD).read_text("utf-8")
        assert all(table in told for table in shown.strip().split("\n\n"))

    def test_a_model_that_its_record_does_not_describe_is_not_measured(tmp_path: Path) -> None:
        for name in MODEL:
            shutil.copy(model_path(name), tmp_path)
        with (tmp_path / VERIFIER).open("ab") as file:
            file.write(b"changed")
        end, _ = ended_here(train.main, "--measure", "--share", "0.001", "--out", str(tmp_path))
        assert VERIFIER in str(end)

    def test_candidates_are_compared_and_the_table_is_stored(tmp_path: Path) -> None:
        shown = trained(train.main, "--compare", "--share", "0.001", "--epochs", "2", "--out", str(tmp_path))
        rows = json.loads((tmp_path / COMPARISON).read_text("utf-8"))
        stored = json.loads(card_path(COMPARISON).read_text("utf-8"))
        assert [row["candidate"] for row in rows] == [row["candidate"] for row in stored]
        assert all(row["candidate"] in shown for row in rows)
        assert all(0.3 < row["accuracy"][MNIST_KEPT_OUT] <= 1 for row in rows)


def test_the_card_tells_what_the_record_says_and_shows_its_pictures() -> None:
    told = card_path(CARD).read_text("utf-8")
    assert told == card(record_of(None), card_path(COMPARISON))
    assert all((card_path(CARD).parent / name).exists() for name in (CONFUSION, RELIABILITY))
    assert all(name in told for name in MODEL)


def test_the_model_is_small_enough_for_a_repository() -> None:
    sizes = {suffix: 0 for suffix in (".pkl", ".npz")}
    for name in record_of(None)["files"]:
        path = model_path(name)
        sizes[path.suffix] += path.stat().st_size
    assert sizes[".pkl"] < 12_000_000
    assert sizes[".npz"] < 4_000_000
    assert sum(sizes.values()) < 15_000_000


def test_a_trial_needs_a_folder_of_its_own() -> None:
    assert ended_here(train.main, "--share", "0.01")[0] == 2


PROGRAMS: Final[dict[str, tuple[Callable[[], None], list[str], str]]] = {
    "train": (train.main, ["--out", "out"], "mnist/train-images-idx3-ubyte.gz"),
    "compare": (train.main, ["--compare", "--out", "out"], "mnist/train-images-idx3-ubyte.gz"),
    "measure": (train.main, ["--measure", "--out", "out"], "mnist/train-images-idx3-ubyte.gz"),
    "composed": (evaluation.main, ["--numbers", "--composed", "1", "--out", "out"], "mnist/t10k-images-idx3-ubyte.gz"),
    "original": (original.main, [], "mnist/train-images-idx3-ubyte.gz"),
    "canvas": (canvas_folder.main, ["drawings"], "pendigits/pendigits-orig.tra"),
}
"""All that needs data: its arguments, and the first file that it asks for."""


def ends_saying(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The one line with which a program ends."""
    main, arguments, _ = PROGRAMS[program]
    monkeypatch.chdir(folder)
    (folder / "out").mkdir(exist_ok=True)
    for name in MODEL:
        shutil.copy(model_path(name), folder / "out")
    said, _ = ended_here(main, *arguments)
    assert isinstance(said, str)
    assert "\n" not in said
    return said


@pytest.fixture
def no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A proxy that refuses every connection, and an empty cache."""
    monkeypatch.delenv("DIGITS_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            for spelt in (name, name.lower()):
                monkeypatch.setenv(spelt, f"http://127.0.0.1:{closed.getsockname()[1]}")
        for spelt in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(spelt, raising=False)
        yield


@pytest.mark.quick
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("program", PROGRAMS)
def test_without_a_network_one_line_names_the_file_its_address_and_what_to_do(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ends_saying(program, tmp_path, monkeypatch)
    file = FILES[PROGRAMS[program][2]]
    assert file.path in said
    assert file.url in said
    assert "DIGITS_DATA_DIR" in said


@pytest.mark.quick
@pytest.mark.usefixtures("no_network")
def test_train_without_a_network_ends_with_status_1_and_no_traceback(tmp_path: Path) -> None:
    done = run("train.py", "--out", str(tmp_path))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert FILES["mnist/train-images-idx3-ubyte.gz"].url in done.stderr


@pytest.mark.quick
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_file_that_is_missing_or_damaged_in_the_data_folder_is_named(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITS_DATA_DIR", str(tmp_path))
    file = FILES[PROGRAMS[program][2]]
    missing = ends_saying(program, tmp_path, monkeypatch)
    (tmp_path / file.path).parent.mkdir()
    (tmp_path / file.path).write_bytes(b"damaged")
    damaged = ends_saying(program, tmp_path, monkeypatch)
    assert missing != damaged
    assert all(str(tmp_path / file.path) in said and file.url in said for said in (missing, damaged))


@pytest.mark.quick
@pytest.mark.parametrize("path", ["mnist/train-images-idx3-ubyte.gz", "pendigits/pendigits-orig.tra"])
def test_a_damaged_download_is_refused_and_not_kept(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGITS_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a page that asks for a password")

        def log_message(self, format: str, *arguments: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/file"
        monkeypatch.setitem(FILES, path, dataclasses.replace(FILES[path], url=url))
        with pytest.raises(DataSetError, match=url):
            fetch(path)
        server.shutdown()
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]
