"""The answers of the API other than problems: their shapes and examples, as /docs shows them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from service import problems
from service.problems import MAX_FILES

Extra = Literal["ink", "picture", "hog", "influence"]


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(
        json_schema_extra={"format": "uri-reference", "enum": [f"/problems/{name}" for name in problems.KINDS]}
    )
    title: str
    status: int
    detail: str


class Prediction(BaseModel):
    """What the recogniser says about one picture."""

    prediction: int | None = Field(ge=0, le=9, description="The digit, or null when the picture holds none.")
    confidence: float = Field(ge=0, le=1, description="How sure the recogniser is of this very answer.")
    probabilities: list[float] | None = Field(description="Of the digits 0 to 9; they add up to 1.")
    rejected: Literal["blank", "not_a_digit", "several_digits"] | None = Field(
        description="Why there is no digit, or null when there is one."
    )
    ink: str | None = Field(
        default=None, description="Only with include=ink: the ink that was found, as a PNG data URL."
    )
    picture: str | None = Field(
        default=None, description="Only with include=picture: the 28x28 the model saw, as a PNG data URL."
    )
    hog: str | None = Field(
        default=None, description="Only with include=hog: its oriented gradients drawn, as a PNG data URL."
    )
    influence: str | None = Field(
        default=None,
        description="Only with include=influence: its ink in blue where it speaks for the likeliest digit, in orange "
        "where it speaks against it, as a PNG data URL.",
    )


class Predictions(BaseModel):
    """One entry for each file of a batch, in their order; for a file that cannot be read, problem details."""

    answers: list[Prediction | Problem]


Box = Annotated[list[float], Field(min_length=4, max_length=4)]
BOX: Final = (
    "Left, top, right, bottom in pixels of the picture as uploaded, after its EXIF turn; right and bottom lie behind "
    "the last pixel."
)


class DigitOfNumber(BaseModel):
    """A digit of a number, or a mark in its line that is none."""

    prediction: int | None = Field(ge=0, le=9, description="The digit, or null for a mark that is none.")
    confidence: float = Field(ge=0, le=1, description="How sure the recogniser is of this very answer.")
    probabilities: list[float] | None = Field(description="Of the digits 0 to 9; they add up to 1.")
    box: Box = Field(description=BOX)


class LineOfNumber(BaseModel):
    """A line of digits."""

    text: str = Field(description="Its digits, with ? for each mark that is no digit.")
    confidence: float = Field(ge=0, le=1, description="The product of its digits' confidences.")
    box: Box = Field(description=BOX)
    digits: list[DigitOfNumber] = Field(description="From left to right.")


class Number(BaseModel):
    """The digits of one picture."""

    lines: list[LineOfNumber] = Field(description="From top to bottom.")
    rejected: Literal["blank", "not_a_digit"] | None = Field(
        description="Why there is no digit, or null when there is at least one."
    )
    width: int = Field(ge=1, description="Of the picture as uploaded, after its EXIF turn, in pixels.")
    height: int = Field(ge=1, description="The same.")


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
    files: dict[str, Any] = Field(description="SHA-256 and size in bytes of each pickle.")
    hog: dict[str, Any] = Field(description="Parameters of the features.")
    data: dict[str, str] = Field(description="SHA-256 of each file that was trained or measured on.")
    libraries: dict[str, str]
    training: dict[str, Any] = Field(description="When and how it was trained.")
    scores: dict[str, Any] = Field(description="Accuracy, rejections and calibration error on each set of pictures.")
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
        "value": {"answers": [SEVEN, BLANK, problems.details_in("en", problems.Problem("not-a-picture"))]}
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

PICTURE: Final[dict[str, Any]] = {"type": "string", "format": "binary", "description": "PNG or JPEG."}


def _multipart(file: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": ["file"], "properties": {"file": file}}
    encoding = {"file": {"contentType": "image/png, image/jpeg"}}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema, "encoding": encoding}}}


UPLOAD: Final = _multipart(PICTURE | {"minLength": 1})
UPLOADS: Final = _multipart({"type": "array", "minItems": 1, "maxItems": MAX_FILES, "items": PICTURE})
