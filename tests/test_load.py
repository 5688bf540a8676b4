"""The API at work: callers that wait together, memory, several processes, settings, and when it is told to stop."""

import itertools
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import requests
from PIL import Image

from digits.limits import MAX_FILE_MEGABYTES
from tests.asking import (
    BLANK_PNG,
    MEGABYTE,
    SEVEN_PNG,
    begun,
    is_russian,
    measured,
    post,
    post_all,
    problem,
    under_way,
)
from tests.serving import (
    ROOT,
    WAIT_SECONDS,
    Api,
    ApiProcess,
    copy_of_the_model,
    running_api,
    stopped,
    wait_until,
)
from tools.drawing import draw, encoded
from tools.processes import private_megabytes

REQUESTS: Final = 500
MAX_GROWTH: Final = 0.5
"""Megabytes that so many requests may add to what each process has for itself; they add 0.1 to 0.2, and now and then
1.1 where something is set up for good. A leak of 2 KB a request, in the API or in a process that recognises, adds 0.6
to 1.3 each time."""

MAX_ROUNDS: Final = 6

WITHOUT_SLACK: Final = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "16384",
    "MALLOC_TOP_PAD_": "0",
    "MALLOC_TRIM_THRESHOLD_": "16384",
}
"""Has glibc return what is freed: else 40 MB that were freed after the start hide what leaks."""


