"""Shows what the API said: the digit in large type and how sure it is, or why there is no digit."""

from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from client import ApiError
from digits.answers import DigitAnswer, NumberAnswer
from digits.texts import Texts

SENTENCES: Final = Path(__file__).parent / "texts"
SURENESS = (("certain", 0.97), ("likely", 0.80), ("unsure", 0.50), ("guess", 0.0))
WORTH_MENTIONING = 0.12
MARKED_BELOW = 0.9
"""A word or a cell that is less sure is marked, and what else it may be is offered."""

CARD = "card"
"""The container of an answer and of what belongs to it."""

_spoken = st.components.v2.component(
    "spoken_answer",
    html='<p role="status" aria-live="polite"></p>',
    css="""
      p { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
    """,
    js="""export default function ({ data, parentElement }) {
      const region = parentElement.querySelector("p");
      if (region.textContent !== data.sentence) region.textContent = data.sentence;
    }""",
)


def show_answer(answer: DigitAnswer, texts: Texts) -> None:
    """The digit (0 included) with its confidence, or the reason for the rejection."""
    if answer.prediction is None:
        show_rejection(rejection_name(answer), texts)
        return
    sureness, percent, second = _how_sure(answer, texts)
    spoken = texts("answer.spoken", digit=answer.prediction, sureness=sureness, percent=percent)
    show_card("digit", digit_html(answer, texts), f"{spoken} {second}." if second else spoken)


def digit_html(answer: DigitAnswer, texts: Texts) -> str:
    """What the card holds of an answer that has a digit."""
    sureness, percent, second = _how_sure(answer, texts)
    html = (
        f"<p>{escape(texts('answer.is'))}</p>"
        f'<p class="large">{answer.prediction}</p>'
        f'<p class="sureness"><b>{escape(sureness)}</b>, {escape(percent)}</p>'
    )
    if second:
        html += f'<p class="second">{escape(second)}</p>'
    return html


def _how_sure(answer: DigitAnswer, texts: Texts) -> tuple[str, str, str]:
    """In a word, in per cent, and what else it might be, which is empty where that is not worth mentioning."""
    second = second_guess(answer)
    return (
        texts(f"answer.{sureness_of(answer.confidence)}"),
        percent_of(answer.confidence, texts),
        texts("answer.second", digit=second[0], percent=round(100 * second[1])) if second else "",
    )


def show_bars(answer: DigitAnswer, texts: Texts) -> None:
    """A bar for each of the ten digits, as high as it is probable; the figures are there for those who cannot see."""
    if answer.prediction is not None:
        st.html(bars_html(answer, texts))


def bars_html(answer: DigitAnswer, texts: Texts) -> str:
    """The bars of an answer, all empty where it has no probabilities."""
    columns = (
        f'<li style="--share: {share:.3f}"><span>{round(100 * share)} %</span><i></i><b>{digit}</b></li>'
        for digit, share in enumerate(answer.probabilities or (0.0,) * 10)
    )
    return f'<ol class="bars" start="0" aria-label="{escape(texts("answer.bars"))}">{"".join(columns)}</ol>'


def show_error(error: ApiError, texts: Texts) -> None:
    """Why there is no answer, in the words of the API or of its client, and whether the user has to do something."""
    what_next = "by_itself" if error.is_transient else "still_here" if error.may_be_retried else None
    _show_notice("error", error.title, error.detail, texts(f"error.{what_next}") if what_next else "")


def show_hint(name: str, texts: Texts) -> None:
    """What to do first."""
    _show_notice("hint", texts(f"hint.{name}"), texts(f"hint.{name}_more"))


def show_rejection(name: str, texts: Texts) -> None:
    """Why there is nothing to read in the picture, and what to do."""
    _show_notice("rejected", texts(f"rejected.{name}"), texts(f"rejected.{name}_more"))


def rejection_name(answer: DigitAnswer | NumberAnswer) -> str:
    """The name of the sentences about a rejection."""
    if isinstance(answer, NumberAnswer) and answer.rejected == "not_a_digit":
        return "no_digits"
    return str(answer.rejected)


def sureness_of(confidence: float) -> str:
    """A word's name for a confidence of 0..1."""
    return next(name for name, least in SURENESS if confidence >= least)


def is_unsure(confidence: float) -> bool:
    """Whether a word or cell of this confidence, 0..1, is to be looked at."""
    return confidence < MARKED_BELOW


def percent_of(confidence: float, texts: Texts) -> str:
    """A confidence of 0..1 as per cent, never rounded up to a certainty."""
    if confidence >= 0.995:
        return texts("answer.over_99")
    return texts("answer.percent", percent=round(100 * confidence))


def second_guess(answer: DigitAnswer) -> tuple[int, float] | None:
    """The second most probable digit and its probability, where it is worth mentioning."""
    if answer.probabilities is None:
        return None
    ranked = sorted(((share, digit) for digit, share in enumerate(answer.probabilities)), reverse=True)
    share, digit = next(guess for guess in ranked if guess[1] != answer.prediction)
    return (digit, share) if share >= WORTH_MENTIONING else None


def _show_notice(kind: str, head: str, *more: str) -> None:
    rest = [sentence for sentence in more if sentence]
    html = f'<p class="head">{escape(head)}</p>' + "".join(f"<p>{escape(sentence)}</p>" for sentence in rest)
    show_card(kind, html, " ".join([f"{head}.", *rest]))


def show_card(kind: str, html: str, spoken: str) -> None:
    """The answer's place with this in it, and the sentence that screen readers say."""
    st.html(card_of(kind, html))
    _spoken(key="spoken", data={"sentence": spoken})


def card_of(kind: str, html: str) -> str:
    """The card of this kind with this in it."""
    return f'<section class="answer {kind}">{html}</section>'
