"""Hostile pictures through the whole way: bytes in, answer out. Every picture is made here."""

import gzip
import io
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Final

import joblib
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from sklearn.datasets import load_digits

from digits.decode import BadPictureError, NotAPictureError, TooManyPixelsError, UnreadablePictureError, decode
from digits.features import hog_features
from digits.limits import MAX_PIXELS
from digits.recogniser import Recogniser, Recognition
from tools.drawing import STROKES, Colour, Strokes, arc, chunk, draw, encoded, png

ROOT: Final = Path(__file__).parent.parent
DIGITS: Final = range(10)
Make = Callable[[], Image.Image]


@cache
def recogniser() -> Recogniser:
    return Recogniser.load()


def read(file: bytes) -> Recognition:
    """The answer to a file, checked for what holds of every answer."""
    answer = recogniser().recognise(decode(file))
    assert 0 <= answer.confidence <= 1
    assert (answer.prediction is None) == (answer.rejected is not None)
    if answer.probabilities is not None:
        assert len(answer.probabilities) == 10
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-6)
    if answer.prediction is not None:
        assert answer.probabilities is not None
        assert answer.prediction == int(np.argmax(answer.probabilities))
    return answer


def said(file: bytes) -> int | str | None:
    """The digit that is read, or why none is."""
    answer = read(file)
    return answer.prediction if answer.rejected is None else answer.rejected


def said_of(pictures: Iterator[Image.Image], kind: str = "PNG") -> list[int | str | None]:
    return [said(encoded(picture, kind)) for picture in pictures]


def test_probabilities_are_those_of_the_pickled_scaler_and_model() -> None:
    scaler, model = joblib.load(ROOT / "scaler.pkl"), joblib.load(ROOT / "best_classification_model.pkl")
    answers = [read(encoded(draw(digit))) for digit in DIGITS]
    pictures = np.stack([answer.normalised for answer in answers if answer.normalised is not None])
    expected = model.predict_proba(scaler.transform(hog_features(pictures)))[:, :10]
    expected /= expected.sum(axis=1, keepdims=True)
    found = np.array([answer.probabilities for answer in answers])
    sure = found.max(axis=1) > 0.99
    assert np.count_nonzero(sure) >= 5
    np.testing.assert_allclose(found[sure], expected[sure], atol=1e-4)


# What a file can be


def palette(shown: int, transparent: bool = False) -> Image.Image:
    picture = draw(shown, ink="navy", paper="ivory").quantize(16)
    if transparent:
        corner = picture.getpixel((0, 0))
        assert isinstance(corner, int)
        picture.info["transparency"] = corner
    return picture


def see_through(shown: int, ink: Colour) -> Image.Image:
    """Ink on nothing, whose invisible colour is that of the ink."""
    picture = Image.new("RGBA", (280, 280), ink)
    picture.putalpha(draw(shown, ink=255, paper=0, mode="L"))
    return picture


def hole(shown: int, paper: Colour) -> Image.Image:
    """The digit cut out of a sheet of paper."""
    picture = Image.new("RGBA", (280, 280), paper)
    picture.putalpha(draw(shown, ink=0, paper=255, mode="L"))
    return picture


def rounded(shown: int) -> Image.Image:
    """A screenshot with round, transparent corners."""
    picture = draw(shown, ink="black", paper="white", mode="RGBA")
    corners = Image.new("L", picture.size)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 279, 279), 40, 255)
    picture.putalpha(corners)
    return picture


def sixteen_bits(shown: int) -> Image.Image:
    grey = np.asarray(draw(shown, ink=0, paper=255, mode="L")).astype(np.uint16)
    return Image.fromarray(grey * 257)


def sixteen_bit_colours(shown: int) -> bytes:
    colours = np.asarray(draw(shown, ink="red", paper="cyan")).astype(">u2") * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colours)
    return png((280, 280), 16, 2, (b"IDAT", zlib.compress(rows)))


def white_ink(shown: int) -> Image.Image:
    return draw(shown)


def one_bit(shown: int) -> Image.Image:
    return draw(shown).convert("1")


def grey_with_alpha(shown: int) -> Image.Image:
    return see_through(shown, "black").convert("LA")


