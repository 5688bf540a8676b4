"""Asks the API about one picture: the outcome is an `Answer` or a `Trouble`, never an exception."""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import requests

CONNECT_SECONDS = 2.0
READ_SECONDS = 15.0
READINESS_SECONDS = 2.0
MAX_MEGABYTES = 32

Rejection = Literal["blank", "not_a_digit", "several_digits"]
TroubleName = Literal[
    "down", "not_ready", "busy", "slow", "nonsense", "failed",
    "too_large", "too_many_pixels", "not_a_picture", "unreadable",
]  # fmt: skip
PASSES_BY_ITSELF: frozenset[TroubleName] = frozenset({"down", "not_ready", "busy"})
WORTH_ANOTHER_TRY: frozenset[TroubleName] = PASSES_BY_ITSELF | {"slow", "nonsense", "failed"}

_TROUBLE_OF_PROBLEM: dict[str, TroubleName] = {
    "too-large": "too_large",
    "too-many-pixels": "too_many_pixels",
    "not-a-picture": "not_a_picture",
    "unreadable-picture": "unreadable",
    "not-ready": "not_ready",
    "busy": "busy",
}


@dataclass(frozen=True)
class Answer:
    """What the API read in the picture: a digit 0..9, or None and why it was rejected."""

    prediction: int | None
    confidence: float
    probabilities: tuple[float, ...] | None
    rejected: Rejection | None


@dataclass(frozen=True)
class Trouble:
    """Why there is no answer."""

    name: TroubleName


_connections = requests.Session()
_connections.proxies = {"http://127.0.0.1": ""}  # whatever HTTP_PROXY says


def ask(api: str, picture: bytes, language: str) -> Answer | Trouble:
    """Sends an encoded picture to ``POST /predict/`` of the API at the address `api`."""
    if len(picture) > MAX_MEGABYTES * 2**20:
        return Trouble("too_large")
    try:
        try:
            response = _post(api, picture, language)
        except requests.Timeout:
            raise
        except requests.ConnectionError:  # a kept-alive connection that the API closed at this very moment
            response = _post(api, picture, language)
    except requests.ReadTimeout:
        return Trouble("slow")
    except requests.RequestException:
        return Trouble("down")
    body = _json(response)
    return answer_in(body) if response.status_code == 200 else _trouble_in(body, response.status_code)


def is_ready(api: str) -> bool:
    """Whether a digits API (and not some other program) answers at this address and can recognise."""
    try:
        response = _connections.get(f"{api}/health/ready", timeout=READINESS_SECONDS)
    except requests.RequestException:
        return False
    body = _json(response)
    return response.status_code == 200 and isinstance(body, dict) and body.get("service") == "digits"


def answer_in(body: Any) -> Answer | Trouble:
    """The answer in a decoded JSON body, or the trouble that it is not one."""
    if not isinstance(body, dict):
        return Trouble("nonsense")
    prediction, rejected = body.get("prediction"), body.get("rejected")
    confidence: Any = body.get("confidence")
    probabilities: Any = body.get("probabilities")
    is_digit = type(prediction) is int and 0 <= prediction <= 9 and rejected is None
    is_rejection = prediction is None and rejected in get_args(Rejection)
    has_probabilities = (
        isinstance(probabilities, list) and len(probabilities) == 10 and all(map(_is_share, probabilities))
    )
    if not (is_digit or is_rejection) or not _is_share(confidence):
        return Trouble("nonsense")
    if probabilities is not None and not has_probabilities:
        return Trouble("nonsense")
    shares = None if probabilities is None else tuple(map(float, probabilities))
    return Answer(prediction, float(confidence), shares, rejected)


def _post(api: str, picture: bytes, language: str) -> requests.Response:
    return _connections.post(
        f"{api}/predict/",
        files={"file": ("picture", picture)},
        headers={"Accept-Language": language},
        timeout=(CONNECT_SECONDS, READ_SECONDS),
    )


def _trouble_in(body: Any, status: int) -> Trouble:
    kind = body.get("type") if isinstance(body, dict) else None
    name = kind.rsplit("/", 1)[-1] if isinstance(kind, str) else ""
    if name in _TROUBLE_OF_PROBLEM:
        return Trouble(_TROUBLE_OF_PROBLEM[name])
    return Trouble("down" if status in (502, 503, 504) else "failed")


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.JSONDecodeError:
        return None


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value) and 0 <= value <= 1
