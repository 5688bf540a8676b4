"""What the model is: what it learnt from, how well it reads, what it mistakes for what, and where it is weak."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from html import escape
from typing import Any, Final

import streamlit as st

from client import ApiError
from digits.texts import Texts
from page.asking import POLL_SECONDS, in_background, run_again_when
from page.table import html_table

SWITCH: Final = "about"
RECORD: Final = "record"
LOOK_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 10.0
SETS: Final = {
    "MNIST, test set": "mnist",
    "real drawings": "drawings",
    "real photographs": "photographs",
    "real pictures without a digit": "others",
    "scikit-learn's load_digits, as PNG files": "small",
}
WEAKNESSES: Final = ("touching", "paper", "letters", "people")


def show_about(ask: Callable[[], dict[str, Any]], texts: Texts) -> None:
    """The switch and, when it is on, the model's record, asked for in the background once a session."""
    if not st.toggle(texts("about.title"), key=SWITCH):
        return
    asked: Future[dict[str, Any] | ApiError] | None = st.session_state.get(RECORD)
    if asked is None:
        asked = st.session_state[RECORD] = in_background(ask)
        wait([asked], timeout=POLL_SECONDS)
    record = asked.result() if asked.done() else None
    if record is None:
        _say(texts("about.asking"))
        run_again_when(asked.done, LOOK_SECONDS)
    elif isinstance(record, ApiError):
        _say(f"{record.title}. {record.detail}")
        due = record.raised_at + max(RETRY_SECONDS, record.retry_after)
        run_again_when(lambda: _forget_after(due), max(RETRY_SECONDS, record.retry_after))
    else:
        st.html(f'<div class="about">{"".join(_parts(record, texts))}</div>')


def forget_record() -> None:
    """The record is asked for anew, with an error in another language."""
    st.session_state.pop(RECORD, None)


def _forget_after(due: float) -> bool:
    if time.monotonic() < due:
        return False
    forget_record()
    return True


def _say(sentence: str) -> None:
    st.html(f'<p class="about">{escape(sentence)}</p>')


def _parts(record: dict[str, Any], texts: Texts) -> Iterator[str]:
    training = record["training"]
    yield _paragraph(texts("about.learnt", examples=f"{training['examples']:,}".replace(",", "\u202f")))
    if isinstance(learnt := record.get("learnt"), dict):
        yield _paragraph(texts("about.taught", date=str(learnt.get("date", ""))[:10]))
    yield f"<h2>{escape(texts('about.scores'))}</h2>"
    yield html_table(
        "scores",
        [texts("about.set"), texts("about.count"), texts("about.right"), texts("about.interval")],
        [
            [
                texts(f"about.{name}"),
                str(score["count"]),
                _percent(score["accuracy"], texts),
                f"{_percent(score['low'], texts)} – {_percent(score['high'], texts)}",
            ]
            for key, name in SETS.items()
            if (score := record["scores"].get(key)) is not None
        ],
    )
    yield f"<h2>{escape(texts('about.confusion'))}</h2>"
    yield _paragraph(texts("about.confusion_more"))
    yield _confusion(record["confusion_matrix"], texts)
    yield f"<h2>{escape(texts('about.weak'))}</h2>"
    yield "<ul>" + "".join(f"<li>{escape(texts(f'about.weak_{name}'))}</li>" for name in WEAKNESSES) + "</ul>"


def _percent(share: float, texts: Texts) -> str:
    return texts("answer.percent", percent=f"{100 * share:.1f}".replace(".", texts("about.decimal")))


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _confusion(matrix: list[list[int]], texts: Texts) -> str:
    """Rows are the digits, columns what they were read as; mistakes are the darker the more often they happen."""
    most = max(1, *(count for digit, row in enumerate(matrix) for read, count in enumerate(row) if read != digit))
    head = "".join(f'<th scope="col">{read}</th>' for read in (*range(10), "–"))
    rows = "".join(
        f'<tr><th scope="row">{digit}</th>'
        + "".join(
            f'<td class="right">{count}</td>'
            if read == digit
            else f'<td style="--share: {count / most:.2f}">{count or ""}</td>'
            for read, count in enumerate(row)
        )
        + "</tr>"
        for digit, row in enumerate(matrix)
    )
    label = escape(texts("about.confusion"))
    head = f"<thead><tr><td></td>{head}</tr></thead>"
    return f'<table class="confusion" aria-label="{label}">{head}<tbody>{rows}</tbody></table>'
