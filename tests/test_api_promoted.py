"""A model that is promoted, or taken back, while the API answers."""

import base64
import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image

from digits.learn.pointer import go_back, promote
from digits.model import MEMORY, RECORD, SCALER
from digits.taught import Taught, write_taught
from tests.asking import SEVEN_PNG, get, post
from tests.learning_calls import corrected, delete, new_profile, prediction, url_of
from tests.serving import ApiProcess, copy_of_the_api, copy_of_the_model, running_api, wait_until


def candidate(learnt: Path, name: str) -> Path:
    """A model of other files that does just the same: a pickle ends where it says so."""
    (learnt / "models").mkdir(parents=True, exist_ok=True)
    folder = copy_of_the_model(learnt / "models" / name)
    content = (folder / SCALER).read_bytes() + b"."
    (folder / SCALER).write_bytes(content)
    record = json.loads((folder / RECORD).read_text("utf-8"))
    record["files"][SCALER] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / RECORD).write_text(json.dumps(record), "utf-8")
    return folder


def scaler(api: ApiProcess) -> str:
    """Which model answers."""
    return str(get(api, "/model").json()["files"][SCALER]["sha256"])


@pytest.mark.linux
def test_a_promoted_model_answers_and_nobody_is_refused(tmp_path: Path) -> None:
    """Nor where the next one is damaged: then the model before goes on, and the log says why."""
    folder = copy_of_the_api(tmp_path / "copy")
    learnt = folder / "learnt"
    answers: list[tuple[int, int | None]] = []
    done = Event()

    def asks_again_and_again(api: ApiProcess) -> None:
        while not done.is_set():
            answer = post(api, SEVEN_PNG)
            answers.append((answer.status_code, answer.json().get("prediction")))

    with running_api(folder, tmp_path / "log", DIGITS_WORKERS="2") as api, ThreadPoolExecutor() as people:
        wait_until(lambda: len(api.workers()) == 2)
        own, started = scaler(api), api.workers()
        asking = [people.submit(asks_again_and_again, api) for _ in range(2)]
        try:
            promote(candidate(learnt, "better"), learnt)
            wait_until(lambda: scaler(api) != own)
            better = scaler(api)
            wait_until(lambda: len(api.workers()) == 2 and not set(api.workers()) & set(started))
            spoilt = candidate(learnt, "spoilt")
            promote(spoilt, learnt)
            (spoilt / SCALER).write_bytes(b"nothing")
            wait_until(lambda: "The promoted model does not answer" in api.log.read_text("utf-8"))
            assert scaler(api) == better
            go_back(learnt)
            go_back(learnt)
            wait_until(lambda: scaler(api) == own)
        finally:
            done.set()
        for each in asking:
            each.result()
    assert set(answers) == {(200, 7)}


def memory_for_all(learnt: Path, picture: str) -> Path:
    """A model that remembers a profile's digit, as the API tells it, as a 4."""
    (learnt / "models").mkdir(parents=True, exist_ok=True)
    folder = copy_of_the_model(learnt / "models" / "remembers")
    png = base64.b64decode(picture.partition(",")[2])
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        pixels = np.asarray(opened.convert("L"))
    write_taught(folder / MEMORY, Taught(pixels[None], np.array([4])))
    content = (folder / MEMORY).read_bytes()
    record = json.loads((folder / RECORD).read_text("utf-8"))
    record["files"][MEMORY] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    record["learnt"] = {"kind": "memory", "remembered": 1}
    (folder / RECORD).write_text(json.dumps(record), "utf-8")
    return folder


def test_what_is_deleted_is_forgotten_by_the_promoted_model(tmp_path: Path) -> None:
    folder = copy_of_the_api(tmp_path / "copy")
    learnt = folder / "learnt"
    with running_api(
        folder, tmp_path / "log", DIGITS_WORKERS="1", DIGITS_DATABASE_URL=url_of(tmp_path / "database")
    ) as api:
        profile = new_profile(api)
        corrected(api, SEVEN_PNG, label="4", profile=profile)
        [digit] = get(api, f"/profiles/{profile}").json()["digits"]
        promote(memory_for_all(learnt, digit["picture"]), learnt)
        wait_until(lambda: prediction(api, SEVEN_PNG) == 4)
        assert delete(api, f"/profiles/{profile}").status_code == 204
        wait_until(lambda: prediction(api, SEVEN_PNG) == 7)
