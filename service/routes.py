"""What the API answers at which address."""

import json
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse

from digits.answers import ILLUSTRATIONS, NUMBER_FORMATS, DigitAnswer, Illustration, NumberAnswer, NumberFormat
from digits.limits import MAX_LENGTH, lengths_in
from service.answers import DigitAnswers, Live, Model, Ready
from service.body import all_files, one_file
from service.documentation import (
    FILES,
    FORMAT,
    INCLUDE,
    LENGTH,
    MAX_INCLUDES,
    ONE_FILE,
    PROBLEMS_OF_A_BATCH,
    PROBLEMS_OF_ONE_PICTURE,
    described,
)
from service.messages import Payload
from service.pool import Pool
from service.problems import (
    EMPTY_FILE,
    REPEATED_QUERY,
    UNKNOWN_QUERY,
    WRONG_FORMAT,
    WRONG_LENGTH,
    WRONG_QUERY,
    ProblemError,
    details_in,
    language_of,
)
from service.telemetry import Metrics
from service.worker_process import Answer, Fault

JSON: Final = "application/json"

HINTS: Final = ("format", "length")
"""Parameters that the query of /read/ may have, each once."""

MAX_SHOWN_LETTERS: Final = 40
"""Of an unknown parameter's name in the problem that it is answered with."""

router = APIRouter()


@router.post("/predict", include_in_schema=False)
@router.post(
    "/predict/",
    summary="Recognise a digit",
    response_model=DigitAnswer,
    responses=described(*PROBLEMS_OF_ONE_PICTURE),
    openapi_extra={"requestBody": ONE_FILE, "parameters": [INCLUDE]},
)
async def predict(request: Request) -> Response:
    """Recognise the digit in a picture: drawn, scanned or photographed, in any colours."""
    pool_of(request).refuse_when_faulty_or_full()
    include = included(request)
    payload = Payload("digits", [await one_file(request)], include)
    return await answer_alone(request, payload, "digit")


@router.post("/read", include_in_schema=False)
@router.post(
    "/read/",
    summary="Read a number",
    response_model=NumberAnswer,
    responses=described(*PROBLEMS_OF_ONE_PICTURE),
    openapi_extra={"requestBody": ONE_FILE, "parameters": [FORMAT, LENGTH]},
)
async def read(request: Request) -> Response:
    """Read all numbers of a picture, line by line and cell by cell, with their signs: a meter, a form."""
    pool_of(request).refuse_when_faulty_or_full()
    number_format, lengths = hinted(request)
    payload = Payload("number", [await one_file(request)], format=number_format, lengths=lengths)
    return await answer_alone(request, payload, "number")


async def answer_alone(request: Request, payload: Payload, outcome: str) -> Response:
    """The answer for a payload of one file, counted as this outcome unless it is rejected."""
    [answer] = await pool_of(request).queue.answers(request, payload)
    pictures = metrics_of(request).pictures
    if isinstance(answer, Fault):
        pictures.labels("unreadable").inc()
        raise problem_of(answer)
    pictures.labels(answer.rejected or outcome).inc()
    return Response(answer.json, media_type=JSON)


@router.post("/predict/batch", include_in_schema=False)
@router.post(
    "/predict/batch/",
    summary="Recognise a digit in each of many pictures",
    response_model=DigitAnswers,
    responses=described(*PROBLEMS_OF_A_BATCH),
    openapi_extra={"requestBody": FILES, "parameters": [INCLUDE]},
)
async def predict_batch(request: Request) -> Response:
    """Recognise up to 256 pictures at once: one entry each, in their order. A bad file costs only its own entry."""
    pool_of(request).refuse_when_faulty_or_full()
    include = included(request)
    payload = Payload("digits", await all_files(request), include)
    answers = await pool_of(request).queue.answers(request, payload)
    pictures = metrics_of(request).pictures
    entries: list[bytes] = []
    for file, answer in zip(payload.files, answers, strict=True):
        if isinstance(answer, Answer):
            pictures.labels(answer.rejected or "digit").inc()
            entries.append(answer.json)
        else:
            pictures.labels("unreadable").inc()
            problem = problem_of(answer) if file else ProblemError("no-file", EMPTY_FILE)
            entries.append(json.dumps(details_in(language_of(request), problem), ensure_ascii=False).encode())
    return Response(b'{"answers":[' + b",".join(entries) + b"]}", media_type=JSON)


