"""Asks about each picture once per session, without holding up the page while the API thinks."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from hashlib import sha256
from typing import Final, TypeVar

import streamlit as st

from client import ApiError
from digits.answers import DigitAnswer, NumberAnswer

Outcome = DigitAnswer | NumberAnswer | ApiError
Answer = TypeVar("Answer")
REMEMBERED: Final = 300
POLL_SECONDS: Final = 0.1
MIN_RETRY_SECONDS: Final = 2.0
"""Between a failure that passes by itself and the next try, unless the API asks for a longer pause."""
MAX_LOOK_SECONDS: Final = 60.0


def outcomes_of(
    pictures: Sequence[bytes],
    wanted: tuple[str, ...],
    ask: Callable[[Sequence[bytes]], Iterator[Outcome]],
    show_waiting: Callable[[int, float], object],
) -> list[Outcome]:
    """The outcome of asking about each picture, by what is wanted of it.

    `ask` gives an outcome for each of the pictures that were not asked about before; it is called in a thread of its
    own, which goes on when the page is run anew, so that its outcomes are found when the pictures come again.
    `show_waiting` is called with the number of outcomes that are there and the seconds waited. It has to call
    Streamlit, by which a new stroke, mode or colour interrupts the waiting at once.
    """
    asked: dict[str, Future[Outcome]] = st.session_state.setdefault("asked", {})
    keys = [sha256(picture + ",".join(wanted).encode()).hexdigest() for picture in pictures]
    new = {key: picture for key, picture in zip(keys, pictures, strict=True) if not _is_known(asked.get(key))}
    futures: dict[str, Future[Outcome]] = {key: Future() for key in new}
    if new:
        _in_background(lambda: ask(list(new.values())), list(futures.values()))
    for key in keys:  # the latest last
        asked[key] = futures.pop(key) if key in futures else asked.pop(key)
    while len(asked) > max(REMEMBERED, len(keys)):
        del asked[next(iter(asked))]
    outcomes = [asked[key] for key in keys]
    begun = time.monotonic()
    while left := [outcome for outcome in outcomes if not outcome.done()]:
        wait(left, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        show_waiting(sum(outcome.done() for outcome in outcomes), time.monotonic() - begun)
    return [outcome.result() for outcome in outcomes]


def _is_known(future: Future[Outcome] | None) -> bool:
    if future is None:
        return False
    error = _error_of(future)
    return error is None or not error.is_transient or time.monotonic() < retry_at(error)


def _error_of(future: Future[Outcome]) -> ApiError | None:
    outcome = future.result() if future.done() else None
    return outcome if isinstance(outcome, ApiError) else None


def retry_at(error: ApiError) -> float:
    """When to ask again after an error that passes, on the clock `time.monotonic`."""
    return error.raised_at + max(MIN_RETRY_SECONDS, error.retry_after)


def forget_errors(which: Callable[[ApiError], bool]) -> None:
    """Lets the pictures that met with such an error be asked about again, but not before the API allows it."""
    now = time.monotonic()

    def is_forgotten(future: Future[Outcome]) -> bool:
        error = _error_of(future)
        return error is not None and which(error) and now >= error.raised_at + error.retry_after

    asked: dict[str, Future[Outcome]] = st.session_state.get("asked", {})
    st.session_state["asked"] = {key: future for key, future in asked.items() if not is_forgotten(future)}


def run_again_when(condition: Callable[[], bool], look_seconds: float) -> None:
    """Runs the page again by itself once `condition` holds; it is looked at every `look_seconds`."""

    @st.fragment(run_every=min(look_seconds, MAX_LOOK_SECONDS))
    def look() -> None:
        if condition():
            st.rerun()

    look()


def ask_again_in_time(errors: Sequence[ApiError]) -> None:
    """Asks again by itself, once for all errors that pass by themselves."""
    due = max(map(retry_at, errors))
    run_again_when(lambda: time.monotonic() >= due, max(0.1, due - time.monotonic() + 0.05))


def outcome_or_error(call: Callable[[], Answer]) -> Answer | ApiError:
    """What `call` returns or the ApiError that it raises."""
    try:
        return call()
    except ApiError as error:
        return error


def in_background(call: Callable[[], Answer]) -> Future[Answer | ApiError]:
    """The outcome of `call`, worked out in a thread that ends with the program."""
    future: Future[Answer | ApiError] = Future()
    _in_background(lambda: iter([outcome_or_error(call)]), [future])
    return future


def _in_background(outcomes: Callable[[], Iterator[Answer]], futures: Sequence[Future[Answer]]) -> None:

    def settle() -> None:
        try:
            for future, outcome in zip(futures, outcomes(), strict=True):
                future.set_result(outcome)
        except BaseException as error:
            for future in futures:
                if not future.done():
                    future.set_exception(error)
            raise

    threading.Thread(target=settle, daemon=True).start()
