"""The exercises of solutions/relu.py."""

import numpy as np

from grader.exercise import Exercise, Misconception
from grader.exercises.elementwise import ONE_NUMBER, entrywise_cases, float32_case, for_one_number
from solutions import relu as truth

STAGE = "02_smooth_neurons"


def relu_cases(rng):
    return [*entrywise_cases(rng), float32_case(rng)]


def _in_place(x):
    x[x < 0] = 0
    return x


relu = Exercise(
    "relu",
    STAGE,
    truth.relu,
    relu_cases,
    points={"value": 0.5, "shape": 0.25, "purity": 0.25},
    misconceptions=(
        Misconception(
            "Python's max, for one number only",
            wrong=lambda x: max(0, x),
            hint="`max(0, x)` asks whether a whole array is larger than 0. Which NumPy function compares entry by entry?",
        ),
        Misconception(
            "the largest entry instead of every entry",
            wrong=lambda x: np.max(x, initial=0),
            hint="np.max looks for one winner in the whole array. Its longer-named sister compares two things, entry by "
            "entry: do you know it?",
        ),
        Misconception(
            "minimum for maximum",
            wrong=lambda x: np.minimum(x, 0),
            hint="Exactly the other half is left over. Which numbers should pass, and which should be stopped?",
        ),
        Misconception(
            "absolute value",
            wrong=np.abs,
            hint="Negative numbers come out positive. Should they be turned round, or stopped?",
        ),
        Misconception(
            "leaks",
            wrong=lambda x: np.where(np.asarray(x) > 0, x, 0.01 * np.asarray(x)),
            hint="A little of the negative side gets through: that is the leaky ReLU, a cousin. What should ReLU let "
            "through?",
        ),
        Misconception(
            "answers 1 instead of x",
            wrong=lambda x: np.where(np.asarray(x) > 0, 1.0, 0.0),
            hint="Everything positive became 1, as if by a step. How does ReLU tell a 3 from a 2?",
        ),
        Misconception(
            "changes x in place",
            wrong=_in_place,
            hint="`x[x < 0] = 0` writes into the caller's array, and a single number has no entries to write to. Which "
            "function makes a new array?",
        ),
    ),
)

relu_derivative = Exercise(
    "relu_derivative",
    STAGE,
    truth.relu_derivative,
    entrywise_cases,
    points={"value": 0.5, "shape": 0.25, "purity": 0.25},
    misconceptions=(
        Misconception(
            "1 at exactly 0",
            wrong=lambda x: np.heaviside(x, 1),
            hint="Only an exact 0 comes out wrong. At the kink there is no slope: which number did we agree on?",
        ),
        Misconception(
            "ReLU itself",
            wrong=lambda x: np.maximum(x, 0),
            hint="That is the height of the curve. How steep is it, say, at x = 3?",
        ),
        Misconception(
            "slope of the straight line",
            wrong=lambda x: np.ones_like(x),
            hint="On the right you are right. How steep is a curve that stays at 0?",
        ),
        Misconception(
            "−1 on the left",
            wrong=np.sign,
            hint="A slope of −1 falls, as the absolute value does on its left. What does ReLU do there?",
        ),
        Misconception(
            "truth values",
            wrong=lambda x: np.asarray(x) > 0,
            hint="True and False answer a question. A slope is a number: which numbers stand for them, and how does one "
            "make them floats?",
        ),
        Misconception(
            "whole numbers",
            wrong=lambda x: np.where(np.asarray(x) > 0, 1, 0),
            hint="The numbers are right, but an array of integers came back. How do you write a 1 that is a float?",
        ),
        Misconception(
            "written for one number",
            wrong=for_one_number(lambda x: 1.0 if x > 0 else 0.0, lambda x: 0.0),
            hint=ONE_NUMBER,
        ),
    ),
)
