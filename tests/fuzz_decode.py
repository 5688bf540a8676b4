"""Coverage-guided fuzzing of the decoder with atheris (libFuzzer for Python; Linux). Not part of `make test`.

    pip install atheris==3.0.0
    python -m tests.fuzz_decode -max_total_time=900 -max_len=4096 FOUND tests/corpus   # FOUND: a folder for new files
    python -m tests.fuzz_decode -merge=1 tests/corpus FOUND                            # keep what reaches new code

It stops at the first file that is neither read nor refused as `BadPicture`, takes 5 s, or 1 GB. What it found is kept
in tests/corpus, and tests/test_hostile.py puts all of that through the decoder.
"""

import sys

import atheris

with atheris.instrument_imports():
    from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin  # noqa: F401

    from digits.decode import LONGEST_SIDE, BadPicture, decode


def try_one(data: bytes) -> None:
    """Decode one file; anything but a picture or a refusal is a finding."""
    try:
        picture = decode(data)
    except BadPicture:
        return
    assert 0 < max(picture.shape[:2]) <= LONGEST_SIDE, picture.shape
    assert picture.shape[2:] in ((), (3,)), picture.shape


def main() -> None:
    """Fuzz until libFuzzer's own options say stop."""
    Image.init()
    atheris.Setup([sys.argv[0], "-timeout=5", "-rss_limit_mb=1024", *sys.argv[1:]], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
