"""The exercise of solutions/dense.py's way back: three gradients, and the shapes that do not always tell them apart."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import dense as truth

STAGE = "05_backprop"


def dense_backward_cases(rng):
    """Oblong sizes name a transpose loudly, squares catch the silent ones; N is never 1 alone, or a mean is a sum."""

    def layer(N, D, M):
        return rng.normal(size=(N, M)), rng.normal(size=(N, D)), rng.normal(size=(D, M))

    return [
        case("five examples, three inputs, four units", *layer(5, 3, 4)),
        case("more inputs than units", *layer(2, 6, 3)),
        case("four of everything", *layer(4, 4, 4)),
        case("inputs and units alike", *layer(3, 5, 5)),
        case("a single example", *layer(1, 2, 3)),
        case("a single unit", *layer(6, 2, 1)),
        case("float32 stays float32", *(part.astype(np.float32) for part in layer(3, 2, 4))),
    ]


def _back(
    dx=lambda dy, x, w: dy @ w.T,
    dw=lambda dy, x, w: x.T @ dy,
    db=lambda dy, x, w: np.sum(dy, axis=0),
):
    """A dense layer's way back with one of its three gradients wrong."""
    return lambda dy, x, w: (dx(dy, x, w), dw(dy, x, w), db(dy, x, w))


def _mean_over_examples(dy, x, w):
    return dy @ w.T, x.T @ dy / len(x), np.sum(dy, axis=0) / len(x)


dense_backward = Exercise(
    "dense_backward",
    STAGE,
    truth.dense_backward,
    dense_backward_cases,
    points={"value": 2.25, "shape": 0.5, "purity": 0.25},
    hints=(
        "Write the three shapes down: dy (N, M), x (N, D), w (D, M). Each gradient has the shape of the thing itself.",
        "dx is (N, D), made of dy (N, M) and w (D, M). Which of the two must be turned, so that the product has "
        "that shape?",
        "dw is (D, M), made of x and dy: the same game. The shapes leave one way only.",
        "b was added to every row, so every row pushes it: db adds dy up over the examples. Along which axis? "
        "Transpose with `.T`, multiply with `@`, return dx, dw and db in this order.",
    ),
    misconceptions=(
        Misconception(
            "w for its transpose",
            wrong=_back(dx=lambda dy, x, w: dy @ w),
            hint="Only a square layer lets this pass, and then dx is wrong. On the way back, (N, M) comes in and (N, D) "
            "has to come out: how must w lie?",
        ),
        Misconception(
            "dw transposed",
            wrong=_back(dw=lambda dy, x, w: dy.T @ x),
            hint="Your dw has units × inputs. A gradient lies as its weights do: which factor has to come first?",
        ),
        Misconception(
            "dx transposed",
            wrong=_back(dx=lambda dy, x, w: w @ dy.T),
            hint="Your dx has inputs × examples. A gradient lies as its input does: which factor has to come first?",
        ),
        Misconception(
            "x for its transpose",
            wrong=_back(dw=lambda dy, x, w: x @ dy),
            hint="Only with as many examples as inputs does this run, and then dw is wrong. dw adds up over the examples: "
            "which letter has to vanish between x and dy?",
        ),
        Misconception(
            "bias averaged",
            wrong=_back(db=lambda dy, x, w: np.mean(dy, axis=0)),
            hint="The single example is right, the others are too small, in db alone. If N examples each push, do the "
            "pushes add up or share?",
        ),
        Misconception(
            "bias summed over the units",
            wrong=_back(db=lambda dy, x, w: np.sum(dy, axis=1)),
            hint="Here every example has a gradient, not every unit. Along which axis do the examples lie?",
        ),
        Misconception(
            "bias not summed",
            wrong=_back(db=lambda dy, x, w: dy),
            hint="b has one entry per unit, your db one per example as well. One bias serves all the examples: what "
            "becomes of their N gradients?",
        ),
        Misconception(
            "1/N once more",
            wrong=_mean_over_examples,
            hint="dw and db are too small, by the number of examples. The mean is the loss's: has dy seen it already?",
        ),
        Misconception(
            "another order",
            wrong=lambda dy, x, w: (x.T @ dy, np.sum(dy, axis=0), dy @ w.T),
            hint="The numbers are there, in other places. In which order does the description return them?",
        ),
    ),
)
