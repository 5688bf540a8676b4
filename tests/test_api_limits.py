"""The limits on what callers send: bytes, files, pixels, values of the query, and all of them at the same time."""

import json
import socket
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.asking import (
    MEGABYTE,
    MULTIPART,
    PART_END,
    PART_HEAD,
    SEVEN_PNG,
    begun,
    connection,
    measured,
    memory_within,
    post,
    post_all,
    problem,
)
from tests.serving import WAIT_SECONDS, Api, ApiProcess, copy_of_the_api, running_api, served_api, wait_until
from tools.drawing import draw, encoded, png

pytestmark = pytest.mark.quick


def test_a_batch_has_from_1_to_256_files(api: Api) -> None:
    assert len(post_all(api, [SEVEN_PNG] * 256).json()["answers"]) == 256
    problem(post_all(api, [SEVEN_PNG] * 257), 413, "too-many-files")
    problem(
        requests.post(f"{api.url}/predict/batch/", files={"other": SEVEN_PNG}, timeout=WAIT_SECONDS),
        422,
        "wrong-fields",
    )
    problem(requests.post(f"{api.url}/predict/batch/", timeout=WAIT_SECONDS), 400, "no-file")


def test_too_many_bytes_are_refused_unread(api: Api) -> None:
    """The announced length is enough: the body never comes."""
    with socket.create_connection(api.address, timeout=WAIT_SECONDS) as caller:
        caller.sendall(
            b"POST /predict/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        assert caller.recv(1000).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_too_many_bytes(api_process: ApiProcess, chunked: bool) -> None:
    """Who sends all before reading can do so and gets the answer; the server does not keep the bytes."""
    parts = [PART_HEAD, *[bytes(MEGABYTE)] * 40, b"\r\n--x--\r\n"]
    body = iter(parts) if chunked else b"".join(parts)
    with memory_within(api_process, 30), closing(connection(api_process)) as caller:
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
def test_decompression_bombs_are_refused_undecoded(api_process: ApiProcess, bomb: bytes) -> None:
    """The real one would take 400 MB, a byte for each pixel."""
    with memory_within(api_process, 30):
        problem(post(api_process, bomb), 413, "too-many-pixels")
    assert post(api_process, SEVEN_PNG).json()["prediction"] == 7


def test_a_bomb_in_a_comment_is_harmless(api_process: ApiProcess) -> None:
    """A picture that is small itself, with a compressed text of 1 GB."""
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1000 * MEGABYTE), 1))
    picture = png((28, 28), 8, 0, text, (b"IDAT", zlib.compress(bytes(29 * 28))))
    with memory_within(api_process, 200):
        assert post(api_process, picture).status_code in (200, 422)


# Pixels of all pictures


def announced(megapixels: int) -> bytes:
    """A PNG that says it has so many pixels, and has none."""
    return png((1000, 1000 * megapixels), 8, 0, (b"IDAT", zlib.compress(b"")))


def headless_jpeg(side: int) -> bytes:
    """A JPEG that says it has so many pixels a side, and ends there."""
    whole = encoded(draw(7, (side, side)), "JPEG")
    return whole[: whole.index(b"\xff\xda") + 20]


def test_pixels_of_a_request_are_bounded_by_its_headers(api: Api) -> None:
    """None of the pictures can be decoded, so it is their headers that are believed."""
    allowed = post_all(api, [announced(64)] * 4)
    assert {entry["status"] for entry in allowed.json()["answers"]} == {422}
    details = problem(post_all(api, [announced(64)] * 4 + [announced(1)]), 413, "too-many-pixels-together")
    assert "256" in details["detail"]
    alone, beside_it = post_all(api, [announced(400), SEVEN_PNG]).json()["answers"]
    assert (alone["type"], beside_it["prediction"]) == ("/problems/too-many-pixels", 7)


def test_pixels_of_a_request_are_a_setting() -> None:
    with served_api(workers=1, max_megapixels=1) as api:
        assert post(api, headless_jpeg(1000)).status_code == 422
        problem(post(api, headless_jpeg(1001)), 413, "too-many-pixels-together")
        problem(post_all(api, [SEVEN_PNG, headless_jpeg(1000)]), 413, "too-many-pixels-together")
        files = {"file": announced(2)}
        read = requests.post(f"{api.url}/read/", files=files, timeout=WAIT_SECONDS)
        problem(read, 413, "too-many-pixels-together")
        assert [found["prediction"] for found in post_all(api, [SEVEN_PNG] * 10).json()["answers"]] == [7] * 10


# Bytes of all requests


@pytest.fixture(scope="module")
def narrow() -> Iterator[Api]:
    """An API that has room for one megabyte of uploads."""
    with served_api(workers=1, max_megabytes=1, max_megabytes_under_way=1) as api:
        yield api


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_bytes_under_way_are_bounded(narrow: Api, chunked: bool) -> None:
    """An upload that has sent half of its megabyte leaves room for small ones only, until its caller goes away."""
    large = PART_HEAD + bytes(600_000) + PART_END

    def status() -> int:
        with closing(connection(narrow)) as caller:
            caller.request("POST", "/predict/", iter([large]) if chunked else large, MULTIPART, encode_chunked=chunked)
            answer = caller.getresponse()
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) > 0
                assert json.load(answer)["type"] == "/problems/busy"
            return answer.status

    with begun(narrow, bytes(900_000), 0.7):
        wait_until(lambda: measured(narrow)["digits_body_bytes_under_way",] > 600_000)
        assert status() == 503
        assert post(narrow, SEVEN_PNG).json()["prediction"] == 7
    wait_until(lambda: measured(narrow)["digits_body_bytes_under_way",] == 0)
    assert status() == 415


def test_bytes_are_no_longer_under_way_once_a_request_has_ended(narrow: Api) -> None:
    """However it ended: twice the room passes through it."""
    ends = {
        "not a picture": (bytes(500_000), 415),
        "too large": (bytes(MEGABYTE + 1), 413),
        "read": (SEVEN_PNG + bytes(500_000), 200),
    }
    for picture, expected in 4 * [*ends.values()]:
        assert post(narrow, picture).status_code == expected
    begun(narrow, bytes(900_000), 0.7).close()
    wait_until(lambda: measured(narrow)["digits_body_bytes_under_way",] == 0)
    assert post(narrow, bytes(1_000_000)).status_code == 415


# Values of the query


def test_each_illustration_is_made_once(tmp_path: Path) -> None:
    """However often it is asked for; the copy of the program notes what it makes."""
    folder = copy_of_the_api(tmp_path / "copy")
    with (folder / "service" / "tasks.py").open("a") as tasks:
        tasks.write(
            "\n_unnoted = data_url\ndef data_url(pixels):\n"
            "    open('made', 'a').write('.')\n    return _unnoted(pixels)\n"
        )
    with running_api(folder, tmp_path / "log", DIGITS_WORKERS="1") as api:
        several = post(api, SEVEN_PNG, params={"include": ["hog", "ink"] * 4})
        assert {"hog", "ink"} < set(several.json())
        assert len((folder / "made").read_text()) == 2
        batch = post_all(api, [SEVEN_PNG] * 3, params={"include": ["picture"] * 4})
        assert all("picture" in found for found in batch.json()["answers"])
        assert len((folder / "made").read_text()) == 2 + 3
        for count in (60, 3000):
            refused = post(api, SEVEN_PNG, params={"include": ["influence"] * count})
            assert "include" in problem(refused, 422, "wrong-fields")["detail"]
        assert len((folder / "made").read_text()) == 2 + 3
