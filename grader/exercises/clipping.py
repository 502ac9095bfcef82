"""The exercise of solutions/clipping.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from grader.exercises.dense import network
from solutions import clipping as truth

STAGE = "07_depth"


def clip_gradients_cases(rng):
    """Norms above the limit and below it; one array alone above it; nothing to clip at all."""
    grads = network(rng, 3, 4, 2)
    steep = {"W1": 100 * rng.normal(size=(2, 3)), "b1": rng.normal(size=3)}
    single = {name: array.astype(np.float32) for name, array in network(rng, 2, 5).items()}
    whole = rng.permutation([3.0, 4.0, 12.0])
    return [
        case("a norm of 13, a limit of 1", {"W1": whole[:2].reshape(1, 2), "b1": whole[2:]}, 1.0),
        case("two layers, above the limit", grads, 0.5),
        case("two layers, below the limit", grads, 100.0),
        case("one array far larger than the other", steep, 2.0),
        case("float32 stays float32", single, 0.25),
        case("all gradients 0", {name: 0 * array for name, array in grads.items()}, 1.0, stable=True),
    ]


def _scaled(grads, factor):
    return {name: factor(g) * g for name, g in grads.items()}


def _norm(arrays):
    return float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in arrays)))


def _clip(norm=lambda grads: _norm(grads.values()), factor=lambda n, c: c / max(n, c)):
    """Clipping with one thing wrong: what counts as the norm, or what is done with it."""

    def wrong(grads, c):
        scale = float(factor(norm(grads), c))
        return _scaled(grads, lambda g: scale)

    return wrong


def _divides_first(grads, c):
    norm = np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in grads.values()))
    scale = float(min(1.0, c / norm))
    return _scaled(grads, lambda g: scale)


def _in_place(grads, c):
    scale = c / max(_norm(grads.values()), c)
    for g in grads.values():
        g *= scale
    return grads


clip_gradients = Exercise(
    "clip_gradients",
    STAGE,
    truth.clip_gradients,
    clip_gradients_cases,
    points={"value": 1.75, "shape": 0.25, "stability": 0.25, "purity": 0.25},
    hints=(
        "All arrays together are one long vector. Its length is a single number: square every entry of every "
        "array, add up, take the root.",
        "So add up over `grads.values()` first, and take one root at the end, not one for each array.",
        "The same factor shrinks all of them. Where the norm is at most c, the factor is 1. How do you write "
        "that without dividing by a norm of 0?",
        "Let c be 1. Which factor belongs to a norm of 5, to one of 0.5, to one of 0? By what is c divided each "
        "time? Then make a new dict, and mind float32: square in float64, so that large gradients do not overflow.",
    ),
    misconceptions=(
        Misconception(
            "each array by itself",
            wrong=lambda grads, c: _scaled(grads, lambda g: c / max(_norm([g]), c)),
            hint="The weights are shortened by one factor, the biases by another, so the step points elsewhere. How many "
            "norms are there for one step?",
        ),
        Misconception(
            "each value by itself",
            wrong=lambda grads, c: {name: np.clip(g, -c, c) for name, g in grads.items()},
            hint="Every entry is cut at ±c, so the direction changes. Which single number should all entries be "
            "multiplied by?",
        ),
        Misconception(
            "short gradients made longer",
            wrong=_clip(factor=lambda n, c: c / n if n else 1.0),
            hint="A norm below the limit is stretched up to it. What should happen to a gradient that is short enough?",
        ),
        Misconception(
            "no root",
            wrong=_clip(norm=lambda grads: _norm(grads.values()) ** 2),
            hint="The clipped gradient is far shorter than c. A sum of squares is the square of a length: what is the "
            "length?",
        ),
        Misconception(
            "mean of the squares",
            wrong=_clip(norm=lambda grads: _norm(grads.values()) / sum(g.size for g in grads.values()) ** 0.5),
            hint="The clipped gradient is longer than c: you took the mean of the squares. Does a vector with more entries "
            "get shorter?",
        ),
        Misconception(
            "largest entry for the norm",
            wrong=_clip(norm=lambda grads: max(float(np.max(np.abs(g))) for g in grads.values())),
            hint="With a single entry it works. The length of (3, 4) is not 4: what is it?",
        ),
        Misconception(
            "norms of the arrays added",
            wrong=_clip(norm=lambda grads: sum(_norm([g]) for g in grads.values())),
            hint="The clipped gradient is shorter than c. Three steps east and four north, how far is that from the start?",
        ),
        Misconception(
            "divided by the norm, never limited to c",
            wrong=_clip(factor=lambda n, c: 1 / max(n, c) if n > c else 1.0),
            hint="What is too long comes out with length 1, whatever c is. How long is it allowed to be?",
        ),
        Misconception(
            "a norm of 0 divided by",
            wrong=_divides_first,
            hint="All is right but for a warning where every gradient is 0. Can you ask whether the norm is too long before "
            "you divide by it?",
        ),
        Misconception(
            "changes the gradients in place",
            wrong=_in_place,
            hint="The numbers are right, but the caller's arrays have shrunk as well. How do you make new ones?",
        ),
    ),
)
