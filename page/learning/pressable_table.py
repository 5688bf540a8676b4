"""A table some of whose cells can be pressed, to see what is behind them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import streamlit as st

_FOLDER: Final = Path(__file__).parent
_table = st.components.v2.component(
    "pressable_table",
    html='<div class="sheet"><table></table></div>',
    css=(_FOLDER / "pressable_table.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "pressable_table.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Cell:
    """A cell; one with a name is a button, which is called so and tells its value."""

    text: str
    value: str = ""
    name: str = ""
    kind: str = ""
    share: float = 0.0
    """How dark it is, 0..1."""


def show_table(
    key: str,
    label: str,
    head: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Cell]]],
    pressed: str,
    on_press: Callable[[str], None],
) -> None:
    """The table; `pressed` is the value of the cell that was pressed last, `on_press` is told another one."""

    def tell() -> None:
        value = (st.session_state.get(key) or {}).get("pressed")
        if isinstance(value, str):
            on_press(value)

    listed = [[name, *map(asdict, cells)] for name, cells in rows]
    data = {"label": label, "head": list(head), "rows": listed, "pressed": pressed}
    _table(key=key, data=data, on_pressed_change=tell)
