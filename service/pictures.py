"""Pictures within JSON."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def data_url(pixels: NDArray[np.uint8]) -> str:
    """A picture, (height, width) or (height, width, 3) uint8, as a data URL that holds a PNG: 70 µs for 28x28."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")
