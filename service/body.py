"""The body of a request: its limit in bytes, that of all bodies together, and the files in it."""

import re
from collections.abc import Collection
from typing import Final

from prometheus_client import Gauge
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digits.limits import MAX_BATCH_FILES
from service.learning_problems import WRONG_FIELD
from service.problems import EMPTY_FILE, FILE_AS_TEXT, FILES_ONLY, ProblemError
from service.query import MAX_SHOWN_LETTERS

MEBIBYTE = 2**20

MAX_PLAIN_BYTES: Final = 2**20
"""Of a form that is looked at as a whole; the file of a larger one does not stay in memory while it comes."""

_BOUNDARY: Final = re.compile(r'multipart/form-data; ?boundary="?([^\s",;]{1,70})"?', re.ASCII | re.IGNORECASE)
_HEAD_OF_A_FILE: Final = re.compile(
    rb'content-disposition: form-data; name="file"; filename="[^"\\\r\n]+"(\r\ncontent-type: [^\r\n]+)?', re.IGNORECASE
)


class BodyLimits:
    """ASGI middleware: bounds the bytes of one body, and of all that are uploaded or answered at the same time.

    Raises ProblemError where the body is received, too-large or busy: at once where its length is announced, else as
    soon as more has come. What the caller still sends after that, uvicorn reads and drops, so that the caller gets to
    read the answer. Bytes count from when they come until the request is answered, or its caller has left.
    """

    def __init__(self, app: ASGIApp, max_megabytes: int, max_megabytes_under_way: int, gauge: Gauge) -> None:
        self.app = app
        self.gauge = gauge
        self.max_megabytes = max_megabytes
        self._max_under_way = max_megabytes_under_way * MEBIBYTE
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = int(Headers(scope=scope).get("content-length", 0))
        received = 0

        def check(size: int) -> None:
            """Refuse when the body should have so many bytes."""
            if size > self.max_megabytes * MEBIBYTE:
                raise ProblemError("too-large", limit=str(self.max_megabytes))
            if self._under_way - received + size > self._max_under_way:
                raise ProblemError("busy")

        async def receive_within_limits() -> Message:
            nonlocal received
            if received < announced:
                check(announced)
            message = await receive()
            size = len(message.get("body", b""))
            check(received + size)
            received += size
            self._under_way += size
            self.gauge.inc(size)
            return message

        try:
            await self.app(scope, receive_within_limits, send)
        finally:
            self._under_way -= received
            self.gauge.dec(received)


async def one_file(request: Request) -> bytes:
    """The content of the one file of a request, in its field `file`; other fields of text are left aside.

    Raises ProblemError: no-file, wrong-fields, too-many-files, too-large, busy.
    """
    content, *more = await all_files(request)
    if more:
        raise ProblemError("wrong-fields")
    if not content:
        raise ProblemError("no-file", EMPTY_FILE)
    return content


async def all_files(request: Request) -> list[bytes]:
    """The content of each file of a request, one or more, all in its field `file`; raises what `one_file` does."""
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith("multipart/form-data"):
        raise ProblemError("no-file")
    if int(request.headers.get("content-length", MAX_PLAIN_BYTES + 1)) <= MAX_PLAIN_BYTES:
        content = _only_file(content_type, await request.body())
        if content is not None:
            return [content]
    async with request.form(max_files=MAX_BATCH_FILES) as form:
        return [await file.read() for file in _files(form)]


def _only_file(content_type: str, body: bytes) -> bytes | None:
    """The content of a form of one field `file`, written as all browsers and most programs do; None for any other.

    The framework's parser, which reads the others, takes a tenth of a small picture's request.
    """
    boundary = _BOUNDARY.fullmatch(content_type)
    if boundary is None:
        return None
    mark = b"\r\n--" + boundary[1].encode()
    head, _, rest = body.partition(b"\r\n\r\n")
    content = rest.removesuffix(b"\r\n").removesuffix(mark + b"--")
    if not head.startswith(mark[2:] + b"\r\n") or len(content) == len(rest.removesuffix(b"\r\n")) or mark in content:
        return None
    return content if _HEAD_OF_A_FILE.fullmatch(head, len(mark)) else None


async def file_and_fields(request: Request, known: Collection[str]) -> tuple[bytes, dict[str, str]]:
    """The content of the one file of a request, and its other fields, each of which is known and is there once.

    Raises what `one_file` does.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ProblemError("no-file")
    async with request.form(max_files=MAX_BATCH_FILES) as form:
        contents = [await file.read() for file in _files(form)]
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    names = [name for name, _ in fields]
    for name in names:
        if name not in known or names.count(name) > 1:
            shown = name[:MAX_SHOWN_LETTERS]
            raise ProblemError("wrong-fields", WRONG_FIELD, where=shown, known=", ".join(("file", *known)))
    if len(contents) > 1:
        raise ProblemError("wrong-fields")
    if not contents[0]:
        raise ProblemError("no-file", EMPTY_FILE)
    return contents[0], dict(fields)


def _files(form: FormData) -> list[UploadFile]:
    files = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files:
        raise ProblemError("wrong-fields", FILE_AS_TEXT) if "file" in form else ProblemError("no-file")
    if any(name != "file" for name, _ in files):
        raise ProblemError("wrong-fields", FILES_ONLY)
    return [file for _, file in files]
