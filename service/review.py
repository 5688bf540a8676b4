"""Corrections that wait for a person to decide, for those who run this installation alone."""

import json
import secrets
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from digits.learning_answers import WaitingCorrections
from service.asked import as_json, storage_of
from service.body_documentation import DECISION
from service.documentation import described, operation_id
from service.learning_answers import waiting
from service.learning_documentation import ID, PROBLEMS_OF_REVIEW, STATE
from service.learning_problems import ONE_OF, WRONG_DECISION
from service.learning_routes import id_in
from service.problems import ProblemError
from service.query import values_in

if TYPE_CHECKING:
    from digits.store import Store

MAX_SHOWN: Final = 500
"""Of those that wait: enough for a sitting."""

HEADERS_OF_PROXIES: Final = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)
LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")

router = APIRouter(tags=["review"], generate_unique_id_function=operation_id)


@router.get("/corrections", include_in_schema=False)
@router.get(
    "/corrections/",
    summary="Which corrections wait?",
    response_model=WaitingCorrections,
    responses=described(*PROBLEMS_OF_REVIEW),
    openapi_extra={"parameters": [STATE]},
)
async def waiting_corrections(request: Request) -> Response:
    """Those whose label is in doubt, the likeliest to be right first, 500 at most.

    Only for the machine that this runs on; with DIGITS_REVIEW_TOKEN set, for whoever sends it as a bearer token.
    """
    refuse_strangers(request)
    if values_in(request, ["state"]).get("state") != "waiting":
        raise ProblemError("wrong-fields", ONE_OF, where="state", known="waiting")
    return as_json(await storage_of(request).ask(_waiting))


def _waiting(store: "Store") -> WaitingCorrections:
    return WaitingCorrections(tuple(map(waiting, store.waiting(MAX_SHOWN))))


@router.patch(
    "/corrections/{id:int}",
    summary="Decide about a correction",
    status_code=204,
    responses=described("unknown-correction", *PROBLEMS_OF_REVIEW),
    openapi_extra={"parameters": [ID], "requestBody": DECISION},
)
async def decide(request: Request) -> Response:
    """Believe it, or refuse it: then it weighs in for its own profile no more either."""
    refuse_strangers(request)
    correction, believed = id_in(request), _decision(await request.body())
    await storage_of(request).delete(lambda store: store.decide(correction, believed))
    return Response(status_code=204)


def _decision(body: bytes) -> bool:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("state") not in ("believed", "refused"):
        raise ProblemError("wrong-fields", WRONG_DECISION)
    return bool(said["state"] == "believed")


def refuse_strangers(request: Request) -> None:
    """Raise ProblemError (this-machine-only) for whoever may not decide.

    A page of another site that has its own name lead to this machine is told by the name that it asks for, and a proxy
    on this machine by what it adds; one that adds nothing needs the token.
    """
    token = storage_of(request).review_token
    if token:
        sent = request.headers.get("authorization", "")
        allowed = secrets.compare_digest(sent.encode("latin-1"), f"Bearer {token}".encode())
    else:
        allowed = _is_loopback(request) and _is_for_this_machine(request.headers)
    if not allowed:
        raise ProblemError("this-machine-only")


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _is_for_this_machine(headers: Headers) -> bool:
    host = headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower() in LOCAL_NAMES and not any(header in headers for header in HEADERS_OF_PROXIES)
