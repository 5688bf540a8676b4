"""What the API answers about sheets: blank ones to print, and photographed ones, looked at or taken."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from fastapi import APIRouter, Request, Response
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool

from digits.answers import LABELS
from digits.codes import canonical
from digits.languages import LANGUAGES, Language
from digits.learning_answers import BOXES_OF_A_SHEET, MAX_PUPILS, SheetDigit, SheetReading, SheetTaken
from digits.store import Entry
from service.asked import as_json, finding, pool_of, storage_of
from service.body import one_file
from service.body_documentation import ONE_FILE
from service.documentation import PAGE, described, operation_id
from service.findings import SIDE, Sheet
from service.learning_answers import label_of
from service.learning_documentation import (
    LANGUAGE,
    LEAVE_OUT,
    PDF,
    PROBLEMS_OF_A_SHEET,
    PROBLEMS_OF_STORAGE,
    PUPILS,
    SHEETS_OF_CLASS,
    TO_CLASS,
    TO_PROFILE,
)
from service.learning_problems import ONE_OF, ONE_OF_TWO, PUPILS_OF_NO_CLASS, REASONS
from service.messages import Payload
from service.pictures import data_url
from service.problems import ProblemError, language_of
from service.query import number_in, page_in, values_in

if TYPE_CHECKING:
    from digits.store import Store

router = APIRouter(tags=["sheets"], generate_unique_id_function=operation_id)


@router.get(
    "/sheets/blank/",
    summary="Sheets to print",
    response_class=Response,
    responses={200: PDF, **described("unknown-class", "wrong-fields", *PROBLEMS_OF_STORAGE)},
    openapi_extra={"parameters": [SHEETS_OF_CLASS, PUPILS, LANGUAGE]},
)
async def blank_sheets(request: Request) -> Response:
    """A PDF of one sheet, or of one for each pupil of a class."""
    asked = values_in(request, ["class", "pupils", "language"])
    language = _language_in(asked.get("language"), language_of(request))
    pupils = number_in("pupils", asked.get("pupils", "1"), 1, MAX_PUPILS)
    class_code = None
    if "class" in asked:
        summary = await storage_of(request).ask(lambda store: store.class_summary(asked["class"]), "unknown-class")
        class_code = summary.code
    elif pupils > 1:
        raise ProblemError("wrong-fields", PUPILS_OF_NO_CLASS)
    content = await run_in_threadpool(_pdf, class_code, pupils, language)
    named = {"Content-Disposition": 'inline; filename="digits-sheet.pdf"', "Vary": "Accept-Language"}
    return Response(content, media_type="application/pdf", headers=named)


def _pdf(class_code: str | None, pupils: int, language: Language) -> bytes:
    from digits.sheet.pdf import sheet_pdf  # OpenCV, which the API needs for nothing else

    return sheet_pdf(None if class_code is None else class_code.replace("-", ""), pupils, language)


def _language_in(value: str | None, otherwise: Language) -> Language:
    if value is None:
        return otherwise
    language = next((each for each in LANGUAGES if each == value), None)
    if language is None:
        raise ProblemError("wrong-fields", ONE_OF, where="language", known=", ".join(LANGUAGES))
    return language


@router.post("/sheets/read", include_in_schema=False)
@router.post(
    "/sheets/read/",
    summary="Look at a photographed sheet",
    response_model=SheetReading,
    responses=described(*PROBLEMS_OF_A_SHEET),
    openapi_extra={"requestBody": ONE_FILE, "parameters": [PAGE]},
)
async def read_sheet(request: Request) -> Response:
    """What stands in its boxes, and which may be filled wrongly. Nothing of it is kept.

    Each page of a PDF or TIFF may be a sheet: name the page; the answer says how many there are.
    """
    page = page_in(values_in(request, ["page"]))
    sheet = await _sheet_in(request, page)
    return as_json(await run_in_threadpool(_reading, sheet, page))


async def _sheet_in(request: Request, page: int) -> Sheet:
    pool_of(request).refuse_when_faulty_or_full()
    return await finding(request, Payload("sheet", [await one_file(request)], page=page), Sheet)


def _reading(sheet: Sheet, page: int) -> SheetReading:
    digits = tuple(
        SheetDigit(
            LABELS[box.label],
            None if box.picture is None else data_url(_pixels(box.picture)),
            label_of(box.suggested),
            box.confidence,
            box.suspicious,
        )
        for box in sheet.boxes
    )
    return SheetReading(_class_of(sheet), sheet.number, digits, page, sheet.pages)


def _class_of(sheet: Sheet) -> str | None:
    """Code of the class that the sheet was printed for."""
    return None if sheet.class_code is None else canonical(sheet.class_code)


@router.post("/sheets", include_in_schema=False)
@router.post(
    "/sheets/",
    summary="Take a photographed sheet into a profile",
    status_code=201,
    response_model=SheetTaken,
    responses=described(
        *PROBLEMS_OF_A_SHEET,
        "unknown-profile",
        "unknown-class",
        "too-many-corrections",
        "too-many-codes",
        "storage-unavailable",
    ),
    openapi_extra={"requestBody": ONE_FILE, "parameters": [TO_PROFILE, TO_CLASS, LEAVE_OUT, PAGE]},
)
async def take_sheet(request: Request) -> Response:
    """Remember its digits under a profile, or under that of the class's pupil whose number it has; one page at a time.

    Kept are 28x28 pixels of each box, its label and what the model read; never the photograph.
    """
    asked = values_in(request, ["profile", "class", "leave_out", "page"], repeatable=["leave_out"])
    if ("profile" in asked) == ("class" in asked):
        raise ProblemError("wrong-fields", ONE_OF_TWO)
    left_out = [
        number_in("leave_out", value, 0, BOXES_OF_A_SHEET - 1) for value in request.query_params.getlist("leave_out")
    ]
    page = page_in(asked)
    storage = storage_of(request)
    unknown = "unknown-profile" if "profile" in asked else "unknown-class"
    owner = await storage.ask(partial(_owner, asked=asked), unknown)  # before the sheet is read, which takes time
    sheet = await _sheet_in(request, page)
    number = _pupil_of(sheet, owner)
    if owner.class_code is not None:  # whose pupil may have no profile yet
        storage.made_codes.count(request)
    entries = _entries(sheet, left_out, pool_of(request).model_sha256())
    take = partial(_take, owner=owner, number=number, entries=entries, per_hour=storage.corrections_per_hour)
    code = await storage.change(take, unknown)
    left_out_or_empty = BOXES_OF_A_SHEET - len(entries)
    return as_json(SheetTaken(code, number, len(entries), left_out_or_empty, page, sheet.pages), 201)


class _Owner(NamedTuple):
    """Codes of the profile or of the class that a sheet is taken into."""

    profile: str | None
    class_code: str | None


def _owner(store: "Store", asked: Mapping[str, str]) -> _Owner:
    if "profile" in asked:
        return _Owner(store.profile(asked["profile"], count=0).code, None)
    return _Owner(None, store.class_summary(asked["class"]).code)


def _pupil_of(sheet: Sheet, owner: _Owner) -> int | None:
    """Number of the pupil, where the sheet was printed for this class; raises ProblemError for that of another."""
    printed_for = _class_of(sheet)
    if owner.class_code is None or printed_for is None:
        return None
    if printed_for != owner.class_code:
        raise ProblemError("no-sheet", REASONS["another_class"])
    return sheet.number


def _entries(sheet: Sheet, left_out: Collection[int], model: str) -> list[Entry]:
    """What is stored of the boxes that are neither struck out nor empty."""
    return [
        Entry(
            picture=_pixels(box.picture),
            label=box.label,
            suggested=box.suggested,
            confidence=box.confidence,
            source="sheet",
            believed=box.believable,
            distance=box.distance,
            model_sha256=model,
        )
        for place, box in enumerate(sheet.boxes)
        if place not in left_out and box.picture is not None
    ]


def _take(store: "Store", owner: _Owner, number: int | None, entries: Sequence[Entry], per_hour: int) -> str:
    """Store them under the profile, or that of the class's pupil; returns the profile's code."""
    if owner.profile is not None:
        code = owner.profile
    elif number is not None:
        code = store.profile_of(str(owner.class_code), number)
    else:
        code = store.new_profile(owner.class_code)
    store.add(code, entries, per_hour)
    return code


def _pixels(picture: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(picture, np.uint8).reshape(SIDE, SIDE)
