"""What routes need of the application that is asked: its processes, its storage, its metrics, and answers from them."""

from functools import cache
from typing import Any, Final, TypeVar

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import TypeAdapter

from service.learning_problems import REASONS
from service.messages import Payload, TaughtDigits
from service.plain_text import as_text, wants_text
from service.pool import Pool
from service.problems import ProblemError
from service.query import profile_in
from service.storage import Storage
from service.telemetry import Metrics
from service.worker_process import Answer, Fault

JSON: Final = "application/json"

Finding = TypeVar("Finding")


def pool_of(request: Request) -> Pool:
    """The processes of the application that is asked."""
    pool: Pool = request.app.state.pool
    return pool


def metrics_of(request: Request) -> Metrics:
    """The metrics of the application that is asked."""
    metrics: Metrics = request.app.state.metrics
    return metrics


def learns(request: Request) -> bool:
    """Whether the application that is asked keeps what it is taught."""
    return request.app.state.storage is not None


def storage_of(request: Request) -> Storage:
    """Where the application that is asked keeps what it is taught, which it does."""
    storage: Storage = request.app.state.storage
    return storage


async def memory_of(request: Request) -> TaughtDigits | None:
    """What the profile that the query names has been taught; raises ProblemError (unknown-profile)."""
    if not learns(request) or (code := profile_in(request)) is None:
        return None
    return (await storage_of(request).held(code)).digits


async def answer_alone(request: Request, payload: Payload, outcome: str) -> Response:
    """The answer for a payload of one picture, counted as this outcome unless it is rejected."""
    [answer] = await pool_of(request).queue.answers(request, payload)
    pictures = metrics_of(request).pictures
    if isinstance(answer, Fault):
        pictures.labels("unreadable").inc()
        raise problem_of(answer)
    pictures.labels(answer.rejected or outcome).inc()
    if wants_text(request):
        return PlainTextResponse(as_text(answer.found))
    return Response(answer.json, media_type=JSON)


async def finding(request: Request, payload: Payload, shape: type[Finding]) -> Finding:
    """What a process finds out about the one file of a payload; raises ProblemError."""
    [answer] = await pool_of(request).queue.answers(request, payload)
    if not isinstance(answer, Answer):
        raise problem_of(answer)
    assert isinstance(answer.found, shape)
    return answer.found


def problem_of(fault: Fault) -> ProblemError:
    """The problem that a fault of a picture is answered as."""
    return ProblemError(fault.name, REASONS.get(fault.reason or ""), limit=str(fault.limit))


def as_json(answer: Any, status: int = 200) -> Response:
    """An answer of one of the shapes that `digits.learning_answers` has."""
    return Response(_serializer(answer.__class__).dump_json(answer, by_alias=True), status, media_type=JSON)


@cache
def _serializer(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)
