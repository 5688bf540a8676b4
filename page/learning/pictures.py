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
    of_rows = _key(key, rows)
    with st.container(key=f"pictures_{of_rows}"):
        _pictures(
            key=of_rows,
            data={
                "shown": of_rows,
                "rows": listed,
                "strikeable": strikeable,
                "struck": sorted(struck_out(key, rows)),
            },
            on_struck_change=lambda: None,
        )
    return struck_out(key, rows)


def struck_out(key: str, rows: Rows) -> set[int]:
    """The places of those that are struck out now.

    When a button is pressed this knows of a picture that was pressed right before it, which the rows that were shown
    last did not.
    """
    told = (st.session_state.get(_key(key, rows)) or {}).get("struck") or []
    places = {each.place for _, digits in rows for each in digits if each.picture is not None}
    return {int(place) for place in told} & places


def _key(key: str, rows: Rows) -> str:
    return f"{key}_{sha256(repr(rows).encode()).hexdigest()[:16]}"


def _shown(digit: DigitPicture) -> dict[str, object]:
    is_png = digit.picture is not None and digit.picture.startswith(PNG_DATA_URL)
    return asdict(digit) | {"picture": digit.picture if is_png else None}
