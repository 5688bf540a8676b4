"""The drawing canvas: streamlit-drawable-canvas without its faults.

The package's own toolbar is invisible, lies over the top-right corner and swallows the strokes that start
there; a changed background colour wipes the drawing, and so does loading the page again; and a drawing is sent
only 200 ms after a stroke. So a small second component (`canvas_tools.js`) switches that toolbar off, presses its
buttons for the user and keeps the strokes in the browser's tab, and the package never hears of the background:
its canvas is transparent, and the paper is put under the ink here.
"""

import io
import math
from pathlib import Path
from typing import Any, Final, NamedTuple

import streamlit as st
from PIL import Image, ImageColor
from streamlit_drawable_canvas import st_canvas

from digits.texts import Texts
from page import following

SIDE: Final = 432
PANEL: Final = "drawing"
TELL_APART: Final = 60.0

_FOLDER = Path(__file__).parent
_SCRIPTS: Final = ("typing.js", "following.js", "eraser.js", "canvas_tools.js")
_tools = st.components.v2.component(
    "canvas_tools",
    html=(_FOLDER / "canvas_tools.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "canvas_tools.css").read_text(encoding="utf-8"),
    js="".join((_FOLDER / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


def is_wide(for_a_number: bool) -> bool:
    """Whether the sheet is twice as wide as high: for a number, and as long as something is drawn on its right half."""
    commands = (command for stroke in _strokes() or [] for command in stroke.get("path", []))
    return for_a_number or any(x > SIDE for _, *numbers in commands for x in numbers[::2])


class Pen(NamedTuple):
    """How is drawn; `width` is in 1/280 of the canvas's height, the unit of the original program."""

    width: int
    brush: str
    """``#rrggbb``, as the paper's."""
    paper: str
    is_followed: bool
    """Whether answers come while it moves."""


def canvas(texts: Texts, pen: Pen, wide: bool, profile: str | None) -> bytes | None:
    """Shows the canvas with its buttons; the drawing on its paper as PNG, None when empty.

    `profile` is whose digits weigh in where the pen is followed.
    """
    size = (2 * SIDE if wide else SIDE, SIDE)
    strokes = _strokes()
    known = (st.session_state.get("canvas_tools") or {}).get("filling") or {}
    with st.container(key=PANEL):
        canvas_place = st.container()
        told = _tools(
            key="canvas_tools",
            data={
                "panel": PANEL,
                "paper": pen.paper,
                "following": {"address": following.PATH, "profile": profile} if pen.is_followed else None,
                "aspect": f"{size[0]} / {size[1]}",
                "strokes": strokes,
                "revision": known.get("revision"),
                "language": texts.language,
                "label": texts("canvas.label"),
                "undo": texts("canvas.undo"),
                "erase": texts("canvas.erase"),
                "erase_more": texts("canvas.erase_more"),
                "clear": texts("canvas.clear"),
                "rest": texts("following.rest"),
            },
            on_filling_change=lambda: None,
        )
        filling = told.filling or {"strokes": [], "revision": 0}
        with canvas_place:
            drawn = st_canvas(
                stroke_width=max(1, round(pen.width * SIDE / 280)),
                stroke_color=pen.brush,
                background_color="",
                width=size[0],
                height=size[1],
                initial_drawing={"objects": filling["strokes"], "revision": filling["revision"]},
                return_image_data=True,
                key="canvas",
            )
    if strokes is None and _strokes():  # a server that was started anew hears of the drawing only now
        st.rerun()
    return on_paper(drawn.image_bytes, pen.paper, size) if drawn.image_bytes else None


def drawn_strokes() -> list[list[tuple[float, float]]]:
    """The points of each stroke on the canvas in the order in which they were drawn, in its pixels."""
    return [
        [(round(command[-2], 1), round(command[-1], 1)) for command in stroke.get("path", []) if len(command) > 2]
        for stroke in _strokes() or []
    ]


def _strokes() -> list[dict[str, Any]] | None:
    """What is drawn, as far as this session knows; None before the browser has told it."""
    drawn: dict[str, Any] = (st.session_state.get("canvas") or {}).get("drawing") or {}
    return list(drawn["raw"].get("objects", [])) if drawn.get("raw") else None


def on_paper(ink: bytes, background: str, size: tuple[int, int]) -> bytes | None:
    """A transparent PNG laid on a sheet of the colour `background` and this size, as PNG; None when it has no ink."""
    with Image.open(io.BytesIO(ink), formats=("PNG",)) as opened:
        strokes = opened.convert("RGBA")
    if strokes.getchannel("A").getbbox() is None:
        return None
    paper = Image.new("RGB", size, background)
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
