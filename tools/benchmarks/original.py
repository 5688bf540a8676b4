"""The original program's way of a picture, rebuilt from its description for comparison.

On the event loop: the whole picture, all its channels, is scaled to 28x28 with scikit-image, averaged
to grey, and goes through HOG with 8x8 cells, StandardScaler and SVC. The SVC here is a stand-in of its size: as many
support vectors as scikit-learn's SVC, with its own defaults, keeps of MNIST's 60,000 training digits with these 144
features. It takes as long to evaluate, but what it answers means nothing.

    python -m tools.benchmarks.original [FIRST]   counts them on MNIST, or on its FIRST digits; two minutes
"""

import io
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import numpy as np
from fastapi import FastAPI, UploadFile
from numpy.typing import NDArray
from PIL import Image
from skimage.feature import hog
from skimage.transform import resize
from sklearn.datasets import load_digits
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from digits.data.datasets import mnist
from digits.data.sources import DataSetError
from tools.benchmarks.api_rate import SUPPORT_VECTORS_SETTING

SUPPORT_VECTORS: Final = 12_733
"""Of an SVC that learnt MNIST's 60,000 training digits."""


def features(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """HOG of a picture of any size, (height, width, channels): (144,)."""
    grey = resize(picture, (28, 28), anti_aliasing=True).mean(axis=2)  # type: ignore[no-untyped-call]
    vector: NDArray[np.float64] = hog(grey, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2))
    return vector


def stand_in(support_vectors: int) -> Pipeline:
    """StandardScaler and SVC in which every example is a support vector, as C is so small."""
    digits = load_digits()
    examples = np.stack([features(picture[:, :, None] / 16) for picture in digits.images])
    chosen = np.random.default_rng(0).integers(0, len(examples), support_vectors)
    return make_pipeline(StandardScaler(), SVC(C=1e-3)).fit(examples[chosen], digits.target[chosen])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Fit the stand-in before the first request."""
    app.state.model = stand_in(int(os.environ.get(SUPPORT_VECTORS_SETTING, SUPPORT_VECTORS)))
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/predict/")
async def predict(file: UploadFile) -> dict[str, int]:
    """All of it in the coroutine, so that other callers wait."""
    picture = np.atleast_3d(np.asarray(Image.open(io.BytesIO(await file.read()))))
    (prediction,) = app.state.model.predict([features(picture)])
    return {"prediction": int(prediction)}


def support_vectors_on_mnist(first: int | None = None) -> int:
    """What `SUPPORT_VECTORS` was counted by: on all of MNIST's training digits, or on the first so many."""
    pictures, labels = mnist("train")
    examples = np.stack([features(picture[:, :, None]) for picture in pictures[:first]])
    return int(make_pipeline(StandardScaler(), SVC()).fit(examples, labels[:first])[-1].n_support_.sum())


def main() -> None:
    """Count and print."""
    try:
        print(support_vectors_on_mnist(int(sys.argv[1]) if len(sys.argv) > 1 else None))
    except DataSetError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
