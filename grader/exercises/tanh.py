"""The exercises of solutions/tanh.py."""

import numpy as np

from grader.exercise import Exercise, Misconception
from grader.exercises.elementwise import entrywise_cases, extreme_cases, float32_case
from solutions import tanh as truth

STAGE = "02_smooth_neurons"


def tanh_cases(rng):
    return [*entrywise_cases(rng), float32_case(rng), *extreme_cases()]


def _naive(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def _sigmoid(x):
    return 0.5 + 0.5 * np.tanh(x * 0.5)


tanh = Exercise(
    "tanh",
    STAGE,
    truth.tanh,
    tanh_cases,
    points={"value": 0.5, "shape": 0.25, "stability": 0.5, "purity": 0.25},
    hints=(
        "Try the formula with x = 1000: which of its parts overflow?",
        "There is a function in NumPy for exactly this curve, and it is careful at both ends. It has the name "
        "of the exercise.",
    ),
    misconceptions=(
        Misconception(
            "exp overflows",
            wrong=_naive,
            hint="At 1000 this divides infinity by infinity. NumPy has a tanh that does not: may you use it? You may.",
        ),
        Misconception(
            "the sigmoid",
            wrong=_sigmoid,
            hint="Your answers start at 0. Where does tanh start?",
        ),
        Misconception(
            "stretched, but not squeezed",
            wrong=lambda x: 2 * _sigmoid(x) - 1,
            hint="The range is right, the curve too flat: tanh(x) = 2 σ(…) − 1. By what is x multiplied in there?",
        ),
        Misconception(
            "tan for tanh",
            wrong=np.tan,
            hint="The tangent of trigonometry runs off to infinity. Which letter is missing?",
        ),
        Misconception(
            "upside down",
            wrong=lambda x: np.tanh(-x),
            hint="Every sign is wrong. In which order do exp(x) and exp(−x) stand above the fraction bar?",
        ),
        Misconception(
            "the slope of tanh",
            wrong=lambda x: 1 - np.tanh(x) ** 2,
            hint="This is 1 at 0 and falls on both sides: it is the slope. What is tanh itself at 0?",
        ),
    ),
)

tanh_derivative = Exercise(
    "tanh_derivative",
    STAGE,
    truth.tanh_derivative,
    tanh_cases,
    points={"value": 0.75, "shape": 0.25, "stability": 0.25, "purity": 0.25},
    hints=(
        "The slope is 1 in the middle and close to 0 at both ends. Which values has tanh there?",
        "The formula holds tanh(x) squared. Compute tanh first, and square what comes out, not x.",
        "One minus the square of `np.tanh(x)`: mind where the `**` stands.",
    ),
    misconceptions=(
        Misconception(
            "x taken for tanh(x)",
            wrong=lambda x: 1 - np.square(x),
            hint="The rule says 1 − y² with y = tanh(x). What is x in your function: the input, or already the output?",
        ),
        Misconception(
            "tanh itself",
            wrong=np.tanh,
            hint="That is the height of the curve. How steep is it at 0, and how steep far out?",
        ),
        Misconception(
            "the sigmoid's rule",
            wrong=lambda x: np.tanh(x) * (1 - np.tanh(x)),
            hint="y · (1 − y) belongs to the sigmoid. What is it at 0, and how steep is tanh there?",
        ),
        Misconception(
            "square forgotten",
            wrong=lambda x: 1 - np.tanh(x),
            hint="On the left your slope approaches 2, but the curve is flat there. What turns −1 into 1?",
        ),
        Misconception(
            "plus for minus",
            wrong=lambda x: 1 + np.tanh(x) ** 2,
            hint="1 + y² is how tan grows, without the h. What must become of the slope where tanh is close to 1?",
        ),
        Misconception(
            "exp overflows",
            wrong=lambda x: 1 - _naive(x) ** 2,
            hint="The rule is right, the tanh in it divides infinity by infinity at 1000. Whose tanh is safe?",
        ),
    ),
)
