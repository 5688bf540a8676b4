"""The API through a real socket: contract, errors, hostile pictures, many callers, a broken model."""

import base64
import http.client
import io
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import sklearn
from PIL import Image, ImageDraw
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT, Api, copy_of_the_api, running_api
from tools.drawing import draw, encoded, png
from tools.processes import family, forget_peak, megabytes

MEGABYTE = 2**20
SEVEN_PNG = encoded(draw(7))


def post(api: Api, picture: bytes, **options: Any) -> requests.Response:
    return requests.post(f"{api.url}/predict/", files={"file": ("picture", picture)}, timeout=60, **options)


def address_of(api: Api) -> tuple[str, int]:
    return "127.0.0.1", int(api.url.rpartition(":")[2])


def problem(response: requests.Response, status: int, name: str) -> dict[str, Any]:
    """The problem details of an answer, checked against RFC 9457 and the contract."""
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    details: dict[str, Any] = response.json()
    assert details["status"] == status
    assert details["type"] == f"/problems/{name}"
    assert details["title"]
    assert details["detail"]
    assert "Traceback" not in response.text
    return details


def pixels_of(data_url: str) -> Image.Image:
    kind, _, data = data_url.partition(",")
    assert kind == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=["PNG"])


@contextmanager
def memory_within(api: Api, limit: int) -> Iterator[None]:
    """The resident memory of the API grows by less than so many megabytes; not measured off Linux."""
    forget_peak(api.process.pid)
    before = megabytes(api.process.pid)
    yield
    assert not megabytes(api.process.pid, peak=True) - before >= limit


# The contract


@pytest.mark.parametrize("digit", range(10))
def test_reads_a_drawn_digit(api: Api, digit: int) -> None:
    answer = post(api, encoded(draw(digit)))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    said = answer.json()
    assert set(said) == {"prediction", "confidence", "probabilities", "rejected"}
    assert said["prediction"] == digit
    assert said["rejected"] is None
    assert len(said["probabilities"]) == 10
    assert sum(said["probabilities"]) == pytest.approx(1, abs=1e-6)
    assert max(range(10), key=said["probabilities"].__getitem__) == digit
    assert 0.5 < said["confidence"] <= 1


def test_nothing_drawn_is_no_digit(api: Api) -> None:
    said = post(api, encoded(Image.new("RGBA", (280, 280), "black"))).json()
    assert said["prediction"] is None
    assert said["rejected"] == "blank"
    assert 0 <= said["confidence"] <= 1


def post_all(api: Api, pictures: list[bytes], **options: Any) -> requests.Response:
    files = [("file", ("picture", picture)) for picture in pictures]
    return requests.post(f"{api.url}/predict/batch/", files=files, timeout=120, **options)


def test_a_batch_is_answered_in_order_as_each_picture_alone(api: Api) -> None:
    blank = encoded(Image.new("L", (280, 280)))
    pictures = [encoded(draw(digit, width=width)) for width in (4, 20) for digit in range(10)] + [blank, SEVEN_PNG]
    response = post_all(api, pictures, params={"include": "picture"})
    assert response.status_code == 200, response.text
    for found, picture in zip(response.json()["answers"], pictures, strict=True):
        alone = post(api, picture, params={"include": "picture"}).json()
        for name, number in (("confidence", found.pop("confidence")), ("probabilities", found.pop("probabilities"))):
            assert alone.pop(name) == pytest.approx(number, abs=1e-5), name
        assert found == alone


def test_a_bad_file_of_a_batch_costs_only_its_own_entry(api: Api) -> None:
    pictures = [SEVEN_PNG, b"", b"GIF89a", SEVEN_PNG[:200], SEVEN_PNG]
    for language, word in (("en", "picture"), ("ru", "изображен")):
        response = post_all(api, pictures, headers={"Accept-Language": language})
        first, empty, foreign, cut_off, last = response.json()["answers"]
        assert first["prediction"] == last["prediction"] == 7
        assert [(found["type"], found["status"]) for found in (empty, foreign, cut_off)] == [
            ("/problems/no-file", 400),
            ("/problems/not-a-picture", 415),
            ("/problems/unreadable-picture", 422),
        ]
        assert word in foreign["title"].lower()


