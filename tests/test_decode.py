"""Files of every kind through the decoder and the recogniser: what is read, and what is refused and how."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digits.decode import (
    MAX_SIDE,
    BadPictureError,
    NotAPictureError,
    TooManyPixelsError,
    UnreadablePictureError,
    decode,
)
from digits.limits import MAX_PIXELS
from tests.reading import DIGITS, said, said_of
from tools.drawing import Colour, chunk, draw, encoded, png

ROOT: Final = Path(__file__).parent.parent


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


def deep_png(samples: NDArray[np.integer], colour_type: int) -> bytes:
    """A PNG of 16 bits a sample, (height, width, channels), of PNG's colour type 0, 2, 4 or 6."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return png(samples.shape[1::-1], 16, colour_type, (b"IDAT", zlib.compress(rows)))


def sixteen_bit_colours(shown: int) -> bytes:
    return deep_png(np.asarray(draw(shown, ink="red", paper="cyan")).astype(np.uint16) * 257, 2)


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


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("kind", ["grey", "colours", "grey with alpha", "colours with alpha"])
def test_reads_sixteen_bits_by_those_that_the_file_uses(kind: str, bits: int) -> None:
    """A camera of 12 bits, or a program of 8, that stores its samples as they are: dark to a viewer, not to us."""
    colour_type, channels = {
        "grey": (0, 1),
        "colours": (2, 3),
        "grey with alpha": (4, 1),
        "colours with alpha": (6, 3),
    }[kind]
    for shown in (2, 7):
        drawing = draw(shown, ink=(90, 90, 90), paper="white")
        samples = np.asarray(drawing)[:, :, :channels].astype(np.uint32) * (2**bits - 1) // 255
        if "alpha" in kind:
            samples = np.concatenate([samples, np.full((*samples.shape[:2], 1), 2**16 - 1)], axis=2)
        file = deep_png(samples, colour_type)
        as_of_eight_bits = decode(encoded(drawing.convert("L"))).pixels.astype(int)
        assert np.abs(decode(file).pixels - as_of_eight_bits).max() <= 1
        assert said(file) == shown


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
def test_reads_a_telephone_picture(size: tuple[int, int], kind: str) -> None:
    file = encoded(draw(3, size, "black", "white", width=60, height=0.3), kind)
    picture = decode(file)
    assert (picture.width, picture.height) == size
    assert max(picture.pixels.shape) <= MAX_SIDE
    assert said(file) == 3


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
    "space before a png": b" " + encoded(draw(4)),
}


@pytest.mark.parametrize("file", NO_PICTURES.values(), ids=NO_PICTURES)
def test_refuses_what_is_no_picture(file: bytes) -> None:
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
    with pytest.raises(TooManyPixelsError):  # its few pixels would make it unreadable once they were looked at
        decode(png(size, 8, 2, (b"IDAT", zlib.compress(bytes(99)))))


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
    """Such a file is right as far as a decoder is concerned: with few scans it is read, with many it is refused."""
    assert len(endless_jpeg(8000, 500)) < 200_000
    assert decode(endless_jpeg(800, 2)).pixels.shape == (MAX_SIDE, MAX_SIDE)
    with pytest.raises(UnreadablePictureError):
        decode(endless_jpeg(8000, 500))


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
