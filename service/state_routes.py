"""What the API answers about itself."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse

from service.answers import Live, Model, Ready
from service.asked import metrics_of, pool_of
from service.documentation import described, operation_id

router = APIRouter(tags=["state"], generate_unique_id_function=operation_id)


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
