"""Train the candidate judge: which view of a picture's ink to believe, and whether it is written at all.

    python -m digits.training.candidate_judge [--pages 4000] [--candidates FILE] [--out FOLDER]

Photographed pages are made of what hands wrote that are kept out of the training of digits and of pixels. Every ink
candidate of every picture is classified; a small network learns which of them is right. Another one learns, from these
and from photographs of things, whether what is believed is written. Half of the hands say how well the other half teach
them, then all of them teach. Writes candidate_judge.npz to its place in the project, or into the folder of a model, and
its SHA-256 into the record there. Finding the candidates takes most of the time, some 10 minutes of two cores, and
needs no model of digits: FILE keeps them for the next time. What was tried stands in docs/notebook.md, "Which ink
candidate to believe".
"""

import argparse
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from digits import Recogniser
from digits.candidate_judge import (
    ANOTHER_DIGIT,
    NO_DIGIT,
    NOT_A_DIGIT,
    RIGHT,
    WRITING_FEATURES,
    CandidateJudge,
    combined,
    features_of,
    writing_features_of,
)
from digits.ink.evidence import FLAT_PAPER
from digits.layers import Layers, write_networks
from digits.model import CANDIDATE_JUDGE, Model, model_path
from digits.recogniser import MAX_REJECT_PROBABILITY, TRUSTED, decide
from digits.training.judged_pictures import Candidates, candidates
from digits.training.record import record_file

PAGES: Final = 4000
"""Pictures that are made."""

NETWORKS: Final = 5
"""Networks whose logits are averaged: log loss of the checking hands 0.351 in place of 0.399 with one."""

HIDDEN: Final = 16
"""Hidden units of each. Set by hand."""

WEIGHT_DECAY: Final = 1.0
"""scikit-learn's `alpha`: with 0.1 the log loss was 0.362."""

EPOCHS: Final = 20
"""Passes over the candidates. Set by hand."""

NO_DIGIT_SHIFT: Final = -0.3
"""Added to the logit of "no digit", which a quarter of the made pictures show: more than people send. With -0.6, 4.6 %
of the checking hands' digits were rejected in place of 5.7 %, but 71 % of what is none in place of 77 %."""

WRITING_STRENGTH: Final = 0.3
"""scikit-learn's `C` of the logistic regression that tells what is written. Set by hand."""

KEPT: Final = 0.99
"""Share of made digits that are read rightly which pass for writing. With 0.98, 3 of 1,099 real photographs of digits
more were rejected."""

MIN_PAGES: Final = 50
"""Pictures without which there is nothing to learn."""

SURE: Final = 0.99
"""Confidence from which on an error is counted apart."""

BINS: Final = 15
"""Bins of confidence over which the calibration error is summed up."""

VIEWS_AT_ONCE: Final = 1000
"""Candidates that are classified at once."""

SEED: Final = 0
"""Of the network, and of how many candidates are looked at together."""


def train_judge(known: Candidates, views: NDArray[np.float64], teach: NDArray[np.bool_]) -> Layers:
    """Layers of a judge that learns from each picture's first candidate alone, from the first few and from all of them.

    Args:
        known: all candidates.
        views: (n, 11) what the model of digits says of each.
        teach: (m,) which pictures it learns from.

    """
    rng = np.random.default_rng(SEED)
    shown, outcomes = [], []
    for number, found in _by_picture(known):
        if teach[number]:
            for count in {1, int(rng.integers(1, len(found) + 1)), len(found)}:
                tried = found[:count]
                shown.append(features_of(known.evidence[tried], views[tried]))
                outcomes.append(_outcomes(views[tried], int(known.labels[number])))
    scaler = StandardScaler().fit(np.concatenate(shown))
    values, wanted = scaler.transform(np.concatenate(shown)), np.concatenate(outcomes)
    networks = [
        MLPClassifier(HIDDEN, alpha=WEIGHT_DECAY, max_iter=EPOCHS, n_iter_no_change=EPOCHS, random_state=seed)
        for seed in range(NETWORKS)
    ]
    with warnings.catch_warnings():  # as many passes as said
        warnings.simplefilter("ignore", ConvergenceWarning)
        for network in networks:
            network.fit(values, wanted)
    return _as_one(networks, scaler)


