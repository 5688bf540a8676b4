"""Asking again where there was no answer."""

from collections.abc import Sequence

import streamlit as st

from client import ApiError
from digits.texts import Texts
from page.asking import ask_again_in_time, forget_errors


def offer_another_try(errors: Sequence[ApiError], kept_as: str, texts: Texts) -> None:
    """By itself where the error passes by itself, with a button where nobody knows."""
    if any(error.may_be_retried and not error.is_transient for error in errors):
        st.button(
            texts("error.retry"),
            on_click=forget_errors,
            args=(lambda error: error.may_be_retried, kept_as),
            key="retry" if kept_as == "asked" else f"retry_{kept_as}",
            width="stretch",
        )
    if passing := [error for error in errors if error.is_transient]:
        ask_again_in_time(passing)
