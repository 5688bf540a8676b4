"""Stored digits as a file to take away."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from fastapi import Request, Response

from digits.exports import DataSet, write
from digits.learning_answers import EXPORT_FORMATS, ExportFormat
from digits.store import StoredDigit
from service.asked import storage_of
from service.findings import SIDE
from service.learning_problems import ONE_OF
from service.problems import ProblemError
from service.query import values_in

if TYPE_CHECKING:
    from digits.store import Store


async def export_of(request: Request, digits_of: Callable[["Store"], Sequence[StoredDigit]], unknown: str) -> Response:
    """A zip of these digits in the format that the query names; `unknown` is the problem for a code nobody has."""
    asked = values_in(request, ["format"]).get("format")
    chosen = next((each for each in EXPORT_FORMATS if each == asked), None)
    if chosen is None:
        raise ProblemError("wrong-fields", ONE_OF, where="format", known=", ".join(EXPORT_FORMATS))
    export_format: ExportFormat = chosen
    content = await storage_of(request).ask(lambda store: write(_data_set(digits_of(store)), export_format), unknown)
    named = {"Content-Disposition": f'attachment; filename="digits-{export_format}.zip"'}
    return Response(content, media_type="application/zip", headers=named)


def _data_set(digits: Sequence[StoredDigit]) -> DataSet:
    return DataSet(
        np.array([digit.picture for digit in digits], np.uint8).reshape(-1, SIDE, SIDE),
        np.array([digit.label for digit in digits], np.int64),
        tuple(digit.number for digit in digits),
    )
