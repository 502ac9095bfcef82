"""Loops to be compiled, as a learner writes them: one function for each thing that numba asks one to think of.

A first loop (`dot_njit`), the order of three (`matmul.matmul_njit`), which of two may be shared among threads
(`row_sums`), a row that is finished while it is at hand (`softmax_njit`), and seven loops that only a compiler can save
(`conv2d_njit`). The course itself computes with the twins of `reductions`, `softmax` and `conv2d`.

No iteration of a prange touches what another one writes, and no sum is split: the answer is the same to the last bit
on any number of threads.
"""

import math

import numpy as np
from numba import prange

from solutions.twins import compiled


@compiled(exact=True)
def dot_njit(x, w):
    """total = Σ_d x[d] · w[d]

    x (D,), w (D,) -> total, a float.
    """
    total = 0.0
    for d in range(len(x)):
        total += x[d] * w[d]
    return total


@compiled(parallel=True, exact=True)
def row_sums(A):
    """s[m] = Σ_n A[m, n]

    A (M, N) -> s (M,), of A's dtype.
    """
    M, N = A.shape
    s = np.zeros(M, A.dtype)
    for m in prange(M):
        for n in range(N):
            s[m] += A[m, n]
    return s


@compiled(parallel=True, exact=True)
def softmax_njit(z):
    """p[n, c] = exp(z[n, c]) / Σ_j exp(z[n, j])               (shifted by the row's maximum: exp never overflows)

    z (N, C) logits -> p (N, C), of z's dtype; rows sum to 1.
    """
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
        for c in range(C):
            p[n, c] /= total
    return p


@compiled(parallel=True, exact=True)
def conv2d_njit(X, K, b):
    """Y[n, f, h, w] = b[f] + Σ_c Σ_i Σ_j X[n, c, h + i, w + j] · K[f, c, i, j]

    X (N, C, H, W) images, K (F, C, k, k) filters, b (F,) -> Y (N, F, H − k + 1, W − k + 1), of X's dtype.
    """
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.empty((N, F, H - k + 1, W - k + 1), X.dtype)
    for n in prange(N):
        for f in range(F):
            for h in range(H - k + 1):
                for w in range(W - k + 1):
                    total = b[f]
                    for c in range(C):
                        for i in range(k):
                            for j in range(k):
                                total += X[n, c, h + i, w + j] * K[f, c, i, j]
                    Y[n, f, h, w] = total
    return Y
