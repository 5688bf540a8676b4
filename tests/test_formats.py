"""What people have at hand beside PNG and JPEG: every kind of file, turned, transparent, of several pages, broken."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pillow_heif
import psutil
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from digits.decode import (
    MAX_SIDE,
    BadPictureError,
    NotAPictureError,
    Pages,
    TooManyPagesError,
    UnreadablePictureError,
    decode,
    pages,
    pixels_of,
)
from digits.formats import FORMATS, HEIC, MIME_TYPES, SUFFIXES, format_of, names
from digits.limits import MAX_PAGES
from tests.pdfs import pdf_drawn, pdf_of_content, pdf_of_pictures, written
from tests.reading import recogniser, said
from tests.test_decode import TURNS, see_through
from tools.drawing import draw, encoded
from tools.processes import children

pillow_heif.register_heif_opener()  # so that Pillow writes them

BLANK: Final = Image.new("RGB", (280, 280))


def dark(shown: int) -> Image.Image:
    return draw(shown, ink="black", paper="white")


def faint_float(shown: int) -> Image.Image:
    return Image.fromarray(np.asarray(dark(shown).convert("L"), np.float32) / 255)


def run_lengths(shown: int) -> bytes:
    """A BMP packed by run lengths, every run a single pixel."""
    grey = np.asarray(draw(shown, (40, 40), mode="L"))[::-1]
    plain = encoded(Image.fromarray(grey), "BMP")
    pixels = b"".join(b"".join(b"\1" + bytes([pixel]) for pixel in row) + b"\0\0" for row in grey) + b"\0\1"
    return plain[:30] + b"\1\0\0\0" + plain[34:1078] + pixels


KINDS: Final[dict[str, Callable[[int], bytes]]] = {
    "WebP": lambda shown: encoded(dark(shown), "WEBP"),
    "WebP, lossless": lambda shown: encoded(dark(shown), "WEBP", lossless=True),
    "WebP, transparent": lambda shown: encoded(see_through(shown, "black"), "WEBP"),
    "WebP, animated": lambda shown: encoded(dark(shown), "WEBP", save_all=True, append_images=[BLANK]),
    "HEIC": lambda shown: encoded(dark(shown), "HEIF"),
    "HEIC, grey": lambda shown: encoded(dark(shown).convert("L"), "HEIF"),
    "HEIC, transparent": lambda shown: encoded(see_through(shown, "black"), "HEIF"),
    "HEIC, of tiles": lambda shown: encoded(dark(shown), "HEIF", tile_size=64),
    "HEIC, two pictures": lambda shown: encoded(
        BLANK, "HEIF", save_all=True, append_images=[dark(shown)], primary_index=1
    ),
    "AVIF": lambda shown: encoded(dark(shown), "AVIF"),
    "AVIF, transparent": lambda shown: encoded(see_through(shown, "black"), "AVIF"),
    "AVIF, animated": lambda shown: encoded(dark(shown), "AVIF", save_all=True, append_images=[BLANK]),
    "GIF": lambda shown: encoded(dark(shown), "GIF"),
    "GIF, animated": lambda shown: encoded(dark(shown), "GIF", save_all=True, append_images=[BLANK]),
    "GIF, transparent": lambda shown: encoded(see_through(shown, "black"), "GIF"),
    "BMP": lambda shown: encoded(dark(shown), "BMP"),
    "BMP, one bit": lambda shown: encoded(dark(shown).convert("1"), "BMP"),
    "BMP, palette": lambda shown: encoded(dark(shown).quantize(16), "BMP"),
    "BMP, run lengths": run_lengths,
    "TIFF": lambda shown: encoded(dark(shown), "TIFF"),
    "TIFF, big-endian": lambda shown: encoded(dark(shown).convert("L").convert("I;16B"), "TIFF"),
    "TIFF, BigTIFF": lambda shown: encoded(dark(shown), "TIFF", big_tiff=True),
    "TIFF, fax": lambda shown: encoded(dark(shown).convert("1"), "TIFF", compression="group4"),
    "TIFF, LZW": lambda shown: encoded(dark(shown), "TIFF", compression="tiff_lzw"),
    "TIFF, JPEG": lambda shown: encoded(dark(shown), "TIFF", compression="jpeg"),
    "TIFF, CMYK": lambda shown: encoded(dark(shown).convert("CMYK"), "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, fractions": lambda shown: encoded(faint_float(shown), "TIFF"),
    "TIFF, transparent": lambda shown: encoded(see_through(shown, "black"), "TIFF"),
    "PDF, scanned": lambda shown: pdf_of_pictures([dark(shown)]),
    "PDF, written": lambda shown: pdf_drawn(written(shown)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_reads_every_kind_of_file(kind: str) -> None:
    files = [KINDS[kind](shown) for shown in (2, 7)]
    assert {found.name for file in files if (found := format_of(file))} == {kind.partition(",")[0]}
    assert [said(file) for file in files] == [2, 7]


TURNED: Final[Sequence[tuple[str, dict[str, Any]]]] = [
    ("WEBP", {}),
    ("HEIF", {"quality": 90}),
    ("AVIF", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
]


@pytest.mark.parametrize(("kind", "options"), TURNED, ids=str)
def test_turns_once_as_the_file_says(kind: str, options: dict[str, Any]) -> None:
    """HEIC and AVIF say it beside their EXIF too, and their decoders turn by themselves."""
    upright = draw(4, (640, 480), "black", "white")
    expected = decode(encoded(upright)).pixels.astype(int)
    for orientation, turn in TURNS.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = upright if turn is None else upright.transpose(turn)
        picture = decode(encoded(stored, kind, exif=exif.tobytes(), **options))
        assert (picture.width, picture.height) == (640, 480)
        grey = (
            picture.pixels if picture.pixels.ndim == 2 else picture.pixels.mean(axis=2)
        )  # colours may be a little off
        assert np.abs(grey - expected).mean() < 2


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.95])
@pytest.mark.parametrize("kind", ["WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF", "PDF"])
def test_refuses_what_is_cut_off(kind: str, share: float) -> None:
    grain = np.random.default_rng(0).normal(200, 20, (280, 280)).clip(0, 255).astype(np.uint8)
    file = encoded(draw(4, ink=0, paper=Image.fromarray(grain)), kind)
    with pytest.raises(UnreadablePictureError):
        decode(file[: int(len(file) * share)])


@pytest.mark.parametrize(
    "file", [b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", b"BMW is no picture, nor is this", b"II*", b"%PD"]
)
def test_refuses_what_only_looks_alike(file: bytes) -> None:
    with pytest.raises(NotAPictureError):
        decode(file)


def test_an_apple_is_told_from_an_avif() -> None:
    """Both may call themselves mif1 first; what else they are compatible with tells."""
    assert format_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf") is HEIC
    assert getattr(format_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"), "name", "") == "AVIF"


def test_one_list_for_uploaders_and_sentences() -> None:
    assert names("or") == "PNG, JPEG, WebP, AVIF, HEIC, GIF, BMP, TIFF or PDF"
    assert len({*SUFFIXES}) == len(SUFFIXES)
    assert len({*MIME_TYPES}) == len(MIME_TYPES) == len(FORMATS)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in SUFFIXES)


def test_pixels_are_counted_before_decoding() -> None:
    picture = Image.new("RGB", (300, 200))
    kinds = ("PNG", "JPEG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF")
    assert [pixels_of(encoded(picture, kind)) for kind in kinds] == [60_000] * len(kinds)
    assert [pixels_of(file) for file in (pdf_drawn(written(7)), b"", b"I am no picture")] == [0, 0, 0]


def read_pages(file: bytes) -> list[int | None]:
    """The digit of each page, which must all be readable."""
    found = []
    for page in pages(file):
        assert not isinstance(page, BadPictureError), page
        found.append(recogniser().recognise(page).prediction)
    return found


def test_pages_of_a_scan() -> None:
    scan = pdf_of_pictures([dark(shown) for shown in (3, 1, 4)])
    assert read_pages(scan) == [3, 1, 4]
    assert said(scan) == 3  # where one picture is asked for, it is the first
    assert read_pages(encoded(dark(5))) == [5]
    assert [type(page) for page in pages(b"I am no picture")] == [NotAPictureError]


def test_pages_of_a_tiff_without_the_small_copies_of_them() -> None:
    frames = [dark(3), dark(8).resize((70, 70)), dark(4)]
    file = io.BytesIO()
    frames[1].encoderinfo = {"tiffinfo": {254: 1}}
    frames[0].save(file, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    assert read_pages(file.getvalue()) == [3, 4]


def test_one_bad_page_does_not_cost_the_others() -> None:
    frames = [encoded(dark(shown), "TIFF", compression="tiff_lzw") for shown in (3, 1, 4)]
    file = bytearray(encoded(dark(3), "TIFF", compression="tiff_lzw", save_all=True, append_images=[dark(1), dark(4)]))
    second = file.index(frames[1][8:200][-60:]) if False else len(file) // 2
    file[second : second + 40] = b"\xff" * 40
    assert [isinstance(page, BadPictureError) for page in pages(bytes(file))] == [False, True, False]


def test_so_many_pages_and_an_error_for_the_rest() -> None:
    many = Pages(pdf_of_pictures([Image.new("1", (9, 9))] * (MAX_PAGES + 5)))
    assert many.count == MAX_PAGES + 1
    assert many.decode(MAX_PAGES - 1).pixels.shape == (MAX_SIDE, MAX_SIDE)
    with pytest.raises(TooManyPagesError):
        many.decode(MAX_PAGES)


def test_what_was_written_on_a_page_or_typed_into_a_form_is_seen() -> None:
    def form(canvas: Canvas) -> None:
        canvas.acroForm.textfield(value="7", x=200, y=300, width=200, height=300, fontSize=200, borderWidth=0)

    note = b"<</Type/Annot/Subtype/Ink/Rect[0 0 595 842]/InkList[[100 100 400 700]]/C[0 0 0]/BS<</W 20>>>>"
    noted = pdf_of_content(b"").replace(b"/Contents 4 0 R", b"/Annots[" + note + b"]")
    assert decode(pdf_drawn(form)).pixels.min() < 100
    assert decode(noted).pixels.min() < 100


def test_a_locked_pdf_is_refused_unless_anybody_may_open_it() -> None:
    with pytest.raises(UnreadablePictureError):
        decode(pdf_drawn(written(7), password="secret"))


def test_files_that_are_open_do_not_get_in_each_others_way() -> None:
    scan, other = Pages(pdf_of_pictures([dark(3), dark(1)])), Pages(pdf_of_pictures([dark(5), dark(6)]))
    found = [scan.decode(0), other.decode(0), decode(KINDS["WebP"](8)), scan.decode(1), other.decode(1)]
    assert [recogniser().recognise(page).prediction for page in found] == [3, 5, 8, 1, 6]


CALLER: Final = """
import sys, time
from digits.decode import decode
decode(sys.stdin.buffer.read())
print(flush=True)
time.sleep(99)
"""


def decoders(pid: int) -> list[psutil.Process]:
    found = map(psutil.Process, children(pid))
    return [each for each in found if "digits.contained_decoder" in each.cmdline()]


@pytest.mark.linux
def test_a_decoder_that_falls_is_replaced_and_ends_with_its_caller() -> None:
    assert said(KINDS["GIF"](2)) == 2
    (decoder,) = decoders(os.getpid())
    decoder.send_signal(signal.SIGKILL)
    decoder.wait(10)
    assert said(KINDS["GIF"](2)) == 2
    caller = subprocess.Popen([sys.executable, "-c", CALLER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert caller.stdin is not None
    assert caller.stdout is not None
    with caller, caller.stdin, caller.stdout:
        caller.stdin.write(KINDS["GIF"](2))
        caller.stdin.close()
        caller.stdout.readline()
        (decoder,) = decoders(caller.pid)
        caller.kill()
    assert psutil.wait_procs([decoder], 10)[1] == []