def test_memory_stays_flat_over_many_requests(tmp_path: Path) -> None:
    """Pictures that are read, refused and rejected, of many sizes, from four callers at once."""
    rng = np.random.default_rng(0)
    noise = [Image.fromarray(rng.integers(0, 256, (side, 60, 3), np.uint8)) for side in range(20, 60, 10)]
    mixed = [encoded(draw(digit, (side, side))) for digit, side in zip(range(10), itertools.cycle((28, 120, 280)))]
    mixed += [encoded(draw(5, (400, 300)), "JPEG"), b"", b"no picture", SEVEN_PNG[:300], *map(encoded, noise)]

    def ask(api: Api, count: int) -> None:
        with requests.Session() as session:
            for picture in itertools.islice(itertools.cycle(mixed), count):
                session.post(f"{api.url}/predict/", files={"file": picture}, timeout=WAIT_SECONDS)

    settings = {"DIGITS_WORKERS": "1", **WITHOUT_SLACK}
    with running_api(ROOT, tmp_path / "log", "--log-level", "warning", **settings) as api:

        def load(count: int) -> float:
            with ThreadPoolExecutor(4) as callers:
                for caller in [callers.submit(ask, api, count // 4) for _ in range(4)]:
                    caller.result()
            return private_megabytes(api.process.pid)

        used = [load(REQUESTS)]
        while len(used) < 2 or used[-1] - used[-2] >= MAX_GROWTH:
            assert len(used) <= MAX_ROUNDS, used
            used.append(load(REQUESTS))


def test_uploads_that_never_end_hold_nothing(api: Api) -> None:
    stuck = [begun(api, SEVEN_PNG, 0.5) for _ in range(100)]
    try:
        assert under_way(api) == 0
        assert [post(api, SEVEN_PNG).json()["prediction"] for _ in range(3)] == [7, 7, 7]
    finally:
        for caller in stuck:
            caller.close()


@pytest.mark.linux
def test_callers_that_wait_get_each_their_own_answer(api_process: ApiProcess) -> None:
    """They wait until the one process goes on, which answers several of them together."""
    pictures = [encoded(draw(digit, (side, side))) for digit, side in zip(range(10), itertools.cycle((28, 120, 280)))]
    pictures += [BLANK_PNG, b"no picture", SEVEN_PNG[:300]]
    asked = [(picture, include) for picture in pictures for include in ("picture", "ink")]

    def answer(each: tuple[bytes, str]) -> requests.Response:
        return post(api_process, each[0], params={"include": each[1]})

    alone = [answer(each) for each in asked]
    with ThreadPoolExecutor(len(asked)) as callers:
        with stopped(api_process.workers()):
            answers = [callers.submit(answer, each) for each in asked]
            wait_until(lambda: under_way(api_process) == len(asked))
        together = [each.result() for each in answers]
    for one, other in zip(alone, together, strict=True):
        assert one.status_code == other.status_code
        expected, found = one.json(), other.json()
        for close in ("confidence", "probabilities"):
            assert found.pop(close, None) == pytest.approx(expected.pop(close, None), abs=1e-4)
        assert found == expected


@pytest.mark.parametrize("stuck", [False, True], ids=["idle", "beside an upload that never ends"])
@pytest.mark.linux
def test_a_signal_to_stop_lets_recognitions_finish(tmp_path: Path, stuck: bool) -> None:
    """It waits for the recognition, and then, beside an upload that never ends, only as long as it was told to."""
    patience = "5" if stuck else str(WAIT_SECONDS)
    options = ["--timeout-graceful-shutdown", patience]
    with running_api(ROOT, tmp_path / "log", *options, DIGITS_WORKERS="1") as api, ExitStack() as callers:
        if stuck:
            callers.enter_context(begun(api, SEVEN_PNG, 0.5))
        with stopped(api.workers()):
            caller = callers.enter_context(begun(api, SEVEN_PNG, 1.0))
            wait_until(lambda: under_way(api) == 1)
            api.process.send_signal(signal.SIGTERM)
        assert caller.makefile("rb").read().startswith(b"HTTP/1.1 200 ")
        api.process.wait(WAIT_SECONDS)


def test_workers_share_requests_and_add_up_their_metrics(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    settings = {"PROMETHEUS_MULTIPROC_DIR": str(folder), "DIGITS_WORKERS": "1"}
    with running_api(ROOT, tmp_path / "log", "--workers", "2", **settings) as api:
        answers: list[requests.Response] = []

        def both_have_answered() -> bool:
            with ThreadPoolExecutor(8) as callers:
                answers.extend(callers.map(lambda _: post(api, SEVEN_PNG), range(40)))
            return len(list(folder.glob("counter_*.db"))) == 2

        wait_until(both_have_answered)
        assert {answer.json()["prediction"] for answer in answers} == {7}
        post_all(api, [SEVEN_PNG] * 10)
        said = measured(api)
        assert said["digits_requests_total", "/predict/", "200"] == len(answers)
        assert said["digits_pictures_total", "digit"] == len(answers) + 10
        assert said["digits_recognitions_under_way",] == 0
        assert sum(name[0] == "digits_model" for name in said) == 1


# Settings


@pytest.mark.quick
@pytest.mark.linux
def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    settings = {
        "DIGITS_MODEL_FOLDER": str(copy_of_the_model(tmp_path / "model")),
        "DIGITS_WORKERS": "1",
        "DIGITS_QUEUE_SIZE": "0",
        "DIGITS_MAX_MEGABYTES": "1",
        "DIGITS_CORS_ORIGINS": '["https://school.example"]',
        "DIGITS_LOG_LEVEL": "warning",
    }
    with running_api(ROOT, tmp_path / "log", **settings) as api:
        allowed = post(api, SEVEN_PNG, headers={"Origin": "https://school.example"})
        assert allowed.json()["prediction"] == 7
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://school.example"
        foreign = post(api, SEVEN_PNG, headers={"Origin": "https://other.example"})
        assert "Access-Control-Allow-Origin" not in foreign.headers
        assert "1" in problem(post(api, bytes(MEGABYTE + 1)), 413, "too-large")["detail"]
        with ThreadPoolExecutor() as callers:
            with stopped(api.workers()):
                first = callers.submit(post, api, SEVEN_PNG)
                wait_until(lambda: under_way(api) == 1)
                second = post(api, SEVEN_PNG, headers={"Accept-Language": "ru"})
            assert is_russian(problem(second, 503, "busy")["detail"])
            assert first.result().status_code == 200
    assert api.log.read_text() == ""


WRONG: Final = {
    "DIGITS_QUEUE_SIZE": "many",
    "DIGITS_DEADLINE_SECONDS": "0",
    "DIGITS_MAX_MEGABYTES_UNDER_WAY": str(MAX_FILE_MEGABYTES - 1),
    "DIGITS_AT_ONCE": "2",
}


@pytest.mark.quick
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_ends_the_start_with_one_line(name: str) -> None:
    command = [sys.executable, "-c", "import main"]
    environment = os.environ | {name: WRONG[name]}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    assert name in line
