"""INPUT… -> pictures, one after the other in an order that is the same every time, in constant memory.

An input is a file, a folder with all that lies in it, or a pattern of names. A zip file and an IDX file of pictures
(as MNIST ships them: http://yann.lecun.com/exdb/mnist/, "FILE FORMATS") stand for the pictures in them, wherever they
lie, and a PDF or TIFF file of several pages for its pages. Names that begin with a dot are left out in folders,
patterns and zip files.
"""

import glob
import heapq
import os
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from gzip import GzipFile
from io import BufferedReader
from typing import Final
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from digits.decode import BadPictureError, Pages
from digits.formats import FORMATS
from digits.limits import MAX_FILE_BYTES, MAX_PIXELS

MAX_NAMES_IN_MEMORY: Final = 100_000
"""Names of a folder that are in memory at once; a folder of more is listed again for each further so many."""

IDX_HEADER_BYTES: Final = 16
"""Four big-endian numbers: magic, count, height, width."""

_BLOCK_BYTES: Final = 2**20

_IDX_PICTURES: Final = re.compile(r".*idx3-ubyte(\.gz)?", re.IGNORECASE)
_SUFFIXES_WITH_PAGES: Final = tuple(suffix for kind in FORMATS if kind.has_pages for suffix in kind.suffixes)
_IDX_MAGIC: Final = b"\x00\x00\x08\x03"
_GZIP_MAGIC: Final = b"\x1f\x8b"


class NothingFoundError(ValueError):
    """An input is neither a file nor a folder nor a pattern that fits one; the text is the input."""


@dataclass(frozen=True)
class Unread:
    """Why a picture's bytes could not be had: no-file, too-large, too-many-pixels or damaged-archive."""

    error: str


Content = bytes | NDArray[np.uint8] | Unread
"""The bytes of a picture's file, or a (height, width) grey picture, or why there is neither."""


@dataclass(frozen=True)
class Source:
    """Where a picture comes from: its name, printable and in one line, and how to get at it.

    Attributes:
        name: path; in a zip file `archive.zip/member.png`, in an IDX file `train-images-idx3-ubyte/00042`, of a page
            among several `scan.pdf#page=2`, as addresses have it (RFC 8118).
        read: gives its content; to be called before the next picture is asked for.
        path: of the file that is this very picture, for whoever shares the file system; None inside an archive.
        page: which page of that content it is, from 0; None where the content is the picture.

    """

    name: str
    read: Callable[[], Content]
    path: str | None = None
    page: int | None = None


def sources(inputs: Sequence[str], excluded: Collection[str] = ()) -> Iterator[Source]:
    """The pictures of all inputs; the absolute paths `excluded` are left out in folders and patterns.

    Raises:
        NothingFoundError: see there.

    """
    for each in inputs:
        if os.path.isdir(each):
            yield from _in_folder(each, "*", excluded)
        elif os.path.exists(each):
            yield from _in_file(each)
        else:
            yield from _of_pattern(each, excluded)


def _of_pattern(pattern: str, excluded: Collection[str]) -> Iterator[Source]:
    folder_pattern, name_pattern = os.path.split(pattern)
    folders = sorted(glob.glob(os.path.join(folder_pattern, ""), recursive=True)) if folder_pattern else [""]
    found = False
    for folder in folders:
        for source in _in_folder(folder, name_pattern, excluded):
            found = True
            yield source
    if not found:
        raise NothingFoundError(pattern)


def _in_folder(folder: str, pattern: str, excluded: Collection[str]) -> Iterator[Source]:
    """What lies in a folder under a name that fits, in order of the names, each folder's content in its place."""
    try:
        for name, is_folder, is_file in _names_in_order(folder, pattern):
            path = os.path.join(folder, name)
            if is_folder:
                yield from _in_folder(path, "*", excluded)
            elif os.path.abspath(path) in excluded:
                continue
            elif is_file:
                yield from _in_file(path)
            else:
                yield Source(printable(path), partial(Unread, "no-file"))
    except OSError:
        yield Source(printable(folder), partial(Unread, "no-file"))


