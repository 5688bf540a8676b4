"""What others may send, searched by machine: requests made from the OpenAPI document, pictures bent out of shape."""

import io
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from pillow_heif import register_heif_opener

from digits.decode import MAX_SIDE, BadPictureError, decode
from tests.asking import memory_within
from tests.pdfs import packed_zeros, pdf_of_content
from tests.serving import WAIT_SECONDS, Api, ApiProcess
from tools.drawing import draw, encoded, png

CORPUS: Final = Path(__file__).parent / "corpus"


def test_keeps_to_its_openapi_document(api: Api, tmp_path: Path) -> None:
    """Schemathesis: right and wrong requests for every operation; statuses, headers and bodies as documented."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(Path(__file__).parent / "schemathesis.toml")),
        *("run", f"{api.url}/openapi.json", "--no-color", "--seed", "1", "--max-examples", "20"),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[:10_000] + run.stderr


# Pictures out of shape

register_heif_opener()

MODES: Final = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "I;16", "F")
KINDS: Final = (
    "PNG",
    "JPEG",
    "GIF",
    "BMP",
    "TIFF",
    "WEBP",
    "AVIF",
    "HEIF",
    "PDF",
    "PPM",
    "TGA",
    "ICO",
    "MPO",
    "JPEG2000",
)
SIDES: Final = st.one_of(st.integers(1, 40), st.sampled_from((100, 280, 513, 3000)))


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "a" * 100)
    return archive.getvalue()


TAILS: Final = (b"", b"\0" * 1000, b"<script>alert(1)</script>", zipped(), encoded(draw(3)), b"%PDF-1.7\n%%EOF")


@st.composite
def pictures(choose: st.DrawFn) -> bytes:
    """A file of some kind with a picture of any mode and size in it, with options that fit it or not."""
    mode, kind = choose(st.sampled_from(MODES)), choose(st.sampled_from(KINDS))
    width, height = choose(SIDES), choose(st.integers(1, 40))
    seed = choose(st.integers(0, 9))
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    picture = Image.fromarray(pixels if seed else pixels // 128 * 255)
    options: dict[str, Any] = choose(
        st.fixed_dictionaries(
            {},
            optional={
                "exif": st.binary(max_size=60).map(lambda nonsense: b"Exif\0\0" + nonsense),
                "icc_profile": st.binary(max_size=60),
                "progressive": st.booleans(),
                "subsampling": st.sampled_from((0, 1, 2)),
                "quality": st.sampled_from((1, 50, 100)),
                "transparency": st.sampled_from((0, 255)),
                "save_all": st.just(True),
                "append_images": st.just([Image.new("L", (20, 20), 9)]),
                "comment": st.binary(max_size=60),
            },
        )
    )
    try:
        return encoded(picture.convert(mode), kind, **options)
    except Exception:  # Pillow writes no such picture into such a file
        return encoded(picture, "PNG")


@st.composite
def bent(choose: st.DrawFn) -> bytes:
    """Such a file cut off, with bytes changed, with something else behind it or before it."""
    file = bytearray(choose(pictures()))
    for place, value in choose(st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), max_size=4)):
        file[place % len(file)] = value
    kept = choose(st.one_of(st.just(len(file)), st.integers(0, len(file))))
    before, behind = choose(st.sampled_from((b"", b"\0", b"%PDF-1.7\n"))), choose(st.sampled_from(TAILS))
    return b"".join((before, file[:kept], behind))


def of_many_chunks(name: bytes) -> bytes:
    """A small PNG with 10,000 chunks of this name before its pixels."""
    return png((9, 9), 8, 0, *[(name, b"Comment\0nothing")] * 10_000, (b"IDAT", zlib.compress(bytes(90))))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=st.one_of(pictures(), bent(), st.binary(max_size=200)), name=st.sampled_from(("a.png", "a.exe", "ы\\/\n")))
@example(file=of_many_chunks(b"tEXt"), name="a.png")
@example(file=of_many_chunks(b"IDAT"), name="a.png")
@example(file=of_many_chunks(b"abCd"), name="a.png")
@example(file=of_many_chunks(b"fcTL"), name="a.png")
def test_any_bytes_are_read_or_refused(api_process: ApiProcess, file: bytes, name: str) -> None:
    with memory_within(api_process, 100):
        response = requests.post(f"{api_process.url}/predict/", files={"file": (name, file)}, timeout=WAIT_SECONDS)
    said = response.json()
    if response.status_code == 200:
        assert (said["prediction"] is None) == (said["rejected"] is not None)
    else:
        assert response.status_code == (400 if not file else said["status"])
        assert response.status_code in (400, 413, 415, 422)
        assert response.headers["Content-Type"] == "application/problem+json"


def progressive(mode: str, side: int, **options: Any) -> Callable[[], bytes]:
    """A flat JPEG of several scans, which its decoder holds in memory whole."""
    return lambda: encoded(Image.new(mode, (side, side)), "JPEG", progressive=True, **options)


HEAVY: Final = {
    "CMYK, refused": (progressive("CMYK", 8000), 413),
    "CMYK": (progressive("CMYK", 5200), 200),
    "fine colours, refused": (progressive("RGB", 8000, subsampling=0), 413),
    "coarse colours": (progressive("RGB", 8000), 200),
    "grey": (progressive("L", 8000), 200),
    "WebP": (lambda: encoded(Image.new("RGBA", (3870, 3870), (9, 9, 9, 9)), "WEBP", method=0), 200),
    "PDF, refused": (lambda: pdf_of_content(packed_zeros(300), b"/Filter/FlateDecode"), 422),
}


@pytest.mark.parametrize(("heavy", "status"), HEAVY.values(), ids=HEAVY)
def test_no_request_takes_more_than_300_megabytes(
    api_process: ApiProcess, heavy: Callable[[], bytes], status: int
) -> None:
    file = heavy()
    with memory_within(api_process, 300):
        assert (
            requests.post(f"{api_process.url}/predict/", files={"file": file}, timeout=WAIT_SECONDS).status_code
            == status
        )


def test_no_batch_takes_more_than_300_megabytes(api_process: ApiProcess) -> None:
    """Photographs of which no reading of the ink is sure take the most: all readings are kept."""
    noise = np.random.default_rng(0).normal(0, 1, (512, 512, 3)).cumsum(axis=0).cumsum(axis=1)
    photograph = (255 * (noise - noise.min()) / np.ptp(noise)).astype(np.uint8)
    files = [("file", encoded(Image.fromarray(photograph).rotate(turn), "JPEG")) for turn in range(64)]
    with memory_within(api_process, 300):
        response = requests.post(f"{api_process.url}/predict/batch/", files=files, timeout=120)
    assert len(response.json()["answers"]) == len(files)


def test_no_number_takes_more_than_300_megabytes(api_process: ApiProcess) -> None:
    """Large blotches all over the sheet: one part of the ink that may be cut in many places."""
    rough = np.random.default_rng(0).normal(0, 1, (1024, 1024)).astype(np.float32)
    blotches = np.pad(255 * (cv2.GaussianBlur(rough, (0, 0), 8)[8:-8, 8:-8] > 0).astype(np.uint8), 8)
    with memory_within(api_process, 300):
        file = encoded(Image.fromarray(blotches))
        assert requests.post(f"{api_process.url}/read/", files={"file": file}, timeout=WAIT_SECONDS).status_code == 200


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*")), ids=lambda file: file.name)
def test_what_the_fuzzer_found_is_read_or_refused(file: Path) -> None:
    """Each file of the corpus took the decoder another way when `python -m tools.fuzz_decode` met it first."""
    try:
        picture = decode(file.read_bytes()).pixels
    except BadPictureError:
        return
    assert picture.dtype == np.uint8
    assert 0 < max(picture.shape) <= MAX_SIDE
