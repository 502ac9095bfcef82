"""The exercise of solutions/softmax.py; its wrong answers are also what softmax_probes.py has caught."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import softmax as truth

STAGE = "02_smooth_neurons"


def softmax_cases(rng):
    """Oblong and square tables, ties, and rows so far apart that each needs a shift of its own."""

    def scores(N, C):
        return rng.permuted(np.tile(np.linspace(-2.5, 2.0, C), (N, 1)), axis=1) * rng.uniform(0.8, 1.2, (N, C))

    far = np.array([[1000.0], [-1000.0], [0.0]])
    return [
        case("three rows of four scores", scores(3, 4)),
        case("as many rows as columns", scores(3, 3)),
        case("a single row", scores(1, 5)),
        case("equal scores", np.array([[2.0, 2.0, -1.0], [0.5, 0.5, 0.5]]) + rng.normal()),
        case("float32 stays float32", scores(2, 5).astype(np.float32)),
        case("rows near 1000, −1000 and 0", scores(3, 4) + far, stable=True),
        case("a row from −1000 to 1000", np.array([[0.0, 1000.0, -1000.0], [1.0, 2.0, 3.0]]), stable=True),
        case("float32, rows near 100 and −100", (scores(2, 3) + 0.1 * far[:2]).astype(np.float32), stable=True),
    ]


def shifted(shift):
    """A softmax that takes off shift(z) instead of each row's maximum."""

    def wrong(z):
        e = np.exp(z - shift(z))
        return e / e.sum(axis=1, keepdims=True)

    return wrong


no_shift = shifted(lambda z: 0)
one_shift = shifted(np.max)
smallest_shift = shifted(lambda z: z.min(axis=1, keepdims=True))


def down_the_columns(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def whole_table(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum()


def _sums_lie_down(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


def _in_place(z):
    z -= z.max(axis=1, keepdims=True)
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


softmax = Exercise(
    "softmax",
    STAGE,
    truth.softmax,
    softmax_cases,
    points={"value": 1.5, "shape": 0.5, "stability": 0.75, "purity": 0.25},
    hints=(
        "Do one row by hand: 1, 2, 3. Make every number positive with exp, then divide by something, so that "
        "the row adds up to 1.",
        "z has a row for each example. The sum must run along a row: that is `axis=1`. How many sums are there "
        "for N rows?",
        "N sums lying in a row do not fit beside N rows. `keepdims=True` leaves them standing in a column, (N, "
        "1), and then NumPy divides each row by its own.",
        "exp(1000) overflows. Take the largest entry of each row off that row first, with `np.max` and the same "
        "two arguments; the answer stays the same. Then exp, then divide by the row's sum.",
    ),
    misconceptions=(
        Misconception(
            "down the columns",
            wrong=down_the_columns,
            hint="Your columns add up to 1, the rows do not. Which way does axis=1 run?",
        ),
        Misconception(
            "one sum for the whole table",
            wrong=whole_table,
            hint="All entries together add up to 1. How many sums are needed for three rows?",
        ),
        Misconception(
            "no shift",
            wrong=no_shift,
            hint="A row near 1000 overflows, a row near −1000 is all zeros. What may be taken off a row without changing "
            "its answer?",
        ),
        Misconception(
            "one shift for the whole table",
            wrong=one_shift,
            hint="With one maximum for all, a row far below it is nothing but zeros. Whose maximum should a row lose?",
        ),
        Misconception(
            "shift by the smallest",
            wrong=smallest_shift,
            hint="Now the smallest exponent is 0 and the others are positive. Which entry of the row must become 0, so that "
            "none is?",
        ),
        Misconception(
            "sums lie down",
            wrong=_sums_lie_down,
            hint="The sums form one row, but each belongs to a row of its own: they should stand in a column. Which "
            "argument of np.sum keeps them upright?",
        ),
        Misconception(
            "not divided",
            wrong=lambda z: np.exp(z - z.max(axis=1, keepdims=True)),
            hint="The largest of every row is 1, so the row adds up to more. What is still to be divided by what?",
        ),
        Misconception(
            "no exp",
            wrong=lambda z: z / z.sum(axis=1, keepdims=True),
            hint="Some of your probabilities are negative. Which function makes every number positive first?",
        ),
        Misconception(
            "changes z in place",
            wrong=_in_place,
            hint="The probabilities are right, but the caller's scores have changed: `z -= …` writes into them. How do you "
            "get a new array?",
        ),
    ),
)
