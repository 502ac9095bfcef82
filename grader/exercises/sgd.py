"""The exercise of solutions/sgd.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import sgd as truth

STAGE = "06_optimizers"


def sgd_cases(rng):
    """Three steps in a row, as a walk would take them; a matrix; level ground; numbers of half the width."""
    p, slope = rng.normal(size=4), np.array([2.0, 8.0, 0.5, 3.0])
    walk = [p]
    for _ in range(2):
        walk.append(walk[-1] - 0.15 * slope * walk[-1])
    return [
        *(case(f"step {t} of a walk down a bowl", q, slope * q, 0.15) for t, q in enumerate(walk, 1)),
        case("a matrix of weights", rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), 0.5),
        case("the default learning rate", rng.normal(size=3), rng.normal(size=3) + 2),
        case("level ground", rng.normal(size=6), np.zeros(6), 0.3),
        case("float32 stays float32", *rng.normal(size=(2, 5)).astype(np.float32), 0.25),
    ]


def _in_place(p, g, lr=0.01):
    p -= lr * g
    return p


sgd_step = Exercise(
    "sgd_step",
    STAGE,
    truth.sgd_step,
    sgd_cases,
    points={},
    reveal="worked",
    misconceptions=(
        Misconception(
            "climbs",
            wrong=lambda p, g, lr=0.01: p + lr * g,
            hint="The gradient points uphill. Which sign takes you down?",
        ),
        Misconception(
            "learning rate ignored",
            wrong=lambda p, g, lr=0.01: p - g,
            hint="The step is as long as the slope. Where does lr enter?",
        ),
        Misconception(
            "returns the step, not the place",
            wrong=lambda p, g, lr=0.01: -lr * g,
            hint="That is how far to go. Where do you stand once you have gone?",
        ),
        Misconception(
            "returns the gradient",
            wrong=lambda p, g, lr=0.01: g,
            hint="The caller knows the gradient already. What does a step change?",
        ),
        Misconception(
            "shrinks the place as well",
            wrong=lambda p, g, lr=0.01: lr * (p - g),
            hint="On level ground nothing should move, and here p is multiplied by lr. What does lr belong to?",
        ),
        Misconception(
            "only the direction counts",
            wrong=lambda p, g, lr=0.01: p - lr * np.sign(g),
            hint="All steps are equally long. What should a slope twice as steep do?",
        ),
        Misconception(
            "changes p in place",
            wrong=_in_place,
            hint="The numbers are right, but `p -= …` writes into the caller's array. How do you get a new one?",
        ),
    ),
)
