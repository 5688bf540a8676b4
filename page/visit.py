"""One visitor's page from top to bottom: what to read, the answer to it, and what more there is to know."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from client import (
    PASSES_BY_ITSELF,
    WORTH_ANOTHER_TRY,
    Answer,
    Number,
    Trouble,
    ask,
    model_record,
    read_number,
)
from digits.languages import LANGUAGES, preferred_language
from digits.texts import Texts
from page import about, how, number, style
from page.answer import show_answer, show_hint, show_trouble
from page.asking import Outcome, forget_troubles, outcome_of, try_again_soon
from page.canvas import are_alike, canvas, is_wide
from page.examples import chosen_example, forget_example, offer_examples
from page.local_api import start_api
from page.many import show_many
from page.upload import File, photographed, show_preview, uploaded

SENTENCES: Final = Path(__file__).parent / "texts"
IN_THE_ADDRESS: Final = "query-params"  # so that what was chosen is there again when the page is loaded again


def show_page() -> None:
    """One run of the page for one visitor; Streamlit runs it again after each thing that the visitor does."""
    usual_language = preferred_language(st.context.locale or "", "ru")
    chosen = st.session_state.get("language") or st.query_params.get("language", "").lower()
    texts = Texts(SENTENCES, chosen if chosen in LANGUAGES else usual_language)
    st.set_page_config(page_title=texts("tab"), page_icon="✏️", layout="wide")
    api_address = start_api()

    title_place = st.container(horizontal=True, vertical_alignment="center", key="head")
    with st.container(horizontal=True, key="choices"):
        mode = _choice("mode", ("draw", "upload", "photograph"), texts)
        reading = _choice("reading", ("digit", "number"), texts)
    with title_place:
        st.title(texts(f"title.{reading}"), anchor=False)
        st.segmented_control(
            texts("language"),
            LANGUAGES[::-1],
            default=usual_language,
            required=True,
            format_func=str.upper,
            label_visibility="collapsed",
            key="language",
            bind=IN_THE_ADDRESS,
        )
    wide = is_wide(reading == "number")
    style.apply(mode, wide, texts)

    picture_side, answer_side = st.columns(2, gap="large")
    examples_place, way_place, about_place = st.container(), st.container(), st.container()
    answer_place = answer_side.container(key="answer")
    settings_place = answer_side.container(key="settings")

    with settings_place:
        width = st.slider(texts("settings.width"), 1, 25, 18, key="width", bind=IN_THE_ADDRESS)
        with st.container(horizontal=True, key="colours"):
            brush = st.color_picker(texts("settings.brush"), "#ffffff", key="brush", bind=IN_THE_ADDRESS)
            background = st.color_picker(texts("settings.background"), "#000000", key="background", bind=IN_THE_ADDRESS)
        if are_alike(brush, background):
            st.warning(texts("settings.alike"))

    with picture_side:
        drawing = canvas(texts, width, brush, background, wide)
        files = uploaded(texts, reading, forget_example)
        if mode == "draw":
            files = [] if drawing is None else [File(texts("canvas.label"), drawing)]
        elif mode == "photograph":
            files = photographed(texts, reading)
        else:
            files = chosen_example() or files
        preview_place = st.empty()
        if mode != "draw" and len(files) == 1:
            show_preview(files[0].data, preview_place, texts)

    include = how.wanted(len(files) if reading == "digit" else 0)
    with answer_place:
        late_place = st.empty()

        def outcome(data: bytes) -> Outcome:
            """What the API says of a picture."""

            def question() -> Outcome:
                if reading == "number":
                    return read_number(api_address(), data, texts.language)
                return ask(api_address(), data, texts.language, include)

            return outcome_of(data, (reading, *include), question, late_place, texts("trouble.late"))

        outcomes = show_many(files, outcome, texts) if len(files) > 1 else [outcome(file.data) for file in files]
        troubles = {each.name for each in outcomes if isinstance(each, Trouble)}
        match outcomes:
            case []:
                show_hint(f"{reading}_{mode}", texts)
            case [Answer() as answer]:
                show_answer(answer, texts)
                if answer.rejected == "several_digits":
                    st.button(texts("number.instead"), on_click=number.choose, key="instead", width="stretch")
                with way_place:
                    how.show_way(files[0].data, answer, texts)
            case [Number() as answer]:
                number.show_number(answer, texts)
                boxes_place = st.container() if mode == "draw" else preview_place
                number.show_boxes(files[0].data, answer, boxes_place, texts)
            case [Trouble() as trouble]:
                show_trouble(trouble, texts)
        if troubles & WORTH_ANOTHER_TRY:
            st.button(texts("trouble.retry"), on_click=forget_troubles, key="retry", width="stretch")
        if troubles & PASSES_BY_ITSELF:
            try_again_soon()

    if mode == "upload":
        with examples_place:
            offer_examples(reading, texts)
    with about_place:
        about.show_about(lambda: model_record(api_address()), texts)


def _choice(name: str, options: Sequence[str], texts: Texts) -> str:
    """The option chosen with one of the page's two switches; it stays in the page's address too."""
    addressed = st.query_params.get(name)
    usual = options[0]
    chosen = st.segmented_control(
        texts(f"{name}.label"),
        options,
        default=addressed if addressed is not None and addressed in options else usual,
        required=True,
        format_func=lambda option: texts(f"{name}.{option}"),
        label_visibility="collapsed",
        width="stretch",
        key=name,
    )
    if chosen != usual:
        st.query_params[name] = chosen
    elif addressed is not None:
        del st.query_params[name]
    return chosen
