"""How the answer came about: the picture's way step by step, each with a sentence that a pupil understands."""

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import Final

import streamlit as st
from PIL import Image

from digits.answers import ILLUSTRATIONS, DigitAnswer, Include, Neighbour
from digits.texts import Texts
from page.upload import preview

SWITCH: Final = "how"
PNG_DATA_URL: Final = "data:image/png;base64,"
"""The only URLs of an answer that are shown."""


def wanted(count: int, *, with_nearest: bool) -> tuple[Include, ...]:
    """What each of so many answers shall hold beside the digit: nothing unless the user asks how one came about."""
    switched_on = bool(st.session_state.get(SWITCH))
    st.session_state[SWITCH] = switched_on  # Streamlit forgets a switch that is not shown, as before a new drawing
    if not switched_on or count != 1:
        return ()
    return (*ILLUSTRATIONS, "nearest") if with_nearest else ILLUSTRATIONS


def show_way(picture: bytes, answer: DigitAnswer, texts: Texts) -> None:
    """The switch and, when it is on, what came in and what each step made of it."""
    if answer.probabilities is None:
        return
    if not st.toggle(texts("how.title"), key=SWITCH):
        return
    likeliest = max(range(10), key=answer.probabilities.__getitem__)
    came_in = preview(picture)
    figures = {} if came_in is None else {"came": as_data_url(came_in)}
    sent: dict[str, str | None] = {step: getattr(answer, step) for step in ILLUSTRATIONS}
    figures |= {step: url for step, url in sent.items() if url is not None and url.startswith(PNG_DATA_URL)}
    shown = (
        f'<figure class="{step}"><img src="{escape(url)}" alt=""><figcaption><b>{escape(texts(f"how.{step}"))}</b> '
        f"{escape(texts(f'how.{step}_more', digit=likeliest))}</figcaption></figure>"
        for step, url in figures.items()
    )
    st.html(f'<div class="way">{"".join(shown)}</div>')
    if answer.nearest:
        st.html(_nearest(answer.nearest, texts))


def _nearest(neighbours: Sequence[Neighbour], texts: Texts) -> str:
    """The remembered and known digits that it looks like."""
    items = "".join(
        f'<li{" class=yours" if each.yours else ""}><img src="{escape(each.picture)}" alt="">'
        f"<span>{escape(texts('how.no_digit') if each.label == 'none' else each.label)}"
        f"{escape(' ' + texts('how.yours') if each.yours else '')}</span></li>"
        for each in neighbours
        if each.picture.startswith(PNG_DATA_URL)
    )
    head = f"<b>{escape(texts('how.nearest'))}</b> {escape(texts('how.nearest_more'))}"
    return f'<section class="nearest"><p>{head}</p><ol>{items}</ol></section>'


def as_data_url(picture: Image.Image) -> str:
    """A picture as a PNG data URL."""
    png = io.BytesIO()
    picture.save(png, "PNG")
    return png_as_data_url(png.getvalue())


def png_as_data_url(png: bytes) -> str:
    """An encoded PNG as a data URL."""
    return PNG_DATA_URL + base64.b64encode(png).decode("ascii")


def picture_in(url: str) -> Image.Image:
    """The grey picture in a PNG data URL."""
    with Image.open(io.BytesIO(base64.b64decode(url.removeprefix(PNG_DATA_URL))), formats=("PNG",)) as opened:
        return opened.convert("L")
