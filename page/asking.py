"""Asks about each picture once per session, without holding up the page while the API thinks."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from hashlib import sha256
from typing import Any, Final, TypeVar

import streamlit as st

from client import ApiError, predict, predict_many
from digits.answers import DigitAnswer, Include, NumberAnswer

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
    ask: Callable[[Sequence[bytes]], Iterator[Answer]],
    show_waiting: Callable[[int, float], object],
    kept_as: str = "asked",
) -> list[Answer]:
    """The outcome of asking about each picture, by what is wanted of it.

    `ask` gives an outcome for each of the pictures that were not asked about before; it is called in a thread of its
    own, which goes on when the page is run anew, so that its outcomes are found when the pictures come again.
    `show_waiting` is called with the number of outcomes that are there and the seconds waited. It has to call
    Streamlit, by which a new stroke, mode or colour interrupts the waiting at once. `kept_as` is where the session
    keeps outcomes of this kind.
    """
    asked: dict[str, Future[Answer]] = st.session_state.setdefault(kept_as, {})
    keys = [sha256(picture + ",".join(wanted).encode()).hexdigest() for picture in pictures]
    new = {key: picture for key, picture in zip(keys, pictures, strict=True) if not _is_known(asked.get(key))}
    futures: dict[str, Future[Answer]] = {key: Future() for key in new}
    if new:
        _in_background(lambda: ask(list(new.values())), list(futures.values()))
    for key in keys:  # the latest last
        asked[key] = futures.pop(key) if key in futures else asked.pop(key)
    while len(asked) > max(REMEMBERED, len(keys)):
        del asked[next(iter(asked))]
    outcomes = [asked[key] for key in keys]
    return wait_for(outcomes, show_waiting)


def wait_for(futures: Sequence[Future[Answer]], show_waiting: Callable[[int, float], object]) -> list[Answer]:
    """The results, once all are there; `show_waiting` is called as by `outcomes_of`."""
    begun = time.monotonic()
    while left := [future for future in futures if not future.done()]:
        wait(left, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        show_waiting(sum(future.done() for future in futures), time.monotonic() - begun)
    return [future.result() for future in futures]


def _is_known(future: Future[Any] | None) -> bool:
    if future is None:
        return False
    error = _error_of(future)
    return error is None or not error.is_transient or time.monotonic() < retry_at(error)


def _error_of(future: Future[Any]) -> ApiError | None:
    outcome = future.result() if future.done() else None
    return outcome if isinstance(outcome, ApiError) else None


def retry_at(error: ApiError) -> float:
    """When to ask again after an error that passes, on the clock `time.monotonic`."""
    return error.raised_at + max(MIN_RETRY_SECONDS, error.retry_after)


def forget_errors(which: Callable[[ApiError], bool], kept_as: str = "asked") -> None:
    """Lets the pictures that met with such an error be asked about again, but not before the API allows it."""
    now = time.monotonic()

    def is_forgotten(future: Future[Any]) -> bool:
        error = _error_of(future)
        return error is not None and which(error) and now >= error.raised_at + error.retry_after

    asked: dict[str, Future[Any]] = st.session_state.get(kept_as, {})
    st.session_state[kept_as] = {key: future for key, future in asked.items() if not is_forgotten(future)}


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


def digits_in(
    api: str, pictures: Sequence[bytes], language: str, include: Sequence[Include], profile: str | None, batch: int
) -> Iterator[Outcome]:
    """What the API says of the digit in each picture: so many in a request, but one where more is to be included."""
    if not include:
        yield from predict_many(api, pictures, language, batch, profile)
        return
    for picture in pictures:
        yield outcome_or_error(partial(predict, api, picture, language, include, profile))


def in_background(call: Callable[[], Answer]) -> Future[Answer | ApiError]:
    """The outcome of `call`, worked out in a thread that ends with the program."""
    return in_background_one_by_one([call])[0]


def in_background_one_by_one(calls: Sequence[Callable[[], Answer]]) -> list[Future[Answer | ApiError]]:
    """The outcome of each call, one after the other in such a thread."""
    futures: list[Future[Answer | ApiError]] = [Future() for _ in calls]
    _in_background(lambda: (outcome_or_error(call) for call in calls), futures)
    return futures


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
