"""Asks about each picture once per session, without holding up the page while the API thinks."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from hashlib import sha256
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from client import WORTH_ANOTHER_TRY, Answer, Number, Trouble

Outcome = Answer | Number | Trouble
Result = TypeVar("Result")
REMEMBERED = 300
LATE_SECONDS = 1.0
GLANCE_SECONDS = 0.1
RETRY_SECONDS = 2.0


def outcome_of(
    picture: bytes, wanted: tuple[str, ...], ask: Callable[[], Outcome], place: DeltaGenerator, late: str
) -> Outcome:
    """The outcome of asking about a picture, by what is wanted of it; late, `place` shows `late`.

    Every glance at the clock goes through a Streamlit call, so a new stroke, mode or colour interrupts the
    waiting at once. The question goes on in its thread; its outcome is found when the picture comes again.
    """
    asked: dict[str, Future[Outcome]] = st.session_state.setdefault("asked", {})
    digest = sha256(picture + ",".join(wanted).encode()).hexdigest()
    if digest not in asked:
        asked[digest] = in_background(ask)
        while len(asked) > REMEMBERED:
            del asked[next(iter(asked))]
    outcome = asked[digest]
    waited = 0.0
    while wait([outcome], timeout=GLANCE_SECONDS).not_done:
        waited += GLANCE_SECONDS
        if waited < LATE_SECONDS:
            place.empty()
        else:
            place.html(f'<p class="waiting">{late}</p>')
    place.empty()
    return outcome.result()


def forget_troubles() -> None:
    """Lets every picture that met with a passing trouble be asked about again."""
    asked: dict[str, Future[Outcome]] = st.session_state.get("asked", {})
    st.session_state["asked"] = {digest: outcome for digest, outcome in asked.items() if not _failed(outcome)}


def _failed(outcome: Future[Outcome]) -> bool:
    if not outcome.done():
        return False
    trouble = outcome.result()
    return isinstance(trouble, Trouble) and trouble.name in WORTH_ANOTHER_TRY


def in_background(question: Callable[[], Result]) -> Future[Result]:
    """The result of `question`, worked out in a thread that ends with the program."""
    outcome: Future[Result] = Future()

    def settle() -> None:
        try:
            outcome.set_result(question())
        except BaseException as error:
            outcome.set_exception(error)
            raise

    threading.Thread(target=settle, daemon=True).start()
    return outcome


def try_again_soon() -> None:
    """Asks again by itself after `RETRY_SECONDS`, for a trouble that passes without the user."""
    _tick(time.monotonic())


@st.fragment(run_every=RETRY_SECONDS)
def _tick(shown: float) -> None:
    if time.monotonic() - shown >= RETRY_SECONDS / 2:
        forget_troubles()
        st.rerun()
