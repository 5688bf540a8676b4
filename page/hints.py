"""What a visitor knows of a number before it is read: how it is written and how many digits it has."""

from typing import NamedTuple

import streamlit as st

from digits.answers import NUMBER_FORMATS, NumberFormat
from digits.limits import MAX_LENGTH
from digits.texts import Texts


class Hints(NamedTuple):
    """What the API is told beside the picture; None where nothing is known."""

    format: NumberFormat | None = None
    length: str | None = None


def chosen_hints(texts: Texts) -> Hints:
    """The hints that are chosen, in a part of the page that is folded away and whose head names them."""
    number_format = st.session_state.get("format")
    fewest, most = st.session_state.get("length", (1, MAX_LENGTH))
    with st.expander(_head(number_format, fewest, most, texts), key="hints"):
        chosen = st.selectbox(
            texts("hints.format"),
            ["any", *NUMBER_FORMATS],
            format_func=lambda each: texts(f"hints.{each}"),
            key="format",
            persist_state="session",
        )
        fewest, most = st.slider(
            texts("hints.length"), 1, MAX_LENGTH, (1, MAX_LENGTH), key="length", persist_state="session"
        )
    return Hints(next((each for each in NUMBER_FORMATS if each == chosen), None), _length(fewest, most) or None)


def _length(fewest: int, most: int) -> str:
    """As the API takes it; empty where any number of digits may be there."""
    if (fewest, most) == (1, MAX_LENGTH):
        return ""
    return str(fewest) if fewest == most else f"{fewest}-{most}"


def _head(number_format: str | None, fewest: int, most: int, texts: Texts) -> str:
    """The words on the fold."""
    length = _length(fewest, most)
    chosen = [texts(f"hints.{number_format}")] if number_format not in (None, "any") else []
    chosen += [texts("hints.digits", length=length.replace("-", "–"))] if length else []
    return texts("hints.chosen", hints="; ".join(chosen)) if chosen else texts("hints.title")
