"""A pickled scikit-learn estimator as plain data: its attributes are read, none of its code is run.

A pickle can call anything. This one may only name what a fitted StandardScaler and MLPClassifier are made of, as joblib
stores them; each name stands for a holder of attributes here, and everything else is refused. Neither scikit-learn nor
joblib is imported, which takes a second and 100 MB.
"""

import io
import math
import pickle
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NUMBERS: Final = "biuf"
"""Kinds of NumPy's types that are read: truth values, integers without and with sign, floating-point numbers."""


class EstimatorFileError(ValueError):
    """The file is no estimator that could be read; the text says why in one line."""


class Holder:
    """An object of which only the attributes are known."""


class StandardScaler(Holder):
    """Attributes of sklearn.preprocessing.StandardScaler that are used here."""

    with_mean: bool
    with_std: bool
    mean_: NDArray[np.floating]
    scale_: NDArray[np.floating]


class MLPClassifier(Holder):
    """Attributes of sklearn.neural_network.MLPClassifier that are used here."""

    activation: str
    out_activation_: str
    classes_: NDArray[np.integer]
    coefs_: list[NDArray[np.floating]]
    intercepts_: list[NDArray[np.floating]]


class _ArrayInFile(Holder):
    """What joblib writes before an array's bytes: shape, order, dtype and alignment."""

    shape: tuple[int, ...]
    order: str
    dtype: "_Type"
    numpy_array_alignment_bytes: int | None = None


class _Type:
    """A NumPy type as it is pickled: a code such as "f4", and then its byte order."""

    def __init__(self, code: str, *_: object) -> None:
        self.code = code
        self.byte_order: Any = "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.byte_order = state[1]

    def numpy(self) -> "np.dtype[Any]":
        """The type itself; raises EstimatorFileError for anything but numbers."""
        found = np.dtype(self.code).newbyteorder(self.byte_order)
        if found.kind not in NUMBERS:
            raise EstimatorFileError(f"it holds values of the type {self.code}")
        return found


def _scalar(kind: _Type, content: bytes) -> Any:
    return np.frombuffer(content, kind.numpy(), 1)[0]


KNOWN: Final[dict[tuple[str, str], Callable[..., Any]]] = {
    ("sklearn.preprocessing._data", "StandardScaler"): StandardScaler,
    ("sklearn.neural_network._multilayer_perceptron", "MLPClassifier"): MLPClassifier,
    ("sklearn.preprocessing._label", "LabelBinarizer"): Holder,
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _ArrayInFile,
    ("numpy", "dtype"): _Type,
    ("numpy", "ndarray"): Holder,
    ("numpy._core.multiarray", "scalar"): _scalar,
}


class _Reader(pickle._Unpickler):
    """Python's own unpickler in Python, as an array's bytes stand behind the instruction that builds it."""

    stack: list[Any]

    def __init__(self, content: bytes) -> None:
        self._content, self._size = io.BytesIO(content), len(content)
        super().__init__(self._content)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in KNOWN:
            raise EstimatorFileError(f"it names {module}.{name}, which is not a part of such an estimator")
        return KNOWN[module, name]

    def load_build(self) -> None:
        owner, state = self.stack[-2:]
        takes_it = type(state) is (tuple if type(owner) is _Type else dict)
        if not isinstance(owner, (Holder, _Type)) or not takes_it:
            raise EstimatorFileError("it gives attributes to what has none")
        build: Any = pickle._Unpickler.dispatch[pickle.BUILD[0]]
        build(self)
        if isinstance(owner, _ArrayInFile):
            self.stack[-1] = self._array(owner)

    dispatch = pickle._Unpickler.dispatch | {pickle.BUILD[0]: load_build}  # type: ignore[assignment]

    def _array(self, stored: _ArrayInFile) -> NDArray[Any]:
        kind = stored.dtype.numpy()
        if stored.numpy_array_alignment_bytes is not None:
            self._content.read(self._content.read(1)[0])
        length = math.prod(stored.shape) * kind.itemsize
        if length > self._size:
            raise EstimatorFileError("it is cut off")
        values = np.frombuffer(self._content.read(length), kind)
        return values.reshape(stored.shape, order="F" if stored.order == "F" else "C")


def read_estimator(content: bytes) -> Any:
    """The attributes of a pickled estimator; arrays are read-only.

    Args:
        content: of a file that `joblib.dump` wrote without compression.

    Returns:
        A `StandardScaler` or an `MLPClassifier` of this module, or another of `KNOWN`.

    Raises:
        EstimatorFileError: the file is broken, or holds anything else than such an estimator's attributes.

    """
    try:
        return _Reader(content).load()
    except EstimatorFileError:
        raise
    except Exception as error:  # a broken pickle may fail anywhere, with any exception
        raise EstimatorFileError("it is no pickled estimator, or damaged") from error
