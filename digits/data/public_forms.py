"""The public forms of data sets -> the files that are parsed, each checked by what is in it.

Each function takes the downloaded file, returns the content of the file that is kept, and raises ValueError, OSError,
KeyError or an error of zipfile or tarfile where the download is not what it should be.
"""

import gzip
import re
import tarfile
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from digits.data.font_shapes import is_same_font
from digits.data.hershey_format import glyphs
from digits.data.icon_shapes import svg_strokes
from digits.data.packing import packed_json

PENDIGITS_TEXT: Final = "a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4"
SEMEION_ROWS: Final = "540acb8461df3678742504c89dea7df1d7b9f27c680b73b51cec0654199a15bd"
OPTDIGITS_TEXT: Final = "a4eff709680076cae40420343de292b5960fc2b0da439b8a57c3d14124113bda"
HERSHEY_LINES: Final = "603d312f1751785d94b41a462fbc5a85d5a083ace6d24f89a818d279244e9331"
SWISS_SIZES: Final = "0252f268c3938132f0d2971a06ecf9a0799407cfa1d55689b8e429f79249f7b3"
"""SHA-256 of what was parsed: rows sorted, text, lines, and names with widths and heights."""

LUCIDE: Final = "386f9080c440d6f5049cefe3456ae8357f7a0c7f76e59670cd1cb83bc7050a44"
"""SHA-256 of lucide-static-1.62.0.tgz."""

NOTO_EMOJI: Final = "61c7949ebb9d401f397826415e64525f60298bf2a9c469f9720aa17817877331"
"""SHA-256 of noto-emoji-emoji-400-normal.woff of the npm package @fontsource/noto-emoji 5.3.2."""

NO_EMOJI: Final = (
    (0x0, 0x2193),
    (0x2300, 0x25FF),
    (0x26AA, 0x26AB),
    (0x2753, 0x2757),
    (0x2796, 0x2797),
    (0x2934, 0x3299),
    (0xFE00, 0xFE0F),
    (0x1F100, 0x1F2FF),
    (0x1F311, 0x1F311),
    (0x1F315, 0x1F315),
    (0x1F3B1, 0x1F3B1),
    (0x1F3FB, 0x1F3FF),
    (0x1F4AF, 0x1F4AF),
    (0x1F500, 0x1F53D),
    (0x1F7E0, 0x1F7EB),
    (0xE0000, 0xE007F),
)
"""Characters of that font that are letters, digits, signs, discs or squares."""

ICONS_LEFT_OUT: Final = Path(__file__).with_name("icons_left_out.txt")
"""Names of icons like digits, letters and signs, a line each."""

SWISS_PICTURE: Final = re.compile(r"/numbers/(\d{4}_\w{4}/\d/number-\d+\.png)$")
SWISS_GREY: Final = 246.8
"""Mean grey of all pictures on white."""

MAX_GREY_DIFFERENCE: Final = 4.0
"""How much a mean of many pixels may differ where pictures were made grey or small by another program."""


def pendigits(download: Path) -> bytes:
    """The strokes out of UCI's zip file."""
    text = _uncompressed(download, "pendigits-orig.tra.Z")
    _expect(text, PENDIGITS_TEXT)
    return text


def optdigits(download: Path) -> bytes:
    """The bitmaps of the training writers out of UCI's zip file."""
    text = _uncompressed(download, "optdigits-orig.tra.Z")
    _expect(text, OPTDIGITS_TEXT)
    return gzip.compress(text, mtime=0)


def semeion(download: Path) -> bytes:
    """UCI's rows of 256 bits and ten more, of which one is set, as rows of 256 bits and the label."""
    with zipfile.ZipFile(download) as archive:
        rows = [line.split() for line in archive.read("semeion.data").decode("ascii").splitlines() if line.strip()]
    lines = [",".join((*row[:256], str([float(bit) for bit in row[256:]].index(1.0)))) for row in rows]
    _expect("\n".join(sorted(lines)).encode("ascii"), SEMEION_ROWS)
    return gzip.compress("\r\n".join(lines).encode("ascii"), mtime=0)


