"""What tests of the API send to it, and what they look at in its answers."""

import base64
import http.client
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import requests
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from tests.serving import WAIT_SECONDS, Api, ApiProcess
from tools.drawing import draw, encoded
from tools.processes import forget_peak, megabytes

MEGABYTE: Final = 2**20
SEVEN_PNG: Final = encoded(draw(7))
BLANK_PNG: Final = encoded(Image.new("L", (280, 280)))
MULTIPART: Final = {"Content-Type": "multipart/form-data; boundary=x"}
PART_HEAD: Final = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
PART_END: Final = b"\r\n--x--\r\n"


def post(api: Api, picture: bytes, **options: Any) -> requests.Response:
    files = {"file": ("picture", picture)}
    return requests.post(f"{api.url}/predict/", files=files, timeout=WAIT_SECONDS, **options)


def post_all(api: Api, pictures: list[bytes], **options: Any) -> requests.Response:
    files = [("file", ("picture", picture)) for picture in pictures]
    return requests.post(f"{api.url}/predict/batch/", files=files, timeout=WAIT_SECONDS, **options)


def get(api: Api, path: str, **options: Any) -> requests.Response:
    return requests.get(api.url + path, timeout=WAIT_SECONDS, **options)


def problem(response: requests.Response, status: int, name: str) -> dict[str, Any]:
    """The problem details of an answer, checked against RFC 9457 and the contract."""
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    details: dict[str, Any] = response.json()
    assert details["status"] == status
    assert details["type"] == f"/problems/{name}"
    assert details["title"]
    assert details["detail"]
    assert "Traceback" not in response.text
    if status == 503:
        assert int(response.headers["Retry-After"]) > 0
    return details


def is_russian(text: str) -> bool:
    return any("а" <= letter <= "я" for letter in text)


def measured(api: Api) -> dict[tuple[str, ...], float]:
    """What /metrics says, by name and values of the labels."""
    families = text_string_to_metric_families(get(api, "/metrics").text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def under_way(api: Api) -> float:
    """How many requests wait for a recognition or are worked on."""
    return measured(api)["digits_recognitions_under_way",]


def pixels_of(data_url: str) -> Image.Image:
    kind, _, data = data_url.partition(",")
    assert kind == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=["PNG"])


def begun(api: Api, picture: bytes, share: float) -> socket.socket:
    """A connection that has sent this share of a request with this picture."""
    form = PART_HEAD + picture + PART_END
    head = f"POST /predict/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(form)}\r\nConnection: close\r\n"
    request = f"{head}Content-Type: {MULTIPART['Content-Type']}\r\n\r\n".encode() + form
    caller = socket.create_connection(api.address, timeout=WAIT_SECONDS)
    caller.sendall(request[: int(len(request) * share)])
    return caller


def connection(api: Api) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(*api.address, timeout=WAIT_SECONDS)


@contextmanager
def memory_within(api: ApiProcess, limit: int) -> Iterator[None]:
    """The resident memory of the API grows by less than so many megabytes; not measured off Linux."""
    forget_peak(api.process.pid)
    before = megabytes(api.process.pid)
    yield
    assert not megabytes(api.process.pid, peak=True) - before >= limit
