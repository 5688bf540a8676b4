"""Which page of a file of several is read: the first, until the visitor leafs on."""

from hashlib import sha256

import streamlit as st

from digits.decode import BadPictureError, Pages
from digits.formats import format_of
from digits.texts import Texts


def chosen_page(data: bytes, texts: Texts) -> int:
    """The page that the visitor chose of the file; to be chosen where it has several."""
    count = page_count(data)
    if count == 1:
        return 1
    key = f"page_{sha256(data).hexdigest()[:16]}"
    with st.container(key="leafing"):
        label = texts("upload.page", count=count)
        return int(st.number_input(label, 1, count, key=key, width=200, persist_state="session"))


def page_count(data: bytes) -> int:
    """How many pages of the file can be read; 1 of a broken one, whose answer tells what is wrong."""
    kind = format_of(data)
    return 1 if kind is None or not kind.has_pages else _counted(data)


@st.cache_data(max_entries=16, show_spinner=False)
def _counted(data: bytes) -> int:
    try:
        return Pages(data).readable
    except BadPictureError:
        return 1