def _as_one(networks: list[MLPClassifier], scaler: StandardScaler) -> Layers:
    """The networks side by side, the scaler's arithmetic in the first layer, the mean of their logits in the last."""
    first = np.concatenate([network.coefs_[0] for network in networks], axis=1) / scaler.scale_[:, None]
    bias = np.concatenate([network.intercepts_[0] for network in networks]) - scaler.mean_ @ first
    last = np.concatenate([network.coefs_[1] for network in networks]) / len(networks)
    last_bias = np.mean([network.intercepts_[1] for network in networks], axis=0)
    last_bias[NO_DIGIT] += NO_DIGIT_SHIFT
    return [
        (first.astype(np.float32), bias.astype(np.float32)),
        (last.astype(np.float32), last_bias.astype(np.float32)),
    ]


def _by_picture(known: Candidates) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Number of each picture that is judged, and the indices of its candidates; what is taken for a drawing is not."""
    bounds = np.searchsorted(known.page, np.arange(len(known.labels) + 1))
    for number, (first, behind) in enumerate(pairwise(bounds.tolist())):
        if first < behind and not known.evidence[first, FLAT_PAPER]:
            yield number, np.arange(first, behind)


def _outcomes(views: NDArray[np.float64], label: int) -> NDArray[np.int64]:
    """(n,) `RIGHT`, `ANOTHER_DIGIT` or `NO_DIGIT` for each candidate."""
    right = views[:, :NOT_A_DIGIT].argmax(axis=1) == label
    return np.where(label == NOT_A_DIGIT, NO_DIGIT, np.where(right, RIGHT, ANOTHER_DIGIT))


class _Judged(NamedTuple):
    """What the recogniser would say of the candidates of a picture, of which it tries as many as it needs.

    Attributes:
        shares: (11,) probabilities.
        written: (digits.candidate_judge.WRITING_FEATURES,) of the candidate that speaks for them.

    """

    shares: NDArray[np.float64]
    written: NDArray[np.float32]


def _judged(judge: CandidateJudge, evidence: NDArray[np.float32], views: NDArray[np.float64]) -> _Judged:
    for count in range(1, len(views) + 1):
        outcomes = judge.outcomes(evidence[:count], views[:count])
        if outcomes[-1, RIGHT] >= TRUSTED:
            break
    shares, best = combined(views[:count], outcomes)
    return _Judged(shares, writing_features_of(evidence[best], outcomes[best], count))


class _Believed(NamedTuple):
    """Pictures in which a judge that has not learnt from them sees a digit: the right one, or a thing as one.

    Attributes:
        features: (n, digits.candidate_judge.WRITING_FEATURES) float32.
        written: (n,) bool.
        checks: (n,) bool, whether it is by one of the hands that check.

    """

    features: NDArray[np.float32]
    written: NDArray[np.bool_]
    checks: NDArray[np.bool_]


def _believed(known: Candidates, views: NDArray[np.float64], judges: Sequence[Layers]) -> _Believed:
    """By two judges, the second of which has learnt from the hands that check and the first from the others."""
    features, written, checks = [], [], []
    for number, found in _by_picture(known):
        is_thing, check = bool(known.things[number]), bool(known.checks[number])
        judged = _judged(_untaught(judges[not check]), known.evidence[found], views[found])
        digit, _ = decide(judged.shares)
        if digit is not None and (is_thing or digit == known.labels[number]):
            features.append(judged.written)
            written.append(not is_thing)
            checks.append(check)
    return _Believed(np.array(features), np.array(written), np.array(checks))


def _untaught(layers: Layers) -> CandidateJudge:
    """A judge of candidates that knows nothing of writing."""
    nothing = np.zeros((WRITING_FEATURES, 1), np.float32), np.zeros(1, np.float32)
    return CandidateJudge(layers, [nothing])


def train_writing(known: _Believed) -> tuple[Layers, str]:
    """The layer that tells what is written, by logistic regression, and a line on how well it does.

    It lets `KEPT` of the digits pass, judged by what the other half of the hands teach.
    """
    apart = np.zeros(len(known.written))
    for half in (False, True):
        weights, bias = _regression(known, known.checks == half)
        others = known.checks != half
        apart[others] = (known.features[others] @ weights + bias)[:, 0]
    least = float(np.quantile(apart[known.written], 1 - KEPT))
    passing = _share(apart[~known.written] >= least)
    weights, bias = _regression(known, np.ones_like(known.checks))
    bias = bias - least + np.log((1 - MAX_REJECT_PROBABILITY) / MAX_REJECT_PROBABILITY)
    said = f"{KEPT:.1%} of {np.count_nonzero(known.written)} digits that are read rightly pass for writing"
    more = f"{passing:.1%} of {np.count_nonzero(~known.written)} things that are taken for a digit"
    return [(weights.astype(np.float32), bias.astype(np.float32))], f"{said}, and {more}"


def _regression(known: _Believed, teach: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (digits.candidate_judge.WRITING_FEATURES, 1) and bias (1,) that those chosen teach."""
    scaler = StandardScaler().fit(known.features[teach])
    values = scaler.transform(known.features[teach])
    found = LogisticRegression(C=WRITING_STRENGTH, class_weight="balanced", max_iter=1000)
    weights = found.fit(values, known.written[teach]).coef_.T / scaler.scale_[:, None]
    return weights, found.intercept_ - scaler.mean_ @ weights


