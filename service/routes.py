"""What the API answers at which address."""

import json
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse

from digits.answers import DigitAnswer, NumberAnswer
from service.answers import DigitAnswers, Live, Model, Ready
from service.body import all_files, one_file
from service.documentation import (
    FILES,
    FORMAT,
    INCLUDE,
    LENGTH,
    ONE_FILE,
    PROBLEMS_OF_A_BATCH,
    PROBLEMS_OF_ONE_PICTURE,
    described,
)
from service.learning_problems import REASONS
from service.messages import Payload, TaughtDigits
from service.pool import Pool
from service.problems import EMPTY_FILE, ProblemError, details_in, language_of
from service.query import HINTS, hints_in, included, profile_in, values_in
from service.storage import Storage
from service.telemetry import Metrics
from service.worker_process import Answer, Fault

JSON: Final = "application/json"

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
    """Recognise the digit in a PNG or JPEG picture: drawn, scanned or photographed, in any colours."""
    pool_of(request).refuse_when_faulty_or_full()
    include, memory = included(request), await memory_of(request)
    payload = Payload("digits", [await one_file(request)], include, memory=memory)
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
    """Read all numbers of a PNG or JPEG picture, line by line and cell by cell, with their signs: a meter, a form."""
    pool_of(request).refuse_when_faulty_or_full()
    known = HINTS if storage_of(request) is None else (*HINTS, "profile")
    number_format, lengths = hints_in(values_in(request, known))
    memory = await memory_of(request)
    payload = Payload("number", [await one_file(request)], format=number_format, lengths=lengths, memory=memory)
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
    include, memory = included(request), await memory_of(request)
    payload = Payload("digits", await all_files(request), include, memory=memory)
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


def problem_of(fault: Fault) -> ProblemError:
    """The problem that a fault of a picture is answered as."""
    return ProblemError(fault.name, REASONS.get(fault.reason or ""), limit=str(fault.limit))


def pool_of(request: Request) -> Pool:
    """The processes of the application that is asked."""
    pool: Pool = request.app.state.pool
    return pool


def storage_of(request: Request) -> Storage | None:
    """Where the application that is asked keeps what it is taught; None where it keeps nothing."""
    storage: Storage | None = request.app.state.storage
    return storage


async def memory_of(request: Request) -> TaughtDigits | None:
    """What the profile that the query names has been taught; raises ProblemError (unknown-profile)."""
    storage = storage_of(request)
    if storage is None or (code := profile_in(request)) is None:
        return None
    return (await storage.held(code)).digits


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
