"""The API: a picture of one handwritten digit in, one answer out.

uvicorn main:app
curl -F file=@seven.png http://127.0.0.1:8000/predict/
"""

import base64
import io
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import numpy as np
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from numpy.typing import NDArray
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from threadpoolctl import threadpool_limits

from digits.decode import BadPicture, decode
from digits.features import hog_picture
from digits.recogniser import ModelNotReady, Recogniser
from service.answers import EXAMPLES, UPLOAD, Extra, Live, Prediction, Ready
from service.body import MAX_BYTES, BodyLimit, only_file
from service.problems import (
    SCHEMA,
    WRONG_QUERY,
    Problem,
    ProblemResponse,
    described,
    from_bad_picture,
    from_http_error,
)
from service.recognitions import Recognitions

MODEL_FOLDER = Path(__file__).parent
AT_ONCE = os.cpu_count() or 1
WAITING = 32

log = logging.getLogger("uvicorn.error")
logging.getLogger("python_multipart").setLevel(logging.ERROR)  # else each malformed body is a line of log


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the model once per process; without it the API starts too, and says why it is not ready.

    Each recognition is one thread: a second one that helps with a product of one row only gets in the way of others.
    """
    threadpool_limits(1)
    app.state.recognitions = Recognitions(AT_ONCE, WAITING)
    try:
        app.state.recogniser = Recogniser.load(MODEL_FOLDER)
    except ModelNotReady as error:
        app.state.recogniser = error
        log.error("Not ready: %s", error)
    yield
    app.state.recognitions.close()


app = FastAPI(
    title="Digits",
    version="1.0.0",
    description="Reads one handwritten digit, drawn or photographed. "
    "Every error is problem details (RFC 9457), in Russian or in English by Accept-Language.",
    lifespan=lifespan,
    redoc_url=None,
)
app.add_middleware(BodyLimit, limit=MAX_BYTES)


@app.post("/predict", include_in_schema=False)
@app.post(
    "/predict/",
    summary="Recognise a digit",
    response_model=Prediction,
    responses=described(
        "no-file",
        "too-large",
        "too-many-pixels",
        "not-a-picture",
        "unreadable-picture",
        "wrong-fields",
        "internal",
        "busy",
        "not-ready",
    ),
    openapi_extra={"requestBody": UPLOAD},
)
async def predict(
    request: Request,
    include: Annotated[tuple[Extra, ...], Query(description="What else to answer; may be repeated.")] = (),
) -> Response:
    """Recognise the digit in a PNG or JPEG picture: drawn, scanned or photographed, in any colours."""
    recogniser = ready_recogniser()
    recognitions: Recognitions = app.state.recognitions
    recognitions.refuse_when_full()
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Problem("no-file")
    async with request.form() as form:
        file = only_file(form).file
        return JSONResponse(await recognitions.run(request, partial(answer, recogniser, file, include)))


def answer(recogniser: Recogniser, file: BinaryIO, include: tuple[Extra, ...]) -> dict[str, Any]:
    """The members of `Prediction` for the picture in `file`; raises BadPicture."""
    found = recogniser.recognise(decode(file.read()))
    members: dict[str, Any] = {
        "prediction": found.prediction,
        "confidence": found.confidence,
        "probabilities": found.probabilities,
        "rejected": found.rejected,
    }
    if "picture" in include:
        members["picture"] = None if found.picture is None else data_url(found.picture)
    if "hog" in include:
        members["hog"] = None if found.picture is None else data_url(hog_picture(found.picture))
    return members


def data_url(grey: NDArray[np.uint8]) -> str:
    """A grey picture, (height, width) uint8, as a data URL that holds a PNG."""
    png = io.BytesIO()
    Image.fromarray(grey).save(png, "PNG")
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")


def ready_recogniser() -> Recogniser:
    """The recogniser; raises Problem (not-ready) when its model could not be loaded."""
    recogniser: Recogniser | ModelNotReady = app.state.recogniser
    if isinstance(recogniser, ModelNotReady):
        raise Problem("not-ready", reason=str(recogniser))
    return recogniser


@app.get("/health/live", response_model=Live, summary="Is the process alive?")
async def live() -> Response:
    """Always 200 as long as the process answers."""
    return JSONResponse({"status": "live"})


@app.get("/health/ready", response_model=Ready, summary="Can it recognise?", responses=described("not-ready"))
async def ready() -> Response:
    """200 once the recorded model is loaded and has recognised its built-in digit; else why not."""
    record = ready_recogniser().record
    model = {"files": record["files"], "libraries": record["libraries"]}
    return JSONResponse({"status": "ready", "service": "digits", "model": model})


@app.get("/", include_in_schema=False)
async def root() -> Response:
    """To the documentation."""
    return RedirectResponse("docs")


def openapi() -> dict[str, Any]:
    """The OpenAPI document; the examples of answers come in last, as FastAPI would drop their nulls."""
    document = FastAPI.openapi(app)
    document["components"]["schemas"]["Problem"] = SCHEMA
    success = document["paths"]["/predict/"]["post"]["responses"]["200"]
    success["content"]["application/json"]["examples"] = EXAMPLES
    return document


app.openapi = openapi  # type: ignore[method-assign]


@app.exception_handler(HTTPException)
async def http_error(request: Request, error: HTTPException) -> Response:
    """Every Problem, and the 404 and 405 of the router."""
    return ProblemResponse(request, from_http_error(error), error.headers)


@app.exception_handler(BadPicture)
async def bad_picture(request: Request, error: BadPicture) -> Response:
    """413, 415 or 422, by what the decoder says."""
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
