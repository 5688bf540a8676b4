"""The UNIPEN 1.0 format: pen coordinates with labels.

I. Guyon, L. Schomaker, R. Plamondon, M. Liberman & S. Janet, "UNIPEN project of on-line data exchange and recognizer
benchmarks", ICPR 1994. Keywords stand at the beginnings of lines; here those are read that say what was written.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 2) x to the right, y upwards as in the files."""

STATEMENT: Final = re.compile(r"^\.([A-Z_]+)(.*?)(?=^\.[A-Z_]|\Z)", re.MULTILINE | re.DOTALL)
"""A keyword and all that follows up to the next."""

SEGMENT: Final = re.compile(
    r'\s*\S+\s+(?P<parts>[\d:,\-]+)\s+(?P<quality>\S+)\s+"(?P<label>(?:[^"\\]|\\.)*)"', re.DOTALL
)
"""Level of the hierarchy, components, quality and label."""

ESCAPED: Final = re.compile(r'\\(["\\])')

Include = Callable[[str], str]
"""The text of an included file, by its path below the folder `include`."""


@dataclass(frozen=True)
class Segment:
    """What was labelled.

    Attributes:
        strokes: those of its components that were written with the pen down.
        label: of it.
        quality: OK, ? or another word of the format.

    """

    strokes: list[Points]
    label: str
    quality: str


@dataclass
class _Document:
    """What was read so far: `components` are None where the pen was up."""

    columns: list[str] = field(default_factory=lambda: ["X", "Y"])
    components: list[Points | None] = field(default_factory=list)
    segments: list[tuple[str, str, str]] = field(default_factory=list)


def parsed(text: str, include: Include) -> Iterator[Segment]:
    """The segments of a file, in its order; components that they name and the file has not are left out.

    Args:
        text: of the file.
        include: reads the files that it includes, which may include further ones.

    Raises:
        ValueError: coordinates are no numbers.

    """
    document = _Document()
    _read(text, include, document)
    for parts, quality, label in document.segments:
        yield Segment(_strokes(parts, document.components), ESCAPED.sub(r"\1", label), quality)


def _read(text: str, include: Include, document: _Document) -> None:
    for keyword, told in STATEMENT.findall(text):
        if keyword == "INCLUDE":
            _read(include(told.strip()), include, document)
        elif keyword == "COORD":
            document.columns = told.split()
        elif keyword in ("PEN_DOWN", "PEN_UP") and told.strip():
            document.components.append(_points(told, document.columns) if keyword == "PEN_DOWN" else None)
        elif keyword == "SEGMENT" and (found := SEGMENT.match(told)):
            document.segments.append((found["parts"], found["quality"], found["label"]))


def _points(told: str, columns: list[str]) -> Points:
    """The coordinates of a component; incomplete lines are left out."""
    x, y = columns.index("X"), columns.index("Y")
    lines = [line.split() for line in told.splitlines()]
    return np.array([(float(words[x]), float(words[y])) for words in lines if len(words) > max(x, y)]).reshape(-1, 2)


def _strokes(parts: str, components: list[Points | None]) -> list[Points]:
    """The strokes that for example "3-5,7" or "2:10-3:4" names: components from 0, points of them from 0."""
    strokes = []
    for part in parts.split(","):
        first, _, last = part.partition("-")
        start, _, first_point = first.partition(":")
        end, _, last_point = (last or first).partition(":")
        for number in range(int(start), min(int(end) + 1, len(components))):
            points = components[number]
            if points is not None:
                begin = int(first_point) if first_point and number == int(start) else 0
                stop = int(last_point) + 1 if last_point and number == int(end) else len(points)
                strokes.append(points[begin:stop])
    return strokes
