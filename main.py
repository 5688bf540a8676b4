"""The API: a picture of one handwritten digit in, one answer out.

uvicorn main:app
curl -F file=@seven.png http://127.0.0.1:8000/predict/
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from fastapi_offline import FastAPIOffline
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from digits.decode import BadPictureError
from service.answers import (
    EXAMPLES,
    EXAMPLES_OF_BATCHES,
    EXAMPLES_OF_NUMBERS,
    UPLOAD,
    UPLOADS,
    Extra,
    Live,
    Model,
    Number,
    Prediction,
    Predictions,
    Ready,
)
from service.body import BodyLimit, files_of, only_file
from service.pool import Recognitions
from service.problems import (
    EMPTY_FILE,
    MAX_FILES,
    WRONG_QUERY,
    Problem,
    ProblemResponse,
    described,
    details_in,
    from_bad_picture,
    from_http_error,
    preferred_language,
)
from service.settings import settings_or_exit
from service.telemetry import LOADED_MODEL, PICTURES, Telemetry, metrics

settings = settings_or_exit()
PROBLEMS_OF_ONE_PICTURE: Final = (
    "no-file",
    "too-large",
    "too-many-pixels",
    "not-a-picture",
    "unreadable-picture",
    "wrong-fields",
    "internal",
    "busy",
    "not-ready",
)
Include = Annotated[tuple[Extra, ...], Query(description="What else to answer; may be repeated.")]

log = logging.getLogger("uvicorn.error")
if settings.log_level is not None:
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).setLevel(settings.log_level.upper())
logging.getLogger("python_multipart").setLevel(logging.ERROR)  # else each malformed body is a line of log


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start what recognises; where its model cannot be loaded the API starts too, and says why it is not ready."""
    recognitions = Recognitions(settings.at_once, settings.waiting, settings.model_folder)
    app.state.recognitions = recognitions
    await recognitions.start()
    if isinstance(recognitions.model, dict):
        LOADED_MODEL.labels(app.version, recognitions.model["files"]["best_classification_model.pkl"]["sha256"]).set(1)
    else:
        log.error("Not ready: %s", recognitions.model)
    yield
    recognitions.close()


app = FastAPIOffline(
    title="Digits",
    version="1.0.0",
    description="Reads handwritten digits and numbers, drawn or photographed. "
    "Every error is problem details (RFC 9457), in Russian or in English by Accept-Language.",
    lifespan=lifespan,
    redoc_url=None,
)
app.add_middleware(BodyLimit, limit=settings.max_megabytes * 2**20)
app.add_middleware(Telemetry)
if settings.cors_origins:
    app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET", "POST"])


@app.post("/predict", include_in_schema=False)
@app.post(
    "/predict/",
    summary="Recognise a digit",
    response_model=Prediction,
    responses=described(*PROBLEMS_OF_ONE_PICTURE),
    openapi_extra={"requestBody": UPLOAD},
)
async def predict(request: Request, include: Include = ()) -> Response:
    """Recognise the digit in a PNG or JPEG picture: drawn, scanned or photographed, in any colours."""
    async with taken(request) as (recognitions, form):
        [prediction] = await recognitions.digits(request, [(await only_file(form).read(), include)])
        if isinstance(prediction, BadPictureError):
            raise prediction
        PICTURES.labels(prediction["rejected"] or "digit").inc()
        return JSONResponse(prediction)


@app.post("/read", include_in_schema=False)
@app.post(
    "/read/",
    summary="Read a number",
    response_model=Number,
    responses=described(*PROBLEMS_OF_ONE_PICTURE),
    openapi_extra={"requestBody": UPLOAD},
)
async def read(request: Request) -> Response:
    """Read all digits of a PNG or JPEG picture, line by line: a number, a meter, a postcode, a page of them."""
    async with taken(request) as (recognitions, form):
        number = await recognitions.number(request, await only_file(form).read())
        PICTURES.labels(number["rejected"] or "number").inc()
        return JSONResponse(number)


