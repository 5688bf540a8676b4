"""What may stand behind what in a word: automata that the search over readings walks along.

Without hints nothing is forbidden; what is rarely written, such as a point at the end or two slashes in a row, costs
something. A hint makes it an automaton that takes only words of its format, or of so many digits.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from digits.answers import NumberFormat
from digits.number.hints import Hints

UNREAD: Final = "?"
"""A mark that is neither digit nor sign."""

POINTS: Final = ".,"
BETWEEN: Final = ":/"
OPERATORS: Final = "+-×÷="
IN_EXPRESSIONS: Final = "+×÷=()%"
DATE_SEPARATORS: Final = "/.-"
TIME_SEPARATORS: Final = ":."

MAX_DIGITS: Final = 64
"""Digits of a word that are counted."""


class State(NamedTuple):
    """What was read of a word so far.

    Attributes:
        last: kind of the last symbol: nothing, a `digit`, or the sign itself.
        digits: how many digits of the field, or of the word where it has no fields.
        total: how many digits of the word, as far as that is asked for.
        field: number of the field, from 0; of an expression the brackets that are open.
        separator: between the fields, or nothing yet.

    """

    last: str = ""
    digits: int = 0
    total: int = 0
    field: int = 0
    separator: str = ""


Step = tuple[State, float]


class Grammar(NamedTuple):
    """An automaton with scores.

    Attributes:
        step: from a state by a symbol to the next state and its score, or None where the symbol cannot stand there.
        end: score of a word that ends in a state, or None where it cannot.
        is_free: whether marks may stand in the word.
        prefer: score of a whole text.

    """

    step: Callable[[State, str], Step | None]
    end: Callable[[State], float | None]
    is_free: bool = False
    prefer: Callable[[str], float] = lambda _: 0.0


def grammar(hints: Hints, *, in_cells: bool = False) -> Grammar:
    """The automaton for some hints; without any, one for the cells of a table or for what stands elsewhere."""
    if hints.format is None and hints.lengths is None:
        return IN_CELLS if in_cells else FREE
    found = FREE if hints.format is None else _FORMATS[hints.format]
    lengths = hints.lengths
    if lengths is None:
        return found._replace(is_free=False)

    def step(state: State, symbol: str) -> Step | None:
        taken = found.step(state, symbol)
        if taken is None:
            return None
        total = state.total + symbol.isdigit()
        return None if total > lengths[1] else (taken[0]._replace(total=total), taken[1])

    def end(state: State) -> float | None:
        return found.end(state) if lengths[0] <= state.total <= lengths[1] else None

    return Grammar(step, end)


# Without a format

RARE: Final = float(np.log(0.1))
"""Score of a sign where it is rarely written. Set by hand, as is..."""

UNUSUAL: Final = float(np.log(0.3))
"""...that of one where it is unusual."""

USUAL: Final = float(np.log(5))
"""Score of a date or a time: more words are so than by chance. Set by hand."""

DATE_OR_TIME: Final = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1([0-9]{2}){1,2}|[0-9]{1,2}(:[0-9]{2}){1,2}")


def _free_step(state: State, symbol: str) -> Step | None:
    last = state.last
    after_number = last in ("digit", ")", "%")
    score = 0.0
    if symbol.isdigit():
        return State("digit"), UNUSUAL if last in (")", "%") else 0.0
    if symbol in POINTS or symbol in BETWEEN:
        score = 0.0 if last == "digit" or (last == ")" and symbol == "/") else RARE
    elif symbol in "+-":
        score = 0.0 if after_number or last in ("", "(", "=") else RARE
    elif symbol in "×÷=%":
        score = 0.0 if after_number else RARE
    elif symbol == "(":
        score = 0.0 if not last or last == "(" or last in OPERATORS else UNUSUAL
    elif symbol == ")":
        score = 0.0 if after_number else RARE
    return State(symbol), score


def _free_end(state: State) -> float:
    if state.last in ("digit", ")", "%", UNREAD, "=", ""):
        return 0.0
    return UNUSUAL if state.last in OPERATORS else RARE


def _usual(text: str) -> float:
    """Dates and times are usual; a slash elsewhere is rather a 1, a per cent sign two digits that touch."""
    if DATE_OR_TIME.fullmatch(text):
        return USUAL
    unmatched = text.count("(") != text.count(")")
    return UNUSUAL * (("/" in text) + ("%" in text)) + RARE * unmatched


def _usual_in_cells(text: str) -> float:
    """Tables have numbers in their cells: what looks like part of an expression there is rather a digit."""
    return _usual(text) + RARE * sum(symbol in IN_EXPRESSIONS for symbol in text)


FREE: Final = Grammar(_free_step, _free_end, is_free=True, prefer=_usual)
IN_CELLS: Final = FREE._replace(prefer=_usual_in_cells)


# By format


def _integer_step(state: State, symbol: str) -> Step | None:
    if symbol.isdigit():
        return State("digit", 1), 0.0
    return (State(symbol), 0.0) if symbol in "+-" and not state.last else None


def _ends_with_a_digit(state: State) -> float | None:
    return 0.0 if state.last == "digit" else None


def _decimal_step(state: State, symbol: str) -> Step | None:
    if symbol in POINTS:
        return (State(symbol, 0), 0.0) if state.last == "digit" else None
    return _integer_step(state, symbol)


def _date_step(state: State, symbol: str) -> Step | None:
    if symbol.isdigit():
        most = 2 if state.field == 1 else 4
        return (state._replace(last="digit", digits=state.digits + 1), 0.0) if state.digits < most else None
    fits = symbol in DATE_SEPARATORS and state.separator in ("", symbol) and state.field < 2
    if not fits or state.digits not in (1, 2, 4):
        return None
    return State(symbol, 0, state.total, state.field + 1, symbol), 0.0


def _date_end(state: State) -> float | None:
    return 0.0 if state.field == 2 and state.digits in (1, 2, 4) else None


def _time_step(state: State, symbol: str) -> Step | None:
    if symbol.isdigit():
        return (state._replace(last="digit", digits=state.digits + 1), 0.0) if state.digits < 2 else None
    fits = symbol in TIME_SEPARATORS and state.separator in ("", symbol) and state.field < 2
    if not fits or state.digits < (1 if state.field == 0 else 2):
        return None
    return State(symbol, 0, state.total, state.field + 1, symbol), 0.0


def _time_end(state: State) -> float | None:
    return 0.0 if state.field > 0 and state.digits == 2 else None


def _expression_step(state: State, symbol: str) -> Step | None:
    last, depth = state.last, state.field
    after_number = last in ("digit", ")", "%")
    if symbol.isdigit():
        return (State("digit", 0, 0, depth), 0.0) if last not in (")", "%") else None
    if symbol in POINTS or symbol == "%":
        fits = last == "digit"
    elif symbol == "(":
        fits, depth = not after_number and last not in (".", ","), depth + 1
    elif symbol == ")":
        fits, depth = after_number and depth > 0, depth - 1
    elif symbol in "+-":
        fits = after_number or last in ("", "(", "=")
    else:
        fits = after_number and symbol in "×÷=/:"
    return (State(symbol, 0, 0, depth), 0.0) if fits else None


def _expression_end(state: State) -> float | None:
    return 0.0 if state.field == 0 and state.last in ("digit", ")", "%", "=") else None


_FORMATS: Final[dict[NumberFormat, Grammar]] = {
    "integer": Grammar(_integer_step, _ends_with_a_digit),
    "decimal": Grammar(_decimal_step, _ends_with_a_digit),
    "date": Grammar(_date_step, _date_end),
    "time": Grammar(_time_step, _time_end),
    "expression": Grammar(_expression_step, _expression_end),
}
