"""Real handwriting, as far as the data folder has it: at least so much of it is read."""

import gzip
import io
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from tests.photographs import grey_picture
from tests.reading import recogniser, said
from tools.drawing import encoded


def small_pictures() -> Iterator[tuple[bytes, int]]:
    pictures, labels = load_digits(return_X_y=True)
    for picture, label in zip(pictures.reshape(-1, 8, 8)[::3], labels[::3], strict=True):
        yield encoded(grey_picture(picture * 255 / 16)), int(label)


def enlarged_pictures() -> Iterator[tuple[bytes, int]]:
    for file, label in small_pictures():
        yield encoded(Image.open(io.BytesIO(file)).resize((80, 80), Image.Resampling.BICUBIC)), label


def mnist(name: str) -> NDArray[np.uint8]:
    """One of MNIST's IDX files: uint8, the axes as its header says."""
    data = gzip.decompress((DATA / "mnist" / f"t10k-{name}-ubyte.gz").read_bytes())
    axes = data[3]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(struct.unpack_from(f">{axes}I", data, 4))


def mnist_files() -> Iterator[tuple[bytes, int]]:
    for picture, label in zip(mnist("images-idx3")[::20], mnist("labels-idx1")[::20], strict=True):
        yield encoded(Image.fromarray(picture)), int(label)


def folder(name: str, step: int = 1) -> Iterator[tuple[bytes, int]]:
    for path in sorted((DATA / "real" / name).iterdir())[::step]:
        yield path.read_bytes(), int(path.name[0])


DATA: Final = Path(os.environ.get("DIGITS_DATA_DIR", "") or "nowhere")
HANDWRITING: dict[str, tuple[Callable[[], Iterator[tuple[bytes, int]]], float]] = {
    "load_digits, every third, 8x8": (small_pictures, 0.95),
    "load_digits, every third, enlarged": (enlarged_pictures, 0.95),
}
if (DATA / "mnist").is_dir():
    HANDWRITING["MNIST, every 20th"] = (mnist_files, 0.985)
if (DATA / "real").is_dir():
    HANDWRITING["real/canvas"] = (lambda: folder("canvas"), 0.95)
    HANDWRITING["real/photo, every third"] = (lambda: folder("photo", 3), 0.88)


@pytest.mark.parametrize("name", HANDWRITING)
def test_reads_handwriting(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    files, least = HANDWRITING[name]
    right = [said(file) == label for file, label in files()]
    with capsys.disabled():
        print(f"\n{name}: {np.mean(right):.2%} of {len(right)} read right")
    assert np.mean(right) >= least


if (DATA / "mnist").is_dir():

    def test_reads_the_test_set_of_mnist(capsys: pytest.CaptureFixture[str]) -> None:
        found = recogniser().predict_proba(mnist("images-idx3"))[:, :10].argmax(axis=1)
        right = float(np.mean(found == mnist("labels-idx1")))
        with capsys.disabled():
            print(f"\nMNIST as it is: {right:.2%} of {len(found)} read right")
        assert right >= 0.992
