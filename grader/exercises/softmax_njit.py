"""The exercise of softmax_njit in solutions/loops.py: a row is finished while it is at hand."""

import math

import numpy as np
from numba import prange

from grader.exercise import Exercise, Misconception, case
from solutions import loops as truth
from solutions.twins import compiled

STAGE = "09_numba"
shared = compiled(exact=True, parallel=True)


def softmax_cases(rng):
    """Oblong and square tables, and rows so far from 0 that each needs a shift of its own."""
    far = np.array([[1000.0], [-1000.0], [0.0]])
    return [
        case("three rows of four scores", rng.normal(size=(3, 4)) + 0.5),
        case("two rows of six scores", rng.normal(size=(2, 6)) - 1),
        case("as many rows as columns", rng.normal(size=(3, 3))),
        case("every score below 0", -rng.uniform(1, 3, size=(5, 2))),
        case("float32 stays float32", rng.normal(size=(4, 5)).astype(np.float32)),
        case("rows near 1000, −1000 and 0", rng.normal(size=(3, 4)) + far, stable=True),
        case("rows from −1000 to 1000", rng.permutation([[1000.0, 0, -1000], [0, 1000, -1000]]), stable=True),
    ]


@shared
def _no_shift(z):
    N, C = z.shape
    p = np.empty((N, C), z.dtype)
    for n in prange(N):
        total = 0.0
        for c in range(C):
            p[n, c] = math.exp(z[n, c])
            total += p[n, c]
        for c in range(C):
            p[n, c] /= total
    return p


@shared
def _largest_from_zero(z):
    N, C = z.shape
    p = np.empty((N, C), z.dtype)
    for n in prange(N):
        largest = 0.0
        for c in range(C):
            largest = max(largest, z[n, c])
        total = 0.0
        for c in range(C):
            p[n, c] = math.exp(z[n, c] - largest)
            total += p[n, c]
        for c in range(C):
            p[n, c] /= total
    return p


@shared
def _not_divided(z):
    N, C = z.shape
    p = np.empty((N, C), z.dtype)
    for n in prange(N):
        largest = z[n, 0]
        for c in range(1, C):
            largest = max(largest, z[n, c])
        for c in range(C):
            p[n, c] = math.exp(z[n, c] - largest)
    return p


@shared
def _divided_too_early(z):
    N, C = z.shape
    p = np.empty((N, C), z.dtype)
    for n in prange(N):
        largest = z[n, 0]
        for c in range(1, C):
            largest = max(largest, z[n, c])
        total = 0.0
        for c in range(C):
            p[n, c] = math.exp(z[n, c] - largest)
            total += p[n, c]
            p[n, c] /= total
    return p


@shared
def _totals_share_a_cell(z):
    N, C = z.shape
    p, total = np.empty((N, C), z.dtype), np.zeros(1, z.dtype)
    for n in prange(N):
        largest = z[n, 0]
        for c in range(1, C):
            largest = max(largest, z[n, c])
        total[0] = 0
        for c in range(C):
            p[n, c] = math.exp(z[n, c] - largest)
            total[0] += p[n, c]
        for c in range(C):
            p[n, c] /= total[0]
    return p


@shared
def _down_the_columns(z):
    N, C = z.shape
    p = np.empty((N, C), z.dtype)
    for c in prange(C):
        largest = z[0, c]
        for n in range(1, N):
            largest = max(largest, z[n, c])
        total = 0.0
        for n in range(N):
            p[n, c] = math.exp(z[n, c] - largest)
            total += p[n, c]
        for n in range(N):
            p[n, c] /= total
    return p


@shared
def _softmax_in_float64(z):
    N, C = z.shape
    p = np.empty((N, C))
    for n in prange(N):
        largest = z[n, 0]
        for c in range(1, C):
            largest = max(largest, z[n, c])
        total = 0.0
        for c in range(C):
            p[n, c] = math.exp(z[n, c] - largest)
            total += p[n, c]
        for c in range(C):
            p[n, c] /= total
    return p


@shared
def _softmax_in_place(z):
    N, C = z.shape
    for n in prange(N):
        largest = z[n, 0]
        for c in range(1, C):
            largest = max(largest, z[n, c])
        total = 0.0
        for c in range(C):
            z[n, c] = math.exp(z[n, c] - largest)
            total += z[n, c]
        for c in range(C):
            z[n, c] /= total
    return z


softmax_njit = Exercise(
    "softmax_njit",
    STAGE,
    truth.softmax_njit,
    softmax_cases,
    points={"value": 1, "shape": 0.5, "stability": 0.5, "purity": 0.5, "compiled": 1},
    kind="compiled",
    reveal="parsons",
    hints=(
        "Three passes over one row: find its largest entry, fill in the exponentials and add them up, divide. "
        "Each pass is a loop of its own.",
        "The search begins with the row's first entry, not with 0: a row may be all negative. So its loop starts at 1.",
        "`total` starts at 0 for every row, so the line stands inside the loop over n and before the loop that "
        "adds to it.",
        "All but the two lines that open, and the return, stand inside the loop over n; what belongs to a loop "
        "over c is one step deeper.",
    ),
    misconceptions=(
        Misconception(
            "not compiled",
            wrong=truth.softmax_njit.py_func,
            hint="The lines are right, and the interpreter runs them. What belongs above `def`?",
        ),
        Misconception(
            "no shift",
            wrong=_no_shift,
            hint="A row near 1000 overflows, a row near −1000 is all zeros. What do you take off every score of a row first?",
        ),
        Misconception(
            "the search for the largest starts at 0",
            wrong=_largest_from_zero,
            hint="All is well until every score of a row is far below 0. With which number of the row can the search begin?",
        ),
        Misconception(
            "not divided",
            wrong=_not_divided,
            hint="The largest of every row is 1, so the row adds up to more. What is still to be divided by what?",
        ),
        Misconception(
            "divided by half a sum",
            wrong=_divided_too_early,
            hint="The first entry of every row is 1. Is the total complete when you divide by it?",
        ),
        Misconception(
            "one cell for every row's total",
            wrong=_totals_share_a_cell,
            hint="Every row adds up in the same cell, and rows run on several threads. Which variable could each row have "
            "for itself?",
        ),
        Misconception(
            "down the columns",
            wrong=_down_the_columns,
            hint="Your columns add up to 1, the rows do not. Which index stays the same while a sum is formed?",
        ),
        Misconception(
            "float64 always",
            wrong=_softmax_in_float64,
            hint="float32 came in and float64 goes out. Who tells np.empty which dtype to make?",
        ),
        Misconception(
            "changes z in place",
            wrong=_softmax_in_place,
            hint="The probabilities are right, but they lie where the caller's scores were. Into which array should they go?",
        ),
    ),
)
