"""The tables of a picture, cell by cell: what is unsure is marked, and all can be typed over and kept."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import streamlit as st

from digits.answers import NumberAnswer, TableCell
from digits.csv_cells import harmless_number
from digits.texts import Texts
from page.answer import is_unsure, percent_of
from page.boxes import upright, upright_size

KEPT: Final = 50
"""Pictures of a session whose cells that were typed over are remembered."""

Row = tuple[TableCell, ...]
Typed = dict[str, str]
"""What the user typed or confirmed, by the places of cells: "row, column", both from 0 and over all tables."""

_FOLDER: Final = Path(__file__).parent
_editor = st.components.v2.component(
    "table_cells",
    html=(_FOLDER / "cells.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "cells.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "cells.js").read_text(encoding="utf-8"),
)


def typed_over(number: NumberAnswer, picture: bytes, reading: str, texts: Texts) -> Typed:
    """Show the cells of all tables to be typed over; what was typed. `reading` is a name for picture and answer.

    What was typed is kept by the picture and its cells, so that it is still there when the picture is read otherwise.
    """
    kept: dict[str, Typed] = st.session_state.setdefault("typed", {})
    cells = repr((number.page, [[cell.box for cell in row] for row in number.table or ()]))
    place = sha256(picture + cells.encode()).hexdigest()
    wide, high = upright_size(number)
    with st.container(key="cells"):
        told = _editor(
            key=f"cells_{reading}",
            data={
                "reading": f"{reading} {texts.language}",
                "rows": [*_shown(number, texts)],
                "tables": _tables(number),
                "aspect": wide / high,
                "typed": kept.get(place, {}),
                "label": texts("table.label"),
                "more": texts("table.more"),
                "empty": texts("table.empty"),
            },
            on_typed_change=lambda: None,
        )
    if told.typed is not None:
        kept[place] = {str(cell): str(text) for cell, text in told.typed.items()}
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
    return kept.get(place, {})


def _shown(number: NumberAnswer, texts: Texts) -> Iterator[list[dict[str, Any]]]:
    """What the editor shows of each row."""
    tables = _tables(number)
    name = "table.cell_of_several" if len(set(tables)) > 1 else "table.cell"
    for place, (table, cells) in enumerate(zip(tables, number.table or (), strict=True)):
        row = place - tables.index(table) + 1
        names = (texts(name, table=table, row=row, column=column) for column in range(1, len(cells) + 1))
        yield [_cell(*each, number, texts) for each in zip(names, cells, strict=True)]


def _tables(number: NumberAnswer) -> list[int]:
    """The number of the table that each row belongs to; 0 for one without cells."""
    return [row[0].table if row else 0 for row in number.table or ()]


def _cell(name: str, cell: TableCell, number: NumberAnswer, texts: Texts) -> dict[str, Any]:
    return {
        "text": in_one_line(cell),
        "unsure": is_unsure(cell.confidence),
        "name": name,
        "sure": texts("table.sure", percent=percent_of(cell.confidence, texts)),
        "doubt": texts("table.doubt"),
        "box": upright(cell.box, number),
        "alternatives": [
            {"text": other.text.replace("\n", " "), "sure": percent_of(other.confidence, texts)}
            for other in cell.alternatives
        ],
    }


def in_one_line(cell: TableCell) -> str:
    """The text of a cell, its lines with a space between."""
    return cell.text.replace("\n", " ")


def texts_of(rows: Sequence[Row], typed: Typed) -> list[list[str]]:
    """The texts of all cells, with what was typed over them."""
    return [
        [typed.get(f"{row}, {column}", in_one_line(cell)) for column, cell in enumerate(cells)]
        for row, cells in enumerate(rows)
    ]


def unsure_left(rows: Sequence[Row], typed: Typed) -> int:
    """How many unsure cells are neither typed over nor confirmed."""
    return sum(
        is_unsure(cell.confidence) and f"{row}, {column}" not in typed
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    )


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """The rows for a spreadsheet, which tells by the first character that it is UTF-8, and in which nothing is run."""
    table = io.StringIO()
    csv.writer(table).writerows([harmless_number(text) for text in row] for row in rows)
    return "\ufeff" + table.getvalue()