KINDS: Final[dict[str, Callable[[int], bytes]]] = {
    "1": lambda shown: encoded(one_bit(shown)),
    "L": lambda shown: encoded(white_ink(shown).convert("L")),
    "LA": lambda shown: encoded(grey_with_alpha(shown)),
    "P": lambda shown: encoded(palette(shown)),
    "P with transparency": lambda shown: encoded(palette(shown, transparent=True)),
    "RGB": lambda shown: encoded(white_ink(shown)),
    "RGBA, opaque": lambda shown: encoded(white_ink(shown).convert("RGBA")),
    "RGBA, white ink on nothing": lambda shown: encoded(see_through(shown, "white")),
    "RGBA, black ink on nothing": lambda shown: encoded(see_through(shown, "black")),
    "RGBA, red ink on nothing": lambda shown: encoded(see_through(shown, "red")),
    "RGBA, hole in white paper": lambda shown: encoded(hole(shown, "white")),
    "RGBA, hole in black paper": lambda shown: encoded(hole(shown, "black")),
    "RGBA, round corners": lambda shown: encoded(rounded(shown)),
    "I;16": lambda shown: encoded(sixteen_bits(shown)),
    "RGB of 16 bits": sixteen_bit_colours,
    "JPEG": lambda shown: encoded(white_ink(shown), "JPEG", quality=30),
    "JPEG, grey": lambda shown: encoded(white_ink(shown).convert("L"), "JPEG"),
    "JPEG, CMYK": lambda shown: encoded(white_ink(shown).convert("CMYK"), "JPEG"),
    "JPEG, progressive": lambda shown: encoded(white_ink(shown), "JPEG", progressive=True),
    "JPEG, two pictures": lambda shown: encoded(
        white_ink(shown), "MPO", save_all=True, append_images=[Image.new("RGB", (99, 70))]
    ),
    "PNG, animated": lambda shown: encoded(
        white_ink(shown), save_all=True, append_images=[Image.new("RGB", (280, 280))]
    ),
    "PNG, 10,000 chunks": lambda shown: many_chunks(encoded(white_ink(shown))),
}


def many_chunks(file: bytes) -> bytes:
    """The file with a short text in front of the pixels, 10,000 times."""
    place = file.index(b"IDAT") - 4
    return file[:place] + chunk(b"tEXt", b"Comment\0seven") * 10_000 + file[place:]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_reads_every_kind_of_file(kind: Callable[[int], bytes]) -> None:
    assert [said(kind(shown)) for shown in (0, 2, 7)] == [0, 2, 7]


