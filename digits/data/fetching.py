"""A file of a data set: found in `DIGITS_DATA_DIR` or downloaded, and checked by SHA-256.

What downloads is imported where it is needed: who only measures pictures needs none of it.
"""

import hashlib
import os
import tarfile
import zipfile
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from digits.data.sources import FILES, DataFile, DataSetError

CONVERSION_ERRORS: Final = (
    OSError,
    EOFError,
    KeyError,
    ValueError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged download raises."""


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
    if _sha256(found.read_bytes()) != file.sha256:
        raise DataSetError(f"{found} is damaged (its SHA-256 differs): get it anew from {file.url}")
    return found


def _downloaded(file: DataFile) -> Path:
    """The file in the user's cache, downloaded and converted first where it is not there as it should be."""
    if missing := [name for name in ("pooch", "unlzw3", "fontTools") if find_spec(name) is None]:
        raise DataSetError(f"{missing[0]} is needed to download {file.url}: pip install -r tests/requirements.txt")
    import pooch

    folder = Path(pooch.os_cache("digits"))
    cached = folder / file.path
    if cached.exists() and _sha256(cached.read_bytes()) == _expected(file, cached):
        return cached
    print(f"Downloading {file.url} into {cached}")
    pooch.get_logger().setLevel("ERROR")
    name = f"{_sha256(file.url.encode('utf-8'))[:8]}-{file.url.rsplit('/', 1)[1]}"
    try:
        download = Path(pooch.retrieve(file.url, None, name, folder / "downloads", progressbar=True))
    except OSError as error:
        advice = "try again with a network, or put it into a folder that DIGITS_DATA_DIR names"
        raise DataSetError(
            f"{file.path} could not be downloaded from {file.url} ({type(error).__name__}): {advice}"
        ) from error
    try:
        _keep(file, download, cached)
    except CONVERSION_ERRORS as error:
        download.unlink()
        raise DataSetError(f"what came from {file.url} is damaged ({error}): try again") from error
    if all(_is_kept(folder / other.path) for other in FILES.values() if other.url == file.url):
        download.unlink()
    return cached


def _keep(file: DataFile, download: Path, cached: Path) -> None:
    """Put what was downloaded into the cache as it should be, a converted file with its SHA-256 beside it."""
    content = download.read_bytes() if file.convert is None else file.convert(download)
    digest = _sha256(content)
    if file.convert is None and digest != file.sha256:
        raise ValueError("its SHA-256 differs")
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_bytes(content)
    _digest_beside(cached).write_text(digest, "ascii")


def _expected(file: DataFile, cached: Path) -> str:
    """SHA-256 of a kept file: the recorded one, or of a converted file the one written beside it when it was made."""
    if file.convert is None:
        return file.sha256
    return _digest_beside(cached).read_text("ascii") if _is_kept(cached) else ""


def _is_kept(cached: Path) -> bool:
    return _digest_beside(cached).exists()


def _digest_beside(cached: Path) -> Path:
    return cached.with_name(f"{cached.name}.sha256")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
