"""What a person is told, once, before anything is kept: what, what for, where, how long, and how to take it back."""

from html import escape
from typing import Any, Final

from page.learning.teaching import Teaching

POINTS: Final = ("what", "why", "where", "long", "back")


def consent(teaching: Teaching, of: str = "consent") -> dict[str, Any]:
    """The question, its points, each a word and a sentence, and both answers."""
    texts, kept = teaching.texts, teaching.kept
    where = {"where": texts(f"consent.in_{kept.stored_in}"), "days": kept.retention_days}
    return {
        "head": texts(f"{of}.head"),
        "points": [(texts(f"consent.{point}"), texts(f"{of}.{point}_more", **where)) for point in POINTS],
        "yes": texts("consent.yes"),
        "no": texts("consent.no"),
    }


def consent_as_html(teaching: Teaching, of: str = "consent") -> str:
    """The question and its points, of a person or of a class."""
    told = consent(teaching, of)
    points = "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in told["points"])
    return f"<h3>{escape(told['head'])}</h3><dl>{points}</dl>"