def numbers_swiss(download: Path) -> bytes:
    """The pictures out of GitHub's zip file, put on white and made grey.

    Writer 0025_RO4F, who is published elsewhere, is not among them. Names, widths and heights are checked by SHA-256,
    greys only by their mean.
    """
    packed, sizes, greys = BytesIO(), [], []
    with zipfile.ZipFile(download) as archive, zipfile.ZipFile(packed, "w") as kept:
        for path in sorted(archive.namelist()):
            if found := SWISS_PICTURE.search(path):
                picture = Image.open(BytesIO(archive.read(path))).convert("RGBA")
                paper = Image.new("RGBA", picture.size, "white")
                grey = Image.alpha_composite(paper, picture).convert("L")
                content = BytesIO()
                grey.save(content, "PNG")
                kept.writestr(found[1], content.getvalue())
                sizes.append(f"{found[1]} {grey.width} {grey.height}")
                greys.append(float(np.asarray(grey).mean()))
    _expect("\n".join(sorted(sizes)).encode("ascii"), SWISS_SIZES)
    if abs(float(np.mean(greys)) - SWISS_GREY) > MAX_GREY_DIFFERENCE:
        raise ValueError("pictures of another brightness")
    return packed.getvalue()


def lucide(download: Path) -> bytes:
    """The icons' strokes out of the npm package; curves differ from the recorded ones by at most 6 of 960 units."""
    _expect(download.read_bytes(), LUCIDE)
    left_out = set(ICONS_LEFT_OUT.read_text("utf-8").split())
    rows = []
    with tarfile.open(download) as archive:
        for name in sorted(archive.getnames()):
            icon = name.rsplit("/", 1)[-1].removesuffix(".svg")
            file = archive.extractfile(name)
            if name.startswith("package/icons/") and file and icon not in left_out:
                strokes = [stroke.round().astype(int).ravel().tolist() for stroke in svg_strokes(file.read())]
                rows.append({"l": icon, "s": strokes})
    return packed_json(rows)


def hershey(download: Path) -> bytes:
    """The glyphs out of the Python package Hershey-Fonts 2.1.0."""
    with zipfile.ZipFile(download) as archive:
        content = packed_json(glyphs(archive.read("HersheyFonts/HersheyFonts.py")))
    _expect(gzip.decompress(content), HERSHEY_LINES)
    return content


def font(area: float, width: float, download: Path) -> bytes:
    """A font as it is, if its shapes have this area and width: the recorded one is the same cut down."""
    if not is_same_font(download, (area, width)):
        raise ValueError("other shapes")
    return download.read_bytes()


def emoji(download: Path) -> bytes:
    """The font of emoji without the characters that are no drawings of things."""
    from fontTools.ttLib import TTFont

    _expect(download.read_bytes(), NOTO_EMOJI)
    kept = BytesIO()
    with TTFont(download) as drawings:
        for table in drawings["cmap"].tables:
            if table.isUnicode():
                left_out = {code for code in table.cmap if any(low <= code <= high for low, high in NO_EMOJI)}
                table.cmap = {code: name for code, name in table.cmap.items() if code not in left_out}
        drawings.flavor = None
        drawings.save(kept)
    return kept.getvalue()


def page(thumbnail: str, size: tuple[int, int], download: Path) -> bytes:
    """A photograph made as small as the recorded one, if it looks like its thumbnail of 8x8 greys, in hexadecimals."""
    photograph = ImageOps.exif_transpose(Image.open(download)).convert("RGB").resize(size, Image.Resampling.LANCZOS)
    greys = np.asarray(photograph.convert("L").resize((8, 8), Image.Resampling.BOX), np.float64)
    if float(np.abs(greys.ravel() - np.frombuffer(bytes.fromhex(thumbnail), np.uint8)).max()) > MAX_GREY_DIFFERENCE:
        raise ValueError("another photograph")
    content = BytesIO()
    photograph.save(content, "JPEG", quality=90)
    return content.getvalue()


def _uncompressed(download: Path, name: str) -> bytes:
    """A file of a zip file that is in the format of Unix's compress."""
    from unlzw3 import unlzw

    with zipfile.ZipFile(download) as archive:
        content: bytes = unlzw(archive.read(name))
    return content


def _expect(content: bytes, digest: str) -> None:
    if sha256(content).hexdigest() != digest:
        raise ValueError("its SHA-256 differs")
