"""The page's looks: one style sheet, what a mode hides, and our words in Streamlit's English controls."""

from pathlib import Path

import streamlit as st

from digits.texts import Texts
from page import canvas, upload

_WIDE_SHEET = """
    .st-key-canvas { aspect-ratio: 2 !important; }
    @media (min-width: 641px) {
      .stColumn:has(.st-key-drawing) { flex: 2 1 0 !important; }
      .stColumn:has(.st-key-answer) { flex: 1 1 0 !important; }
    }
"""
_SHEETS = [Path(__file__).parent / "style.css", Path(__file__).parent / "learning" / "style.css"]
_SHEET = "".join(sheet.read_text(encoding="utf-8") for sheet in _SHEETS)


def apply(mode: str, wide: bool, texts: Texts) -> None:
    """Styles the page for a mode and a sheet of paper, `wide` or square.

    The canvas and the uploader stay mounted in every mode and are only hidden, for what is unmounted forgets
    its drawing or its file.
    """
    shown = {"draw": [canvas.PANEL, "settings"], "upload": [upload.PANEL]}.get(mode, [])
    hidden = {canvas.PANEL, upload.PANEL, "settings"} - set(shown)
    hide = "".join(f":has(> .st-key-{panel}) {{ display: none; }}\n" for panel in sorted(hidden))
    wide_sheet = _WIDE_SHEET if wide and mode == "draw" else ""
    st.html(f"<style>{_SHEET}{wide_sheet}{upload.interface_texts(texts)}{hide}</style>")
