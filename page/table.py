"""A table that screen readers read too."""

from collections.abc import Iterable, Sequence
from html import escape


def html_table(kind: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of the class `kind`; all texts are escaped, the first cell of each row is its name."""
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = (
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    return f'<table class="{kind}"><thead><tr>{names}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
