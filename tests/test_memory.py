"""A memory of one's own digits: what was taught comes out, others are not harmed, false labels do little."""

import json
import os
import shutil
from dataclasses import replace
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from digits import Recogniser, read_number
from digits.answers import Include, Neighbour, NumberDigit, digit_as_json
from digits.decode import Picture, decode
from digits.known import Known, known_digits
from digits.memory import Memory
from digits.model import FILES, MEMORY, RECORD, ModelNotReadyError, model_path
from digits.number import normalised_at
from digits.number.hints import NO_HINTS
from digits.recogniser import Recognition, blamed
from digits.taught import NO_DIGIT, NOTHING, Taught, read_taught, write_taught
from tests.commands import printed_here
from tests.reading import recogniser
from tests.test_benchmarks import is_number, table
from tools.benchmarks import memory_cost
from tools.drawing import Strokes, draw, encoded

CROSS: Final[Strokes] = [[(0, 0), (0.7, 1)], [(0.7, 0), (0, 1)], [(0.35, 0), (0.35, 1)], [(0, 0.5), (0.7, 0.5)]]
"""No digit."""


def drawing(shown: int | Strokes) -> Picture:
    return decode(encoded(draw(shown)))


def two_digits() -> Picture:
    row = np.hstack([np.asarray(draw(digit, (140, 280), height=0.4).convert("L")) for digit in (4, 7)])
    return Picture.of_pixels(row)


def taught(*digits: tuple[NDArray[np.uint8] | None, int]) -> Memory:
    pictures = np.stack([picture for picture, _ in digits if picture is not None])
    return Memory.of(recogniser().model, Taught(pictures, np.array([label for _, label in digits], np.intp)))


def read_again(picture: Picture, label: int) -> Recognition:
    """The answer to a picture after it was taught."""
    before = recogniser().recognise(picture)
    return recogniser().with_memory(taught((before.normalised, label))).recognise(picture)


@pytest.mark.quick
@pytest.mark.parametrize(("shown", "label"), [(7, 1), (3, 3), (CROSS, 8)], ids=["misread", "right", "rejected"])
def test_a_drawing_comes_out_as_taught(shown: int | Strokes, label: int) -> None:
    answer = read_again(drawing(shown), label)
    assert (answer.prediction, answer.rejected, answer.is_taught) == (label, None, True)
    assert 0.99 < answer.confidence <= 1
    assert answer.probabilities is not None
    assert sum(answer.probabilities) == pytest.approx(1)


@pytest.mark.quick
def test_several_digits_that_were_taught_as_one_come_out_as_that() -> None:
    assert recogniser().recognise(two_digits()).rejected == "several_digits"
    assert read_again(two_digits(), 4).prediction == 4


@pytest.mark.quick
def test_a_digit_that_was_taught_does_not_hide_another_beside_it() -> None:
    alone = [recogniser().recognise(drawing(digit)).normalised for digit in (4, 7)]
    with_memory = recogniser().with_memory(taught(*zip(alone, (4, 7), strict=True)))
    assert with_memory.recognise(two_digits()).rejected == "several_digits"


@pytest.mark.quick
def test_what_was_taught_as_no_digit_comes_out_as_none() -> None:
    answer = read_again(drawing(5), NO_DIGIT)
    assert (answer.prediction, answer.rejected) == (None, "not_a_digit")
    assert answer.no_digit_probability > 0.99


@pytest.mark.quick
def test_the_same_drawing_saved_as_a_jpeg_is_still_known() -> None:
    memory = taught((recogniser().recognise(drawing(2)).normalised, 7))
    again = decode(encoded(draw(2).convert("L"), "JPEG"))
    assert recogniser().with_memory(memory).recognise(again).prediction == 7


@pytest.mark.quick
def test_without_a_memory_or_with_an_empty_one_it_is_the_same_recogniser() -> None:
    empty = Memory.of(recogniser().model, NOTHING)
    assert recogniser().with_memory(None) is recogniser()
    assert recogniser().with_memory(empty) is recogniser()


