"""The body of a request: its limit in bytes, and the one file in it."""

from starlette.datastructures import FormData, UploadFile
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import EMPTY_FILE, FILE_AS_TEXT, FILES_ONLY, Problem


class BodyLimit:
    """ASGI middleware: refuses a body above `limit` bytes as Problem (too-large).

    At once where its length is announced, else as soon as more has come. What the caller still sends after
    that, uvicorn reads and drops, so that the caller gets to read the answer.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = int(dict(scope["headers"]).get(b"content-length", 0))
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            if announced <= self.limit:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= self.limit:
                    return message
            raise Problem("too-large", limit=str(self.limit // 2**20))

        await self.app(scope, receive_within_limit, send)


def only_file(form: FormData) -> UploadFile:
    """The one file of a form, in its field `file`; other fields of text are left aside.

    Raises Problem: no-file, wrong-fields.
    """
    file, *more = files_of(form)
    if more:
        raise Problem("wrong-fields")
    if not file.size:
        raise Problem("no-file", EMPTY_FILE)
    return file


def files_of(form: FormData) -> list[UploadFile]:
    """The files of a form, one or more, all in its field `file`.

    Raises Problem: no-file, wrong-fields.
    """
    files = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files:
        raise Problem("wrong-fields", FILE_AS_TEXT) if "file" in form else Problem("no-file")
    if any(name != "file" for name, _ in files):
        raise Problem("wrong-fields", FILES_ONLY)
    return [file for _, file in files]
