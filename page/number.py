"""Shows what the API read of a number: its digits in large type and ready to copy, and where each of them stands."""

import base64
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from digits.answers import NumberAnswer, NumberDigit
from digits.texts import Texts
from page.answer import percent_of, rejection_name, show_card, show_rejection, sureness_of
from page.upload import preview

ROOMY: Final = 8

_FOLDER = Path(__file__).parent
_copy = st.components.v2.component(
    "copy_number",
    html=(_FOLDER / "copy.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "canvas_tools.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "copy.js").read_text(encoding="utf-8"),
)


def choose() -> None:
    """From now on a number is looked for."""
    st.session_state["reading"] = "number"


def show_number(number: NumberAnswer, texts: Texts) -> None:
    """The number line by line with its confidence and a button that copies it, or why there is none."""
    if number.rejected is not None:
        show_rejection(rejection_name(number), texts)
        return
    sureness = texts(f"answer.{sureness_of(number.confidence)}")
    percent = percent_of(number.confidence, texts)
    lines = [line.text for line in number.lines]
    said = texts("number.is" if len(lines) == 1 else "number.are")
    longest = max(4, *map(len, lines))
    html = (
        f"<p>{escape(said)}</p>"
        f'<div class="large" style="--longest: {longest}; --lines: {len(lines)}">'
        f"{''.join(f'<p>{escape(line)}</p>' for line in lines)}</div>"
        f'<p class="sureness"><b>{escape(sureness)}</b>, {escape(percent)}</p>'
    )
    if any(digit.prediction is None for line in number.lines for digit in line.digits):
        html += f'<p class="second">{escape(texts("number.unread"))}</p>'
    apart = ", ".join(map(" ".join, lines))
    show_card("number", html, texts("number.spoken", said=said, number=apart, sureness=sureness, percent=percent))
    data = {"text": "\n".join(lines), "copy": texts("number.copy"), "copied": texts("number.copied")}
    _copy(key="copy", data=data)


def show_boxes(picture: bytes, number: NumberAnswer, place: DeltaGenerator, texts: Texts) -> None:
    """The picture with a box around each digit, read above and its confidence below.

    Where the digits leave no room for it, a confidence is shown only where the digit is in doubt.
    """
    shown = preview(picture)
    if number.rejected is not None or shown is None:
        return
    file = io.BytesIO()
    shown.convert("RGB").save(file, "JPEG", quality=85)
    url = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
    digits = [digit for line in number.lines for digit in line.digits]
    kind = "boxes" if len(number.lines) == 1 and len(digits) <= ROOMY else "boxes crowded"
    place.html(
        f'<figure class="{kind}" style="--wide: {number.width}; --high: {number.height}"><img src="{url}" alt="">'
        f'<ol aria-label="{escape(texts("number.boxes"))}">{"".join(_boxes(digits, number, texts))}</ol></figure>'
    )


def _boxes(digits: list[NumberDigit], number: NumberAnswer, texts: Texts) -> Iterator[str]:
    for digit in digits:
        left, top, right, bottom = digit.box
        style = (
            f"left: {left / number.width:.3%}; top: {top / number.height:.3%}; "
            f"width: {(right - left) / number.width:.3%}; height: {(bottom - top) / number.height:.3%}; "
            f"--tall: {100 * (bottom - top) / number.width:.1f}"
        )
        if digit.prediction is None:
            yield f'<li class="unread" style="{style}"><b>?</b></li>'
        else:
            percent = texts("answer.percent", percent=min(99, round(100 * digit.confidence)))
            kind = sureness_of(digit.confidence)
            yield f'<li class="{kind}" style="{style}"><b>{digit.prediction}</b> <i>{escape(percent)}</i></li>'
