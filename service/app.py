"""The application: routes, limits, errors and what recognises, put together from settings."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import class_routes, learning_routes, review, routes, sheet_routes, state_routes
from service.body import BodyLimits
from service.class_reading import ClassReadings
from service.documentation import document
from service.pool import Pool
from service.problems import ProblemError, ProblemResponse, from_http_error
from service.settings import Settings
from service.storage import Storage
from service.telemetry import REQUEST_ID, Metrics, Telemetry

VERSION: Final = "1.0.0"
EXPOSED_HEADERS: Final = ("Retry-After", REQUEST_ID, "Content-Language", "Allow")
"""Headers of an answer that a page of another origin may read."""

ROUTERS_OF_LEARNING: Final = tuple(each.router for each in (learning_routes, review, sheet_routes, class_routes))
"""Their routes are there only where what people teach is kept."""

log = logging.getLogger("uvicorn.error")


def create_app(settings: Settings) -> FastAPI:
    """An application of its own: several in one process share nothing."""
    app = FastAPIOffline(
        title="Digits",
        version=VERSION,
        description="Reads handwritten digits and numbers, drawn or photographed. "
        "Every error is problem details (RFC 9457), in Russian or in English by Accept-Language.",
        lifespan=lifespan,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the API has its own
    )
    app.state.metrics = metrics = Metrics(VERSION)
    app.state.pool = Pool(settings, metrics)
    app.state.storage = Storage(settings) if settings.database_url else None
    app.state.class_readings = ClassReadings()
    routers = [routes.router, state_routes.router, *([] if app.state.storage is None else ROUTERS_OF_LEARNING)]
    for each in routers:
        app.router.routes.extend(each.routes)  # an included router is searched at each request: 7 µs
    app.openapi = document(app)  # type: ignore[method-assign]
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(ClientDisconnect, nobody_waits)
    app.add_middleware(  # the last one added is the first that a request meets
        BodyLimits,
        max_megabytes=settings.max_megabytes,
        max_megabytes_under_way=settings.max_megabytes_under_way,
        gauge=metrics.body_bytes_under_way,
    )
    app.add_middleware(InternalErrors)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=[REQUEST_ID],
            expose_headers=EXPOSED_HEADERS,
        )
    app.add_middleware(Telemetry, metrics=metrics)
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start what recognises; where its model cannot be loaded the API starts too, and says why it is not ready."""
    pool: Pool = app.state.pool
    storage: Storage | None = app.state.storage
    purging: asyncio.Task[None] | None = None
    try:
        await pool.start()
        if storage is not None:
            purging = asyncio.create_task(storage.purge_for_ever())
        yield
    finally:
        await pool.close()
        if purging is not None:
            purging.cancel()
            await asyncio.gather(purging, return_exceptions=True)
        if storage is not None:
            await storage.close()


class InternalErrors:
    """ASGI middleware: answers 500 where the program fails; its traceback goes to the log, never into the answer.

    Unlike an exception handler it stands within the middleware that adds headers, so a 500 has them as any answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            log.exception("Request %s failed", scope["request_id"])
            await ProblemResponse(Request(scope), ProblemError("internal"))(scope, receive, send)


async def http_error(request: Request, error: Exception) -> Response:
    """Every ProblemError, and the 404 and 405 of the router."""
    assert isinstance(error, HTTPException)
    headers = {"Allow": ", ".join(sorted(_methods_at(request)))} if error.status_code == 405 else error.headers
    return ProblemResponse(request, from_http_error(error), headers)


def _methods_at(request: Request) -> set[str]:
    """Methods of all routes at the address of the request; the router itself names those of the first."""
    routes = [route for route in request.app.router.routes if isinstance(route, Route)]
    return {
        method for route in routes if route.matches(request.scope)[0] != Match.NONE for method in route.methods or ()
    }


async def nobody_waits(request: Request, error: Exception) -> Response:
    """The caller has left; nobody reads this."""
    return Response(status_code=499)
