"""Do two versions answer the same, bit for bit? Posts every picture of folders to the APIs of both and compares.

    python -m tools.benchmarks.same_answers OLD_API NEW_API FOLDER [FOLDER ...]

The APIs are addresses (http://127.0.0.1:8000) at which both run, from two checkouts. For each folder it prints how many
answers of POST /predict/ and POST /read/ are the same, and below the table each that differs. What the new answer has
beside the old one's keys is not compared. The exit status is 1 if anything differs. Nobody else should ask the APIs
meanwhile: pictures that one of them works on together differ in the last bits from the same ones alone.
"""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import requests
from urllib3.util import Retry

from digits.evaluation.scores import FolderError, pictures_in

ENDPOINTS: Final = ("predict", "read")
TIMEOUT_SECONDS: Final = 60.0
RETRIES: Final = Retry(total=100, backoff_factor=0.05, backoff_max=1, status_forcelist=(503,), allowed_methods=None)
"""A busy API is asked again, when it says it may be."""


def answers(api: str, picture: bytes) -> list[Any]:
    """What the API answers at each of `ENDPOINTS`, or the status of what is no answer."""
    with requests.Session() as session:
        session.mount("http", requests.adapters.HTTPAdapter(max_retries=RETRIES))
        responses = [
            session.post(f"{api.rstrip('/')}/{endpoint}/", files={"file": picture}, timeout=TIMEOUT_SECONDS)
            for endpoint in ENDPOINTS
        ]
    return [response.json() if response.ok else {"status": response.status_code} for response in responses]


def holds(new: Any, old: Any) -> bool:
    """Whether all that is in the old answer is in the new one, with the same values."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and holds(new[key], value) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(holds, new, old))
    return bool(old == new)


def shown(answer: Any) -> str:
    """An answer in a few words: its digit or the texts of its lines, and how surely, or why there is none."""
    if "lines" in answer:
        said = " / ".join(f"{line['text']} ({line['confidence']:.6f})" for line in answer["lines"])
    else:
        said = f"{answer.get('prediction')} ({answer.get('confidence', 0):.6f})"
    return f"{said} {answer.get('rejected') or answer.get('status') or ''}".rstrip()


def compared(old_api: str, new_api: str, folder: Path) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
    """Name of each picture of the folder, and its old and new answer at each of `ENDPOINTS`."""
    with ThreadPoolExecutor(2) as pool:
        for path in pictures_in(folder):
            old, new = pool.map(answers, (old_api, new_api), [path.read_bytes()] * 2)
            yield path.name, list(zip(old, new, strict=True))


def main() -> None:
    """Compare every picture of the folders of the command line, print the table and what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("apis", nargs=2, metavar="API", help="addresses of the old and the new version")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    old_api, new_api = chosen.apis
    different: list[str] = []
    print("| folder | pictures | same digit answers | same number answers |\n|---|---:|---:|---:|")
    try:
        for folder in chosen.folders:
            found = list(compared(old_api, new_api, folder))
            same = [sum(holds(pairs[place][1], pairs[place][0]) for _, pairs in found) for place in range(2)]
            print(f"| {folder} | {len(found)} | {same[0]} | {same[1]} |", flush=True)
            different += [
                f"{folder / name}, {endpoint}: {shown(old)} -> {shown(new)}"
                for name, pairs in found
                for endpoint, (old, new) in zip(ENDPOINTS, pairs, strict=True)
                if not holds(new, old)
            ]
    except (FolderError, requests.RequestException) as error:
        sys.exit(str(error))
    if different:
        print("", *different, sep="\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
