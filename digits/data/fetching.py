"""A file of a data set: found in `DIGITS_DATA_DIR` or downloaded, and checked by SHA-256.

What downloads is imported where it is needed: who only measures pictures needs none of it.
"""

import hashlib
import os
import zipfile
from io import BytesIO
from pathlib import Path

from digits.data.sources import FILES, DataFile, DataSetError


def data_folder() -> Path | None:
    """The folder that DIGITS_DATA_DIR names; None where it names none."""
    named = os.environ.get("DIGITS_DATA_DIR")
    return Path(named) if named else None


def fetch(path: str) -> Path:
    """Where the file is on this machine, downloaded first when DIGITS_DATA_DIR names no folder.

    Raises:
        DataSetError: it is not in the folder, cannot be downloaded, or its SHA-256 is not the recorded one.

    """
    file = FILES[path]
    if (folder := data_folder()) is None:
        return _downloaded(file)
    found = folder / path
    if not found.is_file():
        raise DataSetError(
            f"{found} is missing: get it from {file.url}, or unset DIGITS_DATA_DIR to have it downloaded"
        )
    if not _is_as_recorded(found, file):
        raise DataSetError(f"{found} is damaged (its SHA-256 differs): get it anew from {file.url}")
    return found


def _downloaded(file: DataFile) -> Path:
    try:
        import pooch
        from unlzw3 import unlzw
    except ImportError as error:
        raise DataSetError(f"to download {file.url}: pip install -r tests/requirements.txt") from error
    cached: Path = pooch.os_cache("digits") / file.path
    if cached.exists() and _is_as_recorded(cached, file):
        return cached
    print(f"Downloading {file.url} into {cached}")
    pooch.get_logger().setLevel("ERROR")
    try:
        cached.unlink(missing_ok=True)
        packed = Path(pooch.retrieve(file.url, None, f"{cached.name}.part", cached.parent, progressbar=True))
        content = packed.read_bytes()
        packed.unlink()
        if file.packed_as is not None:
            content = unlzw(zipfile.ZipFile(BytesIO(content)).read(file.packed_as))
        cached.write_bytes(content)
    except OSError as error:
        advice = "try again with a network, or put it into a folder that DIGITS_DATA_DIR names"
        raise DataSetError(
            f"{file.path} could not be downloaded from {file.url} ({type(error).__name__}): {advice}"
        ) from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DataSetError(f"what came from {file.url} is damaged: try again") from error
    if not _is_as_recorded(cached, file):
        cached.unlink()
        raise DataSetError(f"what came from {file.url} is damaged (its SHA-256 differs): try again")
    return cached


def _is_as_recorded(path: Path, file: DataFile) -> bool:
    return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
