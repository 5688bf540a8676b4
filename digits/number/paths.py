"""Text line -> digits and marks: the likeliest way to divide its segments, a path through the segment hypotheses.

The score of a path is a sum over its hypotheses: the logarithm of the probability that each is one whole digit (segment
verifier) and a digit at all (classifier), or that it is a mark. The best path is found by dynamic programming
(Viterbi): heuristic over-segmentation, after LeCun, Bottou, Bengio & Haffner, Proc. IEEE 86 (1998), section V.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.features import hog_features
from digits.model import Model
from digits.normalise import normalise
from digits.number.budget import Budget
from digits.number.seams import cut_line
from digits.number.segments import SegmentHypothesis, TextLine, hypotheses, typical_height

PROBABILITY_FLOOR: Final = 0.001
"""Probability below which hypotheses are alike and the classifier is not asked. Set by hand."""

MARK_SCORE: Final = float(np.log(0.002))
"""Score of each connected component as a mark that is no digit. Set by hand."""

SEAM_SCORE: Final = -0.5
"""Added to the score for each seam, as people's digits touch less often than those that the segment verifier has learnt
from. Chosen on 600 composed numbers of each kind: up to 0.5 % more of those apart are read, as many that touch."""

WHOLE_SCORE: Final = float(np.log(0.8))
"""Score above which a hypothesis is one whole digit for sure, and is not cut. 0.9, 0.95 and 0.97 read the same; cutting
all was four times dearer for nothing."""

Path = list[tuple[SegmentHypothesis, float]]
"""Hypotheses from left to right that share out the segments of a line, and the score of each."""


def divide(model: Model, lines: list[TextLine], budget: Budget) -> list[list[SegmentHypothesis]]:
    """The likeliest division of each text line, from left to right.

    First without a cut; lines in which not all is surely one whole digit are then cut there and divided again.
    """
    heights = [typical_height(line) for line in lines]
    paths = viterbi_paths(model, lines, heights, budget)
    is_whole = [[score > WHOLE_SCORE for hypothesis, score in path for _ in hypothesis.segments] for path in paths]
    doubtful = [place for place, of_line in enumerate(is_whole) if not all(of_line)]
    cut = [cut_line(lines[place], is_whole[place], budget) for place in doubtful]
    again = viterbi_paths(model, cut, [heights[place] for place in doubtful], budget)
    for place, path in zip(doubtful, again, strict=True):
        paths[place] = path
    return [[hypothesis for hypothesis, _ in path] for path in paths]


def viterbi_paths(model: Model, lines: list[TextLine], heights: list[float], budget: Budget) -> list[Path]:
    """The path with the highest score of each line; `heights` are typical of the lines, in pixels."""
    if not lines:
        return []
    of_lines = [hypotheses(line, height, budget) for line, height in zip(lines, heights, strict=True)]
    geometry = [
        hypothesis.geometry(height) for of_line, height in zip(of_lines, heights, strict=True) for hypothesis in of_line
    ]
    scores = _scores(model, [each for of_line in of_lines for each in of_line], np.array(geometry, np.float32))
    ends = np.cumsum([len(of_line) for of_line in of_lines])[:-1]
    return [
        _viterbi_path(len(line), of_line, of_scores)
        for line, of_line, of_scores in zip(lines, of_lines, np.split(scores, ends), strict=True)
    ]


def _scores(model: Model, asked: list[SegmentHypothesis], geometry: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n,) scores of n hypotheses, which have (n, GEOMETRY) places in their lines."""
    pictures = np.stack([normalise(hypothesis.ink) for hypothesis in asked])
    whole = model.probability_of_one_digit(hog_features(pictures), geometry)
    digit = np.full(len(pictures), PROBABILITY_FLOOR)
    is_likely = whole > PROBABILITY_FLOOR
    if is_likely.any():
        digit[is_likely] = model.predict_proba(pictures[is_likely])[:, :10].max(axis=1)
    as_marks = [MARK_SCORE * hypothesis.component_count for hypothesis in asked]
    of_seams = [SEAM_SCORE * hypothesis.begins_at_a_seam for hypothesis in asked]
    as_digits = np.log(whole.clip(PROBABILITY_FLOOR)) + np.log(digit.clip(PROBABILITY_FLOOR))
    scores: NDArray[np.float64] = np.maximum(as_digits, as_marks) + of_seams
    return scores


def _viterbi_path(count: int, candidates: list[SegmentHypothesis], scores: NDArray[np.float64]) -> Path:
    """The path through that many segments with the highest sum of scores; candidates are ordered by their start."""
    best = np.full(count + 1, -np.inf)
    best[0] = 0
    last: list[tuple[SegmentHypothesis, float] | None] = [None] * (count + 1)
    for hypothesis, score in zip(candidates, scores, strict=True):
        if best[hypothesis.start] + score > best[hypothesis.stop]:
            best[hypothesis.stop] = best[hypothesis.start] + score
            last[hypothesis.stop] = hypothesis, float(score)
    path: Path = []
    place = count
    while (chosen := last[place]) is not None:
        path.append(chosen)
        place = chosen[0].start
    return path[::-1]
