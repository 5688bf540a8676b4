"""PDF files made by hand or by reportlab, right ones and such as their readers fear."""

import io
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from tools.drawing import STROKES

A4 = (595, 842)
"""Width and height in points."""


def pdf(*objects: bytes) -> bytes:
    """A file of these objects, which are numbered from 1; the first is the catalogue."""
    file, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(content), content)


def pdf_of_content(content: bytes, entries: bytes = b"", box: bytes = b"0 0 595 842") -> bytes:
    """A file of one page that draws this."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>" % box
    form = stream(b"/X Do /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>")
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", pages, page, stream(content, entries), form)


def packed_zeros(megabytes: int) -> bytes:
    """So many of them as a stream that is a thousandth as long."""
    packer, zeros = zlib.compressobj(9), bytes(2**20)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


def pdf_of_pictures(pictures: Sequence[Image.Image]) -> bytes:
    """A scan: each page a picture."""
    file = io.BytesIO()
    first, *others = (picture.copy() for picture in pictures)  # Pillow leaves traces in what it has saved
    first.save(file, "PDF", save_all=True, append_images=others)
    return file.getvalue()


def pdf_drawn(*pages: Callable[[Canvas], None], password: str | None = None) -> bytes:
    """A4 pages on which reportlab draws."""
    file = io.BytesIO()
    canvas = Canvas(file, A4, encrypt=password)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def written(digit: int) -> Callable[[Canvas], None]:
    """A digit in lines of a pen, as a tablet's notes have it."""

    def draw(canvas: Canvas) -> None:
        canvas.setLineWidth(14)
        for stroke in STROKES[digit]:
            points = [(200 + 300 * x, 650 - 300 * y) for x, y in stroke]
            canvas.lines([(*one, *other) for one, other in pairwise(points)])

    return draw
