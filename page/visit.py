"""One visitor's page from top to bottom: what to read, the answer to it, and what more there is to know."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from client import ApiError, model_record
from client.learning import Stroke
from digits.answers import DigitAnswer, NumberAnswer
from digits.languages import LANGUAGES, preferred_language
from digits.texts import Texts
from page import about, following, how, style
from page.another_try import offer_another_try
from page.answer import CARD, SENTENCES, show_answer, show_bars, show_error, show_hint
from page.asking import Outcome, forget_errors
from page.break_it import show_breaking
from page.brought import take_what_is_brought
from page.canvas import Pen, are_alike, canvas, drawn_strokes, is_wide
from page.examples import chosen_example, forget_example, offer_examples
from page.further import Asking
from page.hints import Hints, chosen_hints
from page.leafing import chosen_page
from page.learning import classroom, hand, kept_codes, put_right
from page.learning.remembered import show_last_digits
from page.learning.teaching import (
    Shown,
    Teaching,
    changes,
    forget_unknown_profile,
    look_for_teaching,
    settle,
    teaching_of,
)
from page.local_api import start_api
from page.many import pressed_of, read_anew
from page.number import choose, show_number
from page.question import Question
from page.side_by_side import show_side_by_side
from page.upload import File, photographed, show_preview, uploaded

IN_THE_ADDRESS: Final = "query-params"  # so that what was chosen is there again when the page is loaded again
MODES: Final = ("draw", "upload", "photograph")

Below = Callable[..., None]


class Places(NamedTuple):
    """Where the parts of an answer stand; the boxes of a number stand below it if they have no place."""

    card: DeltaGenerator
    boxes: DeltaGenerator | None
    way: DeltaGenerator
    way_switch: str


def show_page() -> None:
    """One run of the page for one visitor; Streamlit runs it again after each thing that the visitor does."""
    usual_language = preferred_language(st.context.locale or "", "ru")
    chosen = st.session_state.get("language") or st.query_params.get("language", "").lower()
    texts = Texts(SENTENCES, chosen if chosen in LANGUAGES else usual_language)
    st.set_page_config(page_title=texts("tab"), page_icon="✏️", layout="wide")
    api_address = start_api()
    teaching = teaching_of(api_address, texts)
    if teaching is not None and classroom.is_chosen():
        _title("class", usual_language, texts)
        style.apply("class", False, texts)
        kept_codes.keep_in_browser()
        classroom.show_class(teaching)
        return

    mode, reading = _head(usual_language, texts)
    wide = is_wide(reading == "number")
    style.apply(mode, wide, texts)
    picture_side, answer_side = st.columns(2, gap="large")
    examples_place, taught_place, way_place, hand_place, about_place = (st.container() for _ in range(5))
    if teaching is None:
        with taught_place:
            look_for_teaching()
    answer_place = answer_side.container(key="answer")
    with answer_side:
        hints = chosen_hints(texts) if reading == "number" else Hints()
    with answer_side.container(key="settings"):
        pen = _settings(reading, texts)
    profile = teaching.profile if teaching else None
    with picture_side:
        drawing = canvas(texts, pen, wide, profile)
        take_what_is_brought(mode, MODES, texts)
        files = _files(mode, reading, drawing, texts)
        page, preview_place = _previewed(mode, reading, files, texts)

    question = Question(reading, hints, profile, teaching is not None, page, api_address, texts)
    with answer_place:
        _answer(mode, files, question, teaching, preview_place, way_place)
    if mode == "upload" and len(files) < 2:
        with examples_place:
            offer_examples(reading, texts)
    if teaching is not None:
        with taught_place:
            show_last_digits(teaching)
        with hand_place:
            hand.show_hand(teaching)
    with about_place:
        about.show_about(lambda: model_record(api_address(), texts.language), texts)


def _previewed(mode: str, reading: str, files: Sequence[File], texts: Texts) -> tuple[int, DeltaGenerator]:
    """The page that is read of a file of several, and the place of the preview; a drawing has none."""
    shown, page = pressed_of(files), 1
    if mode != "draw" and reading == "number" and len(files) == 1:
        page = chosen_page(files[0].data, texts)
    place = st.empty()
    if mode != "draw" and shown and (shown == files or reading == "digit"):
        show_preview(shown[0].data, place, texts, page)
    return page, place


def _answer(
    mode: str,
    files: Sequence[File],
    question: Question,
    teaching: Teaching | None,
    preview_place: DeltaGenerator,
    way_place: DeltaGenerator,
) -> None:
    """The answer to the file that is shown, below a table where there are several."""
    shown, texts = pressed_of(files), question.texts
    waiting_place, table_place = st.empty(), st.container()
    card_place = st.container(key=CARD, gap=None)
    if teaching is not None:
        settle(waiting_place.empty)
        kept_codes.keep_in_browser()
        question = question._replace(profile=teaching.profile)  # which may have been made just now
    with table_place:
        table = question.ask_about_several(files)
    switch = how.SWITCH_OF_ONE if table else how.SWITCH
    outcomes = question.ask_about_shown(shown, len(table), waiting_place, switch)
    if teaching is not None:
        forget_unknown_profile([*outcomes, *table])
    below = _below(teaching, shown, question, drawn_strokes() if mode == "draw" else None)
    places = Places(card_place, None if mode == "draw" or table else preview_place, way_place, switch)
    _show_outcomes(shown, outcomes, places, below, texts)
    if not files:
        with card_place:
            show_hint(f"{question.reading}_{mode}", texts)
    offer_another_try([each for each in (*outcomes, *table) if isinstance(each, ApiError)], "asked", texts)
    following.show_place(teaching is not None)
    with way_place:
        _show_further(shown, outcomes, Asking(question.api_address, texts, question.profile, changes()))


def _head(usual_language: str, texts: Texts) -> tuple[str, str]:
    """The title, the language and the two switches; the mode and the reading that are chosen."""
    title_place = st.container()
    with st.container(horizontal=True, key="choices"):
        mode = _choice("mode", MODES, texts)
        reading = _choice("reading", ("digit", "number"), texts)
    with title_place:
        _title(reading, usual_language, texts)
    return mode, reading


def _title(name: str, usual_language: str, texts: Texts) -> None:
    """The title and the switch of the language."""
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title(texts(f"title.{name}"), anchor=False)
        st.segmented_control(
            texts("language"),
            LANGUAGES[::-1],
            default=usual_language,
            required=True,
            format_func=str.upper,
            label_visibility="collapsed",
            key="language",
            bind=IN_THE_ADDRESS,
            on_change=_forget_words,
        )


def _forget_words() -> None:
    """What the API said of an error, it shall say in the other language."""
    forget_errors(lambda _: True)
    about.forget_record()


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


def _settings(reading: str, texts: Texts) -> Pen:
    """The width of the line, the colours of brush and paper, and whether the pen is followed, as it is in a digit."""
    width = st.slider(texts("settings.width"), 1, 25, 18, key="width", bind=IN_THE_ADDRESS)
    with st.container(horizontal=True, key="colours"):
        brush = st.color_picker(texts("settings.brush"), "#ffffff", key="brush", bind=IN_THE_ADDRESS)
        background = st.color_picker(texts("settings.background"), "#000000", key="background", bind=IN_THE_ADDRESS)
    if are_alike(brush, background):
        st.warning(texts("settings.alike"))
    is_followed = st.toggle(texts("settings.follow"), True, key="follow", bind=IN_THE_ADDRESS)
    return Pen(width, brush, background, is_followed and reading == "digit")


def _files(mode: str, reading: str, drawing: bytes | None, texts: Texts) -> list[File]:
    """The pictures to ask about; the uploader stays mounted in every mode."""
    files = uploaded(texts, reading, _others_are_uploaded)
    if mode == "draw":
        return [] if drawing is None else [File(texts("canvas.label"), drawing)]
    if mode == "photograph":
        return photographed(texts, reading)
    return chosen_example() or files


def _others_are_uploaded() -> None:
    forget_example()
    read_anew()


def _below(
    teaching: Teaching | None, files: Sequence[File], question: Question, strokes: Sequence[Stroke] | None
) -> Below | None:
    """What shows the footer of the answer to one file; None where nothing is learnt."""
    if teaching is None or not files:
        return None
    shown = Shown(files[0].data, question.reading, question.hints, strokes, question.page)
    return partial(put_right.show_below, teaching, shown)


def _show_outcomes(
    files: Sequence[File],
    outcomes: Sequence[Outcome],
    places: Places,
    below: Below | None,
    texts: Texts,
) -> None:
    """The answer to the file that is shown."""
    match outcomes:
        case [DigitAnswer() as answer]:
            with places.card:
                show_answer(answer, texts)
                if below is not None:
                    below(answer)
            show_bars(answer, texts)
            if answer.rejected == "several_digits":
                st.button(texts("number.instead"), on_click=choose, key="instead", width="stretch")
            with places.way:
                how.show_way(files[0].data, answer, texts, places.way_switch)
        case [NumberAnswer() as answer]:
            show_number(files[0].data, answer, places.card, places.boxes, texts, below)
        case [ApiError() as error]:
            with places.card:
                show_error(error, texts)


def _show_further(files: Sequence[File], outcomes: Sequence[Outcome], asking: Asking) -> None:
    """For learners: one digit changed until it is read otherwise, and beside another one."""
    match outcomes:
        case [DigitAnswer(probabilities=(_, *_))]:
            show_breaking(files[0].data, asking)
            show_side_by_side(files[0].data, asking)
