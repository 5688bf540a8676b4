"""What is done for each task in a process that recognises: payloads in, answers or faults out."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from digits.answers import LABELS, Include, Neighbour, OtherModel, digit_as_json, number_as_json
from digits.decode import (
    MAX_NUMBER_SIDE,
    MAX_SIDE,
    BadPictureError,
    NotAPictureError,
    Pages,
    Picture,
    TooManyPixelsError,
    decode,
)
from digits.explain import influence, influence_picture
from digits.features import SIDE, hog_picture
from digits.known import Known
from digits.memory import Memory
from digits.number import read_number
from digits.number.hints import Hints
from digits.other_models import other_models
from digits.pen import drawing
from digits.recogniser import Recogniser, Recognition
from digits.sheet.read import MAX_SHEET_SIDE
from digits.taught import Taught
from service.lessons import labels_of, lesson, sheet
from service.messages import MAX_MEMORIES, Kind, Payload, Said, TaughtDigits
from service.pictures import data_url
from service.recent import Recent


class Tasks:
    """The recogniser of a process, and what it has made of the digits that profiles were taught."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._memories = Recent[Memory](MAX_MEMORIES)

    def prepare(self) -> None:
        """Work out now what the first lesson would else wait for, for half a second."""
        Known.of(self._recogniser.model)

    def answers(self, payloads: Sequence[Payload], before_each: Callable[[], object]) -> Iterator[Said]:
        """For each file of the payloads, which are all of one task, its answer or fault, as soon as it is known.

        `before_each` is called before each picture of a batch is decoded. Several payloads have no memory.
        """
        if payloads and payloads[0].task == "digits":
            yield from self._digits(payloads, before_each)
            return
        for payload in payloads:
            for file in payload.files:
                yield self._answer(payload, file)

    def _answer(self, payload: Payload, file: bytes) -> Said:
        """The answer or fault for a file of any task but "digits"."""
        if payload.task == "labels":
            return labels_of(self._recogniser, file)
        try:
            pages = Pages(file) if not payload.is_drawn else None
            count = 1 if pages is None else pages.readable
            if payload.page > count:
                return Kind.FAULT, {"name": "no-such-page", "limit": count}
            picture = _drawn(payload, file) if pages is None else pages.decode(payload.page - 1, _max_side(payload))
        except BadPictureError as error:
            return _fault(error)
        if payload.task == "sheet":
            return sheet(self._recogniser, picture, count)
        memory = self._memory(payload.memory)
        if payload.task == "lesson":
            return lesson(self._recogniser, memory, picture, payload)
        hints = Hints(payload.format, payload.lengths)
        number = read_number(self._recogniser.with_memory(memory), picture, hints)
        return Kind.ANSWER, number_as_json(replace(number, page=payload.page, pages=count))

    def _digits(self, payloads: Sequence[Payload], before_each: Callable[[], object]) -> Iterator[Said]:
        def pictures() -> Iterator[Picture | BadPictureError]:
            for payload in payloads:
                for data in payload.files:
                    before_each()
                    yield _picture(payload, data)

        memory = self._memory(payloads[0].memory)
        recogniser = self._recogniser.with_memory(memory)
        includes = (payload.include for payload in payloads for _ in payload.files)
        for found, include in zip(recogniser.recognise_in_batches(pictures()), includes, strict=True):
            if isinstance(found, BadPictureError):
                yield _fault(found)
            else:
                if include:
                    shown: dict[str, Any] = {name: _included(recogniser, memory, found, name) for name in include}
                    found = replace(found, **shown)
                yield Kind.ANSWER, digit_as_json(found, include)

    def _memory(self, taught: TaughtDigits | None) -> Memory | None:
        """What the model makes of these digits, about 0.15 ms each where it has not made it before."""
        if taught is None:
            return None
        memory = self._memories.get(taught.key)
        if memory is None:
            pictures = np.frombuffer(taught.pictures, np.uint8).reshape(-1, SIDE, SIDE)
            labels = np.frombuffer(taught.labels, np.uint8).astype(np.intp)
            memory = Memory.of(self._recogniser.model, Taught(pictures, labels))
            self._memories.put(taught.key, memory)
        return memory


def _max_side(payload: Payload) -> int:
    """To how many pixels a side the picture is decoded."""
    if payload.task == "sheet":
        return MAX_SHEET_SIDE
    return MAX_SIDE if payload.task == "lesson" and payload.box is None else MAX_NUMBER_SIDE


def _picture(payload: Payload, data: bytes) -> Picture | BadPictureError:
    """The picture in a file of a payload of digits, or drawn by the strokes that it is; or why there is none."""
    if payload.is_drawn:
        return _drawn(payload, data)
    try:
        return decode(data)
    except BadPictureError as error:
        return error


def _drawn(payload: Payload, strokes: bytes) -> Picture:
    return Picture.of_pixels(drawing(json.loads(strokes), has_many=payload.task == "number"))


def _fault(error: BadPictureError) -> Said:
    if isinstance(error, TooManyPixelsError):
        return Kind.FAULT, {"name": "too-many-pixels", "limit": error.limit}
    return Kind.FAULT, {"name": "not-a-picture" if isinstance(error, NotAPictureError) else "unreadable-picture"}


def _included(
    recogniser: Recogniser, memory: Memory | None, found: Recognition, name: Include
) -> str | tuple[Neighbour, ...] | tuple[OtherModel, ...] | None:
    """What an answer may include: a picture as a data URL, neighbours or other models; None for a blank picture."""
    if found.digit_ink is None or found.normalised is None or found.probabilities is None:
        return None
    match name:
        case "ink":
            return data_url((255 * found.digit_ink).astype(np.uint8))
        case "picture":
            return data_url(found.normalised)
        case "hog":
            return data_url(hog_picture(found.normalised))
        case "influence":
            likeliest = int(np.argmax(found.probabilities))
            shares = influence(recogniser.model, found.normalised, likeliest)
            return data_url(influence_picture(shares, found.normalised))
        case "nearest":
            return tuple(
                Neighbour(LABELS[near.label], near.is_yours, near.similarity, data_url(near.picture))
                for near in Known.of(recogniser.model).nearest(found.normalised, memory)
            )
        case "other_models":
            return other_models().answers(found.normalised)
