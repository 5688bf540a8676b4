"""Answers while the pen moves: the browser asks here, past Streamlit, so that no run of the page waits for it.

What is drawn so far of a digit comes as PNG; the card and the bars go back as HTML. A question may be dropped: only
`AT_ONCE` of them are under way in this process, and what takes longer than a second is given up.
"""

import asyncio
import time
from html import escape
from typing import Final

import streamlit as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from client import ApiError
from client.passing import predict_in_passing
from digits.answers import DigitAnswer
from digits.languages import preferred_language
from digits.texts import Texts
from page.answer import SENTENCES, bars_html, card_of, digit_html
from page.local_api import start_api

PATH: Final = "following"
AT_ONCE: Final = 4
MAX_BYTES: Final = 256 * 1024

_under_way = 0


async def answer_so_far(request: Request) -> Response:
    """The answer to a PNG as HTML; nothing (204) for a blank one, 503 for one that is dropped."""
    global _under_way
    if request.headers.get("Content-Type") != "image/png":  # which pages of other sites cannot send without asking
        return Response(status_code=415)
    try:
        drawing = await _bounded_body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if drawing is None:
        return Response(status_code=413)
    if _under_way >= AT_ONCE:
        return Response(status_code=503)
    texts = Texts(SENTENCES, preferred_language(request.headers.get("Accept-Language", ""), "ru"))
    _under_way += 1
    try:
        answer = await asyncio.to_thread(_asked, drawing, texts.language, request.headers.get("Digits-Profile"))
    except ApiError:
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


def _asked(drawing: bytes, language: str, profile: str | None) -> DigitAnswer:
    return predict_in_passing(start_api()(), drawing, language, profile)


def show_place(is_taught: bool) -> None:
    """Where the browser puts these answers; each run of the page empties it again, behind the answer that it showed.

    Where a digit can be put right, `is_taught`, the card is as high as with what is said of that below it.
    """
    name = "following taught" if is_taught else "following"
    st.html(f'<div class="{name}" aria-hidden="true" data-run="{time.monotonic_ns()}"></div>')


def following_html(answer: DigitAnswer, texts: Texts) -> str:
    """The card, which promises nothing as long as there is no digit, and the bars."""
    if answer.prediction is None:
        card = card_of("unread", f'<p class="head">{escape(texts("following.not_yet"))}</p>')
    else:
        card = card_of("digit", digit_html(answer, texts))
    return card + bars_html(answer, texts)
