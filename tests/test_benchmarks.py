"""Every benchmark runs, for as short as it can, and prints the rows that it should; their figures are not judged."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from tests.commands import cells, ended_here, printed, printed_here
from tools import example_pictures
from tools.benchmarks import (
    accuracy,
    api_rate,
    api_under_load,
    canvas_folder,
    original,
    page_cost,
    picture_cost,
    same_answers,
    starts,
    two_checkouts,
)
from tools.benchmarks.hostile_pages import ORDINARY, hostile_pages
from tools.benchmarks.pictures import CANVAS_PNG, TWELVE_DIGITS
from tools.drawing import draw, encoded

ONE_THREAD: Final = {"OMP_NUM_THREADS": "1"}


def table(printed: str) -> list[list[str]]:
    """The rows of the Markdown tables, without their heads."""
    lines = [line for line in printed.splitlines() if line.startswith("|")]
    heads = [number for number, line in enumerate(lines) if line.startswith("|---")]
    return [cells(line) for number, line in enumerate(lines) if number not in heads and number + 1 not in heads]


def is_number(cell: str) -> bool:
    """Whether a cell tells a figure; signs, commas and percent are part of it."""
    return cell.replace(",", "").removesuffix("%").lstrip("-").replace(".", "", 1).replace("e+", "").isdigit()


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """Address of the API of this project, in a process of its own."""
    with api_rate.running("main:app", 1) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drawings named by their digits."""
    folder = tmp_path_factory.mktemp("drawings")
    for digit in (3, 5, 7):
        (folder / f"{digit}.png").write_bytes(encoded(draw(digit)))
    return folder


def test_api_rate_compares_three_servers() -> None:
    trial = ("--rounds", "1", "--seconds", "0.3", "--clients", "1", "2", "--support-vectors", "200")
    found = table(printed_here(api_rate.main, *trial))
    assert [row[1:3] for row in found] == [[clients, name] for clients in ("1", "2") for name in api_rate.SERVERS]
    assert all(is_number(cell) for row in found for cell in row[3:])


def test_two_checkouts_take_turns(drawings: Path) -> None:
    trial = ("--rounds", "1", "--seconds", "0.3", "--clients", "1", "--bulk", str(drawings))
    found = table(printed_here(two_checkouts.main, str(api_rate.ROOT), *trial))
    assert len(found) == 2
    assert all(is_number(cell) for row in found for cell in row[1:])


def test_starts_of_two_checkouts_are_timed() -> None:
    found = table(printed_here(starts.main, str(api_rate.ROOT), "--rounds", "1", "--parts", "import"))
    assert len(found) == 2
    assert all(is_number(cell) for row in found for cell in row[1:])


def test_hostile_pages_are_timed_beside_ordinary_ones() -> None:
    _, output = ended_here(page_cost.main, "--runs", "1", "--first", "1")
    rows = table(output)
    assert [row[0] for row in rows] == [*ORDINARY, next(hostile_pages())[0]]
    assert all(is_number(cell) for row in rows for cell in row[1:])


def test_api_under_load_tells_statuses_and_times_of_what_is_watched() -> None:
    said = printed_here(api_under_load.main, "--callers", "2", "--seconds", "0.5").splitlines()
    assert "200: " in said[0]
    assert [line.split()[0] for line in said[1:]] == list(api_under_load.WATCHED)


def test_picture_cost_tells_time_and_memory_of_each_picture_and_the_time_of_each_step() -> None:
    found = table(printed_here(picture_cost.main, "--runs", "1", "--first", "1"))
    digit, number, *steps = found
    assert (digit[-1], number[-1]) == ("7", TWELVE_DIGITS)
    assert len(steps) == 6
    assert all(is_number(cell) for row in (digit, number) for cell in row[1:-1])


def test_profile_cost_compares_what_is_kept() -> None:
    rows = table(printed("-m", "tools.benchmarks.profile_cost", "--corrections", "100", "--rounds", "2"))
    assert len(rows) == 4
    assert all(is_number(cell) for row in rows for cell in row[1:])


