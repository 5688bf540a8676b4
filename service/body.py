"""The body of a request: its limit in bytes, and the one file in it."""

import asyncio
from contextlib import suppress

from starlette.datastructures import FormData, UploadFile
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import EMPTY_FILE, FILE_AS_TEXT, Problem

MAX_BYTES = 32 * 1024 * 1024
LINGER_SECONDS = 10.0


class BodyLimit:
    """ASGI middleware: refuses a body above `limit` bytes; at once when its length is announced.

    A client that is refused while it still sends would find the connection reset before it has read why.
    So what is left of the body is read and dropped after an early answer, for `LINGER_SECONDS` at most.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        announced = int(headers.get(b"content-length", 0))
        unread = announced > 0 or b"transfer-encoding" in headers
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received, unread
            if announced <= self.limit:
                message = await receive()
                received += len(message.get("body", b""))
                unread = message.get("more_body", False)
                if received <= self.limit:
                    return message
            raise Problem("too-large", limit=str(self.limit // 2**20))

        async def send_and_linger(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not (last and unread):
                await send(message)
                return
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    while (await receive()).get("more_body", False):
                        pass
            await send({"type": "http.response.body"})

        await self.app(scope, receive_within_limit, send_and_linger)


def only_file(form: FormData) -> UploadFile:
    """The one file of a form, in its field `file`; other fields of text are left aside.

    Raises Problem: no-file, wrong-fields.
    """
    files = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files:
        raise Problem("wrong-fields", FILE_AS_TEXT) if "file" in form else Problem("no-file")
    if len(files) > 1 or files[0][0] != "file":
        raise Problem("wrong-fields")
    _, file = files[0]
    if not file.size:
        raise Problem("no-file", EMPTY_FILE)
    return file
