"""Bytes in, answer out: the recogniser that tests share, and what holds of every answer."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import numpy as np
import pytest
from PIL import Image

from digits.decode import decode
from digits.recogniser import Recogniser, Recognition, use_one_thread
from tools.drawing import encoded

DIGITS: Final = range(10)


@cache
def recogniser() -> Recogniser:
    use_one_thread()  # as in the API: a second thread would wait for its turn on a busy machine
    return Recogniser.load()


def read(file: bytes) -> Recognition:
    """The answer to a file, checked for what holds of every answer."""
    answer = recogniser().recognise(decode(file))
    assert 0 <= answer.confidence <= 1
    assert (answer.prediction is None) == (answer.rejected is not None)
    if answer.probabilities is not None:
        assert len(answer.probabilities) == 10
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-6)
    if answer.prediction is not None:
        assert answer.probabilities is not None
        assert answer.prediction == int(np.argmax(answer.probabilities))
    return answer


def said(file: bytes) -> int | str | None:
    """The digit that is read, or why none is."""
    answer = read(file)
    return answer.prediction if answer.rejected is None else answer.rejected


def said_of(pictures: Iterator[Image.Image], kind: str = "PNG") -> list[int | str | None]:
    return [said(encoded(picture, kind)) for picture in pictures]
