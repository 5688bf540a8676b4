"""Further questions about a digit whose answer is shown, and how their answers look."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

import streamlit as st

from client import ApiError
from digits.answers import DigitAnswer, Include
from digits.texts import Texts
from page.another_try import offer_another_try
from page.answer import percent_of
from page.asking import Outcome, digits_in, outcomes_of

BATCH_FILES: Final = 8
"""In one request: a speckled picture takes the API a hundred times as long as a clean one."""

_LOOKS: Final = (Path(__file__).parent / "learners.css").read_text(encoding="utf-8")


class Asking(NamedTuple):
    """How more is asked about the digit whose answer is shown.

    Attributes:
        address: of the API.
        texts: of the page.
        profile: code of the one whose remembered digits weigh in, and...
        changes: ...how often they have changed.
        kept_as: where the session keeps what was answered.

    """

    address: Callable[[], str]
    texts: Texts
    profile: str | None
    changes: int
    kept_as: str = "further"

    def about(self, pictures: Sequence[bytes], include: tuple[Include, ...] = ()) -> list[Outcome]:
        """The outcome of each picture, asked for once a session; a new stroke does not wait for it."""
        language = self.texts.language

        def ask(new: Sequence[bytes]) -> Iterator[Outcome]:
            yield from digits_in(self.address(), new, language, include, self.profile, BATCH_FILES)

        place = st.empty()
        wanted = (*include, language, str(self.profile), str(self.changes))
        outcomes = outcomes_of(pictures, wanted, ask, lambda *_: place.empty(), self.kept_as)
        place.empty()
        return outcomes

    def say_faults(self, outcomes: Sequence[Outcome]) -> None:
        """Why something could not be asked, once, and another try."""
        errors = [outcome for outcome in outcomes if isinstance(outcome, ApiError)]
        if errors:
            st.html(f'<p class="lesson" role="status">{escape(errors[0].title)}. {escape(errors[0].detail)}</p>')
            offer_another_try(errors, self.kept_as, self.texts)


def apply_looks() -> None:
    """The style of these parts, which costs nobody anything who does not open one."""
    st.html(f"<style>{_LOOKS}</style>")


def verdict(answer: DigitAnswer, texts: Texts) -> str:
    """What is read and how sure that is, as HTML; why there is no digit in place of it."""
    if answer.prediction is None:
        return f'<p class="verdict"><b>–</b><span>{escape(texts(f"rejected.{answer.rejected}"))}</span></p>'
    sure = escape(percent_of(answer.confidence, texts))
    return f'<p class="verdict"><b>{answer.prediction}</b><span>{sure}</span></p>'


def figure(step: str, url: str, caption: str) -> str:
    """A picture as HTML with its name below."""
    return f'<figure class="{step}"><img src="{escape(url)}" alt=""><figcaption>{escape(caption)}</figcaption></figure>'