SIZES: Final = [(28, 28), (60, 40), (40, 60), (280, 280), (1280, 960), (2000, 100), (120, 3000)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_reads_every_size(size: tuple[int, int]) -> None:
    pictures = (draw(shown, size, "black", "white", height=0.8) for shown in DIGITS)
    assert said_of(pictures) == [*DIGITS]


@pytest.mark.parametrize("size", [(4000, 3000), (8000, 6000)], ids=["12 MP", "48 MP"])
@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_reads_a_telephone_picture_soon(size: tuple[int, int], kind: str) -> None:
    file = encoded(draw(3, size, "black", "white", width=60, height=0.3), kind)
    start = time.process_time()
    assert said(file) == 3
    assert time.process_time() - start < 1.5


TURNS: Final = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that writes this EXIF orientation has stored an upright picture."""


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", TURNS)
def test_turns_as_exif_says(orientation: int, kind: str) -> None:
    upright = draw(4, (320, 240), "black", "white")
    turn = TURNS[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(upright if turn is None else upright.transpose(turn), kind, exif=exif)
    assert decode(file).pixels.shape[:2] == (240, 320)
    assert said(file) == 4


def orientation_block(type_of_value: int, count: int, value: bytes) -> bytes:
    """An EXIF block with nothing but an orientation."""
    return b"Exif\0\0II*\0\x08\0\0\0\1\0" + struct.pack("<HHI4sI", 0x0112, type_of_value, count, value, 0)


WRONG_EXIF: Final = {
    "0": orientation_block(3, 1, b"\0\0"),
    "9": orientation_block(3, 1, b"\x09\0"),
    "text": orientation_block(2, 3, b"up\0"),
    "broken fraction": orientation_block(5, 1, b"\xff\xff\xff\xff"),
    "no such type": orientation_block(77, 1, b"\6\0"),
    "more than there is": orientation_block(3, 2**32 - 1, b"\6\0"),
    "empty": b"Exif\0\0",
    "noise": b"Exif\0\0" + bytes(range(200)),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("exif", WRONG_EXIF.values(), ids=WRONG_EXIF)
def test_wrong_exif_does_no_harm(exif: bytes) -> None:
    assert said(encoded(draw(4), "JPEG", exif=exif)) == 4


# What must be refused


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True})], ids=str)
@pytest.mark.parametrize("side", [280, 3000])
def test_refuses_what_is_cut_off(kind: str, options: dict[str, bool], side: int, share: float) -> None:
    grain = np.random.default_rng(0).normal(200, 20, (side, side)).clip(0, 255).astype(np.uint8)
    file = encoded(draw(4, ink=0, paper=Image.fromarray(grain)), kind, **options)
    with pytest.raises(UnreadablePictureError):
        decode(file[: int(len(file) * share)])


def spoilt(kind: str, mark: bytes) -> bytes:
    """A file whose bytes after the first such mark are nonsense."""
    file = encoded(draw(4), kind)
    place = file.index(mark) + len(mark)
    return file[:place] + b"\0\x20" + b"\xfe" * 30 + file[place + 32 :]


UNREADABLE: Final = {
    "png signature only": b"\x89PNG\r\n\x1a\n",
    "jpeg signature only": b"\xff\xd8\xff",
    "jpeg of two markers": b"\xff\xd8\xff\xd9",
    "png header spoilt": spoilt("PNG", b"IH"),
    "png pixels spoilt": spoilt("PNG", b"IDAT"),
    "png without pixels": png((280, 280), 8, 2),
    "png of no width": png((0, 280), 8, 2, (b"IDAT", zlib.compress(b""))),
    "png with too few pixels": png((280, 280), 8, 2, (b"IDAT", zlib.compress(bytes(999)))),
    "png of 3 bits": png((28, 28), 3, 0, (b"IDAT", zlib.compress(bytes(999)))),
    "jpeg tables spoilt": spoilt("JPEG", b"\xff\xc4"),
    "png start, jpeg rest": b"\x89PNG\r\n\x1a\n" + encoded(draw(4), "JPEG"),
}


@pytest.mark.parametrize("file", UNREADABLE.values(), ids=UNREADABLE)
def test_refuses_what_is_broken(file: bytes) -> None:
    with pytest.raises(UnreadablePictureError):
        decode(file)


NO_PICTURES: Final = {
    "nothing": b"",
    "one byte": b"\x89",
    "text": b"I am no picture",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "pdf": b"%PDF-1.7",
    "gif": encoded(draw(4), "GIF"),
    "bmp": encoded(draw(4), "BMP"),
    "tiff": encoded(draw(4), "TIFF"),
    "webp": encoded(draw(4), "WEBP"),
    "space before a png": b" " + encoded(draw(4)),
}


@pytest.mark.parametrize("file", NO_PICTURES.values(), ids=NO_PICTURES)
def test_refuses_what_is_no_png_or_jpeg(file: bytes) -> None:
    with pytest.raises(NotAPictureError):
        decode(file)


def test_a_refusal_is_one_sentence_without_internals() -> None:
    bomb = png((100_000, 100_000), 8, 2, (b"IDAT", zlib.compress(bytes(99))))
    for file in (*NO_PICTURES.values(), *UNREADABLE.values(), bomb):
        with pytest.raises(BadPictureError) as refusal:
            decode(file)
        assert str(refusal.value).count(".") == 1
        assert str(refusal.value).endswith(".")
        assert not any(word in str(refusal.value) for word in ("Pillow", "PIL", "Error", "0x", "_", "\n"))


HUGE: Final = [(100_000, 100_000), (2**31 - 1, 1), (1, MAX_PIXELS + 1), (8001, 8000)]


@pytest.mark.parametrize("size", HUGE, ids=lambda size: f"{size[0]}x{size[1]}")
def test_refuses_too_many_pixels_before_decoding(size: tuple[int, int]) -> None:
    start = time.process_time()
    with pytest.raises(TooManyPixelsError):
        decode(png(size, 8, 2, (b"IDAT", zlib.compress(bytes(99)))))
    assert time.process_time() - start < 0.1


def half_transparent(side: int) -> bytes:
    """A real picture of side x side RGBA pixels, paper that lets half of the light through."""
    row = zlib.compressobj(9)
    pixels = b"\0" + b"\xff\xff\xff\x80" * side
    return png((side, side), 8, 6, (b"IDAT", b"".join(row.compress(pixels) for _ in range(side)) + row.flush()))


def endless_jpeg(side: int, scans: int) -> bytes:
    """A progressive JPEG that goes over all of its pixels again and again, in some 100 bytes each time."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    blocks = (side // 8) ** 2
    skip_32767_blocks = "0" + "1" * 14
    bits = skip_32767_blocks * (blocks // 32767 + 1)
    skipped = bytes(int(bits[place : place + 8].ljust(8, "1"), 2) for place in range(0, len(bits), 8))
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xDB, b"\0" + b"\1" * 64),
            segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0"),
            segment(0xC4, b"\0\1" + bytes(15) + b"\0"),
            segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0"),
            segment(0xDA, b"\1\1\0\0\0\0"),
            bytes(blocks // 8 + 1),
            (segment(0xDA, b"\1\1\0\1\x3f\0") + skipped.replace(b"\xff", b"\xff\0")) * scans,
            b"\xff\xd9",
        )
    )


