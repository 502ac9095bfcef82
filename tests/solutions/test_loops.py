"""The loops a learner compiles: right, and the same to the last bit on any number of threads and in plain Python."""

import numba
import numpy as np
import pytest

from solutions import loops
from solutions.conv2d import conv2d_forward
from solutions.reductions import row_sums
from solutions.softmax import softmax

DTYPES = [np.float32, np.float64]


def close(got, expected, dtype):
    assert got.dtype == dtype
    np.testing.assert_allclose(
        got, expected, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-5 * (dtype == np.float32)
    )


def arrays(dtype, *shapes):
    rng = np.random.default_rng(9)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


CALLS = {
    "row_sums": (loops.row_sums, row_sums, [(5, 33)]),
    "softmax_njit": (loops.softmax_njit, softmax, [(7, 5)]),
    "conv2d_njit": (loops.conv2d_njit, conv2d_forward, [(3, 2, 6, 7), (4, 2, 3, 3), (4,)]),
}
each_call = pytest.mark.parametrize(("function", "operation", "shapes"), CALLS.values(), ids=CALLS)


@pytest.mark.parametrize("dtype", DTYPES)
@each_call
def test_agrees_with_the_operation(function, operation, shapes, dtype):
    args = arrays(dtype, *shapes)
    close(function(*args), operation(*args), dtype)


def test_dot_agrees_with_numpy():
    x, w = arrays(np.float64, 50, 50)
    assert loops.dot_njit(x, w) == pytest.approx(x @ w, rel=1e-13)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="numba may start one thread only")
@pytest.mark.parametrize("dtype", DTYPES)
@each_call
def test_threads_change_no_bit(function, operation, shapes, dtype):
    args = arrays(dtype, *shapes)
    before = numba.get_num_threads()
    answers = []
    try:
        for threads in (1, 2):
            numba.set_num_threads(threads)
            answers += [function(*args) for _ in range(3)]
    finally:
        numba.set_num_threads(before)
    assert len({answer.tobytes() for answer in answers}) == 1


def test_sums_are_the_interpreters_to_the_last_bit():
    (A,) = arrays(np.float64, (5, 33))
    assert loops.row_sums(A).tobytes() == loops.row_sums.py_func(A).tobytes()


def test_softmax_does_not_overflow():
    z = np.array([[1000.0, 1001.0], [-1000.0, -1001.0]])
    np.testing.assert_allclose(loops.softmax_njit(z), softmax(z), rtol=1e-14)
