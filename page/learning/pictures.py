"""Rows of small pictures of digits, by what they are; those of a sheet or of one's own can be struck out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import streamlit as st

from page.how import PNG_DATA_URL

_FOLDER: Final = Path(__file__).parent
_pictures = st.components.v2.component(
    "digit_pictures",
    html='<div class="rows"></div>',
    css=(_FOLDER / "pictures.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "pictures.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class DigitPicture:
    """A picture in a row."""

    place: int
    """What tells it from the others."""

    name: str
    """What is said of it to those who do not see it."""

    picture: str | None
    """A PNG data URL, or None for an empty box."""

    read: str = ""
    """What it is read as, where that is worth a look."""

    faded: bool = False
    """Whether it does not count."""


Rows = Sequence[tuple[str, Sequence[DigitPicture]]]
"""The digits of each label."""


def show_pictures(key: str, rows: Rows, *, strikeable: bool = False) -> set[int]:
    """Shows the rows; the places of those that are struck out, as long as the same rows are shown."""
    listed = [{"label": label, "digits": [_shown(each) for each in digits]} for label, digits in rows]
    name = sha256(repr(listed).encode()).hexdigest()[:16]
    key = f"{key}_{name}"
    struck = (st.session_state.get(key) or {}).get("struck") or []
    with st.container(key=f"pictures_{key}"):
        told = _pictures(
            key=key,
            data={"shown": name, "rows": listed, "strikeable": strikeable, "struck": struck},
            on_struck_change=lambda: None,
        )
    places = {each.place for _, digits in rows for each in digits if each.picture is not None}
    return {int(place) for place in told.struck or []} & places


def _shown(digit: DigitPicture) -> dict[str, object]:
    is_png = digit.picture is not None and digit.picture.startswith(PNG_DATA_URL)
    return asdict(digit) | {"picture": digit.picture if is_png else None}
