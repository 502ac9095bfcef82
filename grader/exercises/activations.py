"""The exercises of solutions/activations.py: the step, shown in full, and a neuron with any activation."""

import numpy as np

from course.wire import Named
from grader.exercise import Exercise, Misconception, case
from grader.exercises.elementwise import ONE_NUMBER, entrywise_cases, for_one_number
from solutions import activations as truth

STAGE = "02_smooth_neurons"

step = Exercise(
    "step",
    STAGE,
    truth.step,
    entrywise_cases,
    points={},
    reveal="worked",
    misconceptions=(
        Misconception(
            "> where ≥ is meant",
            wrong=lambda x: np.heaviside(x, 0),
            hint="Only an exact 0 comes out wrong. What did lesson 1 decide about a sum of exactly 0?",
        ),
        Misconception(
            "labels −1 and 1",
            wrong=np.sign,
            hint="np.sign knows three answers: −1, 0 and 1. Which two does a step know?",
        ),
        Misconception("written for one number", wrong=for_one_number(lambda x: 1.0, lambda x: 0.0), hint=ONE_NUMBER),
    ),
)


def neuron_cases(rng):
    """Activations that nobody could guess: whoever puts in a favorite of their own is found out."""

    def either_sign(D):
        return rng.permutation(np.resize([-1.0, 1.0], D)) * rng.uniform(0.5, 2.0, D)

    return [
        case("the activation z²", either_sign(3), either_sign(3), 0.75, Named("square")),
        case("the activation z³", either_sign(4), either_sign(4), -1.25, Named("cube")),
        case("the activation z / (1 + |z|)", either_sign(5), either_sign(5), float(rng.normal()), Named("softsign")),
        case("the activation sin z", either_sign(3), either_sign(3), float(rng.uniform(0.5, 1.5)), Named("wave")),
        case("a single input", either_sign(1), either_sign(1), -0.5, Named("softsign")),
        case("nothing but a bias", np.zeros(2), either_sign(2), 1.5, Named("square")),
        case("whole numbers", rng.integers(1, 5, 3), np.array([2, -3, 1]), 4, Named("cube")),
    ]


neuron = Exercise(
    "neuron",
    STAGE,
    truth.neuron,
    neuron_cases,
    points={"value": 1.5, "shape": 0.25, "purity": 0.25},
    kind="callable",
    hints=(
        "A neuron does three things in a row: weighted sum, bias, activation. You have written the first two before.",
        "`activation` is a function that somebody hands you. You call it like any other, with round brackets. "
        "What do you put in?",
        "Compute z, the sum with its bias, on one line. On the next line give z to `activation` and return what "
        "comes out.",
    ),
    misconceptions=(
        Misconception(
            "activation forgotten",
            wrong=lambda x, w, b, activation: float(np.sum(x * w) + b),
            hint="That is z. What should still happen to it before it leaves the neuron?",
        ),
        Misconception(
            "always the step",
            wrong=lambda x, w, b, activation: 1 if np.sum(x * w) + b >= 0 else 0,
            hint="This is the neuron of lesson 1. Which function decides now, and who hands it over?",
        ),
        Misconception(
            "always ReLU",
            wrong=lambda x, w, b, activation: max(0.0, float(np.sum(x * w) + b)),
            hint="You apply one activation of your own choice. Where does the one you were given come in?",
        ),
        Misconception(
            "bias forgotten",
            wrong=lambda x, w, b, activation: activation(np.sum(x * w)),
            hint="With all inputs 0, only the bias is left to speak. Where does b enter?",
        ),
        Misconception(
            "bias after the activation",
            wrong=lambda x, w, b, activation: activation(np.sum(x * w)) + b,
            hint="The bias shifts z, not the answer. Which comes first, adding b or the activation?",
        ),
        Misconception(
            "activation on every product",
            wrong=lambda x, w, b, activation: np.sum(activation(x * w)) + b,
            hint="Each product went through the activation by itself. How many numbers should it get?",
        ),
    ),
)
