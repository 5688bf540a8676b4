"""Examples of the answers about what is learnt, as /docs shows them, and how stored digits are answered."""

from typing import Any, Final

from digits.answers import LABELS, Label
from digits.learning_answers import RememberedDigit, WaitingCorrection
from digits.store import StoredDigit
from service.answers import SEEN
from service.pictures import data_url

_CODE: Final = "K7QM-2XWB-9DTR"
_CLASS: Final = "4HZP-Y8VC-MN3J"
_MOMENT: Final = "2026-11-28T16:00:00+00:00"
_COUNTS: Final = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
_REMEMBERED: Final = {
    "id": 17,
    "picture": SEEN,
    "label": "4",
    "suggested": "9",
    "state": "believed",
    "active": True,
    "source": "correction",
    "created": _MOMENT,
}
_BOX: Final = {"label": "0", "picture": SEEN, "prediction": "0", "confidence": 0.998, "suspicious": False}
_PUPILS: Final = [{"number": 5, "counts": [10] * 10, "misread": 1}]
_CONFUSION: Final = [
    [9 if column == row == 4 else int(row == 4 and column == 9) or 10 * (row == column) for column in range(11)]
    for row in range(10)
]

EXAMPLES_OF_LEARNING: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("get", "/learning"): {"stored_in": "sqlite", "retention_days": 365},
    ("post", "/profiles/"): {"profile": _CODE},
    ("get", "/profiles/{code}"): {"profile": _CODE, "class": None, "digits": [_REMEMBERED], "counts": _COUNTS},
    ("post", "/corrections/"): {"id": 17, "state": "believed", "profile": _CODE, "label": "4", "suggested": "9"},
    ("get", "/corrections/"): {
        "corrections": [
            {"id": 18, "picture": SEEN, "label": "4", "suggested": "7", "distance": 0.41, "created": _MOMENT}
        ]
    },
    ("post", "/sheets/read/"): {"class": _CLASS, "number": 5, "digits": [_BOX], "page": 1, "pages": 1},
    ("post", "/sheets/"): {"profile": _CODE, "number": 5, "taken": 98, "left_out": 2, "page": 1, "pages": 30},
    ("post", "/classes/"): {"class": _CLASS},
    ("get", "/classes/{code}"): {"class": _CLASS, "pupils": _PUPILS, "confusion": _CONFUSION, "count": 100},
    ("get", "/classes/{code}/digits"): {
        "digits": [{"id": 17, "picture": SEEN, "number": 5, "label": "4", "predicted": "9"}]
    },
}
"""By method and path; of a sheet's hundred boxes the first."""


def label_of(index: int | None) -> Label | None:
    """A class as people name it."""
    return None if index is None else LABELS[index]


def remembered(digit: StoredDigit) -> RememberedDigit:
    """A stored digit as the one who taught it sees it."""
    assert digit.state != "withdrawn"
    return RememberedDigit(
        digit.id,
        data_url(digit.picture),
        LABELS[digit.label],
        label_of(digit.suggested),
        digit.state,
        digit.active,
        digit.source,
        digit.created.isoformat(),
    )


def waiting(digit: StoredDigit) -> WaitingCorrection:
    """A stored digit as the one who decides about it sees it."""
    return WaitingCorrection(
        digit.id,
        data_url(digit.picture),
        LABELS[digit.label],
        label_of(digit.suggested),
        digit.distance,
        digit.created.isoformat(),
    )
