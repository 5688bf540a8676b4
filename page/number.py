"""Shows what the API read of a number: lines in large type and tables to type over, ready to copy and to keep."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from html import escape
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from client import in_one_line
from digits.answers import SIGNS, NumberAnswer, NumberLine, NumberWord
from digits.texts import Texts
from page import cells
from page.answer import is_unsure, percent_of, rejection_name, show_card, show_rejection, sureness_of
from page.boxes import show_boxes
from page.copying import offer_to_copy
from page.otherwise import Otherwise, chosen_in_words, typed_in_cells

MAX_DOUBTFUL_WORDS: Final = 6
"""So many unsure words are offered with what else they may be."""

Chosen = dict[tuple[int, int], str]
"""The texts that the user chose in place of those that were read, by line and word."""


def choose() -> None:
    """From now on a number is looked for."""
    st.session_state["reading"] = "number"


def show_number(
    picture: bytes,
    number: NumberAnswer,
    card_place: DeltaGenerator,
    boxes_place: DeltaGenerator | None,
    texts: Texts,
    below: Callable[[NumberAnswer, Sequence[Otherwise]], None] | None = None,
) -> None:
    """Lines and tables with a button that copies them, or why there are none.

    The card stands at `card_place`, the picture with boxes at `boxes_place`; without one, behind the lines and before
    the tables. `below` shows what belongs below the card, and is told which digits are others than they were read.
    """
    if number.rejected is not None:
        with card_place:
            show_rejection(rejection_name(number), texts)
        return
    reading = sha256(picture + repr((number.page, in_one_line(number))).encode()).hexdigest()[:16]
    copy_place, words_place = st.container(), st.container()
    lines = [row for row in number.rows if isinstance(row, NumberLine)]
    with words_place:
        chosen = _chosen_words(lines, reading, texts)
    said = [
        " ".join(chosen.get((place, word), each.text) for word, each in enumerate(line.words))
        for place, line in enumerate(lines)
    ]
    if not number.table:
        with card_place:
            _show_lines(number, said, is_as_read=said == [line.text for line in lines], texts=texts)
            if below is not None:
                below(number, chosen_in_words(lines, chosen))
        with copy_place:
            _offer_copy([[line] for line in said], texts)
    show_boxes(picture, number, boxes_place or st.container(), texts, is_teachable=below is not None)
    if number.table:
        typed = cells.typed_over(number, picture, reading, texts)
        with card_place:
            _show_tables(number, said, cells.unsure_left(number.table, typed), texts)
            if below is not None:
                below(number, [*chosen_in_words(lines, chosen), *typed_in_cells(number, typed)])
        rows = _rows(number, said, cells.texts_of(number.table, typed))
        _offer_copy(rows, texts)
        name = texts("many.download")
        st.download_button(name, cells.as_csv(rows), "table.csv", "text/csv", key="download", width="stretch")


def _offer_copy(rows: Sequence[Sequence[str]], texts: Texts) -> None:
    """The button that copies these rows, as spreadsheets take them."""
    offer_to_copy("copy", "\n".join(map("\t".join, rows)), texts)


def _rows(number: NumberAnswer, lines: Sequence[str], table: Sequence[list[str]]) -> list[list[str]]:
    """The texts of lines and rows of cells, from top to bottom."""
    left, rows = iter(lines), (row for row in table if row)
    return [[next(left)] if isinstance(row, NumberLine) else next(rows) for row in number.rows]


def _chosen_words(lines: Sequence[NumberLine], reading: str, texts: Texts) -> Chosen:
    """What the user says of the first words that are in doubt, each offered with what else it may be."""
    doubtful = [
        (place, word, each)
        for place, line in enumerate(lines)
        for word, each in enumerate(line.words)
        if is_unsure(each.confidence) and each.alternatives
    ]
    return {
        (place, word): _chosen_word(each, f"word_{reading}_{place}_{word}", texts)
        for place, word, each in doubtful[:MAX_DOUBTFUL_WORDS]
    }


def _chosen_word(word: NumberWord, key: str, texts: Texts) -> str:
    sure = {word.text: word.confidence} | {each.text: each.confidence for each in word.alternatives if each.text}
    return st.segmented_control(
        texts("number.which", word=word.text),
        list(sure),
        default=word.text,
        required=True,
        format_func=lambda text: f"{text} ({percent_of(sure[text], texts)})",
        key=key,
        persist_state="session",
    )


def _show_lines(number: NumberAnswer, lines: Sequence[str], *, is_as_read: bool, texts: Texts) -> None:
    """The lines in large type, and how sure they are as they were read."""
    said = texts("number.is" if len(lines) == 1 else "number.are")
    sureness = texts(f"answer.{sureness_of(number.confidence)}")
    percent = percent_of(number.confidence, texts)
    html = f"<p>{escape(said)}</p>{_large(lines)}"
    if is_as_read:
        html += f'<p class="sureness"><b>{escape(sureness)}</b>, {escape(percent)}</p>'
        spoken = texts("number.spoken", said=said, number=_spoken(lines, texts), sureness=sureness, percent=percent)
    else:
        chosen = texts("number.chosen")
        html += f'<p class="sureness"><b>{escape(chosen)}</b></p>'
        spoken = f"{said} {_spoken(lines, texts)}. {chosen}."
    show_card("number", html + _unread(number, texts), spoken)


def _show_tables(number: NumberAnswer, lines: Sequence[str], unsure: int, texts: Texts) -> None:
    """How many cells there are and how many of them are unsure, and what stands outside of them."""
    assert number.table is not None
    several = len({cell.table for row in number.table for cell in row}) > 1
    said = texts("table.are" if several else "table.is")
    count = texts("table.count", cells=sum(map(len, number.table)), unsure=unsure)
    html = f'<p><b>{escape(said)}</b></p><p class="sureness">{escape(count)}</p>'
    if unsure:
        html += f'<p class="second">{escape(texts("table.unsure"))}</p>'
    spoken = f"{said}. {count}."
    if lines:
        beside = texts("table.beside")
        html += f"<p>{escape(beside)}</p>{_large(lines)}"
        spoken += f" {beside} {_spoken(lines, texts)}."
    show_card("number cells", html + _unread(number, texts), spoken)


def _large(lines: Sequence[str]) -> str:
    longest = max(4, *map(len, lines))
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<div class="large" style="--longest: {longest}; --lines: {len(lines)}">{paragraphs}</div>'


def _unread(number: NumberAnswer, texts: Texts) -> str:
    """What the ? in a text means, where there is one."""
    marks = (digit for line in number.lines for digit in line.digits if digit.prediction is None and not digit.sign)
    return f'<p class="second">{escape(texts("number.unread"))}</p>' if any(True for _ in marks) else ""


def _spoken(lines: Sequence[str], texts: Texts) -> str:
    """The lines digit by digit, with names for the signs, which a screen reader may leave out."""
    names: dict[str, str] = {sign: texts(f"sign.{sign}") for sign in SIGNS}
    return "; ".join(" ".join(names.get(letter, letter) for letter in line).replace("   ", ", ") for line in lines)
