"""The page: draw, upload or photograph a digit, and see which one it is.

streamlit run app.py
"""

import streamlit as st

from digits.client import PASSES_BY_ITSELF, WORTH_ANOTHER_TRY, Answer, ask, model_record
from page import about, how, style
from page.answer import show_answer, show_hint, show_trouble
from page.asking import forget_troubles, outcome_of, try_again_soon
from page.canvas import are_alike, canvas
from page.local_api import start_api
from page.texts import LANGUAGES, Texts, language_of
from page.upload import photographed, show_preview, uploaded

texts = Texts(st.session_state.get("language") or language_of(st.context.locale))
st.set_page_config(page_title=texts("tab"), page_icon="✏️", layout="wide")
api_address = start_api()

with st.container(horizontal=True, vertical_alignment="center", key="head"):
    st.title(texts("title"), anchor=False)
    st.segmented_control(
        texts("language"),
        LANGUAGES,
        default=texts.language,
        required=True,
        format_func=str.upper,
        label_visibility="collapsed",
        key="language",
    )
mode = st.segmented_control(
    texts("mode.label"),
    ["draw", "upload", "photograph"],
    default="draw",
    required=True,
    format_func=lambda name: texts(f"mode.{name}"),
    label_visibility="collapsed",
    width="stretch",
    key="mode",
)
style.apply(mode, texts)

picture_side, answer_side = st.columns(2, gap="large")
way_place, about_place = st.container(key="way"), st.container()
answer_place = answer_side.container(key="answer")
settings_place = answer_side.container(key="settings")

with settings_place:
    width = st.slider(texts("settings.width"), 1, 25, 18, key="width")
    with st.container(horizontal=True, key="colours"):
        brush = st.color_picker(texts("settings.brush"), "#ffffff", key="brush")
        background = st.color_picker(texts("settings.background"), "#000000", key="background")
    if are_alike(brush, background):
        st.warning(texts("settings.alike"))

with picture_side:
    drawing, file = canvas(texts, width, brush, background), uploaded(texts)
    if mode == "draw":
        picture = drawing
    else:
        picture = file if mode == "upload" else photographed(texts)
        if picture is not None:
            show_preview(picture, texts)

include = how.wanted()
with answer_place:
    late_place = st.empty()
    if picture is None:
        show_hint(mode, texts)
    else:
        outcome = outcome_of(
            picture,
            include,
            lambda data: ask(api_address(), data, texts.language, include),
            late_place,
            texts("trouble.late"),
        )
        if isinstance(outcome, Answer):
            show_answer(outcome, texts)
            with way_place:
                how.show_way(picture, outcome, texts)
        else:
            show_trouble(outcome, texts)
            if outcome.name in WORTH_ANOTHER_TRY:
                st.button(texts("trouble.retry"), on_click=forget_troubles, key="retry", width="stretch")
            if outcome.name in PASSES_BY_ITSELF:
                try_again_soon()

with about_place:
    about.show_about(lambda: model_record(api_address()), texts)
