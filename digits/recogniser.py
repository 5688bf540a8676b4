"""Picture -> digit, probabilities, or "not a digit": candidates of its ink classified, combined, decided."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from threadpoolctl import threadpool_limits

from digits.answers import DigitAnswer, Rejection
from digits.augmented_views import augmented_views
from digits.candidate_judge import OUTCOMES, RIGHT, combined
from digits.decode import MAX_SIDE, Picture
from digits.features import SIDE
from digits.ink import DigitCandidate, digit_candidates
from digits.ink.drawing import MAX_BLURRED_SIDE
from digits.ink.evidence import evidence
from digits.layers import softmax
from digits.memory import IDENTICAL, NONE_RECALLED, SETTLED, Memory
from digits.model import Model, ModelNotReadyError
from digits.normalise import normalise
from digits.taught import NO_DIGIT, unit_length

CONFIDENT: Final = 0.95
"""Probability at which a first view is believed, and an ink candidate of a drawing."""

CONFIDENT_OF_A_BLUR: Final = 0.99
"""The same for a picture of few pixels, at most `digits.ink.drawing.MAX_BLURRED_SIDE` a side."""

VIEWS_SHARE: Final = 0.6
"""How much the mean of the augmented views' logits counts, but for what is remembered, which counts in full, and..."""

SECOND_SHARE: Final = 0.9
"""...those of the second opinion."""

REJECT_LOGIT_SHIFT: Final = -2.3
"""Added to the logit of "not a digit" then: three of four examples from which the second opinion has learnt are none.
All three were chosen on what was kept out of training (docs/notebook.md, "A second opinion")."""

RIM_WEIGHT: Final = 0.2
"""Weight of a drawing's ink candidate in which the digit runs into the rim: it is rather a line or the sheet's edge."""

TRUSTED: Final = 0.95
"""Trust of the candidate judge at which a photograph's ink candidate is believed alone."""

MAX_REJECT_PROBABILITY: Final = 0.4
"""Probability of "not a digit" above which the picture is rejected, as it is when no digit is as probable."""

MAX_BATCH_BYTES: Final = 4_000_000
"""So much of many decoded pictures is recognised at once: 5 photographs, or 50 drawings. Each of its bytes needs up to
40 more on the way."""

MAX_WHOLE: Final = 0.9
"""Probability of a digit below which its parts may be digits of their own. With 0.5 fewer numbers are told by it."""

MAX_COMPONENTS: Final = 8
"""So many components of a picture are looked at to see whether they are digits too."""

Fault = TypeVar("Fault")


@dataclass(frozen=True, eq=False)
class Recognition(DigitAnswer):
    """An answer, and what it was made of.

    Attributes:
        normalised: (28, 28) uint8, what the model saw, or None for a blank picture.
        digit_ink: (height, width) float32 in [0, 1], the digit's ink of which it was made, or None likewise.
        no_digit_probability: that the picture shows no digit, or more than one, 0..1.
        is_taught: whether it is as somebody taught this very picture.

    """

    normalised: NDArray[np.uint8] | None = None
    digit_ink: NDArray[np.float32] | None = None
    no_digit_probability: float = 1.0
    is_taught: bool = False