def test_page_latency_times_opening_and_both_answers() -> None:
    said = printed("-m", "tools.benchmarks.page_latency", "1", "--openings", "1").splitlines()
    assert len(said) == 4
    assert all("1 times: median" in line for line in said)


def test_bulk_rate_compares_every_way_through_the_same_pictures(drawings: Path) -> None:
    found = table(printed("-m", "tools.benchmarks.bulk_rate", str(drawings), "--first", "2", **ONE_THREAD))
    assert len(found) == 8
    assert all(is_number(rate) for _, rate in found)


@pytest.mark.quick
def test_accuracy_asks_a_running_api(api: str, drawings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_URL", api)
    (row,) = table(printed_here(accuracy.main, str(drawings)))
    assert row[:3] == [str(drawings), "3", "100.00%"]


def test_two_apis_of_one_version_give_the_same_answers(api: str, drawings: Path) -> None:
    (drawings / "8.jpg").write_bytes(b"no picture")
    with api_rate.running("main:app", 1) as other:
        (row,) = table(printed_here(same_answers.main, api, f"http://127.0.0.1:{other.port}", str(drawings)))
    assert row == [str(drawings), "4", "4", "4"]


def test_an_api_that_answers_otherwise_is_found_out(api: str, tmp_path: Path) -> None:
    (tmp_path / "7.png").write_bytes(CANVAS_PNG.read_bytes())
    with api_rate.running("tools.benchmarks.empty:app", 1) as other:
        end, said = ended_here(same_answers.main, api, f"http://127.0.0.1:{other.port}", str(tmp_path))
    assert end == 1
    assert table(said) == [[str(tmp_path), "1", "0", "0"]]
    assert [line for line in said.splitlines() if "7.png" in line and "->" in line]


@pytest.mark.quick
def test_what_a_newer_answer_has_besides_makes_no_difference() -> None:
    old = {"prediction": 7, "probabilities": [0.25, 0.75]}
    assert same_answers.holds({**old, "views": 3}, old)
    assert not same_answers.holds(old, {**old, "views": 3})
    assert not same_answers.holds({**old, "probabilities": [0.25, 0.7500000000000001]}, old)


@pytest.mark.quick
def test_example_pictures_are_made_as_they_stand_in_the_page(tmp_path: Path) -> None:
    printed_here(example_pictures.main, "--out", str(tmp_path))
    shipped = {path.name for path in example_pictures.FOLDER.glob("*.jpg")}
    assert {path.name for path in tmp_path.iterdir()} == shipped
    for name in shipped:
        with Image.open(tmp_path / name) as made, Image.open(example_pictures.FOLDER / name) as stored:
            assert np.abs(np.asarray(made, np.float32) - np.asarray(stored, np.float32)).mean() < 1


if os.environ.get("DIGITS_DATA_DIR"):

    @pytest.mark.quick
    def test_canvas_folder_draws_what_the_canvas_sends(tmp_path: Path) -> None:
        printed_here(canvas_folder.main, str(tmp_path / "drawings"), "3")
        pictures = sorted((tmp_path / "drawings").iterdir())
        assert len(pictures) == 3
        for path in pictures:
            with Image.open(path) as picture:
                assert (picture.mode, picture.size) == ("RGBA", (280, 280))
                assert picture.convert("L").getextrema() == (0, 255)

    def test_original_counts_support_vectors() -> None:
        assert 0 < int(printed_here(original.main, "200")) <= 200


def test_screenshots_of_the_page_are_taken_into_a_folder(tmp_path: Path) -> None:
    printed("-m", "tools.screenshots", "--out", str(tmp_path), "--only", "phone-light.ru", "page-light")
    shots = sorted(tmp_path.iterdir())
    assert [shot.name for shot in shots] == ["page-light.png", "phone-light.ru.png"]
    for shot in shots:
        with Image.open(shot) as picture:
            assert len(picture.convert("RGB").getcolors(2**20) or []) > 100, "something is to be seen on it"
