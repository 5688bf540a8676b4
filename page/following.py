"""Answers while the pen moves: the browser asks here, past Streamlit, so that no run of the page waits for it.

What is drawn so far comes as PNG; the card, with a digit's bars, goes back as HTML. A question may be dropped: only
`AT_ONCE` of them are under way in this process, and what takes longer than a second is given up.
"""

import asyncio
import time
from html import escape
from typing import Final
from urllib.parse import urlencode

import streamlit as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from client import ApiError
from client.passing import predict_in_passing, read_in_passing
from digits.answers import DigitAnswer, NumberAnswer
from digits.languages import preferred_language
from digits.texts import Texts
from page.answer import SENTENCES, bars_html, card_of, digit_html
from page.asking import Question
from page.local_api import start_api
from page.number import lines_html

PATH: Final = "following"
AT_ONCE: Final = 2
MAX_BYTES: Final = 256 * 1024

_under_way = 0


async def answer_so_far(request: Request) -> Response:
    """The answer to a PNG as HTML; nothing (204) for a blank one, 503 for one that is dropped."""
    global _under_way
    if request.headers.get("Content-Type") != "image/png":  # which pages of other sites cannot send without asking
        return Response(status_code=415)
    if _under_way >= AT_ONCE:
        return Response(status_code=503)
    _under_way += 1
    try:
        drawing = await _bounded_body(request)
        if drawing is None:
            return Response(status_code=413)
        texts = Texts(SENTENCES, preferred_language(request.headers.get("Accept-Language", ""), "ru"))
        answer = await asyncio.to_thread(_asked, drawing, texts.language, request)
    except (ApiError, ClientDisconnect):
        return Response(status_code=503)
    finally:
        _under_way -= 1
    return Response(status_code=204) if answer.rejected == "blank" else HTMLResponse(following_html(answer, texts))


async def _bounded_body(request: Request) -> bytes | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            return None
    return body


def _asked(drawing: bytes, language: str, request: Request) -> DigitAnswer | NumberAnswer:
    api, query, profile = start_api()(), request.query_params, request.headers.get("Digits-Profile")
    if query.get("reading") == "number":
        return read_in_passing(api, drawing, language, query.get("format"), query.get("length"), profile)
    return predict_in_passing(api, drawing, language, profile)


def terms(question: Question) -> dict[str, str | None]:
    """What `following.js` asks beside the drawing; a profile's code is kept out of addresses."""
    query = {"reading": question.reading, **question.hints._asdict()}
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return {"address": f"{PATH}?{asked}", "profile": question.profile}


def show_place() -> None:
    """Where the browser puts these answers; each run of the page empties it again, behind the answer that it showed."""
    st.html(f'<div class="following" aria-hidden="true" data-run="{time.monotonic_ns()}"></div>')


def following_html(answer: DigitAnswer | NumberAnswer, texts: Texts) -> str:
    """The card, which promises nothing as long as there is no digit, and the bars of a digit."""
    bars = bars_html(answer, texts) if isinstance(answer, DigitAnswer) else ""
    match answer:
        case DigitAnswer(rejected=None):
            return card_of("digit", digit_html(answer, texts)) + bars
        case NumberAnswer(rejected=None, table=None):
            return card_of("number", lines_html(answer, [line.text for line in answer.lines], texts))
    return card_of("unread", f'<p class="head">{escape(texts("following.not_yet"))}</p>') + bars