@pytest.mark.quick
def test_other_digits_are_read_as_before() -> None:
    memory = taught((recogniser().recognise(drawing(7)).normalised, 1))
    answers = [recogniser().with_memory(memory).recognise(drawing(digit)) for digit in range(10) if digit != 7]
    assert [answer.prediction for answer in answers] == [0, 1, 2, 3, 4, 5, 6, 8, 9]
    assert not any(answer.is_taught for answer in answers)


@pytest.mark.quick
def test_a_batch_is_answered_as_each_picture_alone() -> None:
    with_memory = recogniser().with_memory(taught((recogniser().recognise(drawing(7)).normalised, 1)))
    pictures = [drawing(digit) for digit in (7, 2, 7)]
    assert [answer.prediction for answer in with_memory.recognise_all(pictures)] == [1, 2, 1]


def number() -> Picture:
    return Picture.of_pixels(
        np.hstack([np.asarray(draw(digit, (110, 160), height=0.6).convert("L")) for digit in (3, 7, 5, 2)])
    )


def digits_of(picture: Picture, memory: Memory | None = None) -> list[NumberDigit]:
    answer = read_number(recogniser().with_memory(memory), picture)
    return [digit for line in answer.lines for digit in line.digits]


@pytest.mark.quick
@pytest.mark.parametrize(("label", "wanted"), [(1, [3, 1, 5, 2]), (NO_DIGIT, [3, None, 5, 2])])
def test_a_digit_of_a_number_comes_out_as_taught(label: int, wanted: list[int | None]) -> None:
    before = digits_of(number())
    assert [digit.prediction for digit in before] == [3, 7, 5, 2]
    left, top, right, bottom = before[1].box
    seen = normalised_at(recogniser(), number(), NO_HINTS, (left + 2, top - 2, right + 2, bottom + 2))
    after = digits_of(number(), taught((seen, label)))
    assert [digit.prediction for digit in after] == wanted
    assert [digit.box for digit in after] == [digit.box for digit in before]
    assert all(0 <= digit.confidence <= 1 for digit in after)


@pytest.mark.quick
@pytest.mark.parametrize("label", [9, NO_DIGIT])
def test_a_number_of_one_digit_comes_out_as_taught(label: int) -> None:
    (before,) = digits_of(drawing(4))
    seen = normalised_at(recogniser(), drawing(4), NO_HINTS, before.box)
    (after,) = digits_of(drawing(4), taught((seen, label)))
    assert after.prediction == (None if label == NO_DIGIT else label)


@pytest.mark.quick
def test_where_no_digit_stands_none_is_found() -> None:
    assert normalised_at(recogniser(), number(), NO_HINTS, (0, 0, 12, 12)) is None
    blank = Picture.of_pixels(np.zeros((60, 60), np.uint8))
    assert normalised_at(recogniser(), blank, NO_HINTS, (0, 0, 60, 60)) is None


@pytest.mark.quick
def test_a_memory_for_all_lies_in_the_model_s_folder(tmp_path: Path) -> None:
    folder = model_with(tmp_path, Taught(seven()[None], np.array([1], np.intp)))
    loaded = Recogniser.load(folder)
    assert loaded.recognise(drawing(7)).prediction == 1
    own = Memory.of(loaded.model, Taught(seven()[None], np.array([2], np.intp)))
    assert loaded.with_memory(own).recognise(drawing(7)).prediction == 2, "one's own counts before it"


@pytest.mark.quick
def test_a_memory_that_is_changed_or_damaged_is_not_used(tmp_path: Path) -> None:
    folder = model_with(tmp_path, Taught(seven()[None], np.array([1], np.intp)))
    content = (folder / MEMORY).read_bytes()
    (folder / MEMORY).write_bytes(content[:-1])
    with pytest.raises(ModelNotReadyError, match=MEMORY):
        Recogniser.load(folder)
    recorded(folder)
    with pytest.raises(ModelNotReadyError, match=MEMORY):
        Recogniser.load(folder)


def three() -> NDArray[np.uint8]:
    picture = recogniser().recognise(drawing(3)).normalised
    assert picture is not None
    return picture


def seven() -> NDArray[np.uint8]:
    picture = recogniser().recognise(drawing(7)).normalised
    assert picture is not None
    return picture


