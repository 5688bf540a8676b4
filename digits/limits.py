"""The limits on what comes from strangers, each in one place."""

import re
from typing import Final

MAX_FILE_MEGABYTES: Final = 32
"""MiB of a picture's file, and of a request unless a setting of the service says otherwise."""

MAX_FILE_BYTES: Final = MAX_FILE_MEGABYTES * 2**20

MAX_PIXELS: Final = 64_000_000
"""Pixels of a picture: more than any telephone's camera takes; checked in the header, before anything is decoded."""

MAX_BATCH_FILES: Final = 256
"""Pictures in one request."""

MAX_PAGES: Final = 256
"""Pages of a file that are read, as many as there may be pictures in a request."""

MAX_POINTS: Final = 10_000
"""Points of all pen strokes of a drawing: a drawn digit has a hundred."""

MAX_COORDINATE: Final = 1_000_000
"""How far from 0 a point may be."""

MAX_LENGTH: Final = 20
"""The most digits of a number that a caller may hint at."""

_LENGTH: Final = "([1-9]|1[0-9]|20)"
LENGTH_PATTERN: Final = f"^{_LENGTH}(-{_LENGTH})?$"
"""Regular expression of such a hint, up to `MAX_LENGTH`; that the fewest are not more than the most, it cannot say."""


def lengths_in(hint: str) -> tuple[int, int]:
    """Fewest and most digits of a number, of a hint such as 2 or 4-6.

    Raises:
        ValueError: the hint is none, or above `MAX_LENGTH`.

    """
    fewest, _, most = hint.partition("-")
    if not re.fullmatch(LENGTH_PATTERN, hint) or int(fewest) > int(most or fewest):
        raise ValueError(f"not a number of digits, or the fewest and the most: {hint}")
    return int(fewest), int(most or fewest)
