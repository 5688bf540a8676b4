"""Who is kept out of all training: every fifth writer, font or picture."""

from collections.abc import Iterable
from typing import Final

EVERY: Final = 5


def is_kept_out(index: int) -> bool:
    """Whether the picture of that index, from 0, in its source is kept out: every fifth is."""
    return index % EVERY == EVERY - 1


def kept_out(names: Iterable[str]) -> frozenset[str]:
    """Every fifth of the different names, sorted."""
    return frozenset(name for index, name in enumerate(sorted(set(names))) if is_kept_out(index))
