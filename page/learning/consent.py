"""What a person is told, once, before anything is kept: what, what for, where, how long, and how to take it back."""

from typing import Any, Final

from page.learning.teaching import Teaching

POINTS: Final = ("what", "why", "where", "long", "back")


def consent(teaching: Teaching) -> dict[str, Any]:
    """The question, its points, each a word and a sentence, and both answers."""
    texts, kept = teaching.texts, teaching.kept
    where = {"where": texts(f"consent.in_{kept.stored_in}"), "days": kept.retention_days}
    return {
        "head": texts("consent.head"),
        "points": [(texts(f"consent.{point}"), texts(f"consent.{point}_more", **where)) for point in POINTS],
        "yes": texts("consent.yes"),
        "no": texts("consent.no"),
    }
