"""The exercises of solutions/penalties.py: what is tried, what it is worth, what usually goes wrong."""

from itertools import pairwise

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import penalties as truth

STAGE = "08_generalize"
TOLERANCE = 1e-5  # the sum over float32 weights may be taken in float32


def penalty_cases(rng):
    """λ and N far from 1; biases so large that they show; weights of exactly 0; filters of four dimensions."""

    def network(*sizes):
        params = {}
        for l, (D, M) in enumerate(pairwise(sizes), start=1):
            params[f"W{l}"], params[f"b{l}"] = rng.normal(size=(D, M)), 3 + rng.normal(size=M)
        return params

    sparse = rng.permutation([0.0, 0.0, 0.0, 1.5, -2.0, 0.5]).reshape(2, 3)
    filters = {"b1": 2 + rng.normal(size=4), "W1": rng.normal(size=(4, 3, 2, 2))}
    single = {name: array.astype(np.float32) for name, array in network(4, 2).items()}
    return [
        case("two layers, 40 examples", network(3, 4, 2), 0.7, 40),
        case("three layers, five examples", network(2, 5, 3, 4), 3.0, 5),
        case("weights that are exactly 0", {"W1": sparse, "b1": np.array([1.0, 0.0, -4.0])}, 1.5, 6),
        case("filters, and the biases come first", filters, 0.2, 9),
        case("float32 stays float32", single, 0.5, 20),
        case("λ is 0", network(3, 2), 0.0, 7),
    ]


def _penalty(cost, slope, cost_counts=lambda w: w.ndim > 1, slope_counts=lambda w: w.ndim > 1):
    """A penalty with one thing wrong. cost(w, lam, N): one array's share; slope(w, lam, N): its gradient."""

    def wrong(params, lam, N):
        penalty = sum(float(cost(w, lam, N)) for w in params.values() if cost_counts(w))
        gradients = {n: slope(w, lam, N) if slope_counts(w) else np.zeros_like(w) for n, w in params.items()}
        return float(penalty), gradients

    return wrong


def _everything(w):
    return True


def _l2_cost(w, lam, N):
    return lam / (2 * N) * np.sum(w**2)


def _l2_slope(w, lam, N):
    return lam / N * w


def _l2_in_place(params, lam, N):
    penalty = sum(_l2_cost(w, lam, N) for w in params.values() if w.ndim > 1)
    for w in params.values():
        w *= lam / N if w.ndim > 1 else 0
    return float(penalty), params


def _weights_alone(params, lam, N):
    penalty = sum(float(_l2_cost(w, lam, N)) for w in params.values() if w.ndim > 1)
    return float(penalty), {name: _l2_slope(w, lam, N) for name, w in params.items() if w.ndim > 1}


