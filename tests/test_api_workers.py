"""Processes that recognise: what the API does and says when they hang, die, talk nonsense or have no model."""

import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digits.model import CLASSIFIER, RECORD, SCALER, Model
from tests.asking import SEVEN_PNG, begun, get, is_russian, measured, post, post_all, problem, under_way
from tests.serving import (
    ROOT,
    Api,
    ApiProcess,
    copy_of_the_api,
    copy_of_the_model,
    is_ready,
    running_api,
    served_api,
    stopped,
    wait_until,
)

# Processes that hang


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    """An API with one process, which is given up after a second."""
    log = tmp_path_factory.mktemp("impatient") / "log"
    with running_api(ROOT, log, DIGITS_WORKERS="1", DIGITS_DEADLINE_SECONDS="1") as api:
        yield api


def wait_until_it_answers(api: Api) -> None:
    """On a busy machine a second may be too little for an answer, but not always."""
    wait_until(lambda: post(api, SEVEN_PNG).status_code == 200)


@pytest.mark.quick
@pytest.mark.linux
def test_a_recognition_that_hangs_is_given_up(impatient: ApiProcess) -> None:
    """With the starter stopped too no process takes its place, so what has not begun is not answered either."""
    wait_until_it_answers(impatient)
    hung = impatient.workers()
    with stopped(impatient.starters()), ThreadPoolExecutor() as callers:
        with stopped(hung):
            first = callers.submit(post, impatient, SEVEN_PNG)
            wait_until(lambda: under_way(impatient) == 1)
            others = [callers.submit(post, impatient, SEVEN_PNG) for _ in range(3)]
            problem(first.result(), 504, "timeout")
            wait_until(lambda: not is_ready(impatient))
        for path in ("/health/ready", "/model"):
            problem(get(impatient, path), 503, "not-ready")
        for other in others:
            assert other.result().status_code == 503
            assert int(other.result().headers["Retry-After"]) > 0
        assert under_way(impatient) == 0
        assert get(impatient, "/health/live").status_code == 200
    wait_until(lambda: is_ready(impatient))
    wait_until_it_answers(impatient)
    assert not set(hung) & set(impatient.workers())


@pytest.mark.linux
def test_a_process_that_hangs_is_noticed_though_nobody_asks(impatient: ApiProcess) -> None:
    wait_until(lambda: is_ready(impatient))
    hung = impatient.workers()
    with stopped(hung):
        wait_until(lambda: not set(hung) & set(impatient.workers()))
    wait_until(lambda: is_ready(impatient))


@pytest.mark.parametrize("share", [0.5, 1.0], ids=["while sending", "while waiting"])
@pytest.mark.linux
def test_callers_that_vanish_hold_nothing(api_process: ApiProcess, share: float) -> None:
    with stopped(api_process.workers()):
        for _ in range(60):
            begun(api_process, SEVEN_PNG, share).close()
        wait_until(lambda: under_way(api_process) == 0)
    assert post(api_process, SEVEN_PNG).json()["prediction"] == 7
    assert "Traceback" not in api_process.log.read_text()


@pytest.mark.quick
@pytest.mark.linux
def test_stays_awake_and_refuses_what_is_too_much(api_process: ApiProcess) -> None:
    """While one recognition takes for ever, the rest of the API answers, and so many more callers wait."""
    with ThreadPoolExecutor(40) as callers:
        with stopped(api_process.workers()):
            answers = [callers.submit(post, api_process, SEVEN_PNG) for _ in range(40)]
            wait_until(lambda: sum(answer.done() for answer in answers) == 40 - 33)
            assert under_way(api_process) == 33
            for path in ("/health/live", "/health/ready", "/model", "/docs"):
                assert get(api_process, path).status_code == 200
            refused = [answer.result() for answer in answers if answer.done()]
            assert len(refused) == 40 - 33
        answered = [answer.result() for answer in answers]
    for answer in refused:
        problem(answer, 503, "busy")
    assert [answer.json()["prediction"] for answer in answered if answer not in refused] == [7] * 33


