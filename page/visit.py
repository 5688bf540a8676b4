"""One visitor's page from top to bottom: what to read, the answer to it, and what more there is to know."""

import streamlit as st

from digits.client import PASSES_BY_ITSELF, WORTH_ANOTHER_TRY, Answer, Trouble, ask, model_record
from page import about, how, style
from page.answer import show_answer, show_hint, show_trouble
from page.asking import Outcome, forget_troubles, outcome_of, try_again_soon
from page.canvas import are_alike, canvas
from page.examples import chosen_example, forget_example, offer_examples
from page.local_api import start_api
from page.many import show_many
from page.texts import LANGUAGES, Texts, language_of
from page.upload import File, photographed, show_preview, uploaded


def show_page() -> None:
    """One run of the page for one visitor; Streamlit runs it again after each thing that he does."""
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
    examples_place, way_place, about_place = st.container(), st.container(), st.container()
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
        drawing, files = canvas(texts, width, brush, background), uploaded(texts, forget_example)
        if mode == "draw":
            files = [] if drawing is None else [File(texts("canvas.label"), drawing)]
        elif mode == "photograph":
            files = photographed(texts)
        else:
            files = chosen_example() or files
        if mode != "draw" and len(files) == 1:
            show_preview(files[0].data, texts)

    include = how.wanted(len(files))
    with answer_place:
        late_place = st.empty()

        def outcome(data: bytes) -> Outcome:
            """What the API says of a picture."""
            late = texts("trouble.late")
            return outcome_of(
                data, include, lambda: ask(api_address(), data, texts.language, include), late_place, late
            )

        outcomes = show_many(files, outcome, texts) if len(files) > 1 else [outcome(file.data) for file in files]
        troubles = {each.name for each in outcomes if isinstance(each, Trouble)}
        match outcomes:
            case []:
                show_hint(mode, texts)
            case [Answer() as answer]:
                show_answer(answer, texts)
                with way_place:
                    how.show_way(files[0].data, answer, texts)
            case [Trouble() as trouble]:
                show_trouble(trouble, texts)
        if troubles & WORTH_ANOTHER_TRY:
            st.button(texts("trouble.retry"), on_click=forget_troubles, key="retry", width="stretch")
        if troubles & PASSES_BY_ITSELF:
            try_again_soon()

    if mode == "upload":
        with examples_place:
            offer_examples(texts)
    with about_place:
        about.show_about(lambda: model_record(api_address()), texts)
