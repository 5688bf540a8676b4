"""How a code begins, is shown and ends, and how what was taught under it is kept elsewhere."""

from collections.abc import Callable
from html import escape
from typing import Final, Literal

import streamlit as st

from client import ApiError
from digits.learning_answers import EXPORT_FORMATS, ExportFormat
from digits.texts import Texts
from page.asking import outcome_or_error
from page.copying import offer_to_copy
from page.learning.asked import asked, tell_of_failure
from page.learning.kept_codes import Name, set_code
from page.learning.notices import show_failure
from page.learning.teaching import Teaching, changes

ASKED: Final = "asked_to_delete"
FAILED: Final = "failed_before"


def tell_failure(failure: ApiError | str) -> None:
    """Have it shown by `show_told_failure` when the page is run next."""
    st.session_state[FAILED] = failure


def show_told_failure() -> None:
    """What went wrong with what was pressed last, once."""
    failed: ApiError | str | None = st.session_state.pop(FAILED, None)
    if failed is not None:
        show_failure(failed)


def begin(name: Name, make: Callable[[], str]) -> None:
    """The code that the API makes is the visitor's from now on."""
    outcome = outcome_or_error(make)
    if isinstance(outcome, ApiError):
        tell_failure(outcome)
    else:
        set_code(name, outcome)


def delete(name: Name, forget: Callable[[], None]) -> None:
    """Have the API forget all under the code, and then the browser the code."""
    outcome = outcome_or_error(forget)
    if isinstance(outcome, ApiError) and outcome.kind != f"unknown_{name}":
        tell_failure(outcome)
    else:
        set_code(name, None)


def show_code(code: str, what: str, elsewhere: str, texts: Texts) -> None:
    """The code in large type, between what it is and what it opens elsewhere, and a button that copies it."""
    st.html(
        f'<div class="hand"><p>{escape(what)}</p><p class="code">{escape(code)}</p><p>{escape(elsewhere)}</p></div>'
    )
    offer_to_copy("copy_code", code, texts)


def offer_to_keep(
    what: tuple[str, ...],
    make: Callable[[str], bytes],
    name: str,
    file_name: str,
    teaching: Teaching,
    kind: Literal["primary", "secondary"] = "secondary",
) -> None:
    """A button called `name` that keeps a file, which the API at the address that `make` is given makes beforehand.

    What were made at the press would be lost where the page changes meanwhile. `what` is as `asked` takes it.
    """
    made = asked(what, make, teaching)
    if isinstance(made, ApiError):
        tell_of_failure(what, made, teaching)
        return
    mime = "application/pdf" if file_name.endswith(".pdf") else "application/zip"
    key = f"keep_{file_name.partition('.')[0]}"
    st.download_button(name, made or b"", file_name, mime, key=key, on_click="ignore", type=kind, disabled=made is None)


def offer_export(code: str, export: Callable[[str, ExportFormat], bytes], file_name: str, teaching: Teaching) -> None:
    """The formats of a data set, and a button that keeps it in the one that is chosen."""
    texts = teaching.texts
    chosen = st.segmented_control(
        texts("export.format"), EXPORT_FORMATS, format_func=lambda each: texts(f"export.{each}"), key="export"
    )
    if chosen is not None:
        what, name = ("export", code, chosen, str(changes())), texts("export.keep", format=texts(f"export.{chosen}"))
        offer_to_keep(what, lambda api: export(api, chosen), name, f"{file_name}-{chosen}.zip", teaching)


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
