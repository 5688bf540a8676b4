"""Coverage-guided fuzzing of the decoder with atheris (libFuzzer for Python; Linux). Not part of `make test`.

    pip install atheris==3.0.0
    python -m tools.fuzz_decode -max_total_time=900 -max_len=4096 FOUND tests/corpus   # FOUND: a folder for new files
    python -m tools.fuzz_decode --keep FOUND                                           # copies what reaches new lines

It stops at the first file that is neither read nor refused, takes 5 s, or 1 GB. What is decoded in a process of its own
is decoded here, where any exception is a refusal. What it found is kept in tests/corpus, and
tests/test_hostile.py puts all of that through the decoder.
"""

import sys
import warnings
from pathlib import Path
from types import FrameType
from typing import Any, Final

try:
    import atheris
except ImportError:
    sys.exit("Fuzzing needs atheris: pip install atheris==3.0.0")

MAX_TRIED_PAGES: Final = 3
TRACED: Final = ("PIL", "pillow_heif", "pypdfium2", "digits")
"""Parts of the paths of files whose lines are counted."""

CORPUS: Final = Path(__file__).parent.parent / "tests" / "corpus"

with atheris.instrument_imports():
    import pillow_heif  # noqa: F401
    import pypdfium2  # noqa: F401
    from PIL import (  # noqa: F401
        AvifImagePlugin,
        BmpImagePlugin,
        GifImagePlugin,
        Image,
        JpegImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    from digits.contained_decoder import open_file
    from digits.decode import MAX_SIDE, BadPictureError, decode
    from digits.formats import JPEG, PNG, format_of


def try_one(data: bytes) -> None:
    """Decode one file; anything but pictures or a refusal is a finding."""
    kind = format_of(data)
    try:
        if kind is None or kind in (PNG, JPEG):
            decoded = [decode(data).pixels]
        else:
            opened = open_file(data, kind)
            decoded = [opened.page(index, MAX_SIDE)[0] for index in range(min(opened.pages, MAX_TRIED_PAGES))]
    except BadPictureError:
        return
    except Exception:
        if kind is None or kind in (PNG, JPEG):
            raise
        return
    for pixels in decoded:
        assert 0 < max(pixels.shape[:2]) <= MAX_SIDE, pixels.shape
        assert pixels.shape[2:] in ((), (3,)), pixels.shape


def lines_reached(data: bytes) -> set[tuple[str, int]]:
    """The lines of the decoder and of Pillow that decoding a file runs through."""
    reached: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if any(part in frame.f_code.co_filename for part in TRACED):
            reached.add((frame.f_code.co_filename, frame.f_lineno))
            return trace
        return None

    sys.settrace(trace)
    try:
        try_one(data)
    finally:
        sys.settrace(None)
    return reached


def keep(found: Path) -> None:
    """Copy into the corpus, smallest first, each file that reaches a line that no file before it reached."""
    seen = set().union(*(lines_reached(file.read_bytes()) for file in CORPUS.iterdir()))
    for file in sorted(found.iterdir(), key=lambda file: file.stat().st_size):
        reached = lines_reached(file.read_bytes())
        if reached - seen:
            (CORPUS / file.name).write_bytes(file.read_bytes())
            seen |= reached
            print(file.name)


def main() -> None:
    """Fuzz until libFuzzer's own options say stop, or keep what was found."""
    Image.init()
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--keep"]:
        keep(Path(sys.argv[2]))
        return
    atheris.Setup([sys.argv[0], "-timeout=5", "-rss_limit_mb=1024", *sys.argv[1:]], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
