"""A question in passing: about a drawing whose pen still moves, to be answered at once or not at all."""

import base64
from typing import Final

from pydantic import TypeAdapter

from client.api import sent, validated
from digits.answers import DigitAnswer

IN_PASSING_SECONDS: Final = 1.0

_DIGIT: Final = TypeAdapter(DigitAnswer)


def predict_in_passing(api: str, png: bytes, language: str, profile: str | None = None) -> DigitAnswer:
    """As `predict`, but it does not wait for an API that takes longer than `IN_PASSING_SECONDS`. Raises ApiError."""
    body = {"image": base64.b64encode(png).decode()}
    response = sent("POST", f"{api}/predict/", language, IN_PASSING_SECONDS, params={"profile": profile}, json=body)
    return validated(_DIGIT, response, language)
