"""The codes of a visitor's profile and class: random letters, kept by the browser and by nobody's account."""

from pathlib import Path
from typing import Any, Final, Literal

import streamlit as st

from digits.codes import UnknownCodeError, canonical

Name = Literal["profile", "class"]
NAMES: Final[tuple[Name, ...]] = ("profile", "class")

CHANGED: Final = "codes_changed"
REFUSED: Final = "codes_refused"

_keeper = st.components.v2.component(
    "kept_codes", html="<i></i>", js=(Path(__file__).parent / "kept_codes.js").read_text(encoding="utf-8")
)


def keep_in_browser() -> None:
    """Mounts what tells the codes that the browser has kept, and what keeps those that are changed here."""
    changed = _changed()
    with st.container(key="codes"):
        _keeper(
            key="kept_codes",
            data={"codes": changed["codes"], "revision": changed["revision"]},
            on_codes_change=lambda: None,
        )


def code_of(name: Name) -> str | None:
    """The code that this session goes by: the one that was set last, or the one that the browser had kept."""
    changed = _changed()
    told = changed["codes"] if changed["revision"] else (st.session_state.get("kept_codes") or {}).get("codes")
    code = as_code(str((told or {}).get(name) or ""))
    return None if code == refused(name) else code


def set_code(name: Name, code: str | None) -> None:
    """From now on this code, in this session and in the browser; None forgets it in both."""
    codes = {each: code_of(each) for each in NAMES} | {name: code}
    st.session_state[CHANGED] = {"codes": codes, "revision": _changed()["revision"] + 1}
    st.session_state.get(REFUSED, {}).pop(name, None)


def refuse(name: Name) -> None:
    """The API knows the code no more: nothing is asked with it, but the browser keeps it until another one is set."""
    st.session_state.setdefault(REFUSED, {})[name] = code_of(name)


def refused(name: Name) -> str | None:
    """The code that the API does not know."""
    code: str | None = st.session_state.get(REFUSED, {}).get(name)
    return code


def as_code(typed: str) -> str | None:
    """A code as it is shown, from how a person typed it; None where it can be nobody's."""
    try:
        return canonical(typed)
    except UnknownCodeError:
        return None


def _changed() -> dict[str, Any]:
    changed: dict[str, Any] = st.session_state.get(CHANGED) or {"codes": {}, "revision": 0}
    return changed
