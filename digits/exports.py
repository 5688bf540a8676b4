"""A data set of one's own as a zip file: MNIST's IDX, folders of PNG, or Kaggle's CSV.

IDX is the format of MNIST (http://yann.lecun.com/exdb/mnist/, "FILE FORMATS"), with its file names; CSV that of
Kaggle's Digit Recognizer: a row for each digit, its label and its 784 pixels. Where pupils are numbered, IDX and CSV
have a further file with the number of each digit, in the same order, and PNG has it in the names.
"""

import csv
import gzip
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Final, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ExportFormat = Literal["idx", "png", "csv"]

SIDE: Final = 28

IDX_PICTURES: Final = "train-images-idx3-ubyte.gz"
IDX_LABELS: Final = "train-labels-idx1-ubyte.gz"
IDX_NUMBERS: Final = "train-pupils-idx1-ubyte.gz"
IDX_BYTES: Final = 8
"""The third byte of an IDX file whose values are unsigned bytes; the fourth is the count of its dimensions."""

CSV_DIGITS: Final = "train.csv"
CSV_NUMBERS: Final = "pupils.csv"
CSV_COLUMNS: Final = ["label", *(f"pixel{place}" for place in range(SIDE * SIDE))]

PNG_NAME: Final = re.compile(r"([0-9])/([0-9]+)(?:-pupil([0-9]+))?\.png")

NO_NUMBER: Final = 255
"""In an IDX file of numbers."""

DAMAGES: Final = (BadZipFile, zlib.error, OSError, EOFError, RuntimeError, LookupError, ValueError, OverflowError)
"""What reading a damaged file raises."""

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Time of each file in a zip file, so that the same digits make the same bytes."""


class ExportError(ValueError):
    """A file is none of the three, or damaged; the text says why in one line."""


@dataclass(frozen=True, eq=False)
class DataSet:
    """Digits with their labels.

    Attributes:
        pictures: (n, 28, 28) uint8, ink bright on 0.
        labels: (n,) integers, 0 to 9; `write` leaves out any other, such as 10 for no digit.
        numbers: of the pupil who wrote each, 0 to 254, or None.

    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.integer]
    numbers: tuple[int | None, ...]


def write(data: DataSet, format: ExportFormat) -> bytes:
    """The content of a zip file with these digits."""
    kept = np.flatnonzero((data.labels >= 0) & (data.labels <= 9))
    digits = DataSet(data.pictures[kept], data.labels[kept], tuple(data.numbers[place] for place in kept))
    files = {"idx": _idx_files, "png": _png_files, "csv": _csv_files}[format](digits)
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, file in files:
            is_packed = name.endswith((".gz", ".png"))
            archive.writestr(ZipInfo(name, EPOCH), file, ZIP_STORED if is_packed else ZIP_DEFLATED)
    return content.getvalue()


def read(path: Path) -> DataSet:
    """The digits of a zip file that `write` made; of folders of PNG in the order of their names.

    Raises:
        ExportError: it is none, or damaged.
        OSError: it cannot be opened.

    """
    content = BytesIO(path.read_bytes())
    try:
        with ZipFile(content) as archive:
            names = archive.namelist()
            if IDX_PICTURES in names:
                return _of_idx(archive, IDX_NUMBERS in names)
            if CSV_DIGITS in names:
                return _of_csv(archive, CSV_NUMBERS in names)
            return _of_png(archive)
    except DAMAGES as error:
        raise ExportError(f"{path} is no data set of digits, or it is damaged ({error})") from error


def _checked(pictures: NDArray[np.uint8], labels: NDArray[np.int64], numbers: Sequence[int | None]) -> DataSet:
    if pictures.shape != (len(labels), SIDE, SIDE) or len(numbers) != len(labels):
        raise ValueError("not as many labels as pictures, or pictures that are not 28x28")
    if len(labels) and not 0 <= labels.min() <= labels.max() <= 9:
        raise ValueError("a label is no digit")
    return DataSet(pictures, labels, tuple(numbers))


