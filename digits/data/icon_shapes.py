"""Line icons as SVG -> strokes, by fontTools' reader of SVG paths."""

import re
from typing import Final

import numpy as np

from digits.pen import Strokes

SCALE: Final = 40
"""Units of a stroke for one of an icon, which is 24 units wide."""

PIECES: Final = 8
"""Straight lines for a cubic curve; an arc of a quarter of a circle is one curve."""


def svg_strokes(svg: bytes) -> Strokes:
    """The lines of an icon: a stroke for each piece that is drawn without lifting the pen, y downwards.

    Raises:
        ValueError: it is not as SVG should be.

    """
    from xml.etree.ElementTree import ParseError

    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.svgLib import SVGPath

    pen = RecordingPen()
    try:
        SVGPath.fromstring(re.sub(rb"<!--.*?-->", b"", svg, flags=re.DOTALL).strip()).draw(pen)
    except ParseError as error:
        raise ValueError(f"no SVG: {error}") from error
    strokes: list[list[tuple[float, float]]] = []
    for name, points in pen.value:
        if name == "moveTo":
            strokes.append([points[0]])
        elif name == "lineTo":
            strokes[-1].append(points[0])
        elif name in ("curveTo", "qCurveTo"):
            strokes[-1] += _curve([strokes[-1][-1], *points])
        elif name == "closePath" and strokes[-1][0] != strokes[-1][-1]:
            strokes[-1].append(strokes[-1][0])
    return [SCALE * np.array(stroke, np.float32) for stroke in strokes]


def _curve(control: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a Bézier curve behind its first, by de Casteljau's scheme."""
    steps = np.linspace(0, 1, PIECES + 1)[1:, None, None]
    points = np.array(control)[None] * np.ones_like(steps)
    while points.shape[1] > 1:
        points = (1 - steps) * points[:, :-1] + steps * points[:, 1:]
    return [(float(x), float(y)) for x, y in points[:, 0]]
