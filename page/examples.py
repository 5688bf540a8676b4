"""Pictures to try for those who have none at hand; `python -m tools.example_pictures` made them."""

import base64
import io
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st
from PIL import Image

from digits.texts import Texts
from page.upload import File

FOLDER: Final = Path(__file__).parent / "examples"
NAMES: Final = {
    "digit": ("squared", "ruled", "board", "shadow", "heart"),
    "number": ("year", "lines", "table", "board", "heart"),
}
CHOSEN: Final = "example"
THUMBNAIL_SIDE: Final = 176


def chosen_example() -> list[File]:
    """The example that the user chose last, none before."""
    name = st.session_state.get(CHOSEN)
    return [] if name is None else [File(f"{name}.jpg", _data(name))]


def forget_example() -> None:
    """From now on what the user uploads counts."""
    st.session_state[CHOSEN] = None


def offer_examples(reading: str, texts: Texts) -> None:
    """A button with a picture for each example of what is to be read."""
    with st.container(key="examples"):
        st.markdown(texts("examples.label"))
        for place, name in zip(st.columns(len(NAMES[reading])), NAMES[reading], strict=True):
            label = f"![{texts(f'examples.{name}')}]({_thumbnail(name)})"
            place.button(label, key=f"example_{name}", on_click=_choose, args=(name,), width="stretch")


def _choose(name: str) -> None:
    st.session_state[CHOSEN] = name


@cache
def _thumbnail(name: str) -> str:
    """Small, for it goes to the browser each time that the page changes."""
    small = io.BytesIO()
    with Image.open(FOLDER / f"{name}.jpg") as picture:
        picture.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE)).save(small, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(small.getvalue()).decode("ascii")


@cache
def _data(name: str) -> bytes:
    return (FOLDER / f"{name}.jpg").read_bytes()
