"""Whether this API learns, and what a visitor's session has told it: each call off the page's thread, then settled."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import streamlit as st

from client import ApiError
from client.learning import Stroke, correct, learning, new_profile, withdraw
from digits.answers import Box, Label
from digits.learning_answers import Correction, Learning
from digits.texts import Texts
from page.asking import POLL_SECONDS, in_background, retry_at, run_again_when, wait_for
from page.hints import Hints
from page.learning.kept_codes import code_of, refuse, set_code

RECORD: Final = "learning_record"
UNDER_WAY: Final = "teaching_under_way"
TAUGHT: Final = "taught"
CHANGES: Final = "profile_changes"
LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Teaching:
    """Where a visitor's digits are kept, and in which language it is spoken of."""

    api: Callable[[], str]
    kept: Learning
    texts: Texts

    @property
    def profile(self) -> str | None:
        """The visitor's code, or None before there is one."""
        return code_of("profile")


@dataclass(frozen=True)
class Shown:
    """A picture whose answer is shown."""

    picture: bytes
    reading: str
    hints: Hints
    strokes: Sequence[Stroke] | None
    page: int = 1

    @cached_property
    def name(self) -> str:
        """Of the picture and of what was asked about it."""
        return sha256(self.picture + repr((self.reading, self.hints, self.page)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Taught:
    """What came of teaching: what is kept, until it is taken back, and the error that ended it."""

    shown: str
    profile: str | None
    kept: tuple[Correction, ...] = ()
    taken_back: bool = False
    error: ApiError | None = None
    serial: int = 0
    """Of the session's changes."""


def teaching_of(api: Callable[[], str], texts: Texts) -> Teaching | None:
    """What the API says of its learning, asked once a session; None where it keeps nothing or has said nothing yet."""
    asked: Future[Learning | ApiError | None] | None = st.session_state.get(RECORD)
    if asked is None or has_failed(asked):
        asked = st.session_state[RECORD] = in_background(lambda: learning(api(), texts.language))
        wait([asked], timeout=POLL_SECONDS)
    kept = asked.result() if asked.done() else None
    return Teaching(api, kept, texts) if isinstance(kept, Learning) else None


def look_for_teaching() -> None:
    """Where there is none yet, the page runs again once the API has said that it learns.

    To be called below the canvas: what stands above it on one run only gives it another place in the page, and then
    the browser makes it anew and loses a stroke that is being drawn.
    """
    asked: Future[Learning | ApiError | None] = st.session_state[RECORD]
    if not asked.done() or isinstance(asked.result(), Learning):
        run_again_when(asked.done, LOOK_SECONDS)


def has_failed(asked: Future[Any]) -> bool:
    """Whether there was no answer, and it is time to ask again."""
    error = asked.result() if asked.done() else None
    return isinstance(error, ApiError) and retry_at(error) < time.monotonic()


def forget_unknown_profile(outcomes: Sequence[object]) -> None:
    """Runs the page again without the profile where the API knows its code no more."""
    if any(isinstance(each, ApiError) and each.kind == "unknown_profile" for each in outcomes):
        refuse("profile")
        st.rerun()


def changes() -> int:
    """How often this session has changed what its profile was taught; what was answered before may be so no more."""
    count: int = st.session_state.get(CHANGES, 0)
    return count


def has_changed() -> None:
    """The profile was taught something, or forgot it."""
    st.session_state[CHANGES] = changes() + 1


def begin_to_teach(teaching: Teaching, shown: Shown, wishes: Sequence[tuple[Label, Box | None]]) -> None:
    """Teach the profile, made if there is none, what the picture or its boxes are; `settle` has the outcome."""
    profile = teaching.profile

    def teach() -> Taught:
        code, kept = profile, []
        try:
            api = teaching.api()
            code = code or new_profile(api, teaching.texts.language)
            for label, box in wishes:
                kept.append(_corrected(api, shown, label, box, code, teaching.texts.language))
        except ApiError as error:
            return Taught(shown.name, code, tuple(kept), error=error)
        return Taught(shown.name, code, tuple(kept))

    st.session_state[UNDER_WAY] = in_background(teach)


def _corrected(api: str, shown: Shown, label: Label, box: Box | None, profile: str, language: str) -> Correction:
    number_format, length = shown.hints
    return correct(
        api,
        shown.picture,
        label,
        profile,
        language,
        box=box,
        strokes=shown.strokes,
        format=number_format,
        length=length,
        page=shown.page,
    )


def begin_to_take_back(teaching: Teaching, taught: Taught) -> None:
    """Take back what was taught last."""

    def take_back() -> Taught:
        left = list(taught.kept)
        try:
            while left:
                withdraw(teaching.api(), left[-1].id, left[-1].profile, teaching.texts.language)
                left.pop()
        except ApiError as error:
            return Taught(taught.shown, taught.profile, tuple(left), error=error)
        return Taught(taught.shown, taught.profile, taken_back=True)

    st.session_state[UNDER_WAY] = in_background(take_back)


def settle(show_waiting: Callable[[], object]) -> None:
    """Waits for what was begun, if anything was; a rerun of the page may interrupt that, and the next one goes on.

    `show_waiting` has to call Streamlit, by which a new stroke interrupts the waiting at once.
    """
    under_way: Future[Taught | ApiError] | None = st.session_state.get(UNDER_WAY)
    if under_way is None:
        return
    (taught,) = wait_for([under_way], lambda _done, _seconds: show_waiting())
    del st.session_state[UNDER_WAY]
    assert isinstance(taught, Taught)
    if taught.error is not None and taught.error.kind == "unknown_profile":
        refuse("profile")
    elif taught.profile != code_of("profile"):
        set_code("profile", taught.profile)
    has_changed()
    st.session_state[TAUGHT] = replace(taught, serial=changes())


def taught_last(shown: str) -> Taught | None:
    """What came of teaching this picture, where it was the last that was taught and nothing has changed since.

    Of a profile that was deleted or left, of digits that were taken back elsewhere there is nothing to undo.
    """
    taught: Taught | None = st.session_state.get(TAUGHT)
    if taught is None or taught.shown != shown or taught.serial != changes():
        return None
    return taught if taught.error is not None or taught.profile == code_of("profile") else None
