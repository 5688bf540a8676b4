"""Short sentences of what went wrong or was done, in which nothing is markup."""

from html import escape

import streamlit as st

from client import ApiError


def show_failure(why: ApiError | str, of: str = "") -> None:
    """What went wrong, in the words of the API where it is an error of its; `of` names what it went wrong with."""
    sentence = why if isinstance(why, str) else f"{why.title}. {why.detail}"
    st.html(f'<p class="notice failed" role="alert">{escape(f"{of}: {sentence}" if of else sentence)}</p>')


def show_done(*sentences: str) -> None:
    """What was done."""
    st.html(f'<p class="notice done" role="status">{"<br>".join(map(escape, sentences))}</p>')