l2_penalty = Exercise(
    "l2_penalty",
    STAGE,
    truth.l2_penalty,
    penalty_cases,
    tolerance=TOLERANCE,
    points={"value": 1, "shape": 0.5, "purity": 0.25},
    reveal="fill_in",
    blanks=("float(np.sum(w**2))", "w.ndim > 1", "lam / N * w"),
    hints=(
        "First who pays: weights have two or more dimensions, biases have one. Which attribute of an array says that?",
        "The penalty adds up the squares of all entries of one array, as a Python number, and that for every weight.",
        "The gradient of w² is 2w, and 2 cancels with the ½ in front. What is left as the factor of w?",
    ),
    misconceptions=(
        Misconception(
            "no gradient",
            wrong=_penalty(_l2_cost, lambda w, lam, N: np.zeros_like(w)),
            hint="The penalty is right and every gradient is 0. What would tell training that small weights are "
            "wanted?",
        ),
        Misconception(
            "½ kept in the gradient",
            wrong=_penalty(_l2_cost, lambda w, lam, N: lam / (2 * N) * w),
            hint="The gradient is half of what it should be. What is the slope of w², and what does it do to the ½?",
        ),
        Misconception(
            "½ missing from the penalty",
            wrong=_penalty(lambda w, lam, N: lam / N * np.sum(w**2), _l2_slope),
            hint="The penalty is twice too large, the gradient right. Ask a numeric gradient: do the two still belong "
            "together?",
        ),
        Misconception(
            "biases pay as well",
            wrong=_penalty(_l2_cost, _l2_slope, _everything, _everything),
            hint="Your biases pay too. How many dimensions has a bias, and how many has a weight matrix?",
        ),
        Misconception(
            "the gradient pulls at the biases",
            wrong=_penalty(_l2_cost, _l2_slope, slope_counts=_everything),
            hint="The penalty leaves the biases out, the gradient does not. What is the slope along something that is "
            "not in it?",
        ),
        Misconception(
            "N forgotten",
            wrong=_penalty(lambda w, lam, N: lam / 2 * np.sum(w**2), lambda w, lam, N: lam * w),
            hint="Everything is too large by the number of examples. The loss it is added to is a mean: over what?",
        ),
        Misconception(
            "length instead of its square",
            wrong=_penalty(lambda w, lam, N: lam / (2 * N) * np.sqrt(np.sum(w**2)), _l2_slope),
            hint="You took a root. Which is in the formula, the length of the weights or the sum of their squares?",
        ),
        Misconception(
            "weights alone in the answer",
            wrong=_weights_alone,
            hint="The biases are missing from your dict. What does training add to their gradient: nothing, or a 0?",
        ),
        Misconception(
            "writes into the caller's weights",
            wrong=_l2_in_place,
            hint="The numbers are right, but the network's own weights became the gradient. How do you get new arrays?",
        ),
    ),
)


def _l1_cost(w, lam, N):
    return lam / N * np.sum(np.abs(w))


def _l1_slope(w, lam, N):
    return lam / N * np.sign(w)


l1_penalty = Exercise(
    "l1_penalty",
    STAGE,
    truth.l1_penalty,
    penalty_cases,
    tolerance=TOLERANCE,
    points={"value": 0.75, "shape": 0.25, "purity": 0.25},
    hints=(
        "Compare with L2: a square becomes an absolute value, and the ½ is gone. What does that do to the gradient?",
        "The slope of |w| is 1 or −1, and 0 at 0: NumPy has a function that gives just that.",
        "Sum the absolute values over the weights only, those with more than one dimension; a bias gets a "
        "gradient of zeros, of its own shape.",
        "λ / N stands in front of both, the sum and the gradient. Return the penalty first, then the dict.",
    ),
    misconceptions=(
        Misconception(
            "no gradient",
            wrong=_penalty(_l1_cost, lambda w, lam, N: np.zeros_like(w)),
            hint="The penalty is right and every gradient is 0. How does a weight learn that it should shrink?",
        ),
        Misconception(
            "L2's gradient",
            wrong=_penalty(_l1_cost, _l2_slope),
            hint="Your pull grows with the weight. How steep is |w| at 0.1, and how steep at 5?",
        ),
        Misconception(
            "no absolute value",
            wrong=_penalty(lambda w, lam, N: lam / N * np.sum(w), _l1_slope),
            hint="A weight of −2 lowers your penalty. Should a large negative weight be cheaper than none?",
        ),
        Misconception(
            "½ as in L2",
            wrong=_penalty(lambda w, lam, N: _l1_cost(w, lam, N) / 2, lambda w, lam, N: _l1_slope(w, lam, N) / 2),
            hint="Everything is half of what it should be. Which 2 would the ½ cancel here?",
        ),
        Misconception(
            "a zero weight is pulled",
            wrong=_penalty(_l1_cost, lambda w, lam, N: np.where(w >= 0, 1, -1).astype(w.dtype) * w.dtype.type(lam / N)),
            hint="Only weights of exactly 0 come out wrong. Which way should a weight move that is already there?",
        ),
        Misconception(
            "biases pay as well",
            wrong=_penalty(_l1_cost, _l1_slope, _everything, _everything),
            hint="Your biases pay too. How many dimensions has a bias, and how many has a weight matrix?",
        ),
        Misconception(
            "N forgotten",
            wrong=_penalty(lambda w, lam, N: lam * np.sum(np.abs(w)), lambda w, lam, N: lam * np.sign(w)),
            hint="Everything is too large by the number of examples. The loss it is added to is a mean: over what?",
        ),
    ),
)
