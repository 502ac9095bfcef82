"""The exercise of solutions/rmsprop.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import rmsprop as truth

STAGE = "06_optimizers"


def rmsprop_cases(rng):
    """Slopes from 1e-8 to 1, so that it shows where ε stands; three steps in a row; a slope of nothing at all."""
    tiny_and_one = np.array([1e-8, 1.0, -1e-4, -0.5]) * rng.uniform(0.7, 1.3, 4)
    slope = np.array([6.0, 0.02, 1.0])
    walk = [(rng.uniform(0.5, 1.5, 3), np.zeros(3))]
    for _ in range(2):
        q, s = walk[-1]
        walk.append(truth.rmsprop_step(q, slope * q, s, 0.3, 0.8))
    some = rng.normal(size=(2, 3, 4))
    return [
        case("the first step, slopes of all sizes", rng.normal(size=4), tiny_and_one, np.zeros(4), 0.01, 0.9),
        *(case(f"step {t} of a walk", q, slope * q, s, 0.3, 0.8) for t, (q, s) in enumerate(walk, 1)),
        case("a matrix, a wide ε", *some, rng.uniform(0.1, 2.0, (3, 4)), 0.2, 0.7, 0.05),
        case("the default learning rate, β and ε", *rng.normal(size=(2, 5)), rng.uniform(0.1, 2.0, 5)),
        case("level ground since the start", rng.normal(size=3), np.zeros(3), np.zeros(3), 0.1, 0.9, stable=True),
    ]


def _rmsprop(
    square=lambda s, g, beta: beta * s + (1 - beta) * g**2,
    size=lambda s, eps: np.sqrt(s) + eps,
    rate=lambda lr: lr,
):
    """RMSProp with one thing wrong."""

    def wrong(p, g, s, lr=0.001, beta=0.9, eps=1e-8):
        s = square(s, g, beta)
        return p - rate(lr) * g / size(s, eps), s

    return wrong


def _old_size(p, g, s, lr=0.001, beta=0.9, eps=1e-8):
    return p - lr * g / (np.sqrt(s) + eps), beta * s + (1 - beta) * g**2


def _old_square_back(p, g, s, lr=0.001, beta=0.9, eps=1e-8):
    return _rmsprop()(p, g, s, lr, beta, eps)[0], s


def _in_place(p, g, s, lr=0.001, beta=0.9, eps=1e-8):
    s *= beta
    s += (1 - beta) * g**2
    return p - lr * g / (np.sqrt(s) + eps), s


rmsprop_step = Exercise(
    "rmsprop_step",
    STAGE,
    truth.rmsprop_step,
    rmsprop_cases,
    points={"value": 1.25, "shape": 0.25, "stability": 0.25, "purity": 0.25},
    hints=(
        "s follows the squares of the gradient, like a running mean: mostly the old value, a little of the new square.",
        "The two shares add up to 1: β for the old s, and what for g²?",
        "Then a step against g, divided by the size that g usually has: the root of the new s. ε is added after "
        "the root.",
        "Return the place and the new s. Write `s = …`, not `s += …`: the caller's array must stay as it is.",
    ),
    misconceptions=(
        Misconception(
            "g not squared",
            wrong=_rmsprop(square=lambda s, g, beta: beta * s + (1 - beta) * g),
            hint="A falling slope makes your s negative, and a root of that is `nan`. What makes every slope count as a "
            "size, whatever its sign?",
        ),
        Misconception(
            "root forgotten",
            wrong=_rmsprop(size=lambda s, eps: s + eps),
            hint="A slope ten times larger now makes a step ten times *smaller*. s is a mean of squares: what turns it "
            "back into the size of a slope?",
        ),
        Misconception(
            "squares summed up (AdaGrad)",
            wrong=_rmsprop(square=lambda s, g, beta: s + g**2),
            hint="Your s only ever grows, so the steps die out. That is AdaGrad, the method before this one. What makes "
            "RMSProp forget?",
        ),
        Misconception(
            "ε inside the root",
            wrong=_rmsprop(size=lambda s, eps: np.sqrt(s + eps)),
            hint="Only tiny slopes come out wrong: the root of 0.00000001 is 0.0001. Which is added first in the formula, "
            "ε or the root?",
        ),
        Misconception(
            "ε forgotten",
            wrong=_rmsprop(size=lambda s, eps: np.sqrt(s)),
            hint="Where the ground has always been level you divide 0 by 0. What is there in the formula to prevent it?",
        ),
        Misconception(
            "β and 1 − β the wrong way round",
            wrong=_rmsprop(square=lambda s, g, beta: (1 - beta) * s + beta * g**2),
            hint="At β = 0.9 nine tenths of your s are the newest slope. How much of the old should stay?",
        ),
        Misconception(
            "divided by the old s",
            wrong=_old_size,
            hint="The first step goes to the moon: before it, s is 0. Which s does the second formula name, with or without "
            "the dash?",
        ),
        Misconception(
            "one size for all",
            wrong=_rmsprop(square=lambda s, g, beta: beta * s + (1 - beta) * np.mean(g**2)),
            hint="All entries are divided by the same number, so the steep ones still rule. Whose steps is an entry's s "
            "made of?",
        ),
        Misconception(
            "learning rate ignored",
            wrong=_rmsprop(rate=lambda lr: 1.0),
            hint="Each step is about as long as 1. Where does lr enter?",
        ),
        Misconception(
            "old s returned",
            wrong=_old_square_back,
            hint="p is right, but the next step would begin with the same s again. Which s has to come back?",
        ),
        Misconception(
            "changes s in place",
            wrong=_in_place,
            hint="The numbers are right, but `s *= …` writes into the caller's array. How do you get a new one?",
        ),
    ),
)
