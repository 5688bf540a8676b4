"""What the API answers about pictures."""

import json

from fastapi import APIRouter, Request, Response

from digits.answers import DigitAnswer, NumberAnswer
from service.answers import DigitAnswers
from service.asked import JSON, answer_alone, learns, memory_of, metrics_of, pool_of, problem_of
from service.body import all_files
from service.body_documentation import FILES, ONE_PICTURE
from service.documentation import (
    FORMAT,
    INCLUDE,
    LENGTH,
    PAGE,
    PROBLEMS_OF_A_BATCH,
    PROBLEMS_OF_A_PAGE,
    PROBLEMS_OF_ONE_PICTURE,
    described,
    operation_id,
)
from service.messages import Payload
from service.picture_body import sent_picture
from service.problems import EMPTY_FILE, ProblemError, details_in, language_of
from service.query import HINTS, hints_in, included, page_in, values_in
from service.worker_process import Answer

router = APIRouter(tags=["reading"], generate_unique_id_function=operation_id)


@router.post("/predict", include_in_schema=False)
@router.post(
    "/predict/",
    summary="Recognise a digit",
    response_model=DigitAnswer,
    responses=described(*PROBLEMS_OF_ONE_PICTURE),
    openapi_extra={"requestBody": ONE_PICTURE, "parameters": [INCLUDE]},
)
async def predict(request: Request) -> Response:
    """Recognise the digit in a picture: drawn, scanned or photographed, in any colours.

    With `Accept: text/plain` the answer is the digit alone, or why there is none.
    """
    pool_of(request).refuse_when_faulty_or_full()
    include, memory = included(request), await memory_of(request)
    sent = await sent_picture(request)
    payload = Payload("digits", [sent.file], include, memory=memory, is_drawn=sent.is_drawn)
    return await answer_alone(request, payload, "digit")


@router.post("/read", include_in_schema=False)
@router.post(
    "/read/",
    summary="Read a number",
    response_model=NumberAnswer,
    responses=described(*PROBLEMS_OF_A_PAGE),
    openapi_extra={"requestBody": ONE_PICTURE, "parameters": [FORMAT, LENGTH, PAGE]},
)
async def read(request: Request) -> Response:
    """Read all numbers of a picture, line by line and cell by cell, with their signs: a meter, a form.

    Of a PDF or TIFF it is one page, the first unless another is named; the answer says how many there are.
    With `Accept: text/plain` the answer is the lines alone, cells with tabs between them, or why there is none.
    """
    pool_of(request).refuse_when_faulty_or_full()
    known = (*HINTS, "page", "profile") if learns(request) else (*HINTS, "page")
    asked = values_in(request, known)
    number_format, lengths = hints_in(asked)
    memory = await memory_of(request)
    sent = await sent_picture(request)
    payload = Payload(
        "number",
        [sent.file],
        format=number_format,
        lengths=lengths,
        memory=memory,
        is_drawn=sent.is_drawn,
        page=page_in(asked),
    )
    return await answer_alone(request, payload, "number")


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