def test_a_jpeg_cannot_keep_the_decoder_busy() -> None:
    file = endless_jpeg(8000, 500)
    assert len(file) < 200_000
    start = time.process_time()
    with pytest.raises(BadPictureError):
        decode(file)
    assert time.process_time() - start < 2


MEASURED = """
import sys
from pathlib import Path
from digits.decode import decode

def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024

file = sys.stdin.buffer.read()
before = peak()
decode(file)
print(peak() - before)
"""


HEAVY: Final[dict[str, Callable[[], bytes]]] = {
    "semi-transparent PNG": lambda: half_transparent(7740),
    "PNG of grey with alpha": lambda: encoded(Image.new("LA", (7740, 7740))),
    "JPEG": lambda: encoded(Image.new("RGB", (7740, 7740)), "JPEG"),
    "progressive JPEG": lambda: encoded(Image.new("RGB", (7740, 7740)), "JPEG", progressive=True),
    "progressive JPEG, fine colours": lambda: encoded(
        Image.new("RGB", (6000, 6000)), "JPEG", progressive=True, subsampling=0
    ),
    "progressive CMYK JPEG": lambda: encoded(Image.new("CMYK", (5200, 5200)), "JPEG", progressive=True),
}


@pytest.mark.parametrize("heavy", HEAVY.values(), ids=HEAVY)
def test_many_megapixels_take_little_memory(heavy: Callable[[], bytes]) -> None:
    """Measured in a process of its own, where the system tells a process's peak (Linux)."""
    file = heavy()
    assert len(file) < 2_000_000
    if not Path("/proc/self/status").exists():
        assert decode(file).pixels.size
        return
    command = [sys.executable, "-W", "error", "-c", MEASURED]
    grown = subprocess.run(command, input=file, cwd=ROOT, capture_output=True, check=True).stdout
    assert int(grown) < 260


@pytest.mark.parametrize(("mode", "side"), [("RGB", 6100), ("CMYK", 5300)])
def test_refuses_a_progressive_jpeg_that_takes_much_memory(mode: str, side: int) -> None:
    options = {"progressive": True, "subsampling": 0}
    with pytest.raises(TooManyPixelsError):
        decode(encoded(Image.new(mode, (side, side)), "JPEG", **options))
    assert decode(encoded(Image.new(mode, (side, side)), "JPEG")).pixels.size


# What the digit can look like


COLOURS: Final[list[tuple[Colour, Colour]]] = [
    ("black", "white"),
    ("white", "black"),
    ((255, 0, 0), (0, 130, 0)),
    ((0, 0, 255), (114, 0, 0)),
    ((90, 90, 90), (128, 128, 128)),
    ((160, 160, 160), (128, 128, 128)),
    ("yellow", "white"),
    ((255, 255, 150), "white"),
    ("navy", "black"),
    ("magenta", "lime"),
    ((255, 255, 255), (235, 235, 235)),
    ((20, 20, 20), (0, 0, 0)),
]


