"""The exercise of solutions/mse.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import mse as truth

STAGE = "04_loss_and_slope"


def mse_cases(rng):
    """One column and several, never square: a sum, a mean over one axis and a broadcast all come out different."""
    whole = rng.integers(1, 9, size=(4, 1)).astype(float)
    return [
        case("five predictions", rng.normal(size=(5, 1)), rng.normal(size=(5, 1))),
        case("four examples, three outputs each", rng.normal(size=(4, 3)), rng.normal(size=(4, 3))),
        case("a single prediction, off by more than 2", np.array([[rng.normal() + 9.0]]), np.array([[rng.normal()]])),
        case("errors of either sign that cancel", whole + np.array([[3.0], [-3.0], [5.0], [-5.0]]), whole),
        case("two examples, six outputs each", rng.normal(size=(2, 6)) * 10, rng.normal(size=(2, 6))),
    ]


def _in_place(p, y):
    p -= y
    return float(np.mean(p**2))


mse = Exercise(
    "mse",
    STAGE,
    truth.mse,
    mse_cases,
    points={"value": 1.5, "shape": 0.25, "purity": 0.25},
    hints=(
        "Take predictions 2 and 5 where 3 and 3 are right. How far is each off, and what do you do with the distances?",
        "Difference, square, mean: in which order? `**` squares an array entry by entry.",
        "Divide by the number of all entries, N · M. `np.mean` without an axis does that; `float(…)` makes it "
        "Python's own number.",
    ),
    misconceptions=(
        Misconception(
            "sum instead of mean",
            wrong=lambda p, y: float(np.sum((p - y) ** 2)),
            hint="The single prediction is right, the others are too large. Should twice as many examples cost twice as "
            "much?",
        ),
        Misconception(
            "divided by N alone",
            wrong=lambda p, y: float(np.sum((p - y) ** 2) / len(p)),
            hint="One column is right, several columns are not. How many errors did you add up, and by what did you "
            "divide?",
        ),
        Misconception(
            "the ½ of the quadratic cost",
            wrong=lambda p, y: float(np.mean((p - y) ** 2) / 2),
            hint="Every value is half of what it should be. Does the formula above begin with ½?",
        ),
        Misconception(
            "RMSE",
            wrong=lambda p, y: float(np.sqrt(np.mean((p - y) ** 2))),
            hint="You went one step further, back to the unit of y. Which letter of RMSE is not in MSE?",
        ),
        Misconception(
            "errors not squared",
            wrong=lambda p, y: float(np.mean(p - y)),
            hint="Look at the errors that cancel: nobody was hit, and your loss is 0. What keeps them from canceling?",
        ),
        Misconception(
            "absolute errors",
            wrong=lambda p, y: float(np.mean(np.abs(p - y))),
            hint="Nothing cancels any more, but an error of 4 costs only twice an error of 2. What should it cost?",
        ),
        Misconception(
            "only one of the two flattened",
            wrong=lambda p, y: float(np.mean((p - y.ravel()) ** 2)),
            hint="Print the shape of p − y. A column of five minus a flat row of five: how many entries has that?",
        ),
        Misconception(
            "changes p in place",
            wrong=_in_place,
            hint="The number is right, but the caller's p is now the errors: `p -= …` writes into the array it was given. "
            "How do you get a new one?",
        ),
    ),
)
