"""Everything that speaks HTTP to the API: the page asks by it, and so does ``python -m client``.

from client import LOCAL_API, predict

print(predict(LOCAL_API, open("seven.png", "rb").read(), "en").prediction)
"""

from client.api import (
    LOCAL_API,
    in_one_line,
    is_ready,
    model_record,
    predict,
    predict_batch,
    predict_many,
    predict_strokes,
    read,
    read_strokes,
)
from client.errors import ApiError
from client.retries import with_retries

__all__ = [
    "LOCAL_API",
    "ApiError",
    "in_one_line",
    "is_ready",
    "model_record",
    "predict",
    "predict_batch",
    "predict_many",
    "predict_strokes",
    "read",
    "read_strokes",
    "with_retries",
]
