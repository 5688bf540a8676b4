"""The answers to several files, while they come in: a table whose rows can be pressed, and a CSV file to keep."""

import csv
import io
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, Final, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from client import ApiError, in_one_line
from digits.answers import DigitAnswer, NumberAnswer, NumberLine
from digits.csv_cells import harmless, harmless_number
from digits.texts import Texts
from page.answer import CARD, is_unsure, percent_of, rejection_name
from page.asking import Outcome, answer_before, answered_anew, asked_about
from page.learning.teaching import changes
from page.upload import File, thumbnail

BATCH_FILES: Final = 16
"""In one request: few enough for the progress to be seen, and for others to be served between."""

FIRST_LOOK_SECONDS: Final = 0.3
"""So long the page waits for the first answers; a few small files are answered by then."""

LOOK_SECONDS: Final = 0.5
PAUSE_SECONDS: Final = 2.0
"""Between two runs of the page for a few answers more."""

KEY: Final = "files_table"
READ_WITH: Final = "files_read_with"

_FOLDER: Final = Path(__file__).parent
_table = st.components.v2.component(
    "files_table",
    html=(_FOLDER / "many.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "many.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "many.js").read_text(encoding="utf-8"),
)

Kept = TypeVar("Kept")

Answers = list[Outcome | None]
"""Of each file, None as long as it is waited for."""


def read_with(profile: str | None) -> tuple[str | None, int]:
    """With which profile the files are read, and how much had been taught then: as it was when they were chosen.

    What is taught later changes the answer to the file that is put right; the others are not read anew each time.
    """
    kept: tuple[str | None, int] | None = st.session_state.get(READ_WITH)
    if kept is None or kept[0] not in (None, profile):
        kept = st.session_state[READ_WITH] = profile, changes()
    return kept


def read_anew() -> None:
    """Other files were chosen."""
    st.session_state.pop(READ_WITH, None)


def pressed_of(files: Sequence[File]) -> Sequence[File]:
    """The file whose row is pressed in the table of several; a single file as it is."""
    if len(files) < 2:
        return files
    pressed = (st.session_state.get(KEY) or {}).get("pressed")
    return [file for place, file in enumerate(files) if _key(place, file) == pressed]


def show_many(
    files: Sequence[File],
    wanted: tuple[str, ...],
    ask: Callable[[Sequence[bytes]], Iterator[Outcome]],
    texts: Texts,
) -> Answers:
    """The answers so far, in a table, and once all are there in a CSV file to keep.

    The page goes on meanwhile, and runs again by itself as they come.
    """
    reading, pictures = wanted[0], [file.data for file in files]
    answers = asked_about(pictures, wanted, ask)
    thumbnails = asked_about(pictures, (), lambda new: map(thumbnail, new), "thumbnails")
    wait(answers, timeout=FIRST_LOOK_SECONDS)
    known = _count(answers) + _count(thumbnails)
    progress_place = st.empty()  # not the fragment's own: Streamlit may drop its first message, and lose this place
    if known < len(answers) + len(thumbnails):
        _follow(answers, thumbnails, known, progress_place, texts)
    outcomes = [_result(future) for future in answers]
    rows = [
        _row(_key(place, file), file, outcome, _result(picture), texts)
        for place, (file, outcome, picture) in enumerate(zip(files, outcomes, thumbnails, strict=True))
    ]
    _table(
        key=KEY,
        data={
            "card": CARD,
            "told": _told(rows, texts),
            "reading": reading,
            "texts": _head(reading, texts),
            "rows": rows,
        },
        on_pressed_change=lambda: None,
    )
    if None not in outcomes:
        kept = as_csv(files, outcomes)
        st.download_button(texts("many.download"), kept, "digits.csv", "text/csv", key="download_many", width="stretch")
    return outcomes


def _key(place: int, file: File) -> str:
    return f"{place} {file.name}"


def _count(futures: Sequence[Future[Any]]) -> int:
    return sum(future.done() for future in futures)


def _result(future: Future[Kept]) -> Kept | None:
    return future.result() if future.done() else None


def _follow(
    answers: Sequence[Future[Any]], thumbnails: Sequence[Future[str]], known: int, place: DeltaGenerator, texts: Texts
) -> None:
    """How many are answered; the page runs again when there are some more, and when all are there."""
    begun = time.monotonic()

    @st.fragment(run_every=LOOK_SECONDS)
    def look() -> None:
        answered = _count(answers)
        done = answered + _count(thumbnails)
        is_late = done > known and time.monotonic() > begun + PAUSE_SECONDS
        if is_late or done >= known + BATCH_FILES or done == len(answers) + len(thumbnails):
            st.rerun()
        if answered < len(answers):
            place.progress(answered / len(answers), text=texts("many.progress", done=answered, count=len(answers)))

    look()


