"""The API at work for long, with several workers, and when it is told to stop."""

import itertools
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image

from tests.conftest import ROOT, Api, running_api
from tests.test_api import PNG_HEAD, SEVEN_PNG, address_of, measured, post, post_all, slow_picture
from tools.drawing import draw, encoded
from tools.processes import megabytes

STOP_SECONDS = 5


def test_memory_stays_flat_over_10_000_requests(tmp_path: Path) -> None:
    """Pictures that are read, refused and rejected, of many sizes, from four callers at once."""
    rng = np.random.default_rng(0)
    noise = [Image.fromarray(rng.integers(0, 256, (side, 60, 3), np.uint8)) for side in range(20, 60, 10)]
    mixed = [encoded(draw(digit, (side, side))) for digit, side in zip(range(10), itertools.cycle((28, 120, 280)))]
    mixed += [encoded(draw(5, (400, 300)), "JPEG"), b"", b"GIF89a", SEVEN_PNG[:300], *map(encoded, noise)]

    def ask(api: Api, count: int) -> None:
        with requests.Session() as session:
            for picture in itertools.islice(itertools.cycle(mixed), count):
                session.post(f"{api.url}/predict/", files={"file": picture}, timeout=60)

    with running_api(ROOT, tmp_path / "log", "--log-level", "warning") as api:

        def load(count: int) -> float:
            with ThreadPoolExecutor(4) as callers:
                for caller in [callers.submit(ask, api, count // 4) for _ in range(4)]:
                    caller.result()
            return megabytes(api.process.pid)

        start = load(1_000)
        assert not load(10_000) - start >= 20


def sent(api: Api, body: bytes, share: float) -> socket.socket:
    """A connection that has sent this share of a request with this picture."""
    form = PNG_HEAD + body + b"\r\n--x--\r\n"
    head = f"POST /predict/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(form)}\r\nConnection: close\r\n"
    request = f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode() + form
    caller = socket.create_connection(address_of(api), timeout=30)
    caller.sendall(request[: int(len(request) * share)])
    return caller


def test_uploads_that_never_end_hold_nothing(api: Api) -> None:
    stuck = [sent(api, SEVEN_PNG, 0.5) for _ in range(100)]
    try:
        assert measured(api)["digits_recognitions_under_way",] == 0
        assert [post(api, SEVEN_PNG).json()["prediction"] for _ in range(3)] == [7, 7, 7]
    finally:
        for caller in stuck:
            caller.close()


@pytest.mark.parametrize("stuck", [False, True], ids=["idle", "beside an upload that never ends"])
def test_a_signal_to_stop_lets_recognitions_finish(tmp_path: Path, stuck: bool) -> None:
    with running_api(ROOT, tmp_path / "log", "--timeout-graceful-shutdown", "4") as api:
        post(api, SEVEN_PNG)
        callers = [sent(api, slow_picture(7_900), 1.0)]
        while measured(api)["digits_recognitions_under_way",] == 0:
            time.sleep(0.01)
        if stuck:
            callers.append(sent(api, SEVEN_PNG, 0.5))
        api.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        answer = b"".join(iter(lambda: callers[0].recv(65536), b""))
        api.process.wait(60)
        stopped = time.monotonic() - told
        for caller in callers:
            caller.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert stopped < STOP_SECONDS


def test_workers_share_requests_and_add_up_their_metrics(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    settings = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    with running_api(ROOT, tmp_path / "log", "--workers", "2", **settings) as api:
        answers: list[requests.Response] = []
        deadline = time.monotonic() + 60
        while len(list(folder.glob("counter_*.db"))) < 2:
            assert time.monotonic() < deadline
            with ThreadPoolExecutor(8) as callers:
                answers += callers.map(lambda _: post(api, SEVEN_PNG), range(200))
        assert {answer.json()["prediction"] for answer in answers} == {7}
        post_all(api, [SEVEN_PNG] * 10)
        said = measured(api)
        assert said["digits_requests_total", "/predict/", "200"] == len(answers)
        assert said["digits_pictures_total", "digit"] == len(answers) + 10
        assert said["digits_recognitions_under_way",] == 0
        assert sum(name[0] == "digits_model" for name in said) == 1
