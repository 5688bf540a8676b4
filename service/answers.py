"""The shapes of the answers that `digits.answers` does not have, and examples of all, as /docs shows them."""

from dataclasses import replace
from math import prod
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from digits.answers import (
    SIGN_OF,
    DigitAnswer,
    NumberAnswer,
    NumberDigit,
    NumberLine,
    NumberWord,
    Reading,
    TableCell,
    number_as_json,
)
from service import problems


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(
        json_schema_extra={"format": "uri-reference", "enum": [f"/problems/{name}" for name in problems.KINDS]}
    )
    title: str
    status: int
    detail: str


class DigitAnswers(BaseModel):
    """One entry for each file of a batch, in their order; for a file that cannot be read, problem details."""

    answers: list[DigitAnswer | Problem]


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"]


class Ready(BaseModel):
    """The model is the recorded one, is loaded, and has recognised its built-in digit."""

    status: Literal["ready"]
    service: Literal["digits"]
    model: dict[str, Any]


class Model(BaseModel):
    """The record of the model."""

    name: Literal["digits"]
    version: str
    files: dict[str, Any] = Field(description="SHA-256 and size in bytes of each file of the model.")
    hog: dict[str, Any] = Field(description="Parameters of the features.")
    data: dict[str, str] = Field(description="SHA-256 of each file that was trained or measured on.")
    libraries: dict[str, str]
    training: dict[str, Any] = Field(description="When and how it was trained.")
    scores: dict[str, Any] = Field(description="Accuracy, rejections and calibration error on each set of pictures.")
    rejection: dict[str, Any] = Field(
        description="How well each kind of what is no digit is told apart: share rejected, area under the ROC curve, "
        "and rate of false acceptance where 95, 99 and 99.5 % of digits are kept."
    )
    confusion_matrix: list[list[int]] = Field(
        description="On MNIST's test set: for each digit how often it was read as 0, 1, ... 9, and how often rejected."
    )


SEVEN: Final[dict[str, Any]] = {
    "prediction": 7,
    "confidence": 0.9997,
    "probabilities": [0.0, 0.0002, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9997, 0.0, 0.0001],
    "rejected": None,
}
BLANK: Final[dict[str, Any]] = {"prediction": None, "confidence": 1.0, "probabilities": None, "rejected": "blank"}
SEEN: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAoElEQVR4nGNgGDaAEUrH2LOxc3Cyc3Cwc/AsLUBT"
    "9OI/AhyACbJA6Wy3r9++f/v+7RvjCqa1OO2J/P9bEqfk7v+bccrJ//0fhFOy5P97dpySp/9345TT+/8Tt3P6/6/BKcf09H8oTkm//x+5cUqe+D"
    "8bp5zp//9WOCV7/j/E7ZxH/7twSrr9/6+JU3L5/5045Ti+//fGKcl88igzTklMAADr5z65xgj36gAAAABJRU5ErkJggg=="
)
EXAMPLES: Final[dict[str, Any]] = {
    "a seven": {"value": SEVEN},
    "a seven, with include=picture": {"value": {**SEVEN, "picture": SEEN}},
    "a seven, with include=other_models": {
        "value": {
            **SEVEN,
            "other_models": [
                {"name": "nearest_neighbours", "prediction": 7, "confidence": 1.0, "accuracy": 0.9468},
                {"name": "logistic_regression", "prediction": 7, "confidence": 0.9991, "accuracy": 0.9522},
                {"name": "linear_svm", "prediction": 7, "confidence": None, "accuracy": 0.9448},
            ],
        }
    },
    "nothing drawn": {"value": BLANK},
    "a scribble": {
        "value": {
            "prediction": None,
            "confidence": 0.8346,
            "probabilities": [0.3721, 0.0132, 0.136, 0.0066, 0.3632, 0.0057, 0.0095, 0.0097, 0.0776, 0.0064],
            "rejected": "not_a_digit",
        }
    },
    "a one beside a two": {
        "value": {
            "prediction": None,
            "confidence": 0.99,
            "probabilities": [0.0, 0.0001, 0.99, 0.0092, 0.0, 0.0, 0.0, 0.0007, 0.0, 0.0],
            "rejected": "several_digits",
        }
    },
}
EXAMPLES_OF_TEXT: Final[dict[str, Any]] = {
    "/predict/": {"a seven": {"value": "7"}, "nothing drawn": {"value": "blank"}},
    "/read/": {"two lines": {"value": "7,8 53\n42"}, "a table": {"value": "43\t\n8\t75"}},
}
"""By path."""
EXAMPLES_OF_BATCHES: Final[dict[str, Any]] = {
    "a seven, a blank page and a text file": {
        "value": {"answers": [SEVEN, BLANK, problems.details_in("en", problems.ProblemError("not-a-picture"))]}
    }
}