def change_row(files: Sequence[File], wanted: tuple[str, ...], outcomes: Sequence[Outcome], texts: Texts) -> None:
    """Where the file that is shown is answered otherwise than in its row, as it was put right, the row says so too."""
    for file, outcome in zip(files, outcomes, strict=True):
        before = answer_before(file.data, wanted)
        if before is None or isinstance(outcome, ApiError) or _shown(before, texts) == _shown(outcome, texts):
            continue
        answered_anew(file.data, wanted, outcome)
        st.rerun()


def _head(reading: str, texts: Texts) -> dict[str, str]:
    names = ("label", "file", "by_file", "sure", "by_sure", "look")
    return {name: texts(f"many.{name}") for name in names} | {"said": texts(f"many.{reading}")}


def _told(rows: Sequence[dict[str, Any]], texts: Texts) -> str:
    """How many rows are to be looked at, and what pressing one does."""
    count = sum(row["look"] for row in rows)
    return " ".join([*([texts("many.to_look_at", count=count)] if count else []), texts("many.press")])


def _row(key: str, file: File, outcome: Outcome | None, picture: str | None, texts: Texts) -> dict[str, Any]:
    said, sure, look = ("…", "", False) if outcome is None else _shown(outcome, texts)
    value = None if outcome is None else _sureness(outcome)
    return {
        "key": key,
        "name": file.name,
        "picture": picture,
        "said": said,
        "sure": sure,
        "look": look,
        "value": value,
    }


def _shown(outcome: Outcome, texts: Texts) -> tuple[str, str, bool]:
    """What was read, how sure that is, and whether it is to be looked at."""
    return _said(outcome), _how_sure(outcome, texts), _is_to_be_looked_at(outcome)


def _said(outcome: Outcome) -> str:
    match outcome:
        case DigitAnswer(rejected=None):
            return str(outcome.prediction)
        case NumberAnswer(rejected=None):
            return in_one_line(outcome)
    return "–"


def _how_sure(outcome: Outcome, texts: Texts) -> str:
    """In per cent, or why there is nothing to be sure of."""
    if isinstance(outcome, ApiError):
        return outcome.title
    if outcome.rejected is None:
        return percent_of(outcome.confidence, texts)
    return texts(f"rejected.{rejection_name(outcome)}")


def _is_to_be_looked_at(outcome: Outcome) -> bool:
    """Whether it is unsure, or there is something that was not read."""
    match outcome:
        case ApiError():
            return True
        case DigitAnswer(rejected=None) | DigitAnswer(rejected="blank"):
            return is_unsure(outcome.confidence)
        case NumberAnswer(rejected=None):
            words = (row.words if isinstance(row, NumberLine) else row for row in outcome.rows)
            return any(is_unsure(each.confidence) for row in words for each in row)
    return outcome.rejected != "blank"


def _sureness(outcome: Outcome) -> float:
    """What the rows are sorted by, 0..1: nothing is less sure than what was not read."""
    if isinstance(outcome, ApiError) or (outcome.rejected is not None and outcome.rejected != "blank"):
        return 0.0
    return outcome.confidence


def as_csv(files: Sequence[File], outcomes: Sequence[Outcome | None]) -> str:
    """One line for each file, with the API's own words; spreadsheets tell by the first character that it is UTF-8."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["file", "prediction", "confidence", "rejected", "error"])
    for file, outcome in zip(files, outcomes, strict=True):
        name = harmless(file.name)
        match outcome:
            case DigitAnswer():
                prediction = "" if outcome.prediction is None else str(outcome.prediction)
                writer.writerow([name, prediction, f"{outcome.confidence:.4f}", outcome.rejected or "", ""])
            case NumberAnswer(rejected=None):
                prediction = harmless_number(in_one_line(outcome))
                writer.writerow([name, prediction, f"{outcome.confidence:.4f}", "", ""])
            case NumberAnswer():
                writer.writerow([name, "", "", outcome.rejected, ""])
            case ApiError():
                writer.writerow([name, "", "", "", outcome.kind])
    return "\ufeff" + table.getvalue()
