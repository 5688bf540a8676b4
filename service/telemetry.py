"""What the API tells those who run it: a request id, one line of log for each request, metrics for Prometheus."""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCEPTED_ID: Final = re.compile(r"[\w.-]{1,64}", re.ASCII)
REQUEST_ID: Final = "X-Request-ID"

PATH_OF_A_CODE: Final = re.compile("^(/(?:profiles|classes)/+)[^/]+")
"""Whoever has the code of a profile or class may use and delete it, so no log has one."""

log = logging.getLogger("uvicorn.access.json")


def log_requests_as_json(level: str | None) -> None:
    """Have the process log each request in one line of JSON, in place of uvicorn's own, from this level on."""
    if level is not None:
        for name in ("uvicorn.error", "uvicorn.access"):
            logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # else each malformed body is a line of log
    logging.getLogger("uvicorn.access").disabled = True
    log.propagate = False
    log.addHandler(logging.StreamHandler(sys.stderr))


class Metrics:
    """The metrics of one application.

    Attributes:
        requests: counts requests by route and status.
        seconds: from request to answer, by route.
        pictures: counts pictures by what they were read as.
        recognitions_under_way: how many run or wait.
        body_bytes_under_way: of requests that are being uploaded or answered.

    """

    def __init__(self, version: str) -> None:
        self._version = version
        self._answering: str | None = None
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "digits_requests", "Requests, by route and status.", ["route", "status"], registry=registry
        )
        self.seconds = Histogram("digits_request_seconds", "Time from request to answer.", ["route"], registry=registry)
        self.pictures = Counter(
            "digits_pictures", "Pictures, by what they were read as.", ["outcome"], registry=registry
        )
        self.recognitions_under_way = Gauge(
            "digits_recognitions_under_way",
            "Recognitions that run or wait.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.body_bytes_under_way = Gauge(
            "digits_body_bytes_under_way",
            "Bytes of requests that are being uploaded or answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._model = Gauge(
            "digits_model",
            "1 for the model that answers.",
            ["version", "sha256"],
            registry=registry,
            multiprocess_mode="livemax",
        )
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)

    def model_is(self, record: Mapping[str, Any]) -> None:
        """Tell which model answers, and that the one before does not."""
        if self._answering is not None:
            self._model.labels(self._version, self._answering).set(0)
        self._answering = record["files"]["best_classification_model.pkl"]["sha256"]
        self._model.labels(self._version, self._answering).set(1)

    def response(self) -> Response:
        """All metrics in Prometheus' text format: of this process, or of all with PROMETHEUS_MULTIPROC_DIR set."""
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class Telemetry:
    """ASGI middleware: counts, times and logs each request, and gives it an id, the caller's own where it has one."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        asked = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = asked if ACCEPTED_ID.fullmatch(asked) else uuid4().hex
        scope["request_id"] = request_id
        status = 499  # as long as nothing was answered, the caller has left

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.requests.labels(route, status).inc()
            self.metrics.seconds.labels(route).observe(seconds)
            if log.isEnabledFor(logging.INFO):
                log.info(json.dumps(_line(scope, request_id, status, seconds)))


def _line(scope: Scope, request_id: str, status: int, seconds: float) -> dict[str, Any]:
    """What is logged of a request: nothing of what it carried."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "request_id": request_id,
        "method": scope["method"],
        "path": PATH_OF_A_CODE.sub(r"\1{code}", scope["path"]),
        "status": status,
        "milliseconds": round(1000 * seconds, 1),
    }
