"""Break it: one slider changes the digit, a band shows where it is read otherwise, and other models answer too."""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

import streamlit as st

from digits.answers import DigitAnswer, Include, OtherModel
from digits.texts import Texts
from page.answer import percent_of
from page.asking import Outcome
from page.further import Asking, apply_looks, figure, verdict
from page.how import PNG_DATA_URL, picture_in, png_as_data_url

if TYPE_CHECKING:
    from page.distort import Kind

SWITCH: Final = "break"
SHOWN: Final[tuple[Include, ...]] = ("picture", "hog", "other_models")


def show_breaking(picture: bytes, asking: Asking) -> None:
    """The switch and, when it is on, the sliders."""
    if st.toggle(asking.texts("break.title"), key=SWITCH, persist_state="session"):
        apply_looks()
        _break(picture, asking._replace(kept_as="broken"))


@st.fragment
def _break(picture: bytes, asking: Asking) -> None:
    """What a slider changes is shown without the rest of the page being made anew."""
    from page.distort import KINDS, PLACES, distorted, ink_in_the_middle  # OpenCV is for those who open this alone

    texts = asking.texts
    (found,) = asking.about([picture], ("ink",))
    if not isinstance(found, DigitAnswer) or found.ink is None or not found.ink.startswith(PNG_DATA_URL):
        asking.say_faults([found])
        return
    kind = st.segmented_control(
        texts("break.kind"),
        KINDS,
        default=KINDS[0],
        required=True,
        format_func=lambda each: texts(f"break.{each}"),
        label_visibility="collapsed",
        width="stretch",
        key="breaking",
        persist_state="session",
    )
    places = PLACES[kind]
    st.html(f'<p class="lesson">{escape(texts(f"break.{kind}_more"))}</p>')
    amount = st.slider(
        texts(f"break.{kind}_by"), places[0], places[-1], 0, places.step, key=f"break_{kind}", persist_state="session"
    )
    band_place = st.container(key="band").empty()
    figures_place, models_place = st.container(), st.container()
    ink = ink_in_the_middle(picture_in(found.ink))
    changed = distorted(ink, kind, amount)
    with figures_place:
        (outcome,) = asking.about([changed], SHOWN)
        if isinstance(outcome, DigitAnswer):
            st.html(_figures(changed, outcome, texts))
    if isinstance(outcome, DigitAnswer) and outcome.other_models:
        models_place.html(_models(outcome, outcome.other_models, texts))
    with band_place.container():
        outcomes = asking.about([distorted(ink, kind, place) for place in places])
        band_place.html(_band(kind, places, amount, [_read(each) for each in outcomes], texts))
    asking.say_faults([outcome, *outcomes])


def _read(outcome: Outcome) -> str:
    """The digit in one letter, a dash where there is none, and a question mark where the API had no answer."""
    if not isinstance(outcome, DigitAnswer):
        return "?"
    return "–" if outcome.prediction is None else str(outcome.prediction)


def _band(kind: "Kind", places: range, amount: int, read: Sequence[str], texts: Texts) -> str:
    """What is read all along the slider, each stretch as wide as it is long, and its place marked; in words too."""
    whole = read[places.index(0)]
    parts = []
    for letter, stretch in groupby(zip(places, read, strict=True), key=lambda each: each[1]):
        at = [place for place, _ in stretch]
        look = "fails" if letter in "–?" else "holds" if letter == whole else "tips"
        span = texts("break.span", start=_measure(kind, at[0], texts), end=_measure(kind, at[-1], texts))
        parts.append(f'<li class="{look}" style="flex: {len(at)}"><b>{letter}</b><span>{escape(span)}</span></li>')
    mark = f'<i style="--place: {places.index(amount)}; --places: {len(places)}"></i>'
    label, said = escape(texts("break.band")), escape(_where_it_holds(kind, places, read, texts))
    return f'<div class="band"><ol aria-label="{label}">{"".join(parts)}</ol>{mark}<p>{said}</p></div>'


def _where_it_holds(kind: "Kind", places: range, read: Sequence[str], texts: Texts) -> str:
    """In a sentence, how far the slider may go for what is read of the unchanged ink to be read still."""
    first = last = places.index(0)
    whole = read[first]
    if whole in "–?":
        return "" if whole == "?" else texts("break.lost")
    while first > 0 and read[first - 1] == whole:
        first -= 1
    while last < len(read) - 1 and read[last + 1] == whole:
        last += 1
    start, end = (_measure(kind, places[each], texts) for each in (first, last))
    name = "break.always" if last - first == len(read) - 1 else "break.until"
    return texts(name, digit=whole, start=start, end=end)


def _measure(kind: "Kind", place: int, texts: Texts) -> str:
    """A slider's place with its unit, and a real minus."""
    return texts(f"break.{kind}_unit", amount=f"{place}".replace("-", "\u2212"))


def _figures(changed: bytes, answer: DigitAnswer, texts: Texts) -> str:
    """What is asked about, what the model sees of it, its HOG, and the answer."""
    urls = {
        "changed": png_as_data_url(changed),
        "picture": answer.picture,
        "hog": answer.hog,
    }
    shown = "".join(
        figure(step, url, texts(f"break.{step}")) for step, url in urls.items() if url and url.startswith(PNG_DATA_URL)
    )
    return f'<div class="way broken">{shown}<div role="status">{verdict(answer, texts)}</div></div>'


def _models(answer: DigitAnswer, models: Sequence[OtherModel], texts: Texts) -> str:
    """What each model says of the changed digit, this program first, with a sentence about how it decides."""
    rows: list[tuple[str, int | None, float | None, float | None]]
    rows = [("this", answer.prediction, answer.confidence, None)]
    rows += [(model.name, model.prediction, model.confidence, model.accuracy) for model in models]
    items = []
    for name, prediction, confidence, accuracy in rows:
        look = "holds" if prediction == answer.prediction else "tips"
        letter = "–" if prediction is None else str(prediction)
        sure = texts("models.unsaid") if confidence is None else percent_of(confidence, texts)
        right = "" if accuracy is None else texts("models.right", percent=_percent(accuracy, texts))
        items.append(
            f'<li class="{look}"><b>{letter}</b><p><strong>{escape(texts(f"models.{name}"))}</strong> '
            f"<span>{escape(sure)}</span><br>{escape(texts(f'models.{name}_more'))} {escape(right)}</p></li>"
        )
    head = f"<h2>{escape(texts('models.title'))}</h2><p>{escape(texts('models.more'))}</p>"
    return f'<section class="models">{head}<ul>{"".join(items)}</ul></section>'


def _percent(share: float, texts: Texts) -> str:
    return f"{100 * share:.1f}".replace(".", texts("about.decimal"))
