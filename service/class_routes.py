"""What the API answers about classes: what all of a class wrote, and how today's model reads it."""

from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from digits.answers import LABELS
from digits.learning_answers import MAX_PUPILS, ClassDigits, ClassView, NewClass
from service.asked import as_json, storage_of
from service.class_reading import ClassReading, ClassReadings
from service.documentation import described, operation_id
from service.exporting import export_of
from service.learning_documentation import (
    CODE,
    EXPORT,
    OF_LABEL,
    OF_PREDICTION,
    OF_PUPIL,
    PROBLEMS_OF_STORAGE,
    ZIP,
)
from service.learning_problems import ONE_OF
from service.problems import ProblemError
from service.query import values_in

PROBLEMS_OF_A_VIEW: Final = ("unknown-class", "busy", "not-ready", "timeout", *PROBLEMS_OF_STORAGE)

PUPILS: Final = tuple(map(str, range(1, MAX_PUPILS + 1)))
"""Numbers that a pupil may have."""

router = APIRouter(tags=["classes"], generate_unique_id_function=operation_id)


@router.post("/classes", include_in_schema=False)
@router.post(
    "/classes/",
    summary="Make a class",
    status_code=201,
    response_model=NewClass,
    responses=described("too-many-codes", *PROBLEMS_OF_STORAGE),
)
async def new_class(request: Request) -> Response:
    """A random code under which the sheets of a class are kept from now on. To call it is the consent to that."""
    storage_of(request).made_codes.count(request)
    return as_json(NewClass(await storage_of(request).ask(lambda store: store.new_class())), 201)


@router.get(
    "/classes/{code}",
    summary="What did a class write?",
    response_model=ClassView,
    responses=described(*PROBLEMS_OF_A_VIEW),
    openapi_extra={"parameters": [CODE]},
)
async def class_view(request: Request) -> Response:
    """How many of each digit every pupil wrote, and how today's model reads them."""
    return as_json((await _reading(request)).view())


@router.get(
    "/classes/{code}/digits",
    summary="Look at a class's digits",
    response_model=ClassDigits,
    responses=described("wrong-fields", *PROBLEMS_OF_A_VIEW),
    openapi_extra={"parameters": [CODE, OF_LABEL, OF_PREDICTION, OF_PUPIL]},
)
async def class_digits(request: Request) -> Response:
    """Those of a label, that are read so, by a pupil; all where nothing is named."""
    asked = values_in(request, ["label", "predicted", "number"])
    label, predicted = (_one_of(asked, name, LABELS) for name in ("label", "predicted"))
    number = _one_of(asked, "number", PUPILS)
    reading = await _reading(request)
    chosen = await run_in_threadpool(reading.shown, label, predicted, None if number is None else number + 1)
    return as_json(ClassDigits(chosen))


def _one_of(asked: dict[str, str], name: str, known: tuple[str, ...]) -> int | None:
    """Which of these the parameter says, None where it is not there; raises ProblemError (wrong-fields)."""
    if name not in asked:
        return None
    if asked[name] not in known:
        shown = f"{known[0]}, …, {known[-1]}"
        raise ProblemError("wrong-fields", ONE_OF, where=name, known=shown)
    return known.index(asked[name])


@router.get(
    "/classes/{code}/export",
    summary="Export a class's digits",
    response_class=Response,
    responses={200: ZIP, **described("unknown-class", "wrong-fields", *PROBLEMS_OF_STORAGE)},
    openapi_extra={"parameters": [CODE, EXPORT]},
)
async def export_class(request: Request) -> Response:
    """All its digits as a zip of MNIST's own files, of folders of PNG, or of Kaggle's CSV."""
    code = request.path_params["code"]
    return await export_of(request, lambda store: store.class_digits(code), "unknown-class")


@router.delete(
    "/classes/{code}",
    summary="Forget a class",
    status_code=204,
    responses=described("unknown-class", *PROBLEMS_OF_STORAGE),
    openapi_extra={"parameters": [CODE]},
)
async def forget_class(request: Request) -> Response:
    """Delete it with the profiles of all its pupils: nothing of it stays."""
    code = request.path_params["code"]
    await storage_of(request).delete(lambda store: store.delete_class(code), "unknown-class")
    return Response(status_code=204)


async def _reading(request: Request) -> ClassReading:
    readings: ClassReadings = request.app.state.class_readings
    return await readings.of(request, request.path_params["code"])
