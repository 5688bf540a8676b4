"""A button that copies a text."""

from pathlib import Path
from typing import Final

import streamlit as st

from digits.texts import Texts

_FOLDER: Final = Path(__file__).parent
_copy = st.components.v2.component(
    "copy_text",
    html=(_FOLDER / "copy.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "canvas_tools.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "copy.js").read_text(encoding="utf-8"),
)


def offer_to_copy(key: str, text: str, texts: Texts) -> None:
    """The button; it says so when the text is copied."""
    _copy(key=key, data={"text": text, "copy": texts("number.copy"), "copied": texts("number.copied")})
