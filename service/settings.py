"""Settings of the API from the environment; README.md has their table."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from digits.limits import MAX_FILE_MEGABYTES
from digits.store import DEFAULT_URL, StoreError

PREFIX: Final = "DIGITS_"
RENAMED: Final = {"DIGITS_AT_ONCE": "DIGITS_WORKERS", "DIGITS_WAITING": "DIGITS_QUEUE_SIZE"}
"""Names of settings that have been given up, with those that stand in their place."""


class Settings(BaseSettings):
    """Each is set by the variable of its name in capitals with DIGITS_ in front."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, use_attribute_docstrings=True)

    model_folder: Path | None = None
    """Folder of the model's files; the project's own where it is not set."""

    workers: Annotated[int, Field(ge=1)] = min(os.cpu_count() or 1, 2)
    """Processes that recognise."""

    queue_size: Annotated[int, Field(ge=0)] = 32
    """Requests that wait for one of them; more are refused as busy."""

    deadline_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 5.0
    """From when a request is here as a whole to its answer, or in a batch from one picture's answer to the next."""

    max_megabytes: Annotated[int, Field(ge=1)] = MAX_FILE_MEGABYTES
    """MiB of a request."""

    max_megabytes_under_way: Annotated[int, Field(ge=1)] = 256
    """MiB of all requests that are being uploaded or answered; what would be more is refused as busy."""

    max_megapixels: Annotated[int, Field(ge=1)] = 256
    """Million pixels of all pictures of a request."""

    cors_origins: tuple[str, ...] = ()
    """Pages of these origins may ask from a browser."""

    database_url: str = DEFAULT_URL
    """Where is kept what people teach: sqlite:///FILE or postgresql://…; empty for nowhere, and nobody can teach."""

    retention_days: Annotated[int, Field(ge=1)] = 365
    """What was taught is deleted after so many days."""

    corrections_per_hour: Annotated[int, Field(ge=1)] = 600
    """Digits that a profile may be taught within an hour; a sheet has a hundred."""

    codes_per_hour: Annotated[int, Field(ge=1)] = 600
    """Profiles and classes that one machine may make within an hour; the page is one machine, whoever visits it."""

    review_token: str = ""
    """Whoever sends it may decide about what waits, from anywhere; without one only the server's own machine may."""

    log_level: Literal["debug", "info", "warning", "error"] | None = None
    """Of the log; uvicorn's own where it is not set."""

    @model_validator(mode="after")
    def _largest_request_fits(self) -> Self:
        if self.max_megabytes_under_way < self.max_megabytes:
            raise ValueError(
                "DIGITS_MAX_MEGABYTES_UNDER_WAY is below DIGITS_MAX_MEGABYTES, so no such request would fit"
            )
        return self

    @field_validator("database_url")
    @classmethod
    def _can_be_opened(cls, url: str) -> str:
        """Touches no database; what is wrong with an address is told before the service starts."""
        if url not in ("", DEFAULT_URL):
            from digits.store import Store

            try:
                Store.open(url).close()
            except StoreError as error:
                raise ValueError(str(error)) from error
        return url


def settings_or_exit() -> Settings:
    """The settings of the environment; where one is wrong, the process ends with one line for each."""
    faults = [f"{old} is called {new} now" for old, new in RENAMED.items() if old in os.environ]
    if faults:
        sys.exit("\n".join(faults))
    try:
        return Settings()
    except ValidationError as error:
        sys.exit("\n".join(_line(fault["loc"][:1], fault["msg"]) for fault in error.errors()))


def _line(where: tuple[int | str, ...], fault: str) -> str:
    return f"{PREFIX}{str(where[0]).upper()}: {fault}" if where else fault