def _idx_files(data: DataSet) -> Iterator[tuple[str, bytes]]:
    yield IDX_PICTURES, _idx(data.pictures)
    yield IDX_LABELS, _idx(data.labels)
    if _has_numbers(data):
        yield IDX_NUMBERS, _idx(np.array([NO_NUMBER if number is None else number for number in data.numbers]))


def _idx(values: NDArray[np.integer]) -> bytes:
    """Two zero bytes, the type, the count of dimensions, each of them as a big-endian number, and the bytes."""
    header = struct.pack(f">HBB{values.ndim}I", 0, IDX_BYTES, values.ndim, *values.shape)
    return gzip.compress(header + values.astype(np.uint8).tobytes(), compresslevel=6, mtime=0)


def _of_idx(archive: ZipFile, has_numbers: bool) -> DataSet:
    labels = _idx_values(archive.read(IDX_LABELS)).astype(np.int64)
    numbers: list[int | None] = [None] * len(labels)
    if has_numbers:
        numbers = [None if each == NO_NUMBER else int(each) for each in _idx_values(archive.read(IDX_NUMBERS))]
    return _checked(_idx_values(archive.read(IDX_PICTURES)), labels, numbers)


def _idx_values(packed: bytes) -> NDArray[np.uint8]:
    content = gzip.decompress(packed)
    if content[:3] != bytes((0, 0, IDX_BYTES)) or len(content) < 4 * (1 + content[3]):
        raise ValueError("no IDX file of bytes")
    shape = np.frombuffer(content, ">u4", content[3], offset=4)
    return np.frombuffer(content, np.uint8, offset=4 * (1 + content[3])).reshape(shape)


def _png_files(data: DataSet) -> Iterator[tuple[str, bytes]]:
    for place, (picture, label, number) in enumerate(zip(data.pictures, data.labels, data.numbers, strict=True)):
        content = BytesIO()
        Image.fromarray(picture).save(content, "PNG")
        pupil = "" if number is None else f"-pupil{number:02}"
        yield f"{label}/{place:05}{pupil}.png", content.getvalue()


def _of_png(archive: ZipFile) -> DataSet:
    names = sorted(filter(None, map(PNG_NAME.fullmatch, archive.namelist())), key=lambda name: int(name[2]))
    if not names:
        raise ValueError("there is neither IDX nor CSV nor PNG in it")
    pictures = np.stack([_pixels(archive.read(name[0])) for name in names])
    numbers = [None if name[3] is None else int(name[3]) for name in names]
    return _checked(pictures, np.array([int(name[1]) for name in names]), numbers)


def _pixels(content: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(content), formats=["PNG"]) as image:
        if image.size != (SIDE, SIDE):
            raise ValueError("a picture is not 28x28")
        return np.asarray(image.convert("L"))


def _csv_files(data: DataSet) -> Iterator[tuple[str, bytes]]:
    rows = np.column_stack([data.labels, data.pictures.reshape(-1, SIDE * SIDE)])
    yield CSV_DIGITS, _csv([CSV_COLUMNS, *rows.tolist()])
    if _has_numbers(data):
        yield CSV_NUMBERS, _csv([["pupil"], *([number] for number in data.numbers)])


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("ascii")


def _of_csv(archive: ZipFile, has_numbers: bool) -> DataSet:
    header, *rows = _rows(archive, CSV_DIGITS)
    if header != CSV_COLUMNS:
        raise ValueError(f"{CSV_DIGITS} has not the columns label, pixel0 to pixel783")
    values = np.array(rows, np.uint8).reshape(-1, len(CSV_COLUMNS))
    numbers: list[int | None] = [None] * len(values)
    if has_numbers:
        numbers = [int(row[0]) if row[0] else None for row in _rows(archive, CSV_NUMBERS)[1:]]
    return _checked(values[:, 1:].reshape(-1, SIDE, SIDE), values[:, 0].astype(np.int64), numbers)


def _rows(archive: ZipFile, name: str) -> list[list[str]]:
    return [*csv.reader(archive.read(name).decode("ascii").splitlines())]


def _has_numbers(data: DataSet) -> bool:
    return any(number is not None for number in data.numbers)
