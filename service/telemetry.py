"""What the API tells those who run it: a request id, one line of log for each request, metrics for Prometheus."""

import json
import logging
import os
import re
import sys
import time
from typing import Any, Final
from uuid import uuid4

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCEPTED_ID: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)

REQUESTS: Final = Counter("digits_requests", "Requests, by route and status.", ["route", "status"])
SECONDS: Final = Histogram("digits_request_seconds", "Time from request to answer.", ["route"])
PICTURES: Final = Counter("digits_pictures", "Pictures, by what they were read as.", ["outcome"])
UNDER_WAY: Final = Gauge("digits_recognitions_under_way", "Recognitions that run or wait.", multiprocess_mode="livesum")
LOADED_MODEL: Final = Gauge(
    "digits_model", "1 for the model that answers.", ["version", "sha256"], multiprocess_mode="livemax"
)

# In place of uvicorn's own lines, at the level that uvicorn was told.
logging.getLogger("uvicorn.access").disabled = True
log = logging.getLogger("uvicorn.access.json")
log.propagate = False
log.addHandler(logging.StreamHandler(sys.stderr))


class Telemetry:
    """ASGI middleware: counts, times and logs each request, and gives it an id, the caller's own where it has one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if ACCEPTED_ID.fullmatch(asked) else uuid4().hex
        status = 499  # as long as nothing was answered, the caller has left

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            status = 500
            raise
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "other")
            REQUESTS.labels(route, status).inc()
            SECONDS.labels(route).observe(seconds)
            if log.isEnabledFor(logging.INFO):
                log.info(json.dumps(_line(scope, request_id, status, seconds)))


def _line(scope: Scope, request_id: str, status: int, seconds: float) -> dict[str, Any]:
    """What is logged of a request: nothing of what it carried."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "request_id": request_id,
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round(1000 * seconds, 1),
    }


def metrics() -> Response:
    """All metrics in Prometheus' text format: of this process, or of all workers with PROMETHEUS_MULTIPROC_DIR set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
    of_all = CollectorRegistry()
    MultiProcessCollector(of_all)  # type: ignore[no-untyped-call]
    return Response(generate_latest(of_all), media_type=CONTENT_TYPE_LATEST)
