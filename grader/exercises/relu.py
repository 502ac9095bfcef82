"""The exercises of solutions/relu.py."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from grader.exercises.elementwise import ONE_NUMBER, entrywise_cases, float32_case, for_one_number
from solutions import relu as truth

STAGE = "02_smooth_neurons"
BACKWARD_STAGE = "05_backprop"


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
    hints=(
        "What should come out for 3, for 0 and for −2? Draw the curve: it has one bend.",
        "The larger of two numbers does it: the entry, or 0. Python's own `max` wants single numbers or a list, "
        "and x may have any shape.",
        "NumPy has two functions of this kind. `np.max` looks for the largest entry of one array. The other one "
        "compares two arrays entry by entry, and a single number may stand for the second.",
    ),
    misconceptions=(
        Misconception(
            "Python's max or if, for one number only",
            wrong=lambda x: max(0, x),
            hint="`max(0, x)` and `if x > 0` ask whether a whole array is larger than 0. Which NumPy function compares "
            "entry by entry?",
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
    hints=(
        "Walk along the curve of ReLU. How steep is it left of 0, and how steep right of 0?",
        "It is 0 or 1, so it is a decision for every entry. At the bend itself, the lesson says which of the "
        "two to take.",
        "A comparison such as `x > 0` gives True and False, and numbers are wanted: floats, like x. "
        "`np.where(condition, a, b)` picks a or b for each entry; `np.heaviside` is made for steps.",
    ),
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


def relu_backward_cases(rng):
    """Gates open, shut and exactly 0, each with gradients of both signs; no z is 1, or ReLU's value would be its slope."""

    def gate(*shape):
        z = rng.permutation(np.resize([-1.0, 1.0], np.prod(shape))) * rng.uniform(1.2, 3.0, np.prod(shape))
        return rng.normal(size=shape), z.reshape(shape)

    dy, z = gate(3, 2)
    return [
        case("a row, gates open and shut", np.array([1.5, -2.0, 2.5, -0.5]), np.array([0.5, 3.0, -0.5, -2.0])),
        case("a matrix", *gate(4, 3)),
        case("exactly 0 among others", rng.uniform(0.5, 2.0, 4), rng.permutation([-2.0, 0.0, 0.0, 3.0])),
        case("gradients below 0 only", -rng.uniform(0.5, 2.0, (2, 4)), gate(2, 4)[1]),
        case("four dimensions", *gate(2, 3, 2, 2)),
        case("float32 stays float32", dy.astype(np.float32), z.astype(np.float32)),
    ]


def _writes_into_dy(dy, z):
    dy[z <= 0] = 0
    return dy


relu_backward = Exercise(
    "relu_backward",
    BACKWARD_STAGE,
    truth.relu_backward,
    relu_backward_cases,
    points={},
    reveal="worked",
    misconceptions=(
        Misconception(
            "asks the gradient, not z",
            wrong=lambda dy, z: np.where(dy > 0, dy, 0),
            hint="You stop every gradient below 0. Who decided on the way forward whether something passes: dy or z?",
        ),
        Misconception(
            "asks both, z and the gradient",
            wrong=lambda dy, z: np.where((z > 0) & (dy > 0), dy, 0),
            hint="Open gates are right for gradients above 0 only. May a gradient that comes back be negative?",
        ),
        Misconception(
            "open at exactly 0",
            wrong=lambda dy, z: np.where(z >= 0, dy, 0),
            hint="Only an exact 0 in z comes out wrong. Which slope did lesson 2 agree on at the kink?",
        ),
        Misconception(
            "gate forgotten",
            wrong=lambda dy, z: np.where(z == z, dy, 0),
            hint="Everything comes back, also through units that stayed silent. How steep is ReLU at z = −2?",
        ),
        Misconception(
            "slope alone",
            wrong=lambda dy, z: np.where(z > 0, dy.dtype.type(1), 0),
            hint="That is how steep ReLU is. Where does what came back from behind enter?",
        ),
        Misconception(
            "times the output",
            wrong=lambda dy, z: dy * np.maximum(z, 0),
            hint="The zeros are right, the others are too large, by z. Is the height of the curve asked for, or its slope?",
        ),
        Misconception(
            "ReLU once more",
            wrong=lambda dy, z: np.maximum(z, 0),
            hint="That is the way forward. What happens to dy on the way back?",
        ),
        Misconception(
            "writes into dy",
            wrong=_writes_into_dy,
            hint="The numbers are right, but the caller's dy changed too. Which function makes a new array?",
        ),
    ),
)
