"""A data set of one's own as a zip file: MNIST's IDX, folders of PNG, or Kaggle's CSV."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ExportFormat = Literal["idx", "png", "csv"]


class ExportError(ValueError):
    """A file is none of the three, or damaged; the text says why in one line."""


@dataclass(frozen=True, eq=False)
class DataSet:
    """Digits with their labels.

    Attributes:
        pictures: (n, 28, 28) uint8, ink bright on 0.
        labels: (n,) int64, 0 to 9; `write` leaves out any other, such as 10 for no digit.
        numbers: of the pupil who wrote each, 0 to 254, or None.

    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]
    numbers: tuple[int | None, ...]


def write(data: DataSet, format: ExportFormat) -> bytes:
    """The content of a zip file with these digits."""
    raise NotImplementedError


def read(path: Path) -> DataSet:
    """The digits of a zip file that `write` made.

    Raises:
        ExportError: it is none, or damaged.
        OSError: it cannot be opened.

    """
    raise NotImplementedError
