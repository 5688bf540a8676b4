"""Settings of the API from the environment; README.md has their table."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each is set by the variable of its name in capitals with DIGITS_ in front."""

    model_config = SettingsConfigDict(env_prefix="DIGITS_")

    model_folder: Path | None = None
    at_once: Annotated[int, Field(ge=1)] = min(os.cpu_count() or 1, 2)
    waiting: Annotated[int, Field(ge=0)] = 32
    max_megabytes: Annotated[int, Field(ge=1)] = 32
    cors_origins: tuple[str, ...] = ()
    log_level: Literal["debug", "info", "warning", "error"] | None = None


def settings_or_exit() -> Settings:
    """The settings; where one is wrong, the process ends with one line for each."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"DIGITS_{'_'.join(map(str, fault['loc'][:1])).upper()}: {fault['msg']}" for fault in error.errors()]
        sys.exit("\n".join(faults))
