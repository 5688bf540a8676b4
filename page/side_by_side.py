"""Two digits side by side: what the model sees of each, their directions of lines, and one laid over the other."""

from html import escape
from typing import Final

import streamlit as st
from PIL import Image, ImageChops

from digits.answers import DigitAnswer, Include
from digits.texts import Texts
from page.further import Asking, apply_looks, figure, verdict
from page.how import PNG_DATA_URL, as_data_url, picture_in

SWITCH: Final = "pair"
KEPT: Final = "kept to compare"
STEPS: Final[tuple[Include, ...]] = ("picture", "hog")
BLUE: Final = (56, 132, 255)
ORANGE: Final = (255, 140, 26)
"""Of the first and of the second; together they are white, and colour-blind people tell them apart."""


def show_side_by_side(picture: bytes, asking: Asking) -> None:
    """The switch and, when it is on, the digit that was kept beside the one that is shown."""
    texts, asking = asking.texts, asking._replace(kept_as="paired")
    if not st.toggle(texts("pair.title"), key=SWITCH, persist_state="session"):
        return
    apply_looks()
    (second,) = asking.about([picture], STEPS)
    if not isinstance(second, DigitAnswer):
        asking.say_faults([second])
        return
    first: DigitAnswer | None = st.session_state.get(KEPT)
    name = "keep" if first is None else "next" if (first.picture, first.hog) == (second.picture, second.hog) else "are"
    st.html(f'<p class="lesson">{escape(texts(f"pair.{name}_more"))}</p>')
    if first is not None and name == "are":
        st.html(_pair(first, second, texts))
    if name != "next":
        st.button(texts(f"pair.{name}_button"), on_click=_keep, args=(second,), key="keep", width="stretch")


def _keep(answer: DigitAnswer) -> None:
    st.session_state[KEPT] = answer


def _pair(first: DigitAnswer, second: DigitAnswer, texts: Texts) -> str:
    """Three columns: the first digit, the second, and one laid over the other."""
    one, other = ([_decoded(getattr(answer, step)) for step in STEPS] for answer in (first, second))
    blue, orange = ([_tinted(each, colour) for each in shown] for shown, colour in ((one, BLUE), (other, ORANGE)))
    both = [ImageChops.add(*tinted) for tinted in zip(blue, orange, strict=True)]
    common = escape(texts("pair.common", percent=_common(one[0], other[0])))
    columns = (
        ("first", verdict(first, texts), blue),
        ("second", verdict(second, texts), orange),
        ("both", f'<p class="verdict"><span>{common}</span></p>', both),
    )
    sections = (
        f"<section><h3>{escape(texts(f'pair.{name}'))}</h3>{said}"
        + "".join(
            figure(step, as_data_url(shown), texts(f"break.{step}"))
            for step, shown in zip(STEPS, pictures, strict=True)
        )
        + "</section>"
        for name, said, pictures in columns
    )
    return f'<div class="way pair">{"".join(sections)}</div>'


def _decoded(url: str | None) -> Image.Image:
    """The picture in a PNG data URL; a black one for a blank picture, which has none."""
    if url is None or not url.startswith(PNG_DATA_URL):
        return Image.new("L", (1, 1))
    return picture_in(url)


def _tinted(grey: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """Bright parts in that colour on black."""
    return Image.merge("RGB", [grey.point([level * share // 255 for level in range(256)]) for share in colour])


def _common(one: Image.Image, other: Image.Image) -> int:
    """Per cent of the ink of both that lies in both."""
    if one.size != other.size:
        return 0
    both, either = (sum(change(one, other).tobytes()) for change in (ImageChops.darker, ImageChops.lighter))
    return round(100 * both / max(either, 1))