def test_a_batch_has_from_1_to_256_files(api: Api) -> None:
    assert len(post_all(api, [SEVEN_PNG] * 256).json()["answers"]) == 256
    problem(post_all(api, [SEVEN_PNG] * 257), 413, "too-many-files")
    problem(requests.post(f"{api.url}/predict/batch/", files={"other": SEVEN_PNG}, timeout=60), 422, "wrong-fields")
    problem(requests.post(f"{api.url}/predict/batch/", timeout=60), 400, "no-file")


def measured(api: Api) -> dict[tuple[str, ...], float]:
    """What /metrics says, by name and values of the labels."""
    families = text_string_to_metric_families(requests.get(f"{api.url}/metrics", timeout=5).text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def test_counts_requests_and_pictures(api: Api) -> None:
    before = measured(api)
    blank = encoded(Image.new("L", (280, 280)))
    post_all(api, [SEVEN_PNG, blank, b"GIF89a"])
    post(api, SEVEN_PNG)
    post(api, b"GIF89a")
    after = measured(api)
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert grown["digits_requests_total", "/predict/", "200"] == 1
    assert grown["digits_requests_total", "/predict/", "415"] == 1
    assert grown["digits_request_seconds_count", "/predict/batch/"] == 1
    outcomes = {name[1]: count for name, count in grown.items() if name[0] == "digits_pictures_total"}
    assert outcomes == {"digit": 2, "blank": 1, "unreadable": 2}
    assert after["digits_recognitions_under_way",] == 0
    assert any(name[0] == "digits_model" for name in after)


def test_every_answer_has_an_id_that_the_log_knows(api: Api) -> None:
    asked = {"mine-1": "mine-1", "with space": None, "x" * 65: None, "": None}
    answered = [(mine, post(api, SEVEN_PNG, headers={"X-Request-ID": sent})) for sent, mine in asked.items()]
    answered.append((None, requests.get(f"{api.url}/nothing", timeout=5)))
    last = answered[-1][1].headers["X-Request-ID"]
    deadline = time.monotonic() + 30
    while last not in api.log.read_text("utf-8") and time.monotonic() < deadline:
        time.sleep(0.05)  # a request is logged once it is answered
    logged = [json.loads(line) for line in api.log.read_text("utf-8").splitlines() if line.startswith("{")]
    for mine, response in answered:
        given = response.headers["X-Request-ID"]
        assert given == mine if mine else re.fullmatch(r"[0-9a-f]{32}", given)
        (line,) = [line for line in logged if line["request_id"] == given]
        assert line["status"] == response.status_code
        assert line["milliseconds"] > 0


def test_says_which_model_answers(api: Api) -> None:
    said = requests.get(f"{api.url}/model", timeout=60).json()
    recorded = json.loads((ROOT / "digits" / "weights" / "model_card.json").read_text("utf-8"))
    assert {name: said[name] for name in recorded} == recorded
    assert set(said) - set(recorded) == {"name", "version"}


def test_shows_how_it_came_to_its_answer(api: Api) -> None:
    said = post(api, SEVEN_PNG, params={"include": ["ink", "picture", "hog", "influence"]}).json()
    assert said["prediction"] == 7
    ink = np.asarray(pixels_of(said["ink"]))
    assert 0.02 < np.mean(ink > 127) < 0.6
    seen = np.asarray(pixels_of(said["picture"]))
    assert seen.shape == (28, 28)
    assert seen.max() > 200
    hog = pixels_of(said["hog"])
    assert min(hog.size) >= 28
    assert np.asarray(hog).std() > 0


def test_shows_which_ink_speaks_for_and_against(api: Api) -> None:
    """A seven is told by its ink, so most of it speaks for it; the stub of a bar that a 7 lacks speaks against it."""
    plain = np.asarray(pixels_of(post(api, SEVEN_PNG, params={"include": "influence"}).json()["influence"]), int)
    red, blue = plain[..., 0], plain[..., 2]
    assert np.count_nonzero(blue > red + 20) > 5 * np.count_nonzero(red > blue + 20)
    seen = np.asarray(pixels_of(post(api, SEVEN_PNG, params={"include": "picture"}).json()["picture"]))
    inked = np.kron(seen > 100, np.ones((8, 8), bool))
    assert (plain[inked].max(axis=1) > 50).all()
    assert not plain[np.kron(seen == 0, np.ones((8, 8), bool))].any()
    tailed = draw(7)
    ImageDraw.Draw(tailed).line([(110, 235), (200, 235)], fill="white", width=16)
    said = post(api, encoded(tailed), params={"include": "influence"}).json()
    coloured = np.asarray(pixels_of(said["influence"]), int)
    low = coloured[coloured.shape[0] // 2 :]
    assert np.count_nonzero(low[..., 0] > low[..., 2] + 20) > 50


def test_shows_only_what_was_asked_for(api: Api) -> None:
    assert "hog" not in post(api, SEVEN_PNG, params={"include": "picture"}).json()
    blank = post(api, encoded(Image.new("L", (280, 280))), params={"include": ["ink", "picture", "hog", "influence"]})
    assert blank.status_code == 200
    assert {blank.json()[name] for name in ("ink", "picture", "hog", "influence")} == {None}


def test_answers_without_the_last_slash(api: Api) -> None:
    answer = requests.post(f"{api.url}/predict", files={"file": SEVEN_PNG}, timeout=30)
    assert (answer.status_code, answer.json()["prediction"]) == (200, 7)


def test_other_fields_of_text_do_no_harm(api: Api) -> None:
    assert post(api, SEVEN_PNG, data={"submit": "Send"}).json()["prediction"] == 7


def test_accepts_48_megapixels(api: Api) -> None:
    photo = encoded(draw(7, (8000, 6000)), "JPEG")
    assert post(api, photo).json()["prediction"] == 7


def test_health(api: Api) -> None:
    assert requests.get(f"{api.url}/health/live", timeout=5).json() == {"status": "live"}
    ready = requests.get(f"{api.url}/health/ready", timeout=5)
    assert ready.status_code == 200
    assert (ready.json()["status"], ready.json()["service"]) == ("ready", "digits")
    assert sklearn.__version__ in str(ready.json()["model"])


def test_documents_every_answer_with_examples(api: Api) -> None:
    page = requests.get(f"{api.url}/docs", timeout=5)
    assert page.headers["Content-Type"].startswith("text/html")
    needed = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert any(address.endswith(".js") for address in needed)
    for address in needed:
        assert requests.get(f"{api.url}{address}", timeout=5).status_code == 200, address
    document = requests.get(f"{api.url}/openapi.json", timeout=5).json()
    route = document["paths"]["/predict/"]["post"]
    assert "file" in route["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    keys = {"prediction", "confidence", "probabilities", "rejected"}
    examples = route["responses"]["200"]["content"]["application/json"]["examples"]
    assert all(keys <= set(example["value"]) for example in examples.values())
    shown = {example["value"]["rejected"] for example in examples.values()}
    assert shown == {None, "blank", "not_a_digit", "several_digits"}
    batch = document["paths"]["/predict/batch/"]["post"]["responses"]["200"]["content"]["application/json"]["examples"]
    assert all(example["value"]["answers"] for example in batch.values())
    assert {"400", "413", "415", "422", "500", "503"} <= set(route["responses"])
    for status, response in route["responses"].items():
        if status != "200":
            (media_type,) = response["content"]
            assert media_type == "application/problem+json"
            for example in response["content"][media_type]["examples"].values():
                assert example["value"]["status"] == int(status)


# Errors


MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
PNG_HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'


def file(data: bytes, name: str = "a.png") -> dict[str, Any]:
    return {"files": {"file": (name, data)}}


def raw(body: bytes, **headers: str) -> dict[str, Any]:
    return {"data": body, "headers": {**MULTIPART, **headers}}


WRONG_REQUESTS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "no body": (400, "no-file", {}),
    "json": (400, "no-file", {"json": {"file": "x"}}),
    "form without a file": (400, "no-file", {"files": {"name": (None, "x")}}),
    "empty file": (400, "no-file", file(b"")),
    "no file chosen": (400, "no-file", raw(PNG_HEAD.replace(b"a.png", b"") + b"\r\n--x--\r\n")),
    "no boundary": (400, "no-file", raw(b"x", **{"Content-Type": "multipart/form-data"})),
    "malformed": (400, "no-file", raw(b"not multipart")),
    "unfinished": (400, "no-file", raw(PNG_HEAD + b"abc")),
    "file as text": (422, "wrong-fields", {"files": {"file": (None, "x")}}),
    "another field": (422, "wrong-fields", {"files": {"image": SEVEN_PNG}}),
    "two files": (422, "wrong-fields", {"files": [("file", SEVEN_PNG), ("file", SEVEN_PNG)]}),
    "unknown include": (422, "wrong-fields", {**file(SEVEN_PNG), "params": {"include": "everything"}}),
    "text file": (415, "not-a-picture", file(b"I am no picture.")),
    "gif named png": (415, "not-a-picture", file(encoded(draw(7), "GIF"))),
    "cut png": (422, "unreadable-picture", file(SEVEN_PNG[: len(SEVEN_PNG) // 2])),
    "cut jpeg": (422, "unreadable-picture", file(encoded(draw(7), "JPEG")[:900])),
}


def is_russian(text: str) -> bool:
    return any("а" <= letter <= "я" for letter in text)


@pytest.mark.parametrize(("status", "name", "sent"), WRONG_REQUESTS.values(), ids=WRONG_REQUESTS)
def test_says_what_is_wrong_in_both_languages(api: Api, status: int, name: str, sent: dict[str, Any]) -> None:
    def details(language: str) -> dict[str, Any]:
        spoken = {**sent, "headers": {**sent.get("headers", {}), "Accept-Language": language}}
        return problem(requests.post(f"{api.url}/predict/", timeout=10, **spoken), status, name)

    russian, english = details("ru-RU,ru;q=0.9,en;q=0.8"), details("en-US,en;q=0.9,ru;q=0.8")
    for key in ("title", "detail"):
        assert is_russian(russian[key])
        assert not is_russian(english[key])
    assert details("de, fr;q=0.5") == english


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/predict/", 405, "method-not-allowed"),
        ("DELETE", "/health/live", 405, "method-not-allowed"),
    ],
)
def test_wrong_address_or_method(api: Api, method: str, path: str, status: int, name: str) -> None:
    answer = requests.request(method, api.url + path, timeout=5)
    problem(answer, status, name)
    assert ("Allow" in answer.headers) == (status == 405)


def test_too_many_bytes_are_refused_unread(api: Api) -> None:
    """The announced length is enough: the body never comes."""
    with socket.create_connection(address_of(api), timeout=5) as caller:
        caller.sendall(
            b"POST /predict/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        assert caller.recv(1000).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_too_many_bytes(api: Api, chunked: bool) -> None:
    """Who sends all before reading can do so and gets the answer; the server does not keep the bytes."""
    parts = [PNG_HEAD, *[bytes(MEGABYTE)] * 40, b"\r\n--x--\r\n"]
    body = iter(parts) if chunked else b"".join(parts)
    caller = http.client.HTTPConnection(*address_of(api), timeout=30)
    with memory_within(api, 30), closing(caller):
        caller.request("POST", "/predict/", body, MULTIPART, encode_chunked=chunked)
        answer = caller.getresponse()
        assert (answer.status, answer.getheader("Content-Type")) == (413, "application/problem+json")
        assert json.load(answer)["type"] == "/problems/too-large"


def one_bit_bomb() -> bytes:
    """400 million real pixels in some 50 kB."""
    row = bytes(1 + 20_000 // 8)
    return png((20_000, 20_000), 1, 0, (b"IDAT", zlib.compress(row * 20_000, 9)))


BOMBS: dict[str, bytes] = {
    "announced": png((60_000, 60_000), 8, 2, (b"IDAT", zlib.compress(bytes(100)))),
    "real": one_bit_bomb(),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_decompression_bombs_are_refused_undecoded(api: Api, bomb: bytes) -> None:
    start = time.monotonic()
    with memory_within(api, 30):
        problem(post(api, bomb), 413, "too-many-pixels")
    assert post(api, SEVEN_PNG).json()["prediction"] == 7
    assert time.monotonic() - start < 2


def test_a_bomb_in_a_comment_is_harmless(api: Api) -> None:
    """A picture that is small itself, with a compressed text of 1 GB."""
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1000 * MEGABYTE), 1))
    picture = png((28, 28), 8, 0, text, (b"IDAT", zlib.compress(bytes(29 * 28))))
    with memory_within(api, 200):
        assert post(api, picture).status_code in (200, 422)


# Many callers


def slow_picture(height: int) -> bytes:
    """Noise, 8000 pixels wide: long to decode for its bytes."""
    row = b"\0" + np.random.default_rng(0).bytes(1000)
    return png((8_000, height), 1, 0, (b"IDAT", zlib.compress(row * height)))


def test_stays_awake_and_refuses_what_is_too_much(api: Api) -> None:
    picture = slow_picture(3_000)
    patience: list[float] = []
    with ThreadPoolExecutor(60) as callers:
        answers = [callers.submit(post, api, picture) for _ in range(60)]
        while not all(answer.done() for answer in answers):
            start = time.monotonic()
            assert requests.get(f"{api.url}/health/live", timeout=10).status_code == 200
            patience.append(time.monotonic() - start)
            time.sleep(0.05)
    refused = [answer.result() for answer in answers if answer.result().status_code != 200]
    assert 0 < len(refused) < len(answers)
    for answer in refused:
        problem(answer, 503, "busy")
        assert int(answer.headers["Retry-After"]) > 0
    assert np.median(patience) < 0.25
    assert post(api, SEVEN_PNG).json()["prediction"] == 7


def post_at_once(api: Api, asked: list[tuple[bytes, str]]) -> list[requests.Response]:
    """The answers for pictures, each with what its answer shall include, that all wait behind one slow picture."""
    with ThreadPoolExecutor(len(asked) + 1) as callers:
        slow = callers.submit(post, api, slow_picture(7_900))
        while measured(api)["digits_recognitions_under_way",] == 0:
            time.sleep(0.01)
        answers = list(callers.map(lambda each: post(api, each[0], params={"include": each[1]}), asked))
        assert slow.result().status_code == 200
    return answers


def test_callers_that_wait_get_each_their_own_answer(tmp_path: Path) -> None:
    pictures = [encoded(draw(digit, (side, side))) for digit, side in zip(range(10), itertools.cycle((28, 120, 280)))]
    pictures += [encoded(Image.new("L", (50, 50))), b"GIF89a", SEVEN_PNG[:300]]
    asked = [(picture, include) for picture in pictures for include in ("picture", "ink")]
    with running_api(ROOT, tmp_path / "log", DIGITS_AT_ONCE="1") as api:
        alone = [post(api, picture, params={"include": include}) for picture, include in asked]
        together = post_at_once(api, asked)
    for one, other in zip(alone, together, strict=True):
        assert one.status_code == other.status_code
        expected, found = one.json(), other.json()
        for close in ("confidence", "probabilities"):
            assert found.pop(close, None) == pytest.approx(expected.pop(close, None), abs=1e-4)
        assert found == expected


@pytest.mark.parametrize("share", [0.5, 1.0], ids=["while sending", "while waiting"])
def test_callers_that_vanish_hold_nothing(api: Api, share: float) -> None:
    body = PNG_HEAD + slow_picture(7_900) + b"\r\n--x--\r\n"
    head = f"POST /predict/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    request = f"{head}Content-Type: {MULTIPART['Content-Type']}\r\n\r\n".encode() + body
    for _ in range(60):
        with socket.create_connection(address_of(api), timeout=5) as caller:
            caller.sendall(request[: int(len(request) * share)])
    start = time.monotonic()
    while (answer := post(api, SEVEN_PNG)).status_code == 503:
        time.sleep(0.05)
    assert answer.json()["prediction"] == 7
    assert time.monotonic() - start < 2
    assert "Traceback" not in api.log.read_text()


# A model that is not there, and a fault of our own


def changed_byte(folder: Path) -> None:
    model = folder / "best_classification_model.pkl"
    pickled = bytearray(model.read_bytes())
    pickled[len(pickled) // 2] ^= 1
    model.write_bytes(pickled)


def missing_file(folder: Path) -> None:
    (folder / "scaler.pkl").unlink()


def other_scikit_learn(folder: Path) -> None:
    for record in folder.glob("digits/weights/*.json"):
        record.write_text(record.read_text("utf-8").replace(sklearn.__version__, "0.24.2"), "utf-8")


SPOILT = [
    (changed_byte, "best_classification_model.pkl"),
    (missing_file, "scaler.pkl"),
    (other_scikit_learn, "0.24.2"),
]


@pytest.mark.parametrize(("spoil", "named"), SPOILT)
def test_starts_without_its_model_and_says_why(
    tmp_path: Path, spoil: Callable[[Path], None], named: str
) -> None:
    folder = copy_of_the_api(tmp_path / "copy")
    spoil(folder)
    with running_api(folder, tmp_path / "log") as api:
        assert requests.get(f"{api.url}/health/live", timeout=5).status_code == 200
        for answer in (requests.get(f"{api.url}/health/ready", timeout=5), post(api, SEVEN_PNG)):
            details = problem(answer, 503, "not-ready")
            assert named in details["detail"]
            assert "\n" not in details["detail"]
            assert int(answer.headers["Retry-After"]) > 0
        log = api.log.read_text()
    assert sum(named in line for line in log.splitlines()) == 1
    assert "Traceback" not in log


def test_a_fault_of_ours_is_logged_not_shown(tmp_path: Path) -> None:
    folder = copy_of_the_api(tmp_path / "copy")
    with (folder / "digits" / "features.py").open("a") as features:
        features.write(
            "\n\ndef hog_picture(picture: object) -> None:\n    raise RuntimeError('the secret')\n"
        )
    with running_api(folder, tmp_path / "log") as api:
        answer = post(api, SEVEN_PNG, params={"include": "hog"}, headers={"Accept-Language": "ru"})
        assert is_russian(problem(answer, 500, "internal")["detail"])
        assert "secret" not in answer.text
        assert post(api, SEVEN_PNG).json()["prediction"] == 7
        assert "the secret" in api.log.read_text()


@pytest.mark.parametrize("fault", ["raise RuntimeError", "__import__('os')._exit(1)"])
def test_a_fault_of_ours_costs_one_caller_of_many_that_wait(tmp_path: Path, fault: str) -> None:
    folder = copy_of_the_api(tmp_path / "copy")
    with (folder / "digits" / "features.py").open("a") as features:
        features.write(f"\n\ndef hog_picture(picture: object) -> None:\n    {fault}\n")
    with running_api(folder, tmp_path / "log", DIGITS_AT_ONCE="1") as api:
        answers = post_at_once(api, [(SEVEN_PNG, include) for include in ("ink", "hog", "picture")])
        assert [answer.status_code for answer in answers] == [200, 500, 200]


def test_a_recognition_that_breaks_is_begun_anew(tmp_path: Path) -> None:
    with running_api(ROOT, tmp_path / "log") as api:
        post(api, SEVEN_PNG)
        _, *recognising = family(api.process.pid)
        for process in recognising:
            os.kill(process, signal.SIGKILL)
        answers = [post(api, SEVEN_PNG)]
        deadline = time.monotonic() + 60
        while answers[-1].status_code != 200:
            assert time.monotonic() < deadline
            answers.append(post(api, SEVEN_PNG))
        assert answers[-1].json()["prediction"] == 7
        for broken in answers[:-1]:
            problem(broken, 500, "internal")
        assert post(api, SEVEN_PNG).status_code == 200


def test_nothing_outlives_the_api(tmp_path: Path) -> None:
    with running_api(ROOT, tmp_path / "log") as api:
        post(api, SEVEN_PNG)
        recognising = [Path(f"/proc/{process}") for process in family(api.process.pid)[1:]]
        api.process.kill()
        deadline = time.monotonic() + 10
        while any(process.exists() for process in recognising):
            assert time.monotonic() < deadline
            time.sleep(0.05)


# Settings


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    copy = copy_of_the_api(tmp_path / "copy")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    weights = Path("digits", "weights")
    for part in ("scaler.pkl", "best_classification_model.pkl", weights / "model_card.json", weights / "segment_verifier.npz"):
        (copy / part).rename(elsewhere / Path(part).name)
    settings = {
        "DIGITS_MODEL_FOLDER": str(elsewhere),
        "DIGITS_MAX_MEGABYTES": "1",
        "DIGITS_CORS_ORIGINS": '["https://school.example"]',
        "DIGITS_LOG_LEVEL": "warning",
    }
    with running_api(copy, tmp_path / "log", **settings) as api:
        allowed = post(api, SEVEN_PNG, headers={"Origin": "https://school.example"})
        assert allowed.json()["prediction"] == 7
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://school.example"
        foreign = post(api, SEVEN_PNG, headers={"Origin": "https://other.example"})
        assert "Access-Control-Allow-Origin" not in foreign.headers
        assert "1" in problem(post(api, bytes(MEGABYTE + 1)), 413, "too-large")["detail"]
    assert api.log.read_text() == ""


def test_a_wrong_setting_ends_the_start_with_one_line() -> None:
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", "0"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DIGITS_WAITING": "many"}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "DIGITS_WAITING" in done.stderr
    assert "Traceback" not in done.stderr
