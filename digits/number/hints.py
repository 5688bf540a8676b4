"""What a caller knows of a number before it is read; the search over ways to read it keeps to that."""

from dataclasses import dataclass
from typing import Final

from digits.answers import NumberFormat


@dataclass(frozen=True)
class Hints:
    """Hints, each of which may be missing; without any nothing is forced into digits.

    Attributes:
        format: how each word is written.
        lengths: fewest and most digits of each word.

    """

    format: NumberFormat | None = None
    lengths: tuple[int, int] | None = None


NO_HINTS: Final = Hints()
