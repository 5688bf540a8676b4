"""The drawing canvas: streamlit-drawable-canvas without its faults.

The package's own toolbar is invisible, lies over the top-right corner and swallows the strokes that start
there; a changed background colour wipes the drawing; and a drawing is sent only 200 ms after a stroke.
So a small second component (`canvas_tools.js`) switches that toolbar off and presses its buttons for the
user, and the package never hears of the background: its canvas is transparent, and the paper is put under
the ink here.
"""

import io
import math
from pathlib import Path

import streamlit as st
from PIL import Image, ImageColor
from streamlit_drawable_canvas import st_canvas

from page.texts import Texts

SIDE = 432
PANEL = "drawing"
TELL_APART = 60.0

_FOLDER = Path(__file__).parent
_tools = st.components.v2.component(
    "canvas_tools",
    html=(_FOLDER / "canvas_tools.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "canvas_tools.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "canvas_tools.js").read_text(encoding="utf-8"),
)


def canvas(texts: Texts, width: int, brush: str, background: str) -> bytes | None:
    """Shows the canvas with its undo and clear buttons; the drawing on its paper as PNG, None when empty.

    `width` is in 1/280 of the canvas's side, the unit of the original program; colours are ``#rrggbb``.
    """
    with st.container(key=PANEL):
        drawn = st_canvas(
            stroke_width=max(1, round(width * SIDE / 280)),
            stroke_color=brush,
            background_color="",
            width=SIDE,
            height=SIDE,
            return_image_data=True,
            key="canvas",
        )
        _tools(
            key="canvas_tools",
            data={
                "panel": PANEL,
                "paper": background,
                "language": texts.language,
                "label": texts("canvas.label"),
                "undo": texts("canvas.undo"),
                "clear": texts("canvas.clear"),
            },
        )
    return on_paper(drawn.image_bytes, background) if drawn.image_bytes else None


def on_paper(ink: bytes, background: str) -> bytes | None:
    """A transparent PNG laid on a sheet of the colour `background`, as PNG; None when it has no ink."""
    with Image.open(io.BytesIO(ink), formats=("PNG",)) as opened:
        strokes = opened.convert("RGBA")
    if strokes.getchannel("A").getbbox() is None:
        return None
    paper = Image.new("RGB", strokes.size, background)
    paper.paste(strokes, mask=strokes)
    png = io.BytesIO()
    paper.save(png, "PNG", compress_level=1)
    return png.getvalue()


def are_alike(first: str, second: str) -> bool:
    """Whether a line of one colour on a paper of the other cannot be seen.

    The distance is "redmean", an RGB distance weighted by what the eye sees (https://www.compuphase.com/cmetric.htm).
    """
    (r1, g1, b1), (r2, g2, b2) = (ImageColor.getrgb(colour)[:3] for colour in (first, second))
    red = (r1 + r2) / 512
    distance = math.sqrt((2 + red) * (r1 - r2) ** 2 + 4 * (g1 - g2) ** 2 + (3 - red) * (b1 - b2) ** 2)
    return distance < TELL_APART
