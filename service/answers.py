"""The answers of the API other than problems: their shapes and examples, as /docs shows them, and how they are made."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, BinaryIO, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, Field

from digits.decode import BadPicture, decode
from digits.explain import influence, influence_picture
from digits.features import hog_picture
from digits.numbers import read_number
from digits.recogniser import Answer, Recogniser
from service import problems
from service.problems import MOST_FILES, Language, details_in, from_bad_picture
from service.telemetry import PICTURES

GROUP_BYTES: Final = 4_000_000
"""So much of a batch is decoded and recognised at once: 5 photographs, or 50 drawings. Each of its bytes needs up to
40 more on the way."""

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
UPLOADS: Final = _multipart({"type": "array", "minItems": 1, "maxItems": MOST_FILES, "items": PICTURE})


def answer(recogniser: Recogniser, file: BinaryIO, include: tuple[Extra, ...]) -> dict[str, Any]:
    """The members of `Prediction` for the picture in `file`; raises BadPicture."""
    return members(recogniser, recogniser.recognise(decode(file.read())), include)


def number(recogniser: Recogniser, file: BinaryIO) -> dict[str, Any]:
    """The members of `Number` for the picture in `file`; raises BadPicture."""
    found = read_number(recogniser, file.read())
    PICTURES.labels(found.rejected or "number").inc()
    return {
        "lines": [
            {
                "text": line.text,
                "confidence": line.confidence,
                "box": line.box,
                "digits": [asdict(digit) for digit in line.digits],
            }
            for line in found.lines
        ],
        "rejected": found.rejected,
        "width": found.width,
        "height": found.height,
    }


def answer_all(
    recogniser: Recogniser, files: Sequence[BinaryIO], include: tuple[Extra, ...], language: Language
) -> list[dict[str, Any]]:
    """The entries of `Predictions`, worked out group by group: only so many decoded pictures are in memory at once."""
    entries: list[dict[str, Any]] = []
    group: list[NDArray[np.uint8] | dict[str, Any]] = []
    for file in files:
        group.append(decoded_or_problem(file, language))
        if len(group) + len(entries) == len(files) or sum(map(_decoded_bytes, group)) >= GROUP_BYTES:
            found = iter(recogniser.recognise_all([each for each in group if not isinstance(each, dict)]))
            entries += [each if isinstance(each, dict) else members(recogniser, next(found), include) for each in group]
            group = []
    return entries


def _decoded_bytes(decoded: NDArray[np.uint8] | dict[str, Any]) -> int:
    return 0 if isinstance(decoded, dict) else decoded.nbytes


def decoded_or_problem(file: BinaryIO, language: Language) -> NDArray[np.uint8] | dict[str, Any]:
    """The picture in `file`, or problem details why there is none."""
    data = file.read()
    try:
        if not data:
            raise problems.Problem("no-file", problems.EMPTY_FILE)
        return decode(data)
    except problems.Problem as problem:
        return details_in(language, problem)
    except BadPicture as error:
        PICTURES.labels("unreadable").inc()
        return details_in(language, from_bad_picture(error))


def members(recogniser: Recogniser, found: Answer, include: tuple[Extra, ...]) -> dict[str, Any]:
    """The members of `Prediction`."""
    PICTURES.labels(found.rejected or "digit").inc()
    prediction: dict[str, Any] = {
        "prediction": found.prediction,
        "confidence": found.confidence,
        "probabilities": found.probabilities,
        "rejected": found.rejected,
    }
    return prediction | {extra: extra_picture(recogniser, found, extra) for extra in include}


def extra_picture(recogniser: Recogniser, found: Answer, extra: Extra) -> str | None:
    """One of the pictures that an answer may include, as a data URL; None for a blank picture."""
    if found.ink is None or found.picture is None or found.probabilities is None:
        return None
    match extra:
        case "ink":
            return data_url((255 * found.ink).astype(np.uint8))
        case "picture":
            return data_url(found.picture)
        case "hog":
            return data_url(hog_picture(found.picture))
        case "influence":
            likeliest = int(np.argmax(found.probabilities))
            return data_url(influence_picture(influence(recogniser, found.picture, likeliest), found.picture))


def data_url(pixels: NDArray[np.uint8]) -> str:
    """A picture, (height, width) or (height, width, 3) uint8, as a data URL that holds a PNG."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")