def comparison(known: Candidates, views: NDArray[np.float64], judge: CandidateJudge) -> str:
    """How well the checking hands' pictures are read by the judge and in two plainer ways, a line each."""
    chosen = known.checks & ~known.things
    checked = [(number, found) for number, found in _by_picture(known) if chosen[number]]
    labels = known.labels[[number for number, _ in checked]]
    ways: dict[str, list[NDArray[np.float64]]] = {
        "first candidate": [views[found[0]] for _, found in checked],
        "most confident": [views[found[views[found, :NOT_A_DIGIT].max(axis=1).argmax()]] for _, found in checked],
        "judge": [_judged(judge, known.evidence[found], views[found]).shares for _, found in checked],
    }
    return "\n".join(f"{way}: {_score(found, labels)}" for way, found in ways.items())


def _score(found: list[NDArray[np.float64]], labels: NDArray[np.int64]) -> str:
    answers = [decide(view) for view in found]
    read = np.array([NOT_A_DIGIT if digit is None else digit for digit, _ in answers])
    confidence = np.array([confidence for _, confidence in answers])
    digits = labels < NOT_A_DIGIT
    kept = digits & (read < NOT_A_DIGIT)
    bins = (confidence[kept] * BINS).astype(int)
    gaps = np.bincount(bins, confidence[kept] - (read == labels)[kept])
    sure = kept & (confidence >= SURE)
    return (
        f"{_share(read[digits] == labels[digits]):.2%} of {np.count_nonzero(digits)} digits right,"
        f" {_share(read[digits] == NOT_A_DIGIT):.2%} rejected;"
        f" {_share(read[~digits] == NOT_A_DIGIT):.1%} of {np.count_nonzero(~digits)} others rejected;"
        f" calibration error {np.abs(gaps).sum() / max(np.count_nonzero(kept), 1):.3f};"
        f" {_share(read[sure] != labels[sure]):.2%} wrong of the {_share(sure[digits]):.1%} of {SURE} and more"
    )


def _share(flags: NDArray[np.bool_]) -> float:
    return np.count_nonzero(flags) / max(flags.size, 1)


def train(pages: int, kept: Path | None, folder: Path | None) -> None:
    """Make pictures, train the judge on their candidates, say how well it judges, and write and record it.

    Args:
        pages: how many pictures are made.
        kept: file of the candidates: read if it is there, written otherwise; None for neither.
        folder: of a model; None for the project's own.

    """
    recogniser = Recogniser(Model.load(folder))
    if kept is not None and kept.exists():
        with np.load(kept, allow_pickle=False) as stored:
            known = Candidates(**stored)
    else:
        known = candidates(pages, recogniser.model.pixel_classifier)
        if kept is not None:
            np.savez_compressed(kept, allow_pickle=False, **known._asdict())
    starts = range(0, len(known.pictures), VIEWS_AT_ONCE)
    views = np.concatenate(
        [recogniser.predict_proba(known.pictures[start : start + VIEWS_AT_ONCE]) for start in starts]
    )
    halves = [train_judge(known, views, (known.checks == check) & ~known.things) for check in (False, True)]
    print(comparison(known, views, _untaught(halves[False])))
    of_writing, said = train_writing(_believed(known, views, halves))
    print(said)
    layers = train_judge(known, views, ~known.things)
    write_networks(model_path(CANDIDATE_JUDGE, folder), [layers, of_writing])
    record_file(CANDIDATE_JUDGE, folder)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=PAGES, metavar="N", help="default: %(default)s")
    parser.add_argument("--candidates", type=Path, metavar="FILE", help="of all candidates, to be made once only")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="of a model; default: the project's own places")
    wanted = parser.parse_args()
    if wanted.pages < MIN_PAGES:
        parser.error(f"--pages must be at least {MIN_PAGES}")
    train(wanted.pages, wanted.candidates, wanted.out)


if __name__ == "__main__":
    main()
