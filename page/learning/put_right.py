"""Below an answer: right, or not right and what it is; the question whether it may be kept; thanks and undo."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from digits.answers import LABELS, Box, DigitAnswer, Label, NumberAnswer, NumberDigit
from page.answer import CARD
from page.boxes import boxed_digits
from page.learning.consent import consent
from page.learning.teaching import Shown, Taught, Teaching, begin_to_take_back, begin_to_teach, taught_last

KEY: Final = "put_right"
SENTENCES: Final = ("right", "wrong", "undo", "none", "close", "which", "point")
Wish = tuple[Label, Box | None]
"""What a picture is, or a digit of it by its box."""


_FOLDER: Final = Path(__file__).parent
_footer = st.components.v2.component(
    "put_right",
    html=(_FOLDER / "put_right.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "put_right.css").read_text(encoding="utf-8"),
    js="".join(path.read_text(encoding="utf-8") for path in (_FOLDER.parent / "typing.js", _FOLDER / "put_right.js")),
)


def show_below(
    teaching: Teaching, shown: Shown, answer: DigitAnswer | NumberAnswer, otherwise: Sequence[Wish] = ()
) -> None:
    """The footer of an answer or of a rejection; a blank picture has none.

    The digits of a number are put right by their boxes, or as they were typed over in cells.
    """
    if isinstance(answer, DigitAnswer) and answer.rejected != "blank":
        confirmed = "none" if answer.rejected == "not_a_digit" else answer.prediction
        _show(teaching, shown, confirmed=None if confirmed is None else str(confirmed))
    elif isinstance(answer, NumberAnswer) and answer.rejected is None:
        _show(teaching, shown, digits=boxed_digits(answer), otherwise=otherwise)


def _show(
    teaching: Teaching,
    shown: Shown,
    confirmed: str | None = None,
    digits: Sequence[NumberDigit] | None = None,
    otherwise: Sequence[Wish] = (),
) -> None:
    texts = teaching.texts
    taught = taught_last(shown.name)

    def take() -> None:
        told = (st.session_state.get(KEY) or {}).get("told") or {}
        if told.get("asked") != shown.name:
            return
        if told.get("action") == "undo" and taught is not None:
            begin_to_take_back(teaching, taught)
        elif told.get("action") == "cells":
            begin_to_teach(teaching, shown, otherwise)
        elif wish := _wish(told, digits):
            begin_to_teach(teaching, shown, [wish])

    _footer(
        key=KEY,
        data={
            "card": CARD,
            "asked": shown.name,
            "serial": taught.serial if taught else 0,
            "outcome": None if taught is None else _outcome(taught, teaching),
            "confirmed": confirmed,
            "keys": digits is None,
            "points": _points(digits or (), teaching),
            "differ": len(otherwise),
            "hasAgreed": teaching.profile is not None,
            "consent": None if teaching.profile else consent(teaching),
            "texts": {name: texts(f"right.{name}") for name in SENTENCES}
            | {"differ": texts("right.differ", count=len(otherwise))},
        },
        on_told_change=take,
    )


def _wish(told: dict[str, Any], digits: Sequence[NumberDigit] | None) -> Wish | None:
    """What the browser says that a picture is, or a digit of a number; None where that cannot be."""
    label = next((each for each in LABELS if each == told.get("label")), None)
    if label is None:
        return None
    if digits is None:
        return label, None
    place = told.get("place")
    return (label, digits[place].box) if isinstance(place, int) and 0 <= place < len(digits) else None


def _points(digits: Sequence[NumberDigit], teaching: Teaching) -> list[dict[str, str]]:
    """What is asked about each digit of a number."""
    said = ("?" if digit.prediction is None else digit.prediction for digit in digits)
    return [
        {"which": teaching.texts("right.which_of", place=place, count=len(digits), said=each)}
        for place, each in enumerate(said, start=1)
    ]


def _outcome(taught: Taught, teaching: Teaching) -> dict[str, Any]:
    """What is said of what was taught last, and whether it can be taken back."""
    texts = teaching.texts
    if taught.error is not None:
        return {"said": f"{taught.error.title}. {taught.error.detail}", "failed": True, "undo": bool(taught.kept)}
    if taught.taken_back:
        return {"said": texts("right.taken_back"), "failed": False, "undo": False}
    labels = {each.label for each in taught.kept}
    if len(taught.kept) > 1:
        said = texts("right.thanks_several", count=len(taught.kept))
    elif labels == {"none"}:
        said = texts("right.thanks_none")
    else:
        said = texts("right.thanks", digit="".join(labels))
    if any(each.state == "waiting" for each in taught.kept):
        said += " " + texts("right.waits")
    return {"said": said, "failed": False, "undo": True}