class _Attempt:
    """What has been tried with one picture: ink candidates, the 28x28 of each, and what the model found in it."""

    def __init__(self, picture: NDArray[np.uint8], model: Model) -> None:
        self._left = digit_candidates(picture, model.pixel_classifier)
        self._judge = model.candidate_judge
        self._enough = CONFIDENT_OF_A_BLUR if max(picture.shape) <= MAX_BLURRED_SIDE else CONFIDENT
        self.tried: list[DigitCandidate] = []
        self.seen: list[NDArray[np.uint8]] = []
        self.found: list[NDArray[np.float64]] = []
        self._evidence: list[NDArray[np.float32]] = []
        self._judged = np.empty((0, OUTCOMES))
        self.takes_the_next()

    def takes_the_next(self) -> bool:
        """Take the next candidate, if there is one."""
        candidate = next(self._left, None)
        if candidate is not None:
            self.tried.append(candidate)
            self.seen.append(normalise(candidate.ink))
        return candidate is not None

    def is_unsure(self) -> bool:
        """Whether the last candidate is not to be believed alone."""
        if self.tried[-1].source.flat_paper:
            return bool(self.found[-1][:10].max() < self._enough)
        return bool(self._outcomes()[-1, RIGHT] < TRUSTED)

    def combined(self) -> tuple[NDArray[np.float64], int]:
        """(11,) probabilities, and the index of the candidate that speaks for them.

        Candidates of a drawing are averaged, each weighted by the square of its highest digit probability; the judge
        has learnt from photographs.
        """
        views = np.array(self.found)
        if not self.tried[0].source.flat_paper:
            return combined(views, self._outcomes())
        if len(views) == 1:
            return views[0], 0
        averaged = _averaged(self.tried, views)
        return averaged, int(views[:, int(averaged[:10].argmax())].argmax())

    def probability_of_writing(self, place: int) -> float:
        """How probable it is that the candidate at that index of a photograph is written, 0..1."""
        outcomes = self._outcomes()[place]
        return self._judge.probability_of_writing(self._evidence[place], outcomes, len(self.tried))

    def _outcomes(self) -> NDArray[np.float64]:
        """(n, digits.candidate_judge.OUTCOMES) probabilities of what may be so, for each candidate that was tried."""
        if len(self._judged) < len(self.found):
            self._evidence += [evidence(candidate) for candidate in self.tried[len(self._evidence) :]]
            self._judged = self._judge.outcomes(np.array(self._evidence), np.array(self.found))
        return self._judged


