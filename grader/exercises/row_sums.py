"""The exercise of row_sums in solutions/loops.py: which of two loops may threads share?"""

import numpy as np
from numba import jit, prange

from grader.exercise import Exercise, Misconception, case
from solutions import loops as truth
from solutions.twins import compiled

STAGE = "09_numba"
shared = compiled(exact=True, parallel=True)


def row_sums_cases(rng):
    """Few long rows and many short ones; rows so long that a sum in another order ends in other digits."""
    return [
        case("three rows of forty", rng.normal(size=(3, 40))),
        case("forty rows of three", rng.normal(size=(40, 3))),
        case("a single row", rng.normal(size=(1, 50))),
        case("a single column", rng.normal(size=(6, 1))),
        case("float32 stays float32", rng.normal(size=(4, 30)).astype(np.float32)),
    ]


@shared
def _columns_shared(A):
    M, N = A.shape
    s = np.zeros(M, A.dtype)
    for n in prange(N):
        for m in range(M):
            s[m] += A[m, n]
    return s


@shared
def _sum_split(A):
    M, N = A.shape
    s = np.zeros(M, A.dtype)
    for m in range(M):
        total = A.dtype.type(0)
        for n in prange(N):
            total += A[m, n]
        s[m] = total
    return s


@shared
def _scratch_shared(A):
    M, N = A.shape
    s, total = np.zeros(M, A.dtype), np.zeros(1, A.dtype)
    for m in prange(M):
        total[0] = 0
        for n in range(N):
            total[0] += A[m, n]
        s[m] = total[0]
    return s


@shared
def _column_sums(A):
    M, N = A.shape
    s = np.zeros(N, A.dtype)
    for n in prange(N):
        for m in range(M):
            s[n] += A[m, n]
    return s


@shared
def _last_column_lost(A):
    M, N = A.shape
    s = np.zeros(M, A.dtype)
    for m in prange(M):
        for n in range(N - 1):
            s[m] += A[m, n]
    return s


@shared
def _rows_in_float64(A):
    M, N = A.shape
    s = np.zeros(M)
    for m in prange(M):
        for n in range(N):
            s[m] += A[m, n]
    return s


@shared
def _rows_on_no_ground(A):
    M, N = A.shape
    s = np.empty(M, A.dtype)
    for m in prange(M):
        for n in range(N):
            s[m] += A[m, n]
    return s


row_sums = Exercise(
    "row_sums",
    STAGE,
    truth.row_sums,
    row_sums_cases,
    points={"value": 1, "shape": 0.5, "compiled": 1.5},
    kind="compiled",
    reveal="fill_in",
    blanks=("prange(M)", "range(N)", "s[m] += A[m, n]"),
    hints=(
        "Which loop may be shared out among threads? Rows do not touch each other: each has a cell of its own.",
        "`prange` shares a loop out, `range` does not. Columns of one row all write to the same cell.",
        "The innermost line adds one entry of A to the sum of its row.",
    ),
    misconceptions=(
        Misconception(
            "not compiled",
            wrong=truth.row_sums.py_func,
            hint="Without numba a prange is a plain range, and there is one thread. What belongs above `def`?",
        ),
        Misconception(
            "object mode",
            wrong=jit(forceobj=True)(truth.row_sums.py_func),
            hint="`forceobj` asks for Python objects everywhere, so nothing gets faster. What does the n in njit stand for?",
        ),
        Misconception(
            "columns shared out",
            wrong=_columns_shared,
            hint="Two threads, two columns, and the same row: which cell of s do both add to?",
        ),
        Misconception(
            "one cell for every row's sum",
            wrong=_scratch_shared,
            hint="All rows add up in the same cell, so a row on another thread clears it halfway. Which variable could each "
            "row have for itself?",
        ),
        Misconception(
            "a sum split among threads",
            wrong=_sum_split,
            hint="Each thread adds up a piece of the row, and the pieces are put together. Is (a + b) + c always a + (b + c) "
            "for floats? Which loop can be shared without splitting a sum?",
        ),
        Misconception(
            "sums of the columns",
            wrong=_column_sums,
            hint="There is one sum too many or too few. Which index must s have, and which one is added up?",
        ),
        Misconception(
            "last column lost",
            wrong=_last_column_lost,
            hint="The single column sums up to nothing. Which numbers does range(N − 1) give?",
        ),
        Misconception(
            "float64 always",
            wrong=_rows_in_float64,
            hint="float32 came in and float64 goes out. Who tells np.zeros which dtype to make?",
        ),
        Misconception(
            "sums that start from anything",
            wrong=_rows_on_no_ground,
            hint="np.empty hands out memory as it was found. Which number must be in s before the first addition?",
        ),
    ),
)
