"""What the API answers about profiles and corrections, where it keeps what it is taught."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from fastapi import APIRouter, Request, Response

from digits.answers import LABELS
from digits.learning_answers import Correction, Learning, NewProfile, Profile
from digits.store import Added, Entry, UnknownCorrectionError
from service.asked import as_json, finding, pool_of, storage_of
from service.body_documentation import CORRECTION
from service.documentation import described, operation_id
from service.exporting import export_of
from service.findings import SIDE, Lesson
from service.learning_answers import remembered
from service.learning_documentation import (
    CLASS,
    CODE,
    EXPORT,
    ID,
    OF_PROFILE,
    PROBLEMS_OF_A_CORRECTION,
    PROBLEMS_OF_STORAGE,
    ZIP,
)
from service.learning_problems import NO_PROFILE
from service.lesson_form import LessonForm
from service.problems import ProblemError
from service.query import values_in
from service.storage import Held

if TYPE_CHECKING:
    from digits.store import Store

MAX_ID: Final = 2**63 - 1
"""Of corrections, as both databases count them."""

router = APIRouter(tags=["learning"], generate_unique_id_function=operation_id)


@router.get(
    "/learning",
    summary="Are corrections kept?",
    response_model=Learning,
    responses=described("not-found"),
)
async def learning(request: Request) -> Response:
    """Where they are kept, and for how many days; 404 where this API keeps none."""
    storage = storage_of(request)
    return as_json(Learning(storage.kind, storage.retention_days))


@router.post("/profiles", include_in_schema=False)
@router.post(
    "/profiles/",
    summary="Make a profile",
    status_code=201,
    response_model=NewProfile,
    responses=described("unknown-class", "wrong-fields", "too-many-codes", *PROBLEMS_OF_STORAGE),
    openapi_extra={"parameters": [CLASS]},
)
async def new_profile(request: Request) -> Response:
    """A random code under which digits are remembered from now on. To call it is the consent that they are kept."""
    class_code = values_in(request, ["class"]).get("class")
    storage_of(request).made_codes.count(request)
    code = await storage_of(request).ask(lambda store: store.new_profile(class_code), "unknown-class")
    return as_json(NewProfile(code), 201)


@router.get(
    "/profiles/{code}",
    summary="What does a profile remember?",
    response_model=Profile,
    responses=described("unknown-profile", *PROBLEMS_OF_STORAGE),
    openapi_extra={"parameters": [CODE]},
)
async def profile(request: Request) -> Response:
    """Its digits, the newest first, a thousand at most, and how many it has of each."""
    code = request.path_params["code"]
    return as_json(await storage_of(request).ask(lambda store: _profile(store, code)))


def _profile(store: "Store", code: str) -> Profile:
    found = store.profile(code)
    return Profile(found.code, found.class_code, tuple(map(remembered, found.digits)), found.counts)


@router.delete(
    "/profiles/{code}",
    summary="Forget a profile",
    status_code=204,
    responses=described("unknown-profile", *PROBLEMS_OF_STORAGE),
    openapi_extra={"parameters": [CODE]},
)
async def forget_profile(request: Request) -> Response:
    """Delete it with all that it was taught: nothing of it stays."""
    code = request.path_params["code"]
    await storage_of(request).delete(lambda store: store.delete_profile(code))
    return Response(status_code=204)


@router.get(
    "/profiles/{code}/export",
    summary="Export a profile's digits",
    response_class=Response,
    responses={200: ZIP, **described("unknown-profile", "wrong-fields", *PROBLEMS_OF_STORAGE)},
    openapi_extra={"parameters": [CODE, EXPORT]},
)
async def export_profile(request: Request) -> Response:
    """Its digits as a zip of MNIST's own files, of folders of PNG, or of Kaggle's CSV."""
    code = request.path_params["code"]
    return await export_of(request, lambda store: store.profile_digits(code), "unknown-profile")


@router.post("/corrections", include_in_schema=False)
@router.post(
    "/corrections/",
    summary="Say what a digit is",
    status_code=201,
    response_model=Correction,
    responses=described(*PROBLEMS_OF_A_CORRECTION),
    openapi_extra={"requestBody": CORRECTION},
)
async def correct(request: Request) -> Response:
    """Teach a profile what the digit of a picture is, or confirm it: the next picture is read with it.

    Kept are 28x28 pixels of the digit, the strokes where they are sent, the label, what was answered, and when; never
    the picture itself.
    """
    pool_of(request).refuse_when_faulty_or_full()
    form = await LessonForm.of(request)
    storage = storage_of(request)
    held = await storage.held(form.profile)
    lesson = await finding(request, replace(form.payload, memory=held.digits), Lesson)
    entry = _entry(form, lesson, pool_of(request).model_sha256())
    added = await storage.change(lambda store: _add(store, held, entry, lesson, storage.corrections_per_hour))
    return as_json(Correction(added.id, added.state, held.code, form.label, LABELS[lesson.suggested]), 201)


def _entry(form: LessonForm, lesson: Lesson, model: str) -> Entry:
    label = LABELS.index(form.label)
    return Entry(
        picture=np.frombuffer(lesson.picture, np.uint8).reshape(SIDE, SIDE),
        label=label,
        suggested=lesson.suggested,
        confidence=lesson.confidence,
        source="confirmation" if lesson.suggested == label else "correction",
        believed=lesson.believable,
        distance=lesson.distance,
        model_sha256=model,
        strokes=form.strokes,
    )


def _add(store: "Store", held: Held, entry: Entry, lesson: Lesson, per_hour: int) -> Added:
    """Store the entry, and switch off the remembered digit that had made the answer wrong."""
    [added] = store.add(held.code, [entry], per_hour)
    if lesson.blamed is not None and (blamed := held.ids[lesson.blamed]) != added.id:
        with suppress(UnknownCorrectionError):  # withdrawn meanwhile
            store.switch_off(blamed)
    return added


@router.delete(
    "/corrections/{id:int}",
    summary="Withdraw a correction",
    status_code=204,
    responses=described("unknown-correction", "unknown-profile", "wrong-fields", *PROBLEMS_OF_STORAGE),
    openapi_extra={"parameters": [ID, OF_PROFILE]},
)
async def withdraw(request: Request) -> Response:
    """Take it back: its picture and strokes are deleted, and it weighs in no more."""
    correction = id_in(request)
    code = values_in(request, ["profile"]).get("profile")
    if code is None:
        raise ProblemError("wrong-fields", NO_PROFILE)
    await storage_of(request).delete(lambda store: store.withdraw(correction, code))
    return Response(status_code=204)


def id_in(request: Request) -> int:
    """The number of the correction in the address; raises ProblemError (unknown-correction) for one that none has."""
    correction: int = request.path_params["id"]
    if correction > MAX_ID:
        raise ProblemError("unknown-correction")
    return correction
