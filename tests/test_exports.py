"""A data set of one's own, in MNIST's format, as folders of PNG and as Kaggle's CSV, read by others' readers."""

import csv
import gzip
import io
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from digits.bulk.sources import sources
from digits.exports import DataSet, ExportError, ExportFormat, read, write

pytestmark = pytest.mark.quick

FORMATS: Final[tuple[ExportFormat, ...]] = ("idx", "png", "csv")
RANDOM: Final = np.random.default_rng(0)
DATA: Final = DataSet(
    RANDOM.integers(0, 256, (40, 28, 28), dtype=np.uint8),
    np.arange(40) % 11,  # 10 is no digit
    tuple(None if place == 5 else place // 4 for place in range(40)),
)
KEPT: Final = [place for place in range(40) if place % 11 < 10]
LABELS: Final = [int(DATA.labels[place]) for place in KEPT]


def archive(format: ExportFormat, data: DataSet = DATA) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(write(data, format)))


def test_idx_is_read_as_mnist_is(tmp_path: Path) -> None:
    with archive("idx") as files:
        files.extractall(tmp_path)
    labels = gzip.decompress((tmp_path / "train-labels-idx1-ubyte.gz").read_bytes())
    assert labels == b"\x00\x00\x08\x01" + len(KEPT).to_bytes(4, "big") + bytes(LABELS)
    pictures = gzip.decompress((tmp_path / "train-images-idx3-ubyte.gz").read_bytes())
    assert (np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28) == DATA.pictures[KEPT]).all()
    for place, source in zip(KEPT, sources([str(tmp_path / "train-images-idx3-ubyte.gz")]), strict=True):
        assert (source.read() == DATA.pictures[place]).all()


def test_png_lies_in_a_folder_for_each_digit() -> None:
    with archive("png") as files:
        names = files.namelist()
        assert [int(name[0]) for name in names] == LABELS
        assert "pupil" not in names[KEPT.index(5)]
        assert "pupil03" in names[KEPT.index(12)]
        for place, name in zip(KEPT, names, strict=True):
            with Image.open(files.open(name)) as image:
                assert image.mode == "L"
                assert (np.asarray(image) == DATA.pictures[place]).all()


def test_csv_is_that_of_kaggle() -> None:
    with archive("csv") as files:
        rows = [*csv.DictReader(files.read("train.csv").decode().splitlines())]
        pupils = [row["pupil"] for row in csv.DictReader(files.read("pupils.csv").decode().splitlines())]
    assert [int(row["label"]) for row in rows] == LABELS
    assert [*rows[0]] == ["label", *(f"pixel{place}" for place in range(784))]
    assert [int(rows[3][f"pixel{place}"]) for place in range(784)] == DATA.pictures[3].ravel().tolist()
    assert pupils == ["" if DATA.numbers[place] is None else str(DATA.numbers[place]) for place in KEPT]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("numbers", [DATA.numbers, (None,) * 40], ids=["class", "one-hand"])
def test_what_is_written_is_read(format: ExportFormat, numbers: tuple[int | None, ...], tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(write(DataSet(DATA.pictures, DATA.labels, numbers), format))
    data = read(path)
    assert (data.pictures == DATA.pictures[KEPT]).all()
    assert data.labels.tolist() == LABELS
    assert data.numbers == tuple(numbers[place] for place in KEPT)
    assert write(data, format) == path.read_bytes()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, file in files.items():
            made.writestr(name.replace("_", ".").replace("0.", "0/"), file)
    return content.getvalue()


HEADER: Final = ",".join(["label", *(f"pixel{place}" for place in range(784))]).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zip file",
        write(DATA, "idx")[:5000],
        zipped(),
        zipped(train_csv=b"label,pixel0\n1,2\n"),
        zipped(train_csv=HEADER + b"\n1" + b",256" * 784),
        zipped(train_csv=HEADER + b"\n11" + b",5" * 784),
        zipped(train_csv=HEADER + b"\n1,5"),
        zipped(train_csv=b"\xff"),
        zipped(**{"0_1_png": b"no picture"}),
        zipped(**{"train-images-idx3-ubyte_gz": b"not packed"}),
        zipped(**{"train-images-idx3-ubyte_gz": b"", "train-labels-idx1-ubyte_gz": gzip.compress(b"\0\0\x08\x01")}),
    ],
)
def test_what_is_no_data_set_says_so_in_a_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    path.write_bytes(content)
    with pytest.raises(ExportError, match=r"data\.zip") as error:
        read(path)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("format", FORMATS)
def test_a_damaged_file_is_told_from_a_whole_one(format: ExportFormat, tmp_path: Path) -> None:
    whole = write(DATA, format)
    path = tmp_path / "data.zip"
    for place in range(30, len(whole), len(whole) // 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        try:
            data = read(path)
        except ExportError:
            continue
        assert data.pictures.shape == (len(data.labels), 28, 28)