@pytest.mark.parametrize(("ink", "paper"), COLOURS, ids=str)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_reads_any_two_colours(ink: Colour, paper: Colour, kind: str) -> None:
    assert said_of((draw(shown, ink=ink, paper=paper) for shown in (0, 5, 9)), kind) == [0, 5, 9]


@pytest.mark.parametrize("paper", ["black", "white"])
@pytest.mark.parametrize("width", [1, 2, 4, 8, 16, 25])
def test_reads_any_width_of_stroke(width: float, paper: str) -> None:
    ink = "white" if paper == "black" else "black"
    assert said_of(draw(shown, ink=ink, paper=paper, width=width, height=0.7) for shown in DIGITS) == [*DIGITS]


PLACES: Final = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9), (0.5, 0.5)]


@pytest.mark.parametrize("centre", PLACES, ids=str)
def test_reads_a_small_digit_anywhere(centre: tuple[float, float]) -> None:
    pictures = (draw(shown, height=1 / 8, width=5, centre=centre) for shown in DIGITS)
    assert said_of(pictures) == [*DIGITS]


@pytest.mark.parametrize("size", [(640, 480), (1280, 960)], ids=str)
def test_reads_a_small_digit_on_a_large_sheet(size: tuple[int, int]) -> None:
    pictures = (draw(shown, size, "navy", "white", height=1 / 8, centre=(0.8, 0.2)) for shown in DIGITS)
    assert said_of(pictures, "JPEG") == [*DIGITS]


@pytest.mark.parametrize("rim", ["left", "right", "top", "bottom"])
def test_reads_a_digit_that_touches_the_rim(rim: str) -> None:
    for paper, ink in (("black", "white"), ("white", "black")):
        for shown in DIGITS:
            whole = draw(shown, ink=ink, paper=paper, width=14)
            left, top, right, bottom = box_of_ink(whole, paper)
            cut = {
                "left": (left + 2, 0, 280, 280),
                "right": (0, 0, right - 2, 280),
                "top": (0, top + 2, 280, 280),
                "bottom": (0, 0, 280, bottom - 2),
            }
            assert said(encoded(whole.crop(cut[rim]))) == shown


def box_of_ink(picture: Image.Image, paper: Colour) -> tuple[int, int, int, int]:
    box = ImageChops.difference(picture, Image.new(picture.mode, picture.size, paper)).getbbox()
    assert box is not None
    return box


def test_reads_a_digit_that_fills_the_picture() -> None:
    wholes = (draw(shown, width=24) for shown in DIGITS)
    assert said_of(whole.crop(box_of_ink(whole, "black")) for whole in wholes) == [*DIGITS]


def test_reads_a_five_with_a_loose_bar() -> None:
    body, bar = STROKES[5]
    loose = [body, [(x + 0.06, y - 0.08) for x, y in bar]]
    for width in (8, 16):
        assert said(encoded(draw(loose, width=width))) == 5


# Photographs: light, shadow, ruling, frame


def light(kind: str, size: tuple[int, int] = (640, 480), seed: int = 0) -> NDArray[np.float64]:
    """How bright white paper looks under this light, with the grain of a camera: (height, width), 0..255."""
    width, height = size
    rows, columns = np.mgrid[:height, :width] / [[[height]], [[width]]]
    bright: NDArray[np.float64] = {
        "even": np.full((height, width), 200.0),
        "gradient": 90 + 140 * (0.7 * columns + 0.3 * rows),
        "shadow": 215 - 90 / (1 + np.exp(-(columns + 0.4 * rows - 0.75) * 25)),
        "sharp shadow": 215 - 80 / (1 + np.exp(-(columns + 0.4 * rows - 0.75) * 150)),
        "table": np.where(columns < 0.07, 70.0, 205.0),
        "corner": 230 - 120 * np.hypot(rows - 1, columns - 1) ** 2 / 2,
    }[kind]
    return bright + np.random.default_rng(seed).normal(0, 3, bright.shape)


