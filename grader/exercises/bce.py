"""The exercise of solutions/bce.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import bce as truth

STAGE = "04_loss_and_slope"
EPS = 1e-7


def bce_cases(rng):
    """Both labels in every ordinary case; then certainty, right and wrong, where a bare logarithm breaks."""

    def column(*values):
        return np.array(values, dtype=float).reshape(-1, 1)

    labels = column(*rng.permutation([1, 1, 0, 0, 0]))
    return [
        case("five answers", rng.uniform(0.05, 0.95, (5, 1)), labels, EPS),
        case("one yes, leaning to no", rng.uniform(0.05, 0.4, (1, 1)), column(1), EPS),
        case("one no, leaning to no", rng.uniform(0.05, 0.4, (1, 1)), column(0), EPS),
        case("a wide ε", column(0.01, rng.uniform(0.2, 0.8), 0.98), column(1, 1, 0), 0.1),
        case("certain and wrong", column(0, 1, rng.uniform(0.2, 0.8)), column(1, 0, 1), EPS, stable=True),
        case("certain and right", column(1, 0), column(1, 0), EPS, stable=True),
    ]


def _bce(log=np.log, yes=1.0, no=1.0, total=np.mean, hold=np.clip):
    """Binary cross-entropy with one thing wrong."""

    def wrong(p, y, eps=EPS):
        p = hold(p, eps, 1 - eps)
        return float(-total(yes * y * log(p) + no * (1 - y) * log(1 - p)))

    return wrong


def _flat_labels(p, y, eps=EPS):
    p = np.clip(p, eps, 1 - eps)
    return float(-np.sum(y.ravel() * np.log(p) + (1 - y.ravel()) * np.log(1 - p)) / len(y))


def _in_place(p, y, eps=EPS):
    np.clip(p, eps, 1 - eps, out=p)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


bce = Exercise(
    "bce",
    STAGE,
    truth.bce,
    bce_cases,
    points={"value": 1.5, "shape": 0.25, "stability": 1, "purity": 0.25},
    hints=(
        "One row at a time: where y is 1, only log p counts; where y is 0, only log(1 − p). Look at the formula "
        "until you see why.",
        "log 0 is −∞. So hold the probabilities within ε and 1 − ε first: `np.clip` takes an array, a lowest "
        "and a highest value.",
        "Build the bracket of the formula as one array: y times one logarithm, plus (1 − y) times the other.",
        "Then the mean over all rows, with a minus in front, as a `float`. Logarithms of probabilities are "
        "negative, losses are not.",
    ),
    misconceptions=(
        Misconception(
            "probabilities not held",
            wrong=_bce(hold=lambda p, low, high: p),
            hint="log(0) is −∞, and 0 · ∞ is no number at all. Between which two values must p stay?",
        ),
        Misconception(
            "sign lost",
            wrong=lambda p, y, eps=EPS: -_bce()(p, y, eps),
            hint="Logarithms of probabilities are negative, so your loss is too. What does the formula begin with?",
        ),
        Misconception(
            "p and y swapped",
            wrong=lambda p, y, eps=EPS: _bce()(y, p, eps),
            hint="You take the logarithm of the labels. Of which of the two does the formula take it?",
        ),
        Misconception(
            "only the yes half",
            wrong=_bce(no=0.0),
            hint="Where the label is 0, your answer costs nothing. Which term of the formula is for a no?",
        ),
        Misconception(
            "sum instead of mean",
            wrong=_bce(total=np.sum),
            hint="A single answer is right, several cost too much. What is 1/N for?",
        ),
        Misconception(
            "labels flattened",
            wrong=_flat_labels,
            hint="Every label meets every probability: N · N products instead of N. Print the shapes of y and of log p.",
        ),
        Misconception(
            "ε added, not a limit",
            wrong=lambda p, y, eps=EPS: float(-np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))),
            hint="Nothing is infinite any more, but every probability has moved. Which ones should ε leave as they are?",
        ),
        Misconception(
            "logarithm to base 10",
            wrong=_bce(log=np.log10),
            hint="Every value is too small by the same factor, ln 10. Which of NumPy's logarithms is the natural one?",
        ),
        Misconception(
            "changes p in place",
            wrong=_in_place,
            hint="The loss is right, but the caller's p was written into. How do you get a held copy?",
        ),
    ),
)
