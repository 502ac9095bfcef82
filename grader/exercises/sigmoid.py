"""The exercises of solutions/sigmoid.py."""

import math

import numpy as np

from grader.exercise import Exercise, Misconception, case
from grader.exercises.elementwise import ONE_NUMBER, entrywise_cases, extreme_cases, float32_case, for_one_number
from solutions import sigmoid as truth

STAGE = "02_smooth_neurons"
BACKWARD_STAGE = "05_backprop"


def sigmoid_cases(rng):
    return [*entrywise_cases(rng), float32_case(rng), *extreme_cases()]


def _naive(x):
    return 1 / (1 + np.exp(-x))


def _other_form(x):
    return np.exp(x) / (1 + np.exp(x))


sigmoid = Exercise(
    "sigmoid",
    STAGE,
    truth.sigmoid,
    sigmoid_cases,
    points={"value": 1, "shape": 0.25, "stability": 0.5, "purity": 0.25},
    reveal="fill_in",
    blanks=("-np.abs(x)", "x >= 0, 1, e"),
    hints=(
        "Both forms of the formula give the same number. Try x = 1000 and x = −1000 in each: which form can be "
        "computed where?",
        "exp gets too large only where its exponent is large and positive. Which function of x is never "
        "positive, whatever the sign of x?",
        "With e = exp(−|x|) both forms share the denominator 1 + e. For x ≥ 0 the numerator is 1. What is it "
        "for x < 0?",
        "The first blank is minus the absolute value of x. In the second, `np.where` wants a condition, what to "
        "take where it holds, and what to take elsewhere.",
    ),
    misconceptions=(
        Misconception(
            "exp overflows on the left",
            wrong=_naive,
            hint="At −1000 your formula asks for exp(1000), which no float can hold. Which of the two forms has a "
            "negative exponent there?",
        ),
        Misconception(
            "exp overflows on the right",
            wrong=_other_form,
            hint="At 1000 your formula divides infinity by infinity. Which of the two forms has a negative exponent there?",
        ),
        Misconception(
            "falls instead of rising",
            wrong=lambda x: 1 / (1 + np.exp(x)),
            hint="At 1000 it is 0 and at −1000 it is 1. Which sign has the exponent, and which form belongs to x ≥ 0?",
        ),
        Misconception(
            "the right half on both sides",
            wrong=lambda x: 1 / (1 + np.exp(-np.abs(x))),
            hint="No answer is below a half. For negative x the other form is due: what stands above its fraction bar?",
        ),
        Misconception(
            "exponent without the absolute value",
            wrong=lambda x: np.where(np.asarray(x) >= 0, 1, np.exp(-x)) / (1 + np.exp(-x)),
            hint="Two forms, but one exponent, and for negative x it is positive. Which number is −x for x ≥ 0 and x for "
            "x < 0?",
        ),
        Misconception(
            "tanh",
            wrong=np.tanh,
            hint="Your answers start at −1. Between which numbers does a sigmoid lie?",
        ),
        Misconception(
            "the slope of the sigmoid",
            wrong=lambda x: truth.sigmoid(np.asarray(x)) * (1 - truth.sigmoid(np.asarray(x))),
            hint="This rises to a quarter and falls again: it is σ′. What is σ itself at 0?",
        ),
        Misconception(
            "written for one number",
            wrong=for_one_number(lambda x: 1 / (1 + math.exp(-x)), lambda x: math.exp(x) / (1 + math.exp(x))),
            hint=ONE_NUMBER,
        ),
        Misconception(
            "math.exp, for one number only",
            wrong=lambda x: 1 / (1 + math.exp(-x)),
            hint="The module math knows single numbers only. Who has an exp for arrays?",
        ),
    ),
)


def _by_rule(rule):
    """A slope computed from the value y = σ(x) by some rule."""
    return lambda x: rule(truth.sigmoid(np.asarray(x)))


