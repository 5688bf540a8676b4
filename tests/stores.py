"""Stores for tests, and what goes into them."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from digits.store import Entry

KINDS: Final = ("sqlite", "postgresql")
MANY: Final = 10**6
MODEL: Final = "0123456789abcdef" * 4


def picture(number: int) -> NDArray[np.uint8]:
    """A picture of its own for each number."""
    return np.random.default_rng(number).integers(0, 256, (28, 28), dtype=np.uint8)


def entry(number: int = 0, label: int = 4, suggested: int | None = 9, **others: Any) -> Entry:
    """The digit of that number, misread unless `suggested` is its label."""
    values: dict[str, Any] = {
        "confidence": 0.75,
        "source": "correction",
        "believed": True,
        "distance": 0.25,
        "model_sha256": MODEL,
    }
    return Entry(picture(number), label, suggested, **values | others)
