"""The exercises of dot_njit (solutions/loops.py) and matmul_njit (solutions/matmul.py): first loops for numba.

Every wrong answer is compiled too, but for those whose mistake it is not to be. Sizes are small: the plain lines run
as well.
"""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import loops as truth
from solutions.matmul import matmul
from solutions.twins import compiled

STAGE = "09_numba"
alone = compiled(exact=True)

dot_njit = Exercise(
    "dot_njit",
    STAGE,
    truth.dot_njit,
    lambda rng: [
        case("three products", rng.normal(size=3), rng.normal(size=3)),
        case("a hundred products", rng.normal(size=100), rng.normal(size=100)),
        case("a single product", rng.normal(size=1), rng.normal(size=1)),
    ],
    points={},
    kind="compiled",
    reveal="worked",
    misconceptions=(
        Misconception(
            "not compiled",
            wrong=truth.dot_njit.py_func,
            hint="These are the right lines, and the interpreter runs them. What belongs above `def`?",
        ),
    ),
)


def matmul_cases(rng):
    """M, K and N apart, so that a bound of the wrong loop runs out of an array; one square, where none does."""

    def factors(M, K, N):
        return rng.normal(size=(M, K)), rng.normal(size=(K, N))

    return [
        case("2 × 3 times 3 × 4", *factors(2, 3, 4)),
        case("5 × 7 times 7 × 3", *factors(5, 7, 3)),
        case("square, 4 × 4", *factors(4, 4, 4)),
        case("a single column times a single row", *factors(4, 1, 3)),
        case("float32 stays float32", *[factor.astype(np.float32) for factor in factors(3, 5, 2)]),
    ]


@alone
def _overwritten(A, B):
    M, K = A.shape
    N = B.shape[1]
    C = np.zeros((M, N), A.dtype)
    for m in range(M):
        for k in range(K):
            for n in range(N):
                C[m, n] = A[m, k] * B[k, n]
    return C


@alone
def _last_k_left_out(A, B):
    M, K = A.shape
    N = B.shape[1]
    C = np.zeros((M, N), A.dtype)
    for m in range(M):
        for k in range(K - 1):
            for n in range(N):
                C[m, n] += A[m, k] * B[k, n]
    return C


@alone
def _bounds_swapped(A, B):
    M, K = A.shape
    N = B.shape[1]
    C = np.zeros((M, N), A.dtype)
    for m in range(M):
        for k in range(N):
            for n in range(K):
                C[m, n] += A[m, k] * B[k, n]
    return C


@alone
def _b_transposed(A, B):
    M, K = A.shape
    N = B.shape[1]
    C = np.zeros((M, N), A.dtype)
    for m in range(M):
        for k in range(K):
            for n in range(N):
                C[m, n] += A[m, k] * B[n, k]
    return C


@alone
def _float64_always(A, B):
    M, K = A.shape
    N = B.shape[1]
    C = np.zeros((M, N))
    for m in range(M):
        for k in range(K):
            for n in range(N):
                C[m, n] += A[m, k] * B[k, n]
    return C


@alone
def _no_ground(A, B):
    M, K = A.shape
    N = B.shape[1]
    C = np.empty((M, N), A.dtype)
    for m in range(M):
        for k in range(K):
            for n in range(N):
                C[m, n] += A[m, k] * B[k, n]
    return C


matmul_njit = Exercise(
    "matmul_njit",
    STAGE,
    matmul,
    matmul_cases,
    points={"value": 1.5, "shape": 0.5, "compiled": 1},
    kind="compiled",
    reveal="fill_in",
    blanks=("np.zeros((M, N), A.dtype)", "range(K)", "range(N)", "C[m, n] += A[m, k] * B[k, n]"),
    hints=(
        "Every entry of C is a sum, and a sum begins with something. With what, and of which shape and dtype?",
        "Three loops: m over the rows of A, n over the columns of B, k over what both share. The order here is "
        "m, k, n.",
        "In the innermost line, one product is added to one entry of C: the row from A, the column from B, and "
        "k in the middle of both.",
    ),
    misconceptions=(
        Misconception(
            "not compiled",
            wrong=matmul.twins["numba"].py_func,
            hint="Three loops in plain Python are as slow as ever. What belongs above `def`?",
        ),
        Misconception(
            "the last product alone",
            wrong=_overwritten,
            hint="Each entry holds its last product instead of the sum of all K. What does `=` do to what was there?",
        ),
        Misconception(
            "one product too few",
            wrong=_last_k_left_out,
            hint="The single column gives nothing but zeros. Up to where does range(K − 1) count?",
        ),
        Misconception(
            "bounds of k and n swapped",
            wrong=_bounds_swapped,
            hint="Square matrices are right, others run out of an array. k goes along a row of A: how long is that?",
        ),
        Misconception(
            "B read along its rows",
            wrong=_b_transposed,
            hint="k must go down a column of B. Which of its two indices counts the rows?",
        ),
        Misconception(
            "float64 always",
            wrong=_float64_always,
            hint="float32 came in and float64 goes out. What dtype does np.zeros make when nobody says?",
        ),
        Misconception(
            "sums that start from anything",
            wrong=_no_ground,
            hint="np.empty hands out memory as it was found. Which number must be in C before the first product is added?",
        ),
    ),
)
