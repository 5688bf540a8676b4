"""Questions in passing: about a drawing whose pen still moves, to be answered at once or not at all."""

import base64
from typing import Final

import requests
from pydantic import TypeAdapter

from client.api import sent, validated
from digits.answers import DigitAnswer, NumberAnswer

IN_PASSING_SECONDS: Final = 1.0

_DIGIT: Final = TypeAdapter(DigitAnswer)
_NUMBER: Final = TypeAdapter(NumberAnswer)


def predict_in_passing(api: str, png: bytes, language: str, profile: str | None) -> DigitAnswer:
    """As `predict`, but it does not wait for an API that takes longer than `IN_PASSING_SECONDS`. Raises ApiError."""
    return validated(_DIGIT, _asked(f"{api}/predict/", png, language, {"profile": profile}), language)


def read_in_passing(
    api: str,
    png: bytes,
    language: str,
    format: str | None = None,
    length: str | None = None,
    profile: str | None = None,
) -> NumberAnswer:
    """As `read`, and no more patient than `predict_in_passing`. Raises ApiError."""
    hints = {"format": format, "length": length, "profile": profile}
    return validated(_NUMBER, _asked(f"{api}/read/", png, language, hints), language)


def _asked(url: str, png: bytes, language: str, query: dict[str, str | None]) -> requests.Response:
    body = {"image": base64.b64encode(png).decode()}
    return sent("POST", url, language, IN_PASSING_SECONDS, params=query, json=body)