def _names_in_order(folder: str, pattern: str) -> Iterator[tuple[str, bool, bool]]:
    """Name, whether it is a folder (links to folders are none), whether it is a file."""
    last = ""
    while True:
        with os.scandir(folder or ".") as listed:
            wanted = (
                (entry.name, entry.is_dir(follow_symlinks=False), entry.is_file())
                for entry in listed
                if entry.name > last and entry.name[0] != "." and fnmatch(entry.name, pattern)
            )
            names = heapq.nsmallest(MAX_NAMES_IN_MEMORY, wanted)
        yield from names
        if len(names) < MAX_NAMES_IN_MEMORY:
            return
        last = names[-1][0]


def _in_file(path: str) -> Iterator[Source]:
    if path.lower().endswith(".zip"):
        return _in_zip(path)
    if _IDX_PICTURES.fullmatch(path):
        return _in_idx(path)
    return _pages_of(Source(printable(path), partial(read_file, path), path))


def _pages_of(source: Source) -> Iterator[Source]:
    """The pages of a file that by its name may have several; one that has not is itself its picture."""
    if not source.name.lower().endswith(_SUFFIXES_WITH_PAGES):
        yield source
        return
    content = source.read()
    count = _page_count(content) if isinstance(content, bytes) else 1
    if count == 1:
        yield source
        return
    for page in range(count):
        yield Source(f"{source.name}#page={page + 1}", lambda: content, source.path, page)


def _page_count(content: bytes) -> int:
    try:
        return Pages(content).count
    except BadPictureError:
        return 1


def _in_zip(path: str) -> Iterator[Source]:
    try:
        archive = ZipFile(path)
    except Exception:  # a broken archive may fail anywhere inside zipfile, with any exception
        yield Source(printable(path), partial(Unread, "damaged-archive"))
        return
    with archive:
        for member in archive.infolist():
            if not member.is_dir() and not os.path.basename(member.filename).startswith("."):
                read = partial(_read_member, archive, member)
                yield from _pages_of(Source(printable(f"{path}/{member.filename}"), read))


def _read_member(archive: ZipFile, member: ZipInfo) -> Content:
    if member.file_size > MAX_FILE_BYTES:
        return Unread("too-large")
    try:
        return archive.read(member)
    except Exception:  # damaged, encrypted, or compressed in a way that Python does not know
        return Unread("damaged-archive")


def _in_idx(path: str) -> Iterator[Source]:
    """Grey pictures behind a header; where the file ends before the header's count is reached, one more is damaged."""
    try:
        with open(path, "rb") as plain:
            packed = plain.read(2) == _GZIP_MAGIC
        with GzipFile(path) if packed else open(path, "rb") as file:
            header = file.read(IDX_HEADER_BYTES)
            count, height, width = (int.from_bytes(header[place : place + 4]) for place in (4, 8, 12))
            size = height * width
            if len(header) < IDX_HEADER_BYTES or header[:4] != _IDX_MAGIC or not size:
                raise ValueError(path)
            complete = (_length(file, IDX_HEADER_BYTES + count * size) - IDX_HEADER_BYTES) // size
            for index in range(min(count, complete + 1)):
                name = printable(f"{path}/{index:05d}")
                yield Source(name, partial(_read_idx, file, IDX_HEADER_BYTES + index * size, height, width))
    except (OSError, EOFError, ValueError, zlib.error):
        yield Source(printable(path), partial(Unread, "damaged-archive"))


def _length(file: GzipFile | BufferedReader, expected: int) -> int:
    """Bytes in a file; of a packed one those that can be unpacked, which is tried up to the `expected` length."""
    if not isinstance(file, GzipFile):
        return os.fstat(file.fileno()).st_size
    length = file.tell()
    with suppress(OSError, EOFError, zlib.error):  # damaged or cut off
        while length < expected and (block := file.read1(_BLOCK_BYTES)):
            length += len(block)
    return length


def _read_idx(file: GzipFile | BufferedReader, place: int, height: int, width: int) -> Content:
    if height * width > MAX_PIXELS:
        return Unread("too-many-pixels")
    try:
        file.seek(place)
        pixels = file.read(height * width)
    except Exception:  # damaged or cut off
        pixels = b""
    if len(pixels) < height * width:
        return Unread("damaged-archive")
    return np.frombuffer(pixels, np.uint8).reshape(height, width)


def read_file(path: str) -> Content:
    """The bytes of a picture's file, or why they cannot be had."""
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError:
        return Unread("no-file")
    return content if len(content) <= MAX_FILE_BYTES else Unread("too-large")


def printable(name: str) -> str:
    r"""The name in one line of valid UTF-8: what is neither is written as `\n`, `\udcff` and their like."""
    valid = name.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in valid)
