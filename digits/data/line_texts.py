"""What is written on composed lines: numbers, amounts, dates, times, expressions and the like, at random."""

from collections.abc import Callable
from typing import Final, Literal

from numpy.random import Generator

LineKind = Literal[
    "integer", "groups", "decimal", "amount", "negative", "date", "time", "expression", "share", "code", "crossed"
]

KINDS: Final[dict[LineKind, float]] = {
    "integer": 0.08,
    "groups": 0.05,
    "decimal": 0.17,
    "amount": 0.07,
    "negative": 0.09,
    "date": 0.15,
    "time": 0.07,
    "expression": 0.17,
    "share": 0.07,
    "code": 0.05,
    "crossed": 0.03,
}
"""What is written, and how often."""

LETTER: Final = "?"
"""In a text: something that is neither a digit nor a sign."""

CROSSED: Final = "#"
"""In a text: a digit or a few that are crossed out."""

OPERATORS: Final = "+-×÷/"


def line_text(kind: LineKind, rng: Generator) -> str:
    """A text of that kind, with spaces between groups."""
    return _TEXTS[kind](rng)


def _number(rng: Generator, least: int, most: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, int(rng.integers(least, most + 1))))


def _integer(rng: Generator) -> str:
    return _number(rng, 2, 8)


def _groups(rng: Generator) -> str:
    size = int(rng.integers(1, 4))
    return " ".join(_number(rng, size, size + 1) for _ in range(rng.integers(2, 5)))


def _decimal(rng: Generator) -> str:
    return _number(rng, 1, 4) + str(rng.choice([".", ","])) + _number(rng, 1, 4)


def _amount(rng: Generator) -> str:
    thousands, cents = ((".", ","), (",", "."), (" ", ","), (" ", "."))[rng.integers(4)]
    groups = [_number(rng, 1, 3), *(_number(rng, 3, 3) for _ in range(rng.integers(1, 3)))]
    return thousands.join(groups) + (cents + _number(rng, 2, 2) if rng.random() < 0.6 else "")


def _negative(rng: Generator) -> str:
    if rng.random() < 0.5:
        return "-" + (_decimal(rng) if rng.random() < 0.5 else _number(rng, 1, 4))
    return "-".join(_number(rng, 1, 4) for _ in range(rng.integers(2, 4)))


def _date(rng: Generator) -> str:
    between = str(rng.choice(["/", ".", "-"], p=[0.6, 0.25, 0.15]))
    return between.join((_number(rng, 1, 2), _number(rng, 1, 2), _number(rng, *((4, 4), (2, 2))[rng.integers(2)])))


def _time(rng: Generator) -> str:
    return ":".join((_number(rng, 1, 2), *(_number(rng, 2, 2) for _ in range(rng.integers(1, 3)))))


def _expression(rng: Generator) -> str:
    text = _number(rng, 1, 3)
    for _ in range(rng.integers(1, 4)):
        operator = OPERATORS[rng.integers(len(OPERATORS))]
        text = (
            f"({text}){operator}{_number(rng, 1, 2)}" if rng.random() < 0.3 else f"{text}{operator}{_number(rng, 1, 3)}"
        )
    return text + (f"={_number(rng, 1, 3)}" if rng.random() < 0.4 else "")


def _share(rng: Generator) -> str:
    return (_number(rng, 1, 3) if rng.random() < 0.6 else _decimal(rng)) + "%"


def _code(rng: Generator) -> str:
    characters = list(_number(rng, 2, 5))
    for _ in range(rng.integers(1, 3)):
        characters.insert(int(rng.integers(len(characters) + 1)), LETTER)
    return "".join(characters)


def _crossed(rng: Generator) -> str:
    characters = list(_integer(rng) if rng.random() < 0.6 else _decimal(rng))
    characters.insert(int(rng.integers(len(characters) + 1)), CROSSED)
    return "".join(characters)


_TEXTS: Final[dict[LineKind, Callable[[Generator], str]]] = {
    "integer": _integer,
    "groups": _groups,
    "decimal": _decimal,
    "amount": _amount,
    "negative": _negative,
    "date": _date,
    "time": _time,
    "expression": _expression,
    "share": _share,
    "code": _code,
    "crossed": _crossed,
}
