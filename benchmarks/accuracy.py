"""How well pictures are read through `POST /predict/`.

    python -m benchmarks.accuracy FOLDER [FOLDER ...]

asks the API at API_URL (default http://127.0.0.1:8000), which must be running, and prints the table of
`digits.evaluate`.
"""

import os
import sys
from pathlib import Path

import requests

from digits.evaluate import read_folder, score, table


def main() -> None:
    """Post every picture of the folders of the command line."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    url = os.environ.get("API_URL", "http://127.0.0.1:8000").rstrip("/") + "/predict/"
    with requests.Session() as session:

        def ask(data: bytes) -> tuple[int | None, float]:
            response = session.post(url, files={"file": data}, timeout=60)
            response.raise_for_status()
            answer = response.json()
            return answer["prediction"], answer["confidence"]

        print(table((folder, score(read_folder(Path(folder), ask))) for folder in sys.argv[1:]))


if __name__ == "__main__":
    main()
