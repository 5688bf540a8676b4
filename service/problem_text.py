"""What a problem is made of: its sentences in both languages, and what all problems of one type have in common."""

from dataclasses import dataclass
from typing import NamedTuple


class Text(NamedTuple):
    """One sentence for people, in each language of the API."""

    en: str
    ru: str


@dataclass(frozen=True)
class Kind:
    """What is the same in all problems of one type; `retry_after` is in seconds."""

    status: int
    title: Text
    detail: Text
    retry_after: int | None = None
