"""Why a sheet cannot be read."""

from typing import Literal

Reason = Literal["no_corners", "cut_off", "too_small", "too_blurred", "no_code", "empty"]
"""Its corner marks are not found or covered; it is cut off by the picture's rim; it is too small in the picture; it is
out of focus or shaken; its code is covered or is no sheet's; nothing is written in its boxes."""


class SheetError(ValueError):
    """The picture shows no sheet that can be read; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
