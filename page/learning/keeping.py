"""How what was taught is kept elsewhere, left behind, and deleted."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from digits.learning_answers import EXPORT_FORMATS, ExportFormat
from digits.texts import Texts
from page.learning.notices import show_failure

ASKED: Final = "asked_to_delete"


def offer_exports(export: Callable[[ExportFormat], bytes], name: str, texts: Texts) -> None:
    """A button for each format of a data set, which is made when it is pressed."""
    with st.container(horizontal=True, key="exports"):
        for kind in EXPORT_FORMATS:
            st.download_button(
                texts(f"export.{kind}"),
                partial(export, kind),
                f"{name}-{kind}.zip",
                "application/zip",
                key=f"export_{kind}",
                on_click="ignore",
            )


def offer_to_end(kind: str, texts: Texts, leave: Callable[[], None], delete: Callable[[], None]) -> None:
    """Two ways to end: the browser forgets the code, or all of it is deleted, after a question."""
    st.subheader(texts(f"{kind}.end"), anchor=False)
    with st.container(horizontal=True, key="ends"):
        st.button(texts(f"{kind}.leave"), key="leave", on_click=leave)
        st.button(texts(f"{kind}.delete"), key="delete", on_click=_ask, args=(kind,))
    if st.session_state.get(ASKED) == kind:
        show_failure(texts(f"{kind}.delete_more"))
        with st.container(horizontal=True, key="sure"):
            st.button(texts("end.yes"), key="delete_yes", type="primary", on_click=_then_forget, args=(delete,))
            st.button(texts("end.no"), key="delete_no", on_click=_ask, args=(None,))


def _then_forget(delete: Callable[[], None]) -> None:
    delete()
    _ask(None)


def _ask(kind: str | None) -> None:
    st.session_state[ASKED] = kind
