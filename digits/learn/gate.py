"""The gate: a candidate may read no golden set worse than before, and must read the corrections set aside better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from tqdm import tqdm

from digits.evaluation.scores import Outcome
from digits.learn.pictures import Answers, GoldenSet, read_each
from digits.recogniser import Recogniser
from digits.taught import Taught

LEVEL: Final = 0.05
"""Probability below which a difference is not taken for chance."""

MIN_MISREAD: Final = 6
"""Of the corrections set aside: were all of so many put right and none broken, that would just not be chance."""

KEPT_OUT: Final = "kept_out"
ALL_DIGITS: Final = "all_digits"
ALL_NO_DIGITS: Final = "all_no_digits"
"""Names of the corrections set aside, and of the single digits, and of what is no digit, of all golden sets."""


@dataclass(frozen=True)
class Comparison:
    """How a set was read before and is read now.

    Attributes:
        name: of the set.
        count: of its pictures.
        before: how many of them were read right.
        now: how many are.
        fixed: how many are that were not.
        broken: how many are not that were.

    """

    name: str
    count: int
    before: int
    now: int
    fixed: int
    broken: int

    @property
    def chance(self) -> float:
        """Probability of so large a difference by chance: McNemar's exact test, two-sided."""
        changed = self.fixed + self.broken
        return float(binomtest(self.broken, changed).pvalue) if changed else 1.0

    @property
    def loses(self) -> bool:
        """Whether it is read worse now, and not by chance."""
        return self.broken > self.fixed and self.chance < LEVEL

    @property
    def wins(self) -> bool:
        """Whether it is read better now, and not by chance."""
        return self.fixed > self.broken and self.chance < LEVEL


@dataclass(frozen=True)
class Judgement:
    """What the gate says of a candidate.

    Attributes:
        kept_out: the corrections that were set aside, beside the model that answers now.
        golden: each golden set, beside each of the models that it must not fall behind.
        answers: how the candidate reads each golden set.

    """

    kept_out: Comparison
    golden: tuple[Comparison, ...]
    answers: Mapping[str, Answers]

    @property
    def passes(self) -> bool:
        """Whether the candidate may answer."""
        return self.kept_out.wins and not any(each.loses for each in self.golden)


def judge(
    candidates: Mapping[str, Recogniser],
    before: Sequence[Recogniser],
    test: Taught,
    sets: Mapping[str, GoldenSet],
) -> dict[str, Judgement]:
    """Have everything read by all of them.

    Args:
        candidates: by name.
        before: what they must not fall behind: the model that answers now, then others.
        test: the corrections that were set aside.
        sets: the golden sets by name.

    """
    read_before: list[dict[str, Answers]] = [{} for _ in before]
    read_now: dict[str, dict[str, Answers]] = {name: {} for name in candidates}
    for name, golden in tqdm(sets.items(), unit="set", disable=None):
        for found, recogniser in zip(read_before, before, strict=True):
            found[name] = golden(recogniser)
        for candidate, recogniser in candidates.items():
            read_now[candidate][name] = golden(recogniser)
    told = _right(read_each(before[0], test))
    return {
        candidate: Judgement(
            compared(KEPT_OUT, told, _right(read_each(recogniser, test))),
            tuple(each for found in read_before for each in _golden(found, read_now[candidate])),
            read_now[candidate],
        )
        for candidate, recogniser in candidates.items()
    }


def _golden(before: Mapping[str, Answers], now: Mapping[str, Answers]) -> list[Comparison]:
    """Each set, and all digits and all that is none together, in which many small losses show."""
    found = [compared(name, _right(before[name]), _right(now[name])) for name in before]
    for name, of_digits in ((ALL_DIGITS, True), (ALL_NO_DIGITS, False)):
        chosen = [np.concatenate([_right(_single(sets[each], of_digits)) for each in sets]) for sets in (before, now)]
        found.append(compared(name, *chosen))
    return found


def _single(answers: Answers, of_digits: bool) -> list[Outcome]:
    """Those of single digits, or of what is none."""
    return [each for each in answers if isinstance(each, Outcome) and (each.label is not None) == of_digits]


def _right(answers: Answers) -> NDArray[np.bool_]:
    return np.array([each.is_right for each in answers], np.bool_)


def compared(name: str, before: NDArray[np.bool_], now: NDArray[np.bool_]) -> Comparison:
    """The comparison of a set of which these were read right before, and these now: (n,) bool each."""
    return Comparison(
        name,
        len(now),
        int(before.sum()),
        int(now.sum()),
        int(np.count_nonzero(now & ~before)),
        int(np.count_nonzero(before & ~now)),
    )
