"""Photographs of handwritten pages: words on paper, wood and edges around."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digits.data.fetching import fetch
from digits.data.sources import FILES


@cache
def handwriting_pages() -> list[NDArray[np.uint8]]:
    """Břetislav Hájek, handwriting-ocr (MIT): 16 photographs, (height, width, 3) uint8 each."""
    return [np.asarray(Image.open(fetch(path)).convert("RGB")) for path in FILES if path.startswith("pages/")]
