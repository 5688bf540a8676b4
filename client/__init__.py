"""Asks a running API about pictures: the one module here that knows HTTP; the page asks by it too.

    python -m client seven.png photo.jpg
    python -m client --number meter.jpg
    python -m client --api https://digits.example --wait 120 scans/*.png

Prints one line for each picture. Ends with 1 when one of them could not be answered.
"""

import argparse
import glob
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, TypeGuard, TypeVar, get_args

import requests

from digits.languages import language_of_this_machine

CONNECT_SECONDS = 2.0
READ_SECONDS = 15.0
READINESS_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 8.0
MAX_MEGABYTES = 32
PNG_DATA_URL = "data:image/png;base64,"

Box = tuple[float, float, float, float]
Rejection = Literal["blank", "not_a_digit", "several_digits"]
RejectionOfNumber = Literal["blank", "not_a_digit"]
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
    pictures: Mapping[str, str] = field(default_factory=dict)
    """What was included, by name, as data URLs of PNGs."""


@dataclass(frozen=True)
class Mark:
    """One mark of a number: a digit 0..9, or None where it is none."""

    prediction: int | None
    confidence: float
    box: Box
    """Left, top, right and bottom, in pixels of the picture."""


@dataclass(frozen=True)
class Line:
    """One line of a number; its text has a ? for each mark that is no digit."""

    text: str
    confidence: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Number:
    """What the API read in a picture of several digits: at least one line, or why it was rejected."""

    lines: tuple[Line, ...]
    rejected: RejectionOfNumber | None
    width: int
    height: int

    @property
    def confidence(self) -> float:
        """How sure it is of all lines together."""
        return math.prod(line.confidence for line in self.lines)


@dataclass(frozen=True)
class Trouble:
    """Why there is no answer; `retry_after` is how many seconds the API asks to be left alone."""

    name: TroubleName
    retry_after: float = 0.0


Understood = TypeVar("Understood")

_connections = requests.Session()
_connections.proxies = {"http://127.0.0.1": ""}  # whatever HTTP_PROXY says


def ask(api: str, picture: bytes, language: str, include: Sequence[str] = ()) -> Answer | Trouble:
    """Sends an encoded picture to ``POST /predict/`` of the API at the address `api`; never raises.

    `include` names pictures that the answer shall hold: ink, picture, hog, influence.
    """
    return _asked(f"{api}/predict/", picture, language, include, answer_in)


def read_number(api: str, picture: bytes, language: str) -> Number | Trouble:
    """Sends an encoded picture to ``POST /read/`` of the API at the address `api`; never raises."""
    return _asked(f"{api}/read/", picture, language, (), number_in)


def patiently(question: Callable[[], Understood | Trouble], patience: float) -> Understood | Trouble:
    """Asks, again and again for up to `patience` seconds while the API is away, busy or not ready.

    The pauses double from one try to the next, but are as long as the API asks for where that is longer, and
    differ by chance, so that many callers do not come back at one moment.
    """
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE_SECONDS
    while True:
        outcome = question()
        if not isinstance(outcome, Trouble) or outcome.name not in PASSES_BY_ITSELF:
            return outcome
        seconds = max(pause, outcome.retry_after) * random.uniform(1, 1.5)
        if time.monotonic() + seconds > deadline:
            return outcome
        time.sleep(seconds)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def is_ready(api: str) -> bool:
    """Whether a digits API (and not some other program) answers at this address and can recognise."""
    try:
        response = _connections.get(f"{api}/health/ready", timeout=READINESS_SECONDS)
    except requests.RequestException:
        return False
    body = _json(response)
    return response.status_code == 200 and isinstance(body, dict) and body.get("service") == "digits"


def model_record(api: str) -> dict[str, Any] | None:
    """What ``GET /model`` says of the model that answers at this address; None when it does not answer sensibly."""
    try:
        response = _connections.get(f"{api}/model", timeout=READINESS_SECONDS)
    except requests.RequestException:
        return None
    body = _json(response)
    return body if isinstance(body, dict) and {"training", "scores", "confusion_matrix"} <= body.keys() else None


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
    pictures = {name: url for name, url in body.items() if isinstance(url, str) and url.startswith(PNG_DATA_URL)}
    return Answer(prediction, float(confidence), shares, rejected, pictures)


def number_in(body: Any) -> Number | Trouble:
    """The number in a decoded JSON body, or the trouble that it is none."""
    sent: Any = body.get("lines") if isinstance(body, dict) else None
    if not isinstance(sent, list):
        return Trouble("nonsense")
    lines = [line for line in map(_line_in, sent) if line is not None]
    rejected, width, height = body.get("rejected"), body.get("width"), body.get("height")
    is_number = rejected is None and len(sent) > 0
    is_rejection = rejected in get_args(RejectionOfNumber) and len(sent) == 0
    if not (is_number or is_rejection) or len(lines) < len(sent):
        return Trouble("nonsense")
    if type(width) is not int or type(height) is not int or width < 1 or height < 1:
        return Trouble("nonsense")
    return Number(tuple(lines), rejected, width, height)


def _line_in(body: Any) -> Line | None:
    sent: Any = body.get("digits") if isinstance(body, dict) else None
    if not isinstance(sent, list):
        return None
    marks = [mark for mark in map(_mark_in, sent) if mark is not None]
    text, confidence = body.get("text"), body.get("confidence")
    if not isinstance(text, str) or not text or not _is_share(confidence):
        return None
    return Line(text, float(confidence), tuple(marks)) if len(marks) == len(sent) > 0 else None