# Processes that die or talk nonsense

BROKEN = """

import os


def hog_picture(picture):
    raise RuntimeError("the secret")


def influence_picture(shares, picture):
    os._exit(1)


_sane = digit_as_json


def digit_as_json(answer, include=()):
    return _sane(answer, include) | ({"prediction": "<b>"} if "ink" in include else {})
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    """An API whose one process fails at a hog, dies at an influence and answers nonsense to an ink."""
    folder = copy_of_the_api(tmp_path_factory.mktemp("broken") / "copy")
    with (folder / "service" / "tasks.py").open("a") as worker:
        worker.write(BROKEN)
    with running_api(folder, folder / "log", DIGITS_WORKERS="1") as api:
        yield api


@pytest.mark.linux
def test_a_fault_of_ours_is_logged_not_shown(broken: ApiProcess) -> None:
    before = broken.workers()
    answer = post(broken, SEVEN_PNG, params={"include": "hog"}, headers={"Accept-Language": "ru"})
    assert is_russian(problem(answer, 500, "internal")["detail"])
    assert answer.headers["X-Request-ID"]
    assert "secret" not in answer.text
    assert "the secret" in broken.log.read_text()
    assert post(broken, SEVEN_PNG).json()["prediction"] == 7
    assert broken.workers() == before


@pytest.mark.quick
@pytest.mark.parametrize("fault", ["influence", "ink"], ids=["dies", "talks nonsense"])
def test_a_picture_that_breaks_processes_breaks_two(broken: ApiProcess, fault: str) -> None:
    """Once among others, or by itself, and once more to see whether it was the picture."""
    replaced = "A recognition process is replaced"
    before = broken.log.read_text().count(replaced)
    problem(post(broken, SEVEN_PNG, params={"include": fault}), 500, "internal")
    problem(post_all(broken, [SEVEN_PNG] * 3, params={"include": fault}), 500, "internal")
    assert post(broken, SEVEN_PNG).json()["prediction"] == 7
    assert broken.log.read_text().count(replaced) == before + 4


@pytest.mark.parametrize("fault", ["hog", "influence", "ink"])
@pytest.mark.linux
def test_a_fault_costs_one_caller_of_many_that_wait(broken: ApiProcess, fault: str) -> None:
    wait_until(lambda: is_ready(broken))
    asked = ["picture", fault, "picture", "picture"]
    with ThreadPoolExecutor(len(asked)) as callers:
        with stopped(broken.workers()):
            answers = [callers.submit(post, broken, SEVEN_PNG, params={"include": include}) for include in asked]
            wait_until(lambda: under_way(broken) == len(asked))
        assert [answer.result().status_code for answer in answers] == [200, 500, 200, 200]


@pytest.mark.quick
@pytest.mark.linux
def test_who_waits_for_a_process_that_is_killed_is_answered_by_the_next(api_process: ApiProcess) -> None:
    wait_until(lambda: is_ready(api_process))
    killed = api_process.workers()
    with ThreadPoolExecutor(5) as callers, stopped(killed):
        answers = [callers.submit(post, api_process, SEVEN_PNG) for _ in range(5)]
        wait_until(lambda: under_way(api_process) == 5)
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        assert [answer.result().json()["prediction"] for answer in answers] == [7] * 5
    assert not set(killed) & set(api_process.workers())


@pytest.mark.linux
def test_recognition_gets_as_much_of_a_busy_machine_as_other_programs(api_process: ApiProcess) -> None:
    """Where it stepped back, a page of a second's work was given up at the deadline beside a training."""
    post(api_process, SEVEN_PNG)
    priorities = {os.getpriority(os.PRIO_PROCESS, each) for each in [os.getpid(), *api_process.workers()]}
    assert len(priorities) == 1


@pytest.mark.linux
def test_nothing_outlives_the_api(tmp_path: Path) -> None:
    with running_api(ROOT, tmp_path / "log") as api:
        post(api, SEVEN_PNG)
        started = [*api.starters(), *api.workers()]
        assert len(started) >= 2
        api.process.kill()
        wait_until(lambda: not any(map(lives, started)))


