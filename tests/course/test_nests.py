"""Loops in another order do the same work."""

import itertools

import numpy as np
import pytest
from numba import njit

from course.nests import reordered


def product(A, B):
    """C = A B"""
    M, K = A.shape
    N = B.shape[1]
    C = np.zeros((M, N))
    for m in range(M):
        # k before n
        for k in range(K):
            for n in range(N):
                C[m, n] += A[m, k] * B[k, n]
    return C


ORDER = []


def visits():
    ORDER.clear()
    for m in range(2):
        for n in range(2):
            ORDER.append((m, n))


@pytest.mark.parametrize("letters", ["".join(letters) for letters in itertools.permutations("mkn")])
@pytest.mark.parametrize("compiled", [False, True])
def test_every_order_is_the_same_product(letters, compiled):
    A, B = np.random.default_rng(0).normal(size=(2, 4, 4))
    other = reordered(njit(product) if compiled else product, letters)
    np.testing.assert_allclose(other(A, B), A @ B)


def test_the_outermost_letter_is_the_outermost_loop():
    reordered(visits, "nm")()
    assert ORDER == [(0, 0), (1, 0), (0, 1), (1, 1)]
    visits()
    assert ORDER == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("letters", ["mk", "ijk", "mknx"])
def test_what_has_no_such_loops_says_so(letters):
    with pytest.raises(ValueError, match="product has no loops over"):
        reordered(product, letters)
