"""A recogniser of handwritten digits and numbers: picture -> ink -> 28x28 -> HOG -> StandardScaler -> model.

from digits import Recogniser, decode, read_number

recogniser = Recogniser.load()
picture = decode(open("seven.png", "rb").read())
print(recogniser.recognise(picture).prediction)
print([line.text for line in read_number(recogniser, picture).lines])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digits.decode import decode as decode  # at once: else the function could not be told from the module of its name

if TYPE_CHECKING:
    from digits.number import read_number as read_number
    from digits.recogniser import Recogniser as Recogniser

__all__ = ["Recogniser", "decode", "read_number"]

_HOMES = {"Recogniser": "digits.recogniser", "read_number": "digits.number"}


def __getattr__(name: str) -> Any:
    """Import what is asked for: who needs only the shape of answers need not wait for scikit-learn."""
    if name not in _HOMES:
        raise AttributeError(f"module 'digits' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