sigmoid_derivative = Exercise(
    "sigmoid_derivative",
    STAGE,
    truth.sigmoid_derivative,
    sigmoid_cases,
    points={"value": 0.75, "shape": 0.25, "stability": 0.25, "purity": 0.25},
    hints=(
        "The slope is largest in the middle and nearly 0 at both ends. Which of the two forms in the formula "
        "can be computed there?",
        "You may call e the same thing as in the sigmoid: exp(−|x|). It never overflows, and the slope does not "
        "care for x's sign.",
        "Once you have e, the second form is a single fraction. What is squared: e, or the whole denominator?",
    ),
    misconceptions=(
        Misconception(
            "x taken for σ(x)",
            wrong=lambda x: x * (1 - x),
            hint="The rule says y · (1 − y) with y = σ(x). What is x in your function: the input, or already the output?",
        ),
        Misconception(
            "the sigmoid itself",
            wrong=_by_rule(lambda y: y),
            hint="That is the height of the curve. How much does it rise per step, at 0 and far out?",
        ),
        Misconception(
            "tanh's rule",
            wrong=_by_rule(lambda y: 1 - y**2),
            hint="1 − y² is the rule of another curve. Which factor stands beside 1 − y here?",
        ),
        Misconception(
            "one factor only",
            wrong=_by_rule(lambda y: 1 - y),
            hint="Far to the left your slope is 1, but the curve is flat there. Which factor is missing?",
        ),
        Misconception(
            "wrong sign",
            wrong=_by_rule(lambda y: y * (y - 1)),
            hint="Every slope is negative, yet the curve rises. In which order do 1 and y stand?",
        ),
        Misconception(
            "exp overflows",
            wrong=lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
            hint="At −1000 this divides infinity by infinity. The slope is the same at x and at −x: which exponent is safe?",
        ),
        Misconception(
            "built on a sigmoid that overflows",
            wrong=lambda x: _naive(x) * (1 - _naive(x)),
            hint="The rule is right, the sigmoid in it overflows at −1000. How did you make yours safe?",
        ),
    ),
)


def sigmoid_backward_cases(rng):
    """Outputs low, halfway, high and at both ends; gradients of both signs and none of them 1."""

    def back(*shape):
        return rng.choice([-1.0, 1.0], shape) * rng.uniform(1.5, 3.0, shape), rng.uniform(0.05, 0.95, shape)

    dy, y = back(2, 5)
    return [
        case("a row, from low to high", np.array([2.0, -3.0, 1.5, -2.5]), np.array([0.1, 0.5, 0.75, 0.9])),
        case("a matrix", *back(4, 3)),
        case("nothing comes back", np.zeros(3), rng.uniform(0.1, 0.9, 3)),
        case("saturated: outputs of exactly 0 and 1", rng.uniform(1.5, 3.0, 3), np.array([0.0, 1.0, 0.25])),
        case("four dimensions", *back(2, 3, 2, 2)),
        case("float32 stays float32", dy.astype(np.float32), y.astype(np.float32)),
    ]


def _sigmoid_backward_in_place(dy, y):
    dy *= y * (1 - y)
    return dy


sigmoid_backward = Exercise(
    "sigmoid_backward",
    BACKWARD_STAGE,
    truth.sigmoid_backward,
    sigmoid_backward_cases,
    points={"value": 0.75, "shape": 0.25, "purity": 0.25},
    reveal="fill_in",
    blanks=("y * (1 - y)",),
    hints=(
        "The chain rule: what comes from behind, times the slope here. What comes from behind is dy.",
        "The slope of the sigmoid was σ(x) · (1 − σ(x)). Here you are given y, and y is σ(x) already: no exp is "
        "needed.",
        "Put y in the place of σ(x), twice, and mind the brackets.",
    ),
    misconceptions=(
        Misconception(
            "the sigmoid once more",
            wrong=lambda dy, y: dy * truth.sigmoid(y) * (1 - truth.sigmoid(y)),
            hint="You apply the sigmoid to y. But y has been through it already: what is y, an input or an output?",
        ),
        Misconception(
            "slope alone",
            wrong=lambda dy, y: y * (1 - y),
            hint="That is how steep the sigmoid is. Where does what came back from behind enter?",
        ),
        Misconception(
            "slope forgotten",
            wrong=lambda dy, y: dy * np.ones_like(y),
            hint="Everything passes in full, even where the sigmoid is flat. What stands beside dy in the formula?",
        ),
        Misconception(
            "y without its partner",
            wrong=lambda dy, y: dy * y,
            hint="At y = 1 a sigmoid is flat, but your gradient passes there in full. Which factor is missing?",
        ),
        Misconception(
            "1 − y without its partner",
            wrong=lambda dy, y: dy * (1 - y),
            hint="At y = 0 a sigmoid is flat, but your gradient passes there in full. Which factor is missing?",
        ),
        Misconception(
            "tanh's rule",
            wrong=lambda dy, y: dy * (1 - y**2),
            hint="1 − y² is the rule of another curve. Which factor stands beside 1 − y here?",
        ),
        Misconception(
            "wrong sign",
            wrong=lambda dy, y: dy * y * (y - 1),
            hint="A curve that rises sends a gradient back with its sign unchanged. In which order do 1 and y stand?",
        ),
        Misconception(
            "writes into dy",
            wrong=_sigmoid_backward_in_place,
            hint="The numbers are right, but the caller's dy changed too: `*=` writes into it. How do you get a new array?",
        ),
    ),
)
