"""Coverage-guided fuzzing of pictures and pen strokes that are sent as JSON, with atheris (Linux). Not in `make test`.

    pip install atheris==3.0.0
    python -m tools.fuzz_json -max_total_time=900 -max_len=4096 FOUND

FOUND is a folder with bodies to begin with, and for new ones. It stops at the first body that is neither taken nor
refused as a problem, whose strokes cannot be drawn, or that takes 5 s or 1 GB.
"""

import json
import sys
import warnings
from typing import Final

try:
    import atheris
except ImportError:
    sys.exit("Fuzzing needs atheris: pip install atheris==3.0.0")

from starlette.requests import Request
from starlette.types import Message

with atheris.instrument_imports(include=["digits", "service"]):
    from digits.pen import drawing
    from service.picture_body import SentPicture, sent_picture
    from service.problems import ProblemError

SCOPE: Final = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}


def taken(body: bytes) -> SentPicture:
    """What the API takes a body of JSON for; raises ProblemError."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        sent_picture(Request(SCOPE, receive)).send(None)  # nothing in it waits, so it runs to its end at once
    except StopIteration as end:
        sent: SentPicture = end.value
        return sent
    raise AssertionError("it waits")


def try_one(body: bytes) -> None:
    """Take one body; anything but a picture, strokes that are drawn, or a refusal is a finding."""
    try:
        sent = taken(body)
    except ProblemError:
        return
    assert sent.file
    if sent.is_drawn:
        for has_many in (False, True):
            pixels = drawing(json.loads(sent.file), has_many=has_many)
            assert pixels.ndim == 2, pixels.shape
            assert 0 < max(pixels.shape) <= 1024, pixels.shape


def main() -> None:
    """Fuzz until libFuzzer's own options say stop."""
    warnings.simplefilter("ignore")
    atheris.Setup([sys.argv[0], "-timeout=5", "-rss_limit_mb=1024", *sys.argv[1:]], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