def photograph(
    strokes: list[tuple[Strokes, tuple[float, float]]], paper: NDArray[np.float64], darkness: float = 0.65
) -> Image.Image:
    """Strokes of a dark pen on paper, slightly out of focus; each with the centre where it stands."""
    height, width = paper.shape
    ink = Image.new("L", (width, height))
    for shown, centre in strokes:
        ink = draw(shown, ink=255, paper=ink, width=9, height=0.45, centre=centre)
    soft = np.asarray(ink.filter(ImageFilter.GaussianBlur(1.2))) / 255
    grey = (paper * (1 - darkness * soft)).clip(0, 255).astype(np.uint8)
    return Image.merge("RGB", [Image.fromarray(grey)] * 3)


def ruled(kind: str, degrees: float, size: tuple[int, int] = (640, 480)) -> NDArray[np.float64]:
    """Share of light that ruled or squared paper gives back: lines lighter than ink."""
    width, height = size
    side = 2 * max(size)
    sheet = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(sheet)
    for place in range(10, side, 64 if kind == "ruled" else 36):
        pen.line([(0, place), (side, place)], 190, 3)
        if kind == "squared":
            pen.line([(place, 0), (place, side)], 190, 3)
    turned = sheet.rotate(degrees, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1))
    left, top = (side - width) // 2, (side - height) // 2
    return np.asarray(turned.crop((left, top, left + width, top + height)), np.float64) / 255


@pytest.mark.parametrize("kind", ["even", "gradient", "shadow", "corner", "sharp shadow", "table"])
def test_reads_in_uneven_light(kind: str) -> None:
    pictures = (photograph([(STROKES[shown], (0.55, 0.5))], light(kind, seed=shown)) for shown in DIGITS)
    assert said_of(pictures, "JPEG") == [*DIGITS]


@pytest.mark.parametrize("thickness", [0.005, 0.015, 0.03])
def test_the_edge_of_an_empty_sheet_is_no_digit(thickness: float) -> None:
    columns = np.linspace(0, 1, 640)
    edge = np.where((columns > 0.005) & (columns < 0.005 + thickness), 0.6, 1.0)
    assert read(encoded(photograph([], light("gradient") * edge), "JPEG")).prediction is None


@pytest.mark.parametrize("degrees", [0, 3])
@pytest.mark.parametrize("paper", ["ruled", "squared"])
@pytest.mark.parametrize("kind", ["even", "gradient"])
def test_reads_on_ruled_and_squared_paper(kind: str, paper: str, degrees: float) -> None:
    sheet = ruled(paper, degrees)
    pictures = (photograph([(STROKES[shown], (0.5, 0.5))], light(kind, seed=shown) * sheet) for shown in DIGITS)
    assert said_of(pictures, "JPEG") == [*DIGITS]


def test_reads_a_photograph_in_a_white_frame() -> None:
    for shown in DIGITS:
        framed = Image.new("RGB", (700, 540), "white")
        framed.paste(photograph([(STROKES[shown], (0.5, 0.5))], light("gradient")), (30, 30))
        assert said(encoded(framed, "JPEG")) == shown


def test_reads_a_light_pen_on_dark_paper() -> None:
    for shown in DIGITS:
        dark = photograph([(STROKES[shown], (0.5, 0.5))], light("shadow")).point(lambda value: 255 - value)
        assert said(encoded(dark, "JPEG")) == shown


# What is no digit