def _mark_in(body: Any) -> Mark | None:
    if not isinstance(body, dict):
        return None
    prediction, confidence, box = body.get("prediction"), body.get("confidence"), body.get("box")
    is_digit = type(prediction) is int and 0 <= prediction <= 9
    if not (is_digit or prediction is None) or not _is_share(confidence):
        return None
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_length, box)):
        return None
    left, top, right, bottom = map(float, box)
    return Mark(prediction, float(confidence), (left, top, right, bottom))


def _asked(
    url: str,
    picture: bytes,
    language: str,
    include: Sequence[str],
    understand: Callable[[Any], Understood | Trouble],
) -> Understood | Trouble:
    if len(picture) > MAX_MEGABYTES * 2**20:
        return Trouble("too_large")
    try:
        try:
            response = _post(url, picture, language, include)
        except requests.Timeout:
            raise
        except requests.ConnectionError:  # a kept-alive connection that the API closed at this very moment
            response = _post(url, picture, language, include)
    except requests.ReadTimeout:
        return Trouble("slow")
    except requests.RequestException:
        return Trouble("down")
    return understand(_json(response)) if response.status_code == 200 else _trouble_in(response)


def _post(url: str, picture: bytes, language: str, include: Sequence[str]) -> requests.Response:
    return _connections.post(
        url,
        params={"include": include},
        files={"file": ("picture", picture)},
        headers={"Accept-Language": language},
        timeout=(CONNECT_SECONDS, READ_SECONDS),
    )


def _trouble_in(response: requests.Response) -> Trouble:
    body = _json(response)
    kind = body.get("type") if isinstance(body, dict) else None
    name = kind.rsplit("/", 1)[-1] if isinstance(kind, str) else ""
    seconds = response.headers.get("Retry-After", "")
    retry_after = float(seconds) if seconds.isascii() and seconds.isdigit() else 0.0
    if name in _TROUBLE_OF_PROBLEM:
        return Trouble(_TROUBLE_OF_PROBLEM[name], retry_after)
    return Trouble("down" if response.status_code in (502, 503, 504) else "failed", retry_after)


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.JSONDecodeError:
        return None


def _is_share(value: Any) -> TypeGuard[float]:
    return _is_length(value) and value <= 1


def _is_length(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and math.isfinite(value) and value >= 0


# The command line

LOCAL_API: Final = "http://127.0.0.1:8000"

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "blank": "nothing on it",
        "not_a_digit": "not a digit",
        "no_digits": "no digits",
        "several_digits": "several digits",
        "no_file": "cannot be opened",
        "down": "the API does not answer at {api}",
        "not_ready": "the API has no model; its log says why",
        "busy": "the API is busy; try again later",
        "slow": "the API did not answer in time",
        "nonsense": "what answers at {api} is not this API",
        "failed": "the API failed; its log says why",
        "too_large": "the file is larger than {megabytes} MiB",
        "too_many_pixels": "the picture has too many pixels",
        "not_a_picture": "neither a PNG nor a JPEG picture",
        "unreadable": "the picture is damaged or cut off",
    },
    "ru": {
        "blank": "ничего не нарисовано",
        "not_a_digit": "не цифра",
        "no_digits": "цифр нет",
        "several_digits": "несколько цифр",
        "no_file": "файл не открывается",
        "down": "API не отвечает по адресу {api}",
        "not_ready": "у API нет модели; причина — в его журнале",
        "busy": "API занят; попробуйте позже",
        "slow": "API не ответил вовремя",
        "nonsense": "по адресу {api} отвечает не этот API",
        "failed": "ошибка в API; причина — в его журнале",
        "too_large": "файл больше {megabytes} МиБ",
        "too_many_pixels": "в изображении слишком много пикселей",
        "not_a_picture": "не изображение PNG или JPEG",
        "unreadable": "изображение повреждено или обрезано",
    },
}


def main() -> None:
    """Read the command line, ask about each picture, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", metavar="picture", help="PNG or JPEG file, or a pattern of names")
    parser.add_argument("--number", action="store_true", help="read all digits of each picture, lines set apart by /")
    parser.add_argument("--api", default=os.environ.get("API_URL", LOCAL_API), help="default: API_URL, or %(default)s")
    parser.add_argument("--wait", type=float, default=10, help="seconds to go on trying (default: %(default)s)")
    chosen = parser.parse_args()
    api, failed = chosen.api.rstrip("/"), False
    language = language_of_this_machine()
    sentences = {
        name: sentence.format(api=api, megabytes=MAX_MEGABYTES) for name, sentence in SENTENCES[language].items()
    }
    for path in _files(chosen.pictures):
        try:
            picture = Path(path).read_bytes()
        except OSError:
            print(f"{path}: {sentences['no_file']}", file=sys.stderr)
            failed = True
            continue
        outcome: Answer | Number | Trouble
        if chosen.number:
            outcome = patiently(partial(read_number, api, picture, language), chosen.wait)
        else:
            outcome = patiently(partial(ask, api, picture, language), chosen.wait)
        if isinstance(outcome, Trouble):
            failed = True
            print(f"{path}: {sentences[outcome.name]}", file=sys.stderr)
        else:
            print(f"{path}: {_said(outcome, sentences)}", flush=True)
    sys.exit(failed)


def _said(outcome: Answer | Number, sentences: Mapping[str, str]) -> str:
    if isinstance(outcome, Number):
        if outcome.rejected is not None:
            return sentences["blank" if outcome.rejected == "blank" else "no_digits"]
        return f"{' / '.join(line.text for line in outcome.lines)} ({outcome.confidence:.1%})"
    said = sentences[outcome.rejected] if outcome.rejected else outcome.prediction
    return f"{said} ({outcome.confidence:.1%})"


def _files(names: list[str]) -> Iterator[str]:
    """The files of these names or patterns, which a shell of Windows hands over as they are."""
    for name in names:
        yield from [name] if Path(name).exists() else sorted(glob.glob(name)) or [name]


if __name__ == "__main__":
    main()
