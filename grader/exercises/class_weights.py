"""The exercise of solutions/class_weights.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import class_weights as truth

STAGE = "08_generalize"


def class_weights_cases(rng):
    """Two, three and five classes, none of them as frequent as another; labels in any order; a single class."""

    def labels(*counts):
        return rng.permutation(np.repeat(np.arange(len(counts)), counts))

    some = [int(n) for n in rng.choice(np.arange(2, 12), size=5, replace=False)]
    return [
        case("190 healthy, 10 ill", labels(190, 10)),
        case("the rare class comes first", labels(3, int(rng.integers(20, 40)))),
        case("three kinds of wine", labels(59, 71, 48)),
        case("five classes", labels(*some)),
        case("one class alone", np.zeros(int(rng.integers(3, 8)), int)),
    ]


def _weights(formula):
    def wrong(y):
        counts = np.bincount(y)
        return np.asarray(formula(len(y), len(counts), counts), float)

    return wrong


class_weights = Exercise(
    "class_weights",
    STAGE,
    truth.class_weights,
    class_weights_cases,
    points={"value": 1, "shape": 0.25, "purity": 0.25},
    hints=(
        "By hand: labels 0 0 0 1. N = 4, two classes, three of one and one of the other. What are the two weights?",
        "`np.bincount` counts how often each label occurs, from 0 on. How long is its answer?",
        "N is the length of y, C the length of the counts. One division of a number by an array gives all "
        "weights at once.",
    ),
    misconceptions=(
        Misconception(
            "frequent classes count more",
            wrong=_weights(lambda N, C, counts: counts / N),
            hint="Your largest weight goes to the commonest class. Whose examples should count more?",
        ),
        Misconception(
            "number of classes left out",
            wrong=_weights(lambda N, C, counts: N / counts),
            hint="All weights are too large, by the number of classes. What should their mean over the examples be?",
        ),
        Misconception(
            "always two classes",
            wrong=_weights(lambda N, C, counts: N / (2 * counts)),
            hint="With two classes all is well. Where does your function learn how many there are?",
        ),
        Misconception(
            "only one over the count",
            wrong=_weights(lambda N, C, counts: 1 / counts),
            hint="The ratios are right, and every weight is tiny: that shrinks the learning rate as well. Where is N?",
        ),
        Misconception(
            "scaled to add up to one",
            wrong=_weights(lambda N, C, counts: (1 / counts) / np.sum(1 / counts)),
            hint="Your weights add up to 1. It is their mean over the examples that should be 1: how many of each are "
            "there?",
        ),
        Misconception(
            "relative to the commonest",
            wrong=_weights(lambda N, C, counts: np.max(counts) / counts),
            hint="The commonest class has weight 1, the others more, so the whole loss grows. What does the formula "
            "divide by?",
        ),
        Misconception(
            "a weight for every example",
            wrong=lambda y: len(y) / (len(np.bincount(y)) * np.bincount(y)[y]),
            hint="You have one number for each example. How many are asked for: N or C?",
        ),
    ),
)
