"""The exercise of solutions/ensemble.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import ensemble as truth

STAGE = "08_generalize"


def ensemble_predict_cases(rng):
    """Three sizes that differ; rows where the vote and the mean disagree; a tie in eighths, which add up exactly."""

    def opinions(K, N, C):
        P = rng.uniform(0.05, 1.0, (K, N, C)) ** 2
        return P / P.sum(axis=2, keepdims=True)

    sure = np.array([[0.52, 0.48, 0.0], [0.55, 0.45, 0.0], [0.02, 0.9, 0.08]])  # two hesitate, one is sure
    swap, swap_two = rng.permutation(3), rng.permutation(2)
    outvoted = np.stack([sure[:, swap], sure[::-1][:, rng.permutation(3)]], axis=1)
    tie = np.array([[[0.125, 0.5, 0.375], [0.5, 0.25, 0.25]], [[0.375, 0.25, 0.375], [0.0, 0.75, 0.25]]])
    return [
        case("five networks, twelve examples, four classes", opinions(5, 12, 4)),
        case("two hesitate, one is sure", outvoted),
        case("a tie: the lowest label", tie[:, :, ::-1].copy() if rng.random() < 0.5 else tie),
        case("one network rules a class out", np.array([[[0.9, 0.1]], [[0.8, 0.2]], [[0.0, 1.0]]])[..., swap_two]),
        case("a single network", opinions(1, 6, 3)),
        case("a single example", opinions(3, 1, 7)),
        case("more classes than examples", opinions(4, 9, 10)),
        case("float32", opinions(3, 8, 2).astype(np.float32)),
    ]


def _votes(P):
    votes = np.argmax(P, axis=2)  # (K, N)
    return np.array([np.bincount(column, minlength=P.shape[2]).argmax() for column in votes.T])


def _last_of_ties(P):
    mean = np.mean(P, axis=0)
    return P.shape[2] - 1 - np.argmax(mean[:, ::-1], axis=1)


ensemble_predict = Exercise(
    "ensemble_predict",
    STAGE,
    truth.ensemble_predict,
    ensemble_predict_cases,
    points={"value": 1, "shape": 0.25, "purity": 0.25},
    hints=(
        "P has three axes: networks, examples, classes. Which one must disappear first?",
        "Average the networks: `axis=0`. What is left is one table, (N, C).",
        "Then ask each row for the place of its largest entry. `np.argmax` takes an axis too, and of equal "
        "entries it takes the first.",
    ),
    misconceptions=(
        Misconception(
            "votes counted",
            wrong=_votes,
            hint="Two that hesitate outvote one that is sure. What did the three probabilities say before they became "
            "votes?",
        ),
        Misconception(
            "the surest one decides",
            wrong=lambda P: np.argmax(np.max(P, axis=0), axis=1),
            hint="One overconfident network overrules all the others. Maximum or mean: which of them listens to "
            "everybody?",
        ),
        Misconception(
            "probabilities multiplied",
            wrong=lambda P: np.argmax(np.prod(P, axis=0), axis=1),
            hint="A single network that says 0 vetoes a class. What does the formula do with the K probabilities?",
        ),
        Misconception(
            "only the first network",
            wrong=lambda P: np.argmax(P[0], axis=1),
            hint="The other networks never count. Which axis of P are the networks, and what happens along it?",
        ),
        Misconception(
            "the mean, not the label",
            wrong=lambda P: np.mean(P, axis=0),
            hint="These are the averaged probabilities, C for each example. Which class do they point to?",
        ),
        Misconception(
            "averaged over the examples",
            wrong=lambda P: np.argmax(np.mean(P, axis=1), axis=1),
            hint="You got one label for each network. Over which of K, N and C should the mean run?",
        ),
        Misconception(
            "a tie to the highest label",
            wrong=_last_of_ties,
            hint="Only ties come out wrong. Of several largest entries, which one does np.argmax name?",
        ),
    ),
)
