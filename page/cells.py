"""The tables of a picture, cell by cell: what is unsure is marked, and all can be typed over and kept."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
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


def typed_over(number: NumberAnswer, reading: str, texts: Texts) -> Typed:
    """Show the cells of all tables to be typed over; what was typed. `reading` is a name for picture and answer."""
    rows = number.table or ()
    kept: dict[str, Typed] = st.session_state.setdefault("typed", {})
    wide, high = upright_size(number)
    with st.container(key="cells"):
        told = _editor(
            key=f"cells_{reading}",
            data={
                "reading": f"{reading} {texts.language}",
                "rows": [list(_cells(number, place, texts)) for place in range(len(rows))],
                "tables": [row[0].table if row else 0 for row in rows],
                "aspect": wide / high,
                "typed": kept.get(reading, {}),
                "label": texts("table.label"),
                "more": texts("table.more"),
            },
            on_typed_change=lambda: None,
        )
    if told.typed is not None:
        kept[reading] = {str(place): str(text) for place, text in told.typed.items()}
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
    return kept.get(reading, {})


def _cells(number: NumberAnswer, row: int, texts: Texts) -> Iterator[dict[str, Any]]:
    """What the editor shows of the cells of a row."""
    assert number.table is not None
    first = next(place for place, cells in enumerate(number.table) if cells[:1] and _is_of(cells, number.table[row]))
    for column, cell in enumerate(number.table[row]):
        name = {"table": cell.table, "row": row - first + 1, "column": column + 1}
        several = number.table[-1][-1:] != () and number.table[-1][-1].table > 1
        yield {
            "text": in_one_line(cell),
            "unsure": is_unsure(cell.confidence),
            "name": texts("table.cell_of_several" if several else "table.cell", **name),
            "sure": texts("table.sure", percent=percent_of(cell.confidence, texts)),
            "doubt": texts("table.doubt"),
            "box": upright(cell.box, number),
            "alternatives": [
                {"text": other.text.replace("\n", " "), "sure": percent_of(other.confidence, texts)}
                for other in cell.alternatives
            ],
        }


def _is_of(cells: Row, others: Row) -> bool:
    return bool(others) and cells[0].table == others[0].table


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