@app.post("/predict/batch", include_in_schema=False)
@app.post(
    "/predict/batch/",
    summary="Recognise a digit in each of many pictures",
    response_model=Predictions,
    responses=described("no-file", "too-large", "too-many-files", "wrong-fields", "internal", "busy", "not-ready"),
    openapi_extra={"requestBody": UPLOADS},
)
async def predict_batch(request: Request, include: Include = ()) -> Response:
    """Recognise up to 256 pictures at once: one entry each, in their order. A bad file costs only its own entry."""
    async with taken(request) as (recognitions, form):
        files = [await upload.read() for upload in files_of(form)]
        found = await recognitions.digits(request, [(data, include) for data in files])
        language = preferred_language(request.headers.get("accept-language", ""))
        entries: list[dict[str, Any]] = []
        for data, entry in zip(files, found, strict=True):
            if isinstance(entry, BadPictureError):
                problem = from_bad_picture(entry) if data else Problem("no-file", EMPTY_FILE)
                entries.append(details_in(language, problem))
                PICTURES.labels("unreadable").inc()
            else:
                entries.append(entry)
                PICTURES.labels(entry["rejected"] or "digit").inc()
        return JSONResponse({"answers": entries})


@asynccontextmanager
async def taken(request: Request) -> AsyncIterator[tuple[Recognitions, FormData]]:
    """What recognises and the form that was sent; raises Problem: not-ready, busy, no-file, too-many-files."""
    loaded_model()
    recognitions: Recognitions = app.state.recognitions
    recognitions.refuse_when_full()
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Problem("no-file")
    async with request.form(max_files=MAX_FILES) as form:
        yield recognitions, form


def loaded_model() -> dict[str, Any]:
    """The record of the model; raises Problem (not-ready) when it could not be loaded."""
    model: dict[str, Any] | str = app.state.recognitions.model
    if isinstance(model, str):
        raise Problem("not-ready", reason=model)
    return model


@app.get("/health/live", response_model=Live, summary="Is the process alive?")
async def live() -> Response:
    """Always 200 as long as the process answers."""
    return JSONResponse({"status": "live"})


@app.get("/health/ready", response_model=Ready, summary="Can it recognise?", responses=described("not-ready"))
async def ready() -> Response:
    """200 once the recorded model is loaded and has recognised its built-in digit; else why not."""
    record = loaded_model()
    model = {"files": record["files"], "libraries": record["libraries"]}
    return JSONResponse({"status": "ready", "service": "digits", "model": model})


@app.get("/model", response_model=Model, summary="Which model answers?", responses=described("not-ready"))
async def model() -> Response:
    """What the model was made from and with, its files' SHA-256, and how well it reads; MODEL_CARD.md as data."""
    record = loaded_model()
    return JSONResponse({"name": "digits", "version": app.version, **record})


@app.get("/metrics", response_class=PlainTextResponse, summary="Metrics for Prometheus")
async def measured() -> Response:
    """Requests, their time, pictures by outcome, recognitions under way and the model, of this process."""
    return metrics()


@app.get("/", include_in_schema=False)
async def root() -> Response:
    """To the documentation."""
    return RedirectResponse("docs")


def openapi() -> dict[str, Any]:
    """The OpenAPI document; the examples of answers come in last, as FastAPI would drop their nulls."""
    document = FastAPI.openapi(app)
    examples_of = {"/predict/": EXAMPLES, "/predict/batch/": EXAMPLES_OF_BATCHES, "/read/": EXAMPLES_OF_NUMBERS}
    for path, examples in examples_of.items():
        success = document["paths"][path]["post"]["responses"]["200"]
        success["content"]["application/json"]["examples"] = examples
    return document


app.openapi = openapi  # type: ignore[method-assign]


@app.exception_handler(HTTPException)
async def http_error(request: Request, error: HTTPException) -> Response:
    """Every Problem, and the 404 and 405 of the router."""
    return ProblemResponse(request, from_http_error(error), error.headers)


@app.exception_handler(BadPictureError)
async def bad_picture(request: Request, error: BadPictureError) -> Response:
    """413, 415 or 422, by what the decoder says."""
    PICTURES.labels("unreadable").inc()
    return ProblemResponse(request, from_bad_picture(error))


@app.exception_handler(RequestValidationError)
async def bad_query(request: Request, error: RequestValidationError) -> Response:
    """422 for a value in the query that is not accepted."""
    where = ", ".join(sorted({str(fault["loc"][1]) for fault in error.errors()}))
    return ProblemResponse(request, Problem("wrong-fields", WRONG_QUERY, where=where))


@app.exception_handler(ClientDisconnect)
async def nobody_waits(request: Request, error: ClientDisconnect) -> Response:
    """The caller has left; nobody reads this."""
    return Response(status_code=499)


@app.exception_handler(Exception)
async def internal_error(request: Request, error: Exception) -> Response:
    """500; the traceback goes to the log of the server, never into the answer."""
    return ProblemResponse(request, Problem("internal"))