def _word(
    text: str, left: float, top: float, sure: float, *others: tuple[str, float]
) -> tuple[tuple[NumberDigit, ...], NumberWord]:
    """What is answered about a word whose digits are 40 pixels wide and 60 apart, each as sure as the others."""
    digits = []
    for place, letter in enumerate(text):
        x = left + 60 * place
        if letter.isdigit():
            rest = round((1 - sure) / 9, 4)
            shares = tuple(sure if str(digit) == letter else rest for digit in range(10))
            digits.append(NumberDigit(int(letter), sure, shares, (x, top, x + 40, top + 80)))
        else:
            digits.append(NumberDigit(None, sure, (0.1,) * 10, (x + 12, top + 62, x + 26, top + 90), SIGN_OF[letter]))
    bottom = max(digit.box[3] for digit in digits)
    alternatives = tuple(Reading(*other) for other in others)
    word = NumberWord(
        text, round(sure ** len(text), 4), (digits[0].box[0], top, digits[-1].box[2], bottom), alternatives
    )
    return tuple(digits), word


def _line(*words: tuple[tuple[NumberDigit, ...], NumberWord]) -> NumberLine:
    """The line of these words, from left to right."""
    line = NumberLine.of([digit for digits, _ in words for digit in digits], [word for _, word in words])
    return replace(line, confidence=round(prod(word.confidence for _, word in words), 4))


def _cell(text: str, row: int, column: int, confidence: float, *others: tuple[str, float]) -> TableCell:
    """A cell of a table whose cells are 160 pixels wide and 120 high."""
    left, top = 20 + 160.0 * column, 20 + 120.0 * row
    alternatives = tuple(Reading(*other) for other in others)
    return TableCell(text, confidence, (left, top, left + 160, top + 120), alternatives=alternatives)


_DOUBTFUL: Final = ("15", 0.1742), ("45", 0.0101)
_TABLE: Final = (
    (_cell("43", 0, 0, 0.9604), _cell("", 0, 1, 0.9971)),
    (_cell("8", 1, 0, 0.98), _cell("75", 1, 1, 0.81, *_DOUBTFUL)),
)
_ANSWERS_OF_NUMBERS: Final = {
    "the number 42 drawn on a canvas": NumberAnswer((_line(_word("42", 40, 80, 0.9989)),), None, 280, 280),
    "with signs: a decimal comma, which may be a one": NumberAnswer(
        (_line(_word("7,8", 40, 80, 0.96, ("718", 0.0904), ("78", 0.0112)), _word("53", 280, 80, 0.9989)),),
        None,
        480,
        280,
    ),
    "a table of two rows, one cell empty, one in doubt": NumberAnswer(
        (_line(_word("43", 40, 40, 0.98)), _line(_word("8", 40, 160, 0.98), _word("75", 200, 160, 0.9, *_DOUBTFUL))),
        None,
        360,
        280,
        _TABLE,
    ),
    "a page on its side, turned by a quarter to be read": NumberAnswer(
        (
            NumberLine(
                "7",
                0.9989,
                (80.0, 40.0, 160.0, 80.0),
                (NumberDigit(7, 0.9989, tuple(SEVEN["probabilities"]), (80.0, 40.0, 160.0, 80.0)),),
                (NumberWord("7", 0.9989, (80.0, 40.0, 160.0, 80.0)),),
            ),
        ),
        None,
        280,
        280,
        turn=90,
    ),
    "nothing drawn": NumberAnswer((), "blank", 280, 280),
}
EXAMPLES_OF_NUMBERS: Final[dict[str, Any]] = {
    name: {"value": number_as_json(answer)} for name, answer in _ANSWERS_OF_NUMBERS.items()
}
