"""Codes of profiles and classes: drawn at random, read out and typed by people."""

import re
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O and U, which are taken for others or make words."""

LENGTH: Final = 12
"""Characters of a code: 59 bits, which nobody guesses."""

_GROUP: Final = 4
_CODE: Final = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


class UnknownCodeError(LookupError):
    """No profile or class has this code."""


def new_code() -> str:
    """A code that nobody has, such as K7QM-2XWB-9DTR."""
    return _shown("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def canonical(typed: str) -> str:
    """The code as `new_code` made it, of what a person typed: capitals or not, with or without dashes and spaces.

    Raises:
        UnknownCodeError: it can be nobody's code.

    """
    plain = re.sub(r"[\s-]", "", typed).upper()
    if not _CODE.fullmatch(plain):
        raise UnknownCodeError("not a code")
    return _shown(plain)


def _shown(plain: str) -> str:
    return "-".join(plain[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))
