"""What tests teach the API, and ask it about what it was taught."""

from pathlib import Path
from typing import Any

import requests

from tests.asking import post
from tests.serving import WAIT_SECONDS, Api


def url_of(folder: Path) -> str:
    """Address of a database in a folder that is yet to be made."""
    return f"sqlite:///{folder / 'learnt' / 'digits.sqlite3'}"


def new_profile(api: Api, **query: str) -> str:
    made = requests.post(f"{api.url}/profiles/", params=query, timeout=WAIT_SECONDS)
    assert made.status_code == 201, made.text
    return str(made.json()["profile"])


def new_class(api: Api) -> str:
    made = requests.post(f"{api.url}/classes/", timeout=WAIT_SECONDS)
    assert made.status_code == 201, made.text
    return str(made.json()["class"])


def correct(api: Api, picture: bytes, **fields: str) -> requests.Response:
    return requests.post(f"{api.url}/corrections/", files={"file": picture}, data=fields, timeout=WAIT_SECONDS)


def corrected(api: Api, picture: bytes, **fields: str) -> dict[str, Any]:
    answer = correct(api, picture, **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def withdraw(api: Api, correction: int, profile: str) -> requests.Response:
    return requests.delete(f"{api.url}/corrections/{correction}", params={"profile": profile}, timeout=WAIT_SECONDS)


def delete(api: Api, path: str) -> requests.Response:
    return requests.delete(api.url + path, timeout=WAIT_SECONDS)


def prediction(api: Api, picture: bytes, **query: str) -> int | None:
    answer = post(api, picture, params=query)
    assert answer.status_code == 200, answer.text
    found: int | None = answer.json()["prediction"]
    return found


def number(api: Api, picture: bytes, **query: str) -> dict[str, Any]:
    files = {"file": picture}
    return dict(requests.post(f"{api.url}/read/", files=files, params=query, timeout=WAIT_SECONDS).json())


def post_sheet(api: Api, path: str, photograph: bytes, **query: Any) -> requests.Response:
    files = {"file": photograph}
    return requests.post(f"{api.url}/sheets/{path}", files=files, params=query, timeout=WAIT_SECONDS)