def model_with(folder: Path, digits: Taught) -> Path:
    """The project's model in a folder, with these digits as a memory for all."""
    for name in (*FILES, RECORD):
        shutil.copy(model_path(name), folder)
    write_taught(folder / MEMORY, digits)
    assert np.array_equal(read_taught((folder / MEMORY).read_bytes()).pictures, digits.pictures)
    recorded(folder)
    return folder


def recorded(folder: Path) -> None:
    record = json.loads((folder / RECORD).read_text("utf-8"))
    content = (folder / MEMORY).read_bytes()
    record["files"][MEMORY] = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
    (folder / RECORD).write_text(json.dumps(record), "utf-8")


@pytest.mark.quick
def test_the_nearest_are_one_s_own_and_known_ones() -> None:
    near = Known.of(recogniser().model).nearest(seven(), taught((seven(), 1)))
    assert len(near) == 5
    assert (near[0].label, near[0].is_yours) == (1, True)
    assert near[0].similarity == pytest.approx(1, abs=1e-5)
    assert [(each.label, each.is_yours) for each in near[1:]] == [(7, False)] * 4
    assert all(1 >= one.similarity >= other.similarity >= 0 for one, other in pairwise(near))


@pytest.mark.quick
def test_a_label_is_believed_where_known_digits_have_it_too() -> None:
    known = Known.of(recogniser().model)
    assert known.is_believable(seven(), 7)
    assert not known.is_believable(seven(), 0)
    assert known.distance(seven(), 7) < known.distance(seven(), 0) <= 1
    cross = recogniser().recognise(drawing(CROSS)).normalised
    assert cross is not None
    assert known.is_believable(cross, NO_DIGIT)
    assert not known.is_believable(three(), NO_DIGIT)


@pytest.mark.quick
def test_the_known_digits_are_what_they_are_said_to_be() -> None:
    known = known_digits()
    assert np.bincount(known.labels).tolist() == [200] * 11
    right = recogniser().predict_proba(known.pictures).argmax(axis=1) == known.labels
    assert right.mean() > 0.97


@pytest.mark.quick
def test_what_made_an_answer_wrong_is_found() -> None:
    two = recogniser().recognise(drawing(2)).normalised
    memory = taught((two, 2), (seven(), 1))
    assert blamed(recogniser(), memory, seven(), 7) == 1
    assert blamed(recogniser(), memory, seven(), 1) is None, "the answer is right"
    assert blamed(recogniser(), memory, seven(), 4) is None, "without it the answer were wrong too"


@pytest.mark.quick
def test_neighbours_are_told_only_where_they_are_asked_for() -> None:
    answer = recogniser().recognise(drawing(7))
    assert "nearest" not in digit_as_json(answer)
    near: tuple[Include, ...] = ("nearest",)
    assert digit_as_json(answer, near)["nearest"] is None
    shown = replace(answer, nearest=(Neighbour("7", False, 0.9, "data:image/png;base64,"),))
    assert digit_as_json(shown, near)["nearest"] == [
        {"label": "7", "yours": False, "similarity": 0.9, "picture": "data:image/png;base64,"}
    ]


def test_what_it_costs_is_measured() -> None:
    rows = table(printed_here(memory_cost.main, "--rounds", "3"))
    assert len(rows) == 8
    assert all(is_number(cell) for row in rows for cell in row[-3 if len(row) > 2 else -1 :])


if os.environ.get("DIGITS_DATA_DIR"):
    from digits.evaluation.memory import Streams, hands

    @cache
    def streams() -> Streams:
        return Streams(recogniser(), hands(recogniser(), 2))

    def test_half_of_one_s_digits_make_the_other_half_read_better() -> None:
        before = streams().untaught().sum()
        assert before > 30
        assert streams().after(streams().first_half, learns=True).sum() <= 0.7 * before

    def test_others_are_not_harmed_by_a_memory() -> None:
        before = streams().untaught().sum()
        assert streams().after(streams().of_another).sum() <= 1.25 * before

    def test_false_labels_do_little_harm() -> None:
        digits = sum(len(hand.second_half) for hand in streams().hands)
        assert streams().after(streams().false_labels).sum() <= 0.026 * digits

    def test_false_labels_are_held_back_more_often_than_true_ones() -> None:
        (true, of_true), (false, of_false) = streams().believed().values()
        assert true >= 0.7 * of_true
        assert false <= 0.06 * of_false
