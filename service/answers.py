"""The answers of the API other than problems: their shapes and examples, as /docs shows them."""

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

Extra = Literal["picture", "hog"]


class Prediction(BaseModel):
    """What the recogniser says about one picture."""

    prediction: int | None = Field(ge=0, le=9, description="The digit, or null when the picture holds none.")
    confidence: float = Field(ge=0, le=1, description="How sure the recogniser is of this very answer.")
    probabilities: list[float] | None = Field(description="Of the digits 0 to 9; they add up to 1.")
    rejected: Literal["blank", "not_a_digit", "several_digits"] | None = Field(
        description="Why there is no digit, or null when there is one."
    )
    picture: str | None = Field(
        default=None, description="Only with include=picture: the 28x28 the model saw, as a PNG data URL."
    )
    hog: str | None = Field(
        default=None, description="Only with include=hog: its oriented gradients drawn, as a PNG data URL."
    )


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"]


class Ready(BaseModel):
    """The model is the recorded one, is loaded, and has recognised its built-in digit."""

    status: Literal["ready"]
    service: Literal["digits"]
    model: dict[str, Any]


EXAMPLES: Final[dict[str, Any]] = {
    "a seven": {
        "value": {
            "prediction": 7,
            "confidence": 0.998,
            "probabilities": [0.0, 0.0, 0.001, 0.0, 0.0, 0.0, 0.0, 0.998, 0.0, 0.001],
            "rejected": None,
        }
    },
    "nothing drawn": {
        "value": {"prediction": None, "confidence": 1.0, "probabilities": None, "rejected": "blank"}
    },
}

UPLOAD: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": "PNG or JPEG.",
                    }
                },
            },
            "encoding": {"file": {"contentType": "image/png, image/jpeg"}},
        }
    },
}
