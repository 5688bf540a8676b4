"""The page's looks: one style sheet, what a mode hides, and our words in Streamlit's English controls."""

from pathlib import Path

import streamlit as st

from page import canvas, upload
from page.texts import Texts

_SHEET = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


def apply(mode: str, texts: Texts) -> None:
    """Styles the page for a mode.

    The canvas and the uploader stay mounted in every mode and are only hidden, for what is unmounted forgets
    its drawing or its file.
    """
    shown = {"draw": [canvas.PANEL, "settings"], "upload": [upload.PANEL]}.get(mode, [])
    hidden = {canvas.PANEL, upload.PANEL, "settings"} - set(shown)
    hide = "".join(f":has(> .st-key-{panel}) {{ display: none; }}\n" for panel in sorted(hidden))
    st.html(f"<style>{_SHEET}{upload.interface_texts(texts)}{hide}</style>")