def grey_picture(values: NDArray[np.float64]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def noise(amount: float, side: int = 280) -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(0, amount, (side, side))


BLANK: Final[dict[str, Make]] = {
    "black": lambda: Image.new("RGB", (280, 280), "black"),
    "white": lambda: Image.new("RGB", (280, 280), "white"),
    "red": lambda: Image.new("RGB", (280, 280), "red"),
    "grey": lambda: Image.new("L", (640, 480), 128),
    "one bit": lambda: Image.new("1", (280, 280), 1),
    "nothing at all": lambda: Image.new("RGBA", (280, 280), (0, 0, 0, 0)),
    "half transparent": lambda: Image.new("RGBA", (280, 280), (255, 0, 0, 128)),
    "one pixel": lambda: Image.new("L", (1, 1), 255),
    "one row": lambda: Image.new("L", (300, 1), 255),
    "one column": lambda: Image.new("RGB", (1, 300), "blue"),
    "12 megapixels": lambda: Image.new("L", (4000, 3000), 255),
    "gradient": lambda: grey_picture(np.tile(np.linspace(150, 230, 640), (480, 1))),
    "steep gradient": lambda: grey_picture(light("gradient")),
    "corner light": lambda: grey_picture(light("corner")),
    "grain": lambda: grey_picture(128 + noise(2)),
    "coarse grain": lambda: grey_picture(200 + noise(6, 640)),
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("blank", BLANK.values(), ids=BLANK)
def test_nothing_is_blank(blank: Make, kind: str) -> None:
    picture = blank()
    if kind == "JPEG":
        picture = picture.convert("RGB")
    assert said(encoded(picture, kind, **({"quality": 30} if kind == "JPEG" else {}))) == "blank"


def beside_each_other(*shown: int) -> Image.Image:
    picture = Image.new("RGB", (480, 280), "black")
    for place, digit in enumerate(shown):
        picture = draw(digit, ink="white", paper=picture, width=16, centre=((place + 0.5) / len(shown), 0.5))
    return picture


@pytest.mark.parametrize("shown", [(1, 2), (7, 7), (3, 5), (0, 0), (6, 9)], ids=str)
def test_two_digits_are_several(shown: tuple[int, int]) -> None:
    assert said(encoded(beside_each_other(*shown))) == "several_digits"
    both = [(STROKES[digit], (0.25 + 0.5 * place, 0.5)) for place, digit in enumerate(shown)]
    assert said(encoded(photograph(both, light("gradient")), "JPEG")) == "several_digits"


def scribble(seed: int) -> Image.Image:
    knots = np.random.default_rng(seed).uniform(0, 1, (30, 2))
    return draw([[(float(x), float(y)) for x, y in knots]], width=6, height=0.7)


def filled(outline: Strokes) -> Image.Image:
    picture = Image.new("L", (280, 280))
    ImageDraw.Draw(picture).polygon([(280 * x, 280 * y) for x, y in outline[0]], 255)
    return picture


NO_DIGITS: Final[dict[str, Make]] = {
    **{f"scribble {seed}": partial(scribble, seed) for seed in range(4)},
    "block": lambda: filled([[(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]]),
    "disc": lambda: filled([arc(0.5, 0.5, 0.3, 0.3, 0, 360)]),
    "triangle": lambda: filled([[(0.5, 0.15), (0.85, 0.8), (0.15, 0.8)]]),
    "chequers": lambda: grey_picture(255.0 * np.kron(np.indices((9, 9)).sum(0) % 2, np.ones((30, 30)))),
    "snow": lambda: grey_picture(128 + noise(90)),
    "star": lambda: draw([[(0.5 - x, 0.5 - y), (0.5 + x, 0.5 + y)] for x, y in arc(0, 0, 0.5, 0.5, 0, 156)[::10]]),
}


@pytest.mark.parametrize("nonsense", NO_DIGITS.values(), ids=NO_DIGITS)
def test_nonsense_is_no_digit(nonsense: Make) -> None:
    answer = read(encoded(nonsense()))
    assert answer.rejected is not None


OTHER_THINGS: Final = (
    "astronaut", "brick", "camera", "cell", "chelsea", "clock_motion", "coffee", "coins", "grass", "gravel",
    "horse", "ihc", "moon", "motorcycle_left", "motorcycle_right", "page", "rocket", "text",
)  # fmt: skip


def test_photographs_of_other_things_are_no_digits() -> None:
    """The pictures that scikit-image brings along: of 18 and their middles at most six are taken for digits."""
    taken = []
    for name in OTHER_THINGS:
        with Image.open(next(Path(skimage.data.__file__).parent.glob(f"{name}.*g"))) as opened:
            whole = opened.convert("RGB")
        width, height = whole.size
        middle = whole.crop((width // 4, height // 4, 3 * width // 4, 3 * height // 4)).resize((640, 480))
        for part, picture in (("whole", whole), ("middle", middle)):
            if read(encoded(picture, "JPEG")).prediction is not None:
                taken.append((name, part))
    assert len(taken) <= 6, taken


def test_any_small_picture_has_an_answer() -> None:
    """Odd sizes and few pixels, where a step may find nothing to measure."""
    chance = np.random.default_rng(0)
    for number in range(400):
        height, width = (int(side) for side in chance.integers(1, 40, 2))
        colours = chance.integers(0, 256, (int(chance.integers(1, 4)), 3), np.uint8)
        pixels = colours[chance.integers(0, len(colours), (height, width))]
        if number % 2:
            top, left = int(chance.integers(0, height)), int(chance.integers(0, width))
            pixels[:] = colours[0]
            pixels[top:, left:] = colours[-1]
        read(encoded(Image.fromarray(pixels[:, :, 0] if number % 3 else pixels)))


def test_ink_on_both_sides_of_the_paper_has_an_answer() -> None:
    """As much darker as brighter ink: neither side is the likelier one."""
    picture = np.full((90, 90), 100, np.uint8)
    picture[20:40, 20:70], picture[50:70, 20:70] = 50, 150
    read(encoded(Image.fromarray(picture)))
    half = np.zeros((60, 60), np.uint8)
    half[30:] = 200
    read(encoded(Image.fromarray(half)))


def test_one_bright_pixel_among_faint_ones_has_an_answer() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[30:60, 30:60, 1] = 12
    picture[80, 80, 0] = 255
    read(encoded(Image.fromarray(picture)))


# Real handwriting


def small_pictures() -> Iterator[tuple[bytes, int]]:
    pictures, labels = load_digits(return_X_y=True)
    for picture, label in zip(pictures.reshape(-1, 8, 8), labels, strict=True):
        yield encoded(grey_picture(picture * 255 / 16)), int(label)


def enlarged_pictures() -> Iterator[tuple[bytes, int]]:
    for file, label in [*small_pictures()][::4]:
        yield encoded(Image.open(io.BytesIO(file)).resize((80, 80), Image.Resampling.BICUBIC)), label


def mnist(name: str) -> NDArray[np.uint8]:
    """One of MNIST's IDX files: uint8, the axes as its header says."""
    data = gzip.decompress((DATA / "mnist" / f"t10k-{name}-ubyte.gz").read_bytes())
    axes = data[3]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(struct.unpack_from(f">{axes}I", data, 4))


def mnist_files() -> Iterator[tuple[bytes, int]]:
    for picture, label in zip(mnist("images-idx3")[::20], mnist("labels-idx1")[::20], strict=True):
        yield encoded(Image.fromarray(picture)), int(label)


def folder(name: str) -> Iterator[tuple[bytes, int]]:
    for path in sorted((DATA / "real" / name).iterdir()):
        yield path.read_bytes(), int(path.name[0])


DATA: Final = Path(os.environ.get("DIGITS_DATA_DIR", "") or "nowhere")
HANDWRITING: dict[str, tuple[Callable[[], Iterator[tuple[bytes, int]]], float]] = {
    "load_digits, 8x8": (small_pictures, 0.95),
    "load_digits, enlarged": (enlarged_pictures, 0.95),
}
if (DATA / "mnist").is_dir():
    HANDWRITING["MNIST, every 20th"] = (mnist_files, 0.985)
if (DATA / "real").is_dir():
    HANDWRITING["real/canvas"] = (lambda: folder("canvas"), 0.95)
    HANDWRITING["real/photo"] = (lambda: folder("photo"), 0.88)


@pytest.mark.parametrize("name", HANDWRITING)
def test_reads_handwriting(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    files, least = HANDWRITING[name]
    right = [said(file) == label for file, label in files()]
    with capsys.disabled():
        print(f"\n{name}: {np.mean(right):.2%} of {len(right)} read right")
    assert np.mean(right) >= least


if (DATA / "mnist").is_dir():

    def test_reads_the_test_set_of_mnist(capsys: pytest.CaptureFixture[str]) -> None:
        found = recogniser().predict_proba(mnist("images-idx3"))[:, :10].argmax(axis=1)
        right = float(np.mean(found == mnist("labels-idx1")))
        with capsys.disabled():
            print(f"\nMNIST as it is: {right:.2%} of {len(found)} read right")
        assert right >= 0.992
