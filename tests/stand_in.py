"""What stands in for an API, behind a real socket: it answers as a test tells it, and keeps what it was asked."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from client.errors import ApiError

FILE_NAME = b'filename="picture"'


class Question(NamedTuple):
    """A request, and when it came on the clock `time.monotonic`."""

    path: str
    headers: dict[str, str]
    body: bytes
    caller: tuple[str, int]
    came: float

    @property
    def files(self) -> int:
        return self.body.count(FILE_NAME)


class Reply(NamedTuple):
    body: bytes
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012


NO_LEARNING = Reply(b"", 404)


class StandIn:
    """Answers every question with `reply`, or with what `reply` makes of it; whether it learns, with `learning`."""

    def __init__(self, port: int = 0) -> None:
        self.reply: Reply | Callable[[Question], Reply] = Reply(answer(7))
        self.learning = NO_LEARNING
        self.questions: list[Question] = []
        self.connections: list[socket.socket] = []
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                stand_in.connections.append(self.connection)

            def do_GET(self) -> None:
                if self.path == "/learning":
                    self.send(stand_in.learning)
                else:
                    self.do_POST()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                question = Question(self.path, headers, body, self.client_address, time.monotonic())
                stand_in.questions.append(question)
                reply = stand_in.reply(question) if callable(stand_in.reply) else stand_in.reply
                self.send(reply)

            do_DELETE = do_POST

            def send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for header in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(*header)
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        """From now on nobody answers, not on connections that were kept alive either."""
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def standing_in(port: int = 0) -> Iterator[StandIn]:
    stand_in = StandIn(port)
    try:
        yield stand_in
    finally:
        stand_in.close()


def answer(
    digit: int | None, confidence: float = 0.98, second: int | None = None, rejected: str | None = None, **other: Any
) -> bytes:
    """What `POST /predict/` answers when it reads this digit, with other values for some keys."""
    shares = [0.0] * 10
    if digit is not None:
        shares[digit] = confidence
        shares[(digit + 1) % 10 if second is None else second] += 1 - confidence
    body = {
        "prediction": digit,
        "confidence": confidence,
        "probabilities": shares if digit is not None else None,
        "rejected": rejected,
    }
    return json.dumps(body | other).encode()


SIGNS = ".,-/:+×÷=()%"
ALTERNATIVES = {"781": [("7,8", 0.2), ("78", 0.05)], "15": [("75", 0.3)]}
"""Of the words that are unsure."""


def number(*lines: str, **other: Any) -> bytes:
    """What `POST /read/` answers when it reads these lines, with other values for some keys.

    A letter is 40 pixels wide, a line 50 high; what is neither a digit nor a sign is a mark.
    """
    body = {
        "lines": [_line(text, row) for row, text in enumerate(lines)],
        "rejected": None if lines else "not_a_digit",
        "width": 864,
        "height": 432,
        "table": None,
        "turn": 0,
    }
    return json.dumps(body | other).encode()


def cells(*rows: Sequence[str], **other: Any) -> bytes:
    """What it answers when it reads a table of these rows, with other values for some keys.

    A cell is 120 pixels wide and 50 high; those with alternatives are unsure.
    """
    table_rows = [
        [
            {
                "text": text,
                "confidence": 0.6 if text in ALTERNATIVES else 0.97,
                "box": [120 * column, 50 * row, 120 * column + 120, 50 * row + 50],
                "table": 1,
                "alternatives": _alternatives(text),
            }
            for column, text in enumerate(texts)
        ]
        for row, texts in enumerate(rows)
    ]
    lines = [_line_of_cells(row, texts) for row, texts in enumerate(rows) if any(texts)]
    size = {"width": max(864, 120 * max(map(len, rows))), "height": max(432, 50 * len(rows))}
    return number(**{"lines": lines, "rejected": None, "table": table_rows} | size | other)


def _line(text: str, row: int) -> dict[str, Any]:
    def box(start: int, end: int) -> list[int]:
        return [40 * start, 50 * row, 40 * end - 10, 50 * row + 45]

    words = [(match[0], match.start(), match.end()) for match in re.finditer(r"\S+", text)]
    return {
        "text": text,
        "confidence": 0.9,
        "box": box(0, len(text)),
        "digits": [
            {
                "prediction": int(letter) if letter.isdigit() else None,
                "confidence": 0.95,
                "probabilities": [0.1] * 10,
                "box": box(place, place + 1),
                "sign": letter if letter in SIGNS else None,
            }
            for place, letter in enumerate(text)
            if letter != " "
        ],
        "words": [
            {
                "text": word,
                "confidence": 0.6 if word in ALTERNATIVES else 0.95,
                "box": box(start, end),
                "alternatives": _alternatives(word),
            }
            for word, start, end in words
        ],
    }


def _line_of_cells(row: int, texts: Sequence[str]) -> dict[str, Any]:
    """The line of what stands in a row's cells, each of at most three letters."""
    line = _line("".join(text.ljust(3) for text in texts), row)
    return line | {"text": " ".join(filter(None, texts))}


def _alternatives(word: str) -> list[dict[str, Any]]:
    return [{"text": text, "confidence": confidence} for text, confidence in ALTERNATIVES.get(word, [])]


def batch(*entries: bytes) -> bytes:
    """What `POST /predict/batch/` answers."""
    return b'{"answers": [' + b", ".join(entries) + b"]}"


def problem(name: str, status: int, title: str = "x", detail: str = "y", **headers: str) -> Reply:
    """Problem details as the API sends them."""
    body = {"type": f"/problems/{name}", "title": title, "status": status, "detail": detail}
    return Reply(json.dumps(body).encode(), status, {name.replace("_", "-"): value for name, value in headers.items()})


def error_of(call: Callable[[], Any]) -> ApiError:
    """The error with which a question to an API ends."""
    with pytest.raises(ApiError) as raised:
        call()
    return raised.value
