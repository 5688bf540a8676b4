"""How well pictures are read through `POST /predict/`.

    python -m tools.benchmarks.accuracy FOLDER [FOLDER ...]

asks the API at API_URL (default http://127.0.0.1:8000), which must be running, and prints the table of
`digits.evaluation`.
"""

import os
import sys
from functools import partial
from pathlib import Path

from client import LOCAL_API, ApiError, predict, with_retries
from digits.evaluation.scores import read_folder, score, table

PATIENCE_SECONDS = 10


def main() -> None:
    """Post every picture of the folders of the command line."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    api = os.environ.get("API_URL", LOCAL_API).rstrip("/")

    def read(data: bytes) -> tuple[int | None, float]:
        try:
            answer = with_retries(partial(predict, api, data, "en"), PATIENCE_SECONDS)
        except ApiError as error:
            sys.exit(f"the API at {api} gives no answer: {error.title}")
        return answer.prediction, answer.confidence

    print(table((folder, score(read_folder(Path(folder), read))) for folder in sys.argv[1:]))


if __name__ == "__main__":
    main()