def included(request: Request) -> tuple[Illustration, ...]:
    """The illustrations that the query asks for, each once; raises ProblemError (wrong-fields).

    By hand, as FastAPI's own way of reading a query takes a tenth of the time of a small picture.
    """
    if not request.scope["query_string"]:
        return ()
    asked = request.query_params.getlist("include")
    known = tuple(each for each in ILLUSTRATIONS if each in asked)
    if len(asked) > MAX_INCLUDES or not set(asked) <= set(known):
        raise ProblemError("wrong-fields", WRONG_QUERY, where="include")
    return known


def hinted(request: Request) -> tuple[NumberFormat | None, tuple[int, int] | None]:
    """Format, and fewest and most digits, of each number as the query has them; raises ProblemError (wrong-fields)."""
    if not request.scope["query_string"]:
        return None, None
    asked = request.query_params.multi_items()
    names = [name for name, _ in asked]
    for name in names:
        if name not in HINTS:
            raise ProblemError("wrong-fields", UNKNOWN_QUERY, where=name[:MAX_SHOWN_LETTERS], known=", ".join(HINTS))
        if names.count(name) > 1:
            raise ProblemError("wrong-fields", REPEATED_QUERY, where=name)
    values = dict(asked)
    return _format_in(values.get("format")), _lengths_in(values.get("length"))


def _format_in(value: str | None) -> NumberFormat | None:
    known = next((each for each in NUMBER_FORMATS if each == value), None)
    if value is not None and known is None:
        raise ProblemError("wrong-fields", WRONG_FORMAT, known=", ".join(NUMBER_FORMATS))
    return known


def _lengths_in(value: str | None) -> tuple[int, int] | None:
    try:
        return None if value is None else lengths_in(value)
    except ValueError:
        raise ProblemError("wrong-fields", WRONG_LENGTH, limit=str(MAX_LENGTH)) from None


def problem_of(fault: Fault) -> ProblemError:
    """The problem that a fault of a picture is answered as."""
    return ProblemError(fault.name, limit=str(fault.limit))


def pool_of(request: Request) -> Pool:
    """The processes of the application that is asked."""
    pool: Pool = request.app.state.pool
    return pool


def metrics_of(request: Request) -> Metrics:
    """The metrics of the application that is asked."""
    metrics: Metrics = request.app.state.metrics
    return metrics


@router.get("/health/live", response_model=Live, summary="Is the process alive?")
async def live() -> Response:
    """Always 200 as long as the process answers."""
    return JSONResponse({"status": "live"})


@router.get("/health/ready", response_model=Ready, summary="Can it recognise?", responses=described("not-ready"))
async def ready(request: Request) -> Response:
    """200 while a process has the recorded model loaded and has recognised its built-in digit; else why not."""
    record = pool_of(request).record()
    model = {"files": record["files"], "libraries": record["libraries"]}
    return JSONResponse({"status": "ready", "service": "digits", "model": model})


@router.get("/model", response_model=Model, summary="Which model answers?", responses=described("not-ready"))
async def model(request: Request) -> Response:
    """What the model was made from and with, its files' SHA-256, and how well it reads; MODEL_CARD.md as data."""
    record = pool_of(request).record()
    return JSONResponse({"name": "digits", "version": request.app.version, **record})


@router.get("/metrics", response_class=PlainTextResponse, summary="Metrics for Prometheus")
async def metrics(request: Request) -> Response:
    """Requests, their time, pictures by outcome, recognitions under way and the model, of this process."""
    return metrics_of(request).response()


@router.get("/", include_in_schema=False)
async def root() -> Response:
    """To the documentation."""
    return RedirectResponse("docs")
