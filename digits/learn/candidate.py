"""Two ways to make a model of corrections: a memory for all, and the project's model with its last layer fine-tuned.

Both start from the project's own model, whatever answers now, so nothing adds up that one gate after the other lets
pass. Both are held in place by fresh examples of what the model was trained on (rehearsal): what a memory would break
of them is remembered too (condensed nearest neighbours, Hart 1968), and the fine-tuned layer must keep its
probabilities of them (learning without forgetting, Li & Hoiem, ECCV 2016).
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from digits.learn.batch import Batch, labels_read
from digits.learn.pictures import rehearsed
from digits.memory import Memory
from digits.model import Model
from digits.recogniser import Recogniser
from digits.taught import CLASSES, Taught

MAX_OF_A_KIND: Final = 40
"""Misread digits of a label that a memory for all holds, the newest; 440 cost a picture 0.05 ms."""

COUNTERWEIGHTS: Final = 4
"""So many of what the memory breaks are remembered too in each round..."""

MAX_ROUNDS: Final = 10
"""...of at most so many, until..."""

MAX_BROKEN: Final = 0.003
"""...no larger share of the examples is broken."""

WEIGHT: Final = 5.0
"""How much a correction counts in fine-tuning, where an example that is rehearsed counts 1."""

DECAY: Final = 0.1
"""Weight of the squared change of the layer. It and `WEIGHT` were chosen on writers kept out (docs/notebook.md)."""

MAX_STEPS: Final = 200
"""Of fine-tuning."""


Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Weights (inputs, outputs) and biases (outputs,)."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """The project's model with what it has learnt.

    Attributes:
        recogniser: that reads with it.
        change: a memory for all, or what stands in place of the classifier's last layer.
        about: what the card is to say of it.

    """

    recogniser: Recogniser
    change: Taught | Layer
    about: dict[str, Any]


def candidates(own: Recogniser, batch: Batch) -> dict[str, Candidate]:
    """What can be made of the project's own model and a batch, by name."""
    examples = rehearsed()
    taught, corrections = memory_for_all(own.model, batch, examples)
    layer = fine_tuned(own.model, batch, examples)
    tuned = replace(own.model, classifier=[*own.model.classifier[:-1], layer])
    return {
        "memory": Candidate(
            own.with_memory(Memory.of(own.model, taught)), taught, {"kind": "memory", "remembered": corrections}
        ),
        "fine_tuned": Candidate(Recogniser(tuned), layer, {"kind": "fine_tuned"}),
    }


def memory_for_all(own: Model, batch: Batch, examples: Taught) -> tuple[Taught, int]:
    """The digits that a model misreads, behind them examples that hold the balance; the count of the first."""
    misread = np.flatnonzero(labels_read(Recogniser(own), batch.learn.pictures) != batch.learn.labels)
    kinds = [misread[batch.learn.labels[misread] == label][-MAX_OF_A_KIND:] for label in range(CLASSES)]
    corrections = batch.learn.at(np.sort(np.concatenate(kinds)))
    taught = corrections
    right = own.predict_proba(examples.pictures).argmax(axis=1) == examples.labels
    for _ in range(MAX_ROUNDS):
        broken = _broken(own.with_memory(Memory.of(own, taught)), examples, right)
        if len(broken) <= MAX_BROKEN * len(examples):
            break
        taught = taught.and_also(examples.at(broken[:COUNTERWEIGHTS]))
    return taught, len(corrections)


def _broken(model: Model, examples: Taught, right: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Indices of the examples that were right and are misread now at first sight, the worst first."""
    found = model.predict_proba(examples.pictures)
    of_label = found[np.arange(len(examples)), examples.labels]
    broken = np.flatnonzero(right & (found.argmax(axis=1) != examples.labels))
    return broken[of_label[broken].argsort(kind="stable")]


def fine_tuned(model: Model, batch: Batch, examples: Taught) -> Layer:
    """The last layer's weights and biases, taught by a batch: (units, 11) and (11,) float32."""
    learnt, wanted = _with_ones(model, batch.learn), np.eye(CLASSES)[batch.learn.labels]
    kept = _with_ones(model, examples)
    before = np.vstack(model.classifier[-1]).astype(np.float64)
    probabilities = softmax(kept @ before, axis=1)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        change = flat.reshape(before.shape)
        of_learnt, of_kept = (log_softmax(seen @ (before + change), axis=1) for seen in (learnt, kept))
        entropy = WEIGHT * np.sum(wanted * of_learnt) + np.sum(probabilities * of_kept)
        slope = WEIGHT * learnt.T @ (np.exp(of_learnt) - wanted) + kept.T @ (np.exp(of_kept) - probabilities)
        total = -entropy / len(kept) + DECAY * np.sum(change**2)
        return float(total), (slope / len(kept) + 2 * DECAY * change).ravel()

    found = minimize(loss, np.zeros(before.size), jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS})
    layer = (before + found.x.reshape(before.shape)).astype(np.float32)
    return layer[:-1], layer[-1]


def _with_ones(model: Model, taught: Taught) -> NDArray[np.float64]:
    """(n, units + 1) float64: the last hidden layer, and 1 for the bias."""
    return np.pad(model.hidden(taught.pictures).astype(np.float64), ((0, 0), (0, 1)), constant_values=1.0)
