"""The shapes of the answers that `digits.answers` does not have, and examples of all, as /docs shows them."""

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from digits.answers import DigitAnswer
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
EXAMPLES_OF_BATCHES: Final[dict[str, Any]] = {
    "a seven, a blank page and a text file": {
        "value": {"answers": [SEVEN, BLANK, problems.details_in("en", problems.ProblemError("not-a-picture"))]}
    }
}
EXAMPLES_OF_NUMBERS: Final[dict[str, Any]] = {
    "the number 42 drawn on a canvas": {
        "value": {
            "lines": [
                {
                    "text": "42",
                    "confidence": 0.9985,
                    "box": [40.0, 80.0, 228.0, 196.0],
                    "digits": [
                        {
                            "prediction": 4,
                            "confidence": 0.9989,
                            "probabilities": [0.0, 0.0001, 0.0, 0.0, 0.9989, 0.0, 0.0, 0.0002, 0.0001, 0.0007],
                            "box": [40.0, 82.0, 118.0, 196.0],
                        },
                        {
                            "prediction": 2,
                            "confidence": 0.9996,
                            "probabilities": [0.0, 0.0001, 0.9996, 0.0001, 0.0, 0.0, 0.0, 0.0002, 0.0, 0.0],
                            "box": [146.0, 80.0, 228.0, 190.0],
                        },
                    ],
                }
            ],
            "rejected": None,
            "width": 280,
            "height": 280,
        }
    },
    "nothing drawn": {"value": {"lines": [], "rejected": "blank", "width": 280, "height": 280}},
}