def lives(process: int) -> bool:
    """Whether a process runs: one that has ended may still be listed until its parent, or init, takes note of it."""
    status = Path(f"/proc/{process}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


# A model that is not there


def changed_byte(folder: Path) -> None:
    model = folder / CLASSIFIER
    pickled = bytearray(model.read_bytes())
    pickled[len(pickled) // 2] ^= 1
    model.write_bytes(pickled)


def missing_file(folder: Path) -> None:
    (folder / SCALER).unlink()


def other_features(folder: Path) -> None:
    record = json.loads((folder / RECORD).read_text("utf-8"))
    record["hog"]["length"] += 1
    (folder / RECORD).write_text(json.dumps(record), "utf-8")


SPOILT = [(changed_byte, CLASSIFIER), (missing_file, SCALER), (other_features, "HOG")]


@pytest.mark.quick
@pytest.mark.parametrize(("spoil", "named"), SPOILT)
def test_starts_without_its_model_and_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None], named: str
) -> None:
    folder = copy_of_the_model(tmp_path / "model")
    spoil(folder)
    with served_api(model_folder=folder) as api:
        assert get(api, "/health/live").status_code == 200
        for answer in (get(api, "/health/ready"), get(api, "/model"), post(api, SEVEN_PNG)):
            details = problem(answer, 503, "not-ready")
            assert named in details["detail"]
            assert "\n" not in details["detail"]
    assert sum(named in record.getMessage() for record in caplog.records) == 1
    assert "Traceback" not in caplog.text


def another_model(folder: Path) -> None:
    """A model of other files that does just the same: a pickle ends where it says so."""
    content = (folder / SCALER).read_bytes() + b"."
    (folder / SCALER).write_bytes(content)
    record = json.loads((folder / RECORD).read_text("utf-8"))
    record["files"][SCALER] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / RECORD).write_text(json.dumps(record), "utf-8")
    assert Model.load(folder)


@pytest.mark.quick
@pytest.mark.linux
def test_a_model_that_is_lost_and_found_again(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path / "model")
    whole = {file: file.read_bytes() for file in folder.iterdir()}
    settings = {"DIGITS_WORKERS": "1", "DIGITS_MODEL_FOLDER": str(folder)}
    with running_api(ROOT, tmp_path / "log", **settings) as api:
        first = get(api, "/model").json()
        for lose in (missing_file, another_model):
            lose(folder)
            for worker in api.workers():
                os.kill(worker, signal.SIGKILL)
            wait_until(lambda: SCALER in get(api, "/health/ready").json().get("detail", ""))
            for answer in (get(api, "/health/ready"), get(api, "/model"), post(api, SEVEN_PNG)):
                assert SCALER in problem(answer, 503, "not-ready")["detail"]
            for file, content in whole.items():
                file.write_bytes(content)
            wait_until(lambda: is_ready(api))
            assert get(api, "/model").json() == first
            assert post(api, SEVEN_PNG).json()["prediction"] == 7


@pytest.mark.quick
@pytest.mark.linux
def test_one_process_without_its_model_is_no_harm(tmp_path: Path) -> None:
    """The other answers, and nobody is told that the API is not ready."""
    folder = copy_of_the_model(tmp_path / "model")
    settings = {"DIGITS_WORKERS": "2", "DIGITS_MODEL_FOLDER": str(folder)}
    with running_api(ROOT, tmp_path / "log", **settings) as api:
        wait_until(lambda: len(api.workers()) == 2 and len({post(api, SEVEN_PNG).status_code for _ in range(4)}) == 1)
        missing_file(folder)
        os.kill(api.workers()[-1], signal.SIGKILL)
        wait_until(lambda: SCALER in api.log.read_text())
        assert is_ready(api)
        assert [post(api, SEVEN_PNG).json()["prediction"] for _ in range(5)] == [7] * 5
        assert measured(api)["digits_recognitions_under_way",] == 0
