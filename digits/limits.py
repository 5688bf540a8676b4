"""The limits on what comes from strangers, each in one place."""

from typing import Final

MAX_FILE_MEGABYTES: Final = 32
"""MiB of a picture's file, and of a request unless a setting of the service says otherwise."""

MAX_FILE_BYTES: Final = MAX_FILE_MEGABYTES * 2**20

MAX_PIXELS: Final = 64_000_000
"""Pixels of a picture: more than any telephone's camera takes; checked in the header, before anything is decoded."""

MAX_BATCH_FILES: Final = 256
"""Pictures in one request."""

MAX_LENGTH: Final = 20
"""The most digits of a number that a caller may hint at."""