class Recogniser:
    """The trained model, checked and ready."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @classmethod
    def load(cls, folder: Path | None = None) -> "Recogniser":
        """Load the model of a folder, or the project's own, and have it recognise a built-in digit.

        Raises:
            ModelNotReadyError: as `Model.load`, or a plain seven is not read as 7.

        """
        recogniser = cls(Model.load(folder))
        if recogniser.recognise(Picture.of_pixels(_plain_seven())).prediction != 7:
            raise ModelNotReadyError("the model does not recognise a plain 7")
        return recogniser

    def with_memory(self, memory: Memory | None) -> "Recogniser":
        """A recogniser that weighs these remembered digits in with all it reads; without any it is this very one."""
        model = self.model.with_memory(memory)
        return self if model is self.model else Recogniser(model)

    @property
    def record(self) -> dict[str, Any]:
        """The record of the model: what `model_card.json` says."""
        return self.model.record

    def predict_proba(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Probabilities of the ten digits and of "not a digit": (n, 28, 28) uint8 to (n, 11).

        Where the model is not sure of the picture as it is, the logits of its augmented views are averaged too
        (test-time augmentation), and the second opinion is asked. A digit that was taught is what it was taught as.
        """
        found = self.model.predict_proba(pictures)
        self.augment(found, [pictures], unsure_of(found))
        if self.model.memory is not None:
            self.model.memory.settle(found, pictures)
        return found

    def augment(self, found: NDArray[np.float64], seen: Sequence[NDArray[np.uint8]], chosen: NDArray[np.intp]) -> None:
        """Weigh the chosen pictures' augmented views, and a second opinion, with what one view found, in place.

        Args:
            found: (n, 11) probabilities.
            seen: ways in which the same pictures were seen, each (n, 28, 28) uint8.
            chosen: (m,) indices of pictures.

        """
        if not len(chosen):
            return
        views = np.concatenate([augmented_views(pictures[chosen]) for pictures in seen])
        of_views, support = (
            each.reshape(*views.shape[:2], -1) for each in self.model.with_support(views.reshape(-1, SIDE, SIDE))
        )
        logits = VIEWS_SHARE * np.log(np.concatenate([found[None, chosen], of_views])).mean(axis=0)
        logits += (1 - VIEWS_SHARE) * support.mean(axis=0)
        logits += SECOND_SHARE * np.mean([self.model.second_logits(pictures[chosen]) for pictures in seen], axis=0)
        logits[:, 10] += REJECT_LOGIT_SHIFT
        found[chosen] = softmax(logits)

    def recognise(self, picture: Picture) -> Recognition:
        """Recognise the digit of one picture as `digits.decode.decode` returns it."""
        return self.recognise_all([picture])[0]

    def recognise_all(self, pictures: Iterable[Picture]) -> list[Recognition]:
        """Recognise the digit of each picture, with features and model worked out for all of them at once.

        Each picture is worked on before the next one is asked for: what decodes them then leaves it in the core's
        cache.

        Candidates of a picture's ink are tried until one is to be believed alone: a drawing's when it is surely a
        digit, a photograph's when the candidate judge trusts it. Otherwise all of them are weighed together.
        """
        attempts = [_Attempt(picture.within(MAX_SIDE).pixels, self.model) for picture in pictures]
        unsure = [attempt for attempt in attempts if attempt.seen]
        while unsure:
            found = self.predict_proba(np.array([attempt.seen[-1] for attempt in unsure]))
            for attempt, view in zip(unsure, found, strict=True):
                attempt.found.append(view)
            unsure = [attempt for attempt in unsure if attempt.is_unsure() and attempt.takes_the_next()]
        return [self._decided(attempt) for attempt in attempts]

    def recognise_in_batches(self, pictures: Iterable[Picture | Fault]) -> Iterator[Recognition | Fault]:
        """An answer for each picture as it comes, or what stands in its place; it holds `MAX_BATCH_BYTES` at once."""
        left = iter(pictures)
        while True:
            batch: list[Fault | None] = []
            found = iter(self.recognise_all(_next_pictures(left, batch)))
            if not batch:
                return
            for fault in batch:
                yield next(found) if fault is None else fault

    def _decided(self, attempt: "_Attempt") -> Recognition:
        if not attempt.found:
            return Recognition(None, 1.0, None, "blank")
        taught = self._taught(attempt)
        if taught is not None:
            return taught
        tried, seen = attempt.tried, attempt.seen
        shares, best = attempt.combined()
        probabilities = tuple((shares[:10] / shares[:10].sum()).tolist())
        if not tried[0].source.flat_paper:
            written = attempt.probability_of_writing(best)
            shares *= written
            shares[10] += 1 - written
        prediction, confidence = decide(shares)
        rejected: Rejection | None = None
        no_digit = float(shares[10])
        if prediction is None:
            several = len(self._sure_digits(tried[best].components())) > 1 or self._shows_several(attempt)
            rejected = "several_digits" if several else "not_a_digit"
        elif (rejected := self._not_alone(tried[best])) is not None or self._shows_several(attempt):
            prediction, no_digit, rejected = None, 1.0, rejected or "several_digits"
        return Recognition(
            prediction,
            confidence,
            probabilities,
            rejected,
            normalised=seen[best],
            digit_ink=tried[best].ink,
            no_digit_probability=no_digit,
        )

    def _taught(self, attempt: "_Attempt") -> Recognition | None:
        """What one of the candidates was taught as; None where none was taught.

        Where more stands beside it, that counts only if it is the very same picture.
        """
        if self.model.memory is None or np.max(attempt.found) < SETTLED:
            return None
        seen = np.array(attempt.seen)
        recalled = self.model.memory.recalled(seen)
        place = int((recalled != NONE_RECALLED).argmax())
        if recalled[place] != NONE_RECALLED and self._not_alone(attempt.tried[place]) is not None:
            recalled = self.model.memory.recalled(seen, IDENTICAL)
            place = int((recalled != NONE_RECALLED).argmax())
        if recalled[place] == NONE_RECALLED:
            return None
        prediction, confidence = decide(attempt.found[place])
        digits = attempt.found[place][:10]
        return Recognition(
            prediction,
            confidence,
            tuple((digits / digits.sum()).tolist()),
            "not_a_digit" if prediction is None else None,
            normalised=attempt.seen[place],
            digit_ink=attempt.tried[place].ink,
            no_digit_probability=float(attempt.found[place][10]),
            is_taught=True,
        )

    def _not_alone(self, candidate: DigitCandidate) -> Rejection | None:
        """Why what may be a digit is none: it stands beside another one, or in a word."""
        if len(self._sure_digits(candidate.beside())):
            return "several_digits"
        return "not_a_digit" if candidate.is_one_of_several_marks() else None

    def _shows_several(self, attempt: "_Attempt") -> bool:
        """Whether a candidate shows several digits that stand beside each other, and as a whole none.

        They are not all 1s, as the sides of a 0 look.
        """
        for candidate, view in zip(attempt.tried, attempt.found, strict=True):
            if len(candidate.members) > 1 and view[:10].max() < MAX_WHOLE:
                sure = self._sure_digits(candidate.parts_in_a_row())
                if len(sure) > 1 and (sure != 1).any():
                    return True
        return False

    def _sure_digits(self, inks: list[NDArray[np.float32]]) -> NDArray[np.intp]:
        """Which digits those of these are that surely are one."""
        if not inks:
            return np.zeros(0, np.intp)
        views = self.predict_proba(np.stack([normalise(ink) for ink in inks[:MAX_COMPONENTS]]))[:, :10]
        sure: NDArray[np.intp] = views[views.max(axis=1) >= CONFIDENT].argmax(axis=1)
        return sure


