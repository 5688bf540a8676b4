"""What the API answers about what is learnt, asked off the page's thread and once as long as it stays the same."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

import streamlit as st

from client import ApiError
from page.another_try import offer_another_try
from page.asking import POLL_SECONDS, in_background, run_again_when
from page.learning.notices import show_failure
from page.learning.teaching import LOOK_SECONDS, Teaching, has_failed

Answer = TypeVar("Answer")


def asked(what: tuple[str, ...], ask: Callable[[str], Answer], teaching: Teaching) -> Answer | ApiError | None:
    """What `ask` answers for the API's address; None as long as it is waited for, and then the page runs again.

    Of each kind, by the first word of `what`, the last answer is kept; a failure is asked about again in time.
    """
    key = repr((*what, teaching.texts.language))
    kept: dict[str, Future[Answer | ApiError]] = st.session_state.get(_kept_as(what), {})
    if key not in kept or has_failed(kept[key]):
        kept = st.session_state[_kept_as(what)] = {key: in_background(lambda: ask(teaching.api()))}
        wait([kept[key]], timeout=POLL_SECONDS)
    if not kept[key].done():
        run_again_when(kept[key].done, LOOK_SECONDS)
        return None
    return kept[key].result()


def tell_of_failure(what: tuple[str, ...], error: ApiError, teaching: Teaching) -> None:
    """Why it was not answered, and another try."""
    show_failure(error)
    offer_another_try([error], _kept_as(what), teaching.texts)


def _kept_as(what: tuple[str, ...]) -> str:
    return f"asked_{what[0]}"
