"""Which ink candidate to believe: a small network tells how probable it is that each is right. Learnt, not set by hand.

It is told what the ink looks like (`digits.ink.evidence`), what the model of digits sees in it, and what it sees in the
other candidates of the picture. A second one is told what the first says of the candidate that is believed, and tells
whether that is written at all. `python -m digits.training.candidate_judge` trains both.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from digits.ink.evidence import EVIDENCE, LOOKS, OF_WRITING
from digits.layers import Layers, logistic, logits_of, softmax

NOT_A_DIGIT: Final = 10
"""Class of what is no digit, behind the ten digits."""

VIEW_FEATURES: Final = NOT_A_DIGIT + 3
"""Numbers that say what the model sees in a candidate, and..."""

AGREEMENT_FEATURES: Final = 6
"""...numbers that say how far the other candidates agree with it."""

FEATURES: Final = EVIDENCE + VIEW_FEATURES + AGREEMENT_FEATURES
"""Numbers that the network is told of a candidate."""

RIGHT: Final = 0
ANOTHER_DIGIT: Final = 1
NO_DIGIT: Final = 2
OUTCOMES: Final = 3
"""What may be so: a candidate's likeliest digit is the right one, the picture shows another digit, or none."""

WRITING_FEATURES: Final = 2 + 3 + OUTCOMES + 1
"""Numbers from which is told whether the candidate that is believed is written."""

SMALLEST_LOOKS: Final = (0.05, 0.01)
"""Added to the unevenness of strokes and to the clutter around them before their logarithms are taken. Set by hand."""

MAX_LOGIT: Final = 8.0
"""Beyond it no probability is taken to be any surer."""


class CandidateJudge:
    """A network of ReLU and softmax on `features_of` the candidates, and one on `writing_features_of` one of them."""

    def __init__(self, layers: Layers, of_writing: Layers) -> None:
        """Take the layers of two networks, weights (inputs, outputs) and biases (outputs,).

        Raises:
            ValueError: they do not lead from `FEATURES` numbers to `OUTCOMES` and from `WRITING_FEATURES` to one.

        """
        for network, inputs, outputs in ((layers, FEATURES, OUTCOMES), (of_writing, WRITING_FEATURES, 1)):
            if not network or network[0][0].shape[0] != inputs or network[-1][0].shape[1] != outputs:
                raise ValueError(f"no layers from {inputs} features to {outputs} outcomes")
        self._layers = layers
        self._of_writing = of_writing

    def outcomes(self, evidence: NDArray[np.float32], views: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, OUTCOMES) probabilities; arguments as for `features_of`."""
        logits = logits_of(self._layers, features_of(evidence, views))
        return softmax(logits)

    def probability_of_writing(self, evidence: NDArray[np.float32], outcomes: NDArray[np.float64], tried: int) -> float:
        """How probable it is that a candidate is written, and no part of another thing, 0..1.

        Arguments as for `writing_features_of`.
        """
        features = writing_features_of(evidence, outcomes, tried)
        return float(logistic(logits_of(self._of_writing, features[None])[0, 0]))


def writing_features_of(
    evidence: NDArray[np.float32], outcomes: NDArray[np.float64], tried: int
) -> NDArray[np.float32]:
    """What is told of the candidate that is believed.

    Args:
        evidence: (EVIDENCE,) float32, of its ink.
        outcomes: (OUTCOMES,) that the judge finds for it.
        tried: how many candidates of the picture were tried.

    Returns:
        (WRITING_FEATURES,) float32.

    """
    looks = np.log(evidence[LOOKS] + np.array(SMALLEST_LOOKS))
    found = [looks, evidence[OF_WRITING], _bounded_logit(outcomes), [np.log(tried)]]
    return np.concatenate(found).astype(np.float32)


def features_of(evidence: NDArray[np.float32], views: NDArray[np.float64]) -> NDArray[np.float32]:
    """What the network is told of the candidates of a picture that have been tried.

    Args:
        evidence: (n, EVIDENCE) float32, of their ink, in the order in which they were tried.
        views: (n, 11) probabilities of the digits and of "not a digit".

    Returns:
        (n, FEATURES) float32.

    """
    digits = views[:, :NOT_A_DIGIT]
    says = digits.argmax(axis=1)
    second, first = np.sort(digits, axis=1)[:, -2:].T
    seen = np.stack([first, views[:, NOT_A_DIGIT], first / (first + second)], axis=1)
    likeliest = says[:, None] == np.arange(NOT_A_DIGIT)
    parts = [evidence, likeliest, _bounded_logit(seen), _agreement(views, says, first)]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _agreement(
    views: NDArray[np.float64], says: NDArray[np.int64], highest: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n, AGREEMENT_FEATURES): how many others there are, and whether they and the first one see the same."""
    count = len(views)
    others = 1 - np.eye(count)
    shares = others / max(count - 1, 1)
    same = says[:, None] == says
    contrary = np.where(same, 0, highest).max(axis=1)
    means = shares @ views
    found = [
        np.full(count, np.log(count)),
        (shares * same).sum(axis=1),
        means[np.arange(count), says],
        means[:, NOT_A_DIGIT],
        contrary,
        views[0, says],
    ]
    return np.stack(found, axis=1)


def combined(views: NDArray[np.float64], outcomes: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """(11,) probabilities, and the index of the candidate that is most probably right, whose digit they speak for.

    Args:
        views: (n, 11) of the candidates of a picture.
        outcomes: (n, OUTCOMES) of them.

    """
    best = int(outcomes[:, RIGHT].argmax())
    digit = int(views[best, :NOT_A_DIGIT].argmax())
    rest: NDArray[np.float64] = views.mean(axis=0)
    rest[[digit, NOT_A_DIGIT]] = 0
    shares = outcomes[best, ANOTHER_DIGIT] / rest.sum() * rest
    shares[digit], shares[NOT_A_DIGIT] = outcomes[best, [RIGHT, NO_DIGIT]]
    return shares, best


def _bounded_logit(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    low = logistic(-MAX_LOGIT)
    bounded = np.clip(probabilities, low, 1 - low)
    return np.asarray(np.log(bounded / (1 - bounded)))