def unsure_of(found: NDArray[np.float64]) -> NDArray[np.intp]:
    """(m,) indices of the pictures, by their (n, 11) probabilities, of which one view does not make sure."""
    return np.flatnonzero(found[:, :10].max(axis=1) < CONFIDENT)


def decide(view: NDArray[np.float64]) -> tuple[int | None, float]:
    """Classify with a reject option: the digit, or None for "not a digit", and the confidence in it.

    Args:
        view: (11,) probabilities.

    """
    if view[10] > min(MAX_REJECT_PROBABILITY, view[:10].max()):
        return None, float(view[10])
    digits = view[:10] / view[:10].sum()
    return int(digits.argmax()), float(digits.max())


def blamed(recogniser: Recogniser, memory: Memory, picture: NDArray[np.uint8], label: int) -> int | None:
    """Which remembered digit makes the answer wrong, as an index in the memory; None where none does.

    Args:
        recogniser: without the memory.
        memory: that weighs in.
        picture: (28, 28) uint8.
        label: what it is, 0..9, or 10 for no digit.

    """
    wanted = None if label == NO_DIGIT else label
    if not len(memory) or decide(recogniser.predict_proba(picture[None])[0])[0] != wanted:
        return None
    answer = decide(recogniser.with_memory(memory).predict_proba(picture[None])[0])[0]
    if answer == wanted:
        return None
    similarities = memory.vectors @ unit_length(recogniser.model.hidden(picture[None]))[0]
    of_answer = memory.taught.labels == (NO_DIGIT if answer is None else answer)
    return int(np.where(of_answer, similarities, -np.inf).argmax()) if of_answer.any() else None


def _next_pictures(left: Iterator[Picture | Fault], batch: list[Fault | None]) -> Iterator[Picture]:
    """As many of the pictures as make a batch; `batch` gets None for each, and what stands in place of one."""
    size = 0
    while size < MAX_BATCH_BYTES and (each := next(left, None)) is not None:
        if isinstance(each, Picture):
            size += each.pixels.nbytes
            batch.append(None)
            yield each
        else:
            batch.append(each)


def _averaged(tried: list[DigitCandidate], views: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted mean of the (n, 11) views of n candidates: (11,).

    The weight is the square of the highest digit probability, as far as one of the candidates is sure.
    """
    digitness = views[:, :10].max(axis=1)
    weights = digitness**2 * [RIM_WEIGHT if candidate.runs_into_the_rim else 1 for candidate in tried]
    sure = digitness.max()
    averaged: NDArray[np.float64] = (sure / weights.sum() * weights + (1 - sure) / len(views)) @ views
    return averaged


def use_one_thread() -> None:
    """Let each recognition be one thread: a second one that helps with so small products gets in the way of others."""
    threadpool_limits(1)
    cv2.setNumThreads(1)


def _plain_seven() -> NDArray[np.uint8]:
    image = Image.new("L", (120, 120))
    ImageDraw.Draw(image).line([(30, 25), (88, 25), (50, 98)], fill=255, width=9, joint="curve")
    return np.asarray(image)
