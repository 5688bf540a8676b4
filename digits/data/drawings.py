"""Things that are no digits: icons, emoji, doodles and the stroke glyphs of Hershey."""

import gzip
import json
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from digits.data.fetching import fetch
from digits.data.fonts import FontFile
from digits.pen import PenSample, Strokes

DOODLES: Final = ("cats", "rainbows", "trains")


def _strokes(numbers: list[list[float]]) -> Strokes:
    return [np.array(stroke, np.float32).reshape(-1, 2) for stroke in numbers]


def _rows(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(fetch(path).read_bytes()).splitlines()]


@cache
def icons() -> list[Strokes]:
    """Lucide 1.62.0: 1,717 line icons in a square of 960 units, y downwards; those that look like digits left out.

    Lucide contributors, ISC; Cole Bemis (Feather), MIT. Kept out of training: `is_kept_out` of the index.
    """
    return [_strokes(row["s"]) for row in _rows("icons/lucide.jsonl.gz")]


@cache
def emoji() -> FontFile:
    """Noto Emoji: 1,242 glyphs of hands, faces and objects, drawn in lines.

    Google, OFL 1.1. Kept out of training: `is_kept_out` of the index in `characters`.
    """
    return FontFile(fetch("icons/noto-emoji.ttf"), "Noto Emoji", kept_out=False)


@cache
def quickdraw() -> NDArray[np.uint8]:
    """Quick, Draw!: doodles (3000, 28, 28) uint8, ink bright: 1,000 each of cats, rainbows and trains.

    Google, CC BY 4.0. Kept out of training: `is_kept_out` of the index.
    """
    doodles = [np.frombuffer(fetch(f"quickdraw/{kind}1000.bin").read_bytes(), np.uint8) for kind in DOODLES]
    return np.concatenate(doodles).reshape(-1, 28, 28)


@cache
def hershey() -> list[PenSample]:
    """The Hershey glyphs: 2,938 drawn in straight lines: Latin, Greek, Cyrillic, signs of maps and music; y downwards.

    A. V. Hershey, U.S. National Bureau of Standards, 1967; free of charge with acknowledgement, Usenet format by
    James Hurt. The label is the character at whose place it lies, `writer` the name of its font: those of
    `cyrillic`, `greek`, `symbolic` and the like are not what the label says. Kept out: `is_kept_out` of the index.
    """
    return [PenSample(_strokes(row["s"]), row["l"], row["f"]) for row in _rows("hershey/hershey.jsonl.gz")]
