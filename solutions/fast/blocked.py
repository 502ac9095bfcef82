"""Matrix products in plain loops that keep an arithmetic unit busy: four rows by four, "register blocking".

A product written as three loops loads two numbers for every multiplication and addition. Here sixteen factors wait
in registers while four rows of B and four of out stream past them, so sixteen multiplications share eight loads.
LLVM turns the innermost loop into vector instructions by itself.

Two orders, by what lies in one piece: `add_product` runs along rows of B and out, `add_dots` along rows of A and B.
B is flat, with a list of where its rows start, and there may be several products h, each `width` further on in B. So
rows may overlap, and a convolution is a product as well: its rows are the windows of an image (`networks.convolution`).
Both compute rows lo to hi of out; a row does not depend on the others, so threads may share them (`threads.py`).
Nothing is checked here and nothing allocated.

Source: K. Goto, R. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008).
"""

import functools

import numpy as np

from solutions.fast.vectors import full_vectors
from solutions.twins import compiled

TOGETHER = 4  # rows of B that `add_product` takes at a time; those that are left over are slow
PANEL = 16  # rows of B worked through at a time: they stay in the first-level cache
SQUARE = 32  # rows turned into columns at a time
LINE = 64  # bytes: a vector that straddles two cache lines costs two loads


def aligned(shape, dtype):
    """Zeros that begin at a cache line."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size].view(dtype).reshape(shape)


@compiled(by_address=True)
def add_product(out, A, down, across, B, starts, width, fresh, left, right, lo, hi):
    """out[h, n, m] += Σ_d A[n · down + d · across] · B[h · width + starts[d] + m], lo ≤ n < hi, left ≤ m < right

    A and B are flat. fresh, unless it is 0: as if out had been zero.
    """
    full_vectors()
    if fresh != 0:
        out[:, lo:hi, left:right] = 0
    D, M = len(starts), right - left
    whole, fours, even = hi - (hi - lo) % 4, D - D % 4, M & -16  # even: a multiple of 16, vectors leave no rest
    for h in range(len(out)):
        rows, b = out[h], B[h * width + left :]
        for start in range(0, fours, PANEL):
            for n in range(lo, whole, 4):
                o0, o1, o2, o3 = rows[n][left:], rows[n + 1][left:], rows[n + 2][left:], rows[n + 3][left:]
                for d in range(start, min(start + PANEL, fours), 4):
                    i, j = n * down + d * across, (n + 1) * down + d * across
                    k, l = (n + 2) * down + d * across, (n + 3) * down + d * across
                    a00, a01, a02, a03 = A[i], A[i + across], A[i + 2 * across], A[i + 3 * across]
                    a10, a11, a12, a13 = A[j], A[j + across], A[j + 2 * across], A[j + 3 * across]
                    a20, a21, a22, a23 = A[k], A[k + across], A[k + 2 * across], A[k + 3 * across]
                    a30, a31, a32, a33 = A[l], A[l + across], A[l + 2 * across], A[l + 3 * across]
                    b0, b1, b2, b3 = b[starts[d] :], b[starts[d + 1] :], b[starts[d + 2] :], b[starts[d + 3] :]
                    for m in range(even):
                        # Read before the first store: LLVM cannot know that o0[m] is not b0[m], and would read anew.
                        w, x, y, z = b0[m], b1[m], b2[m], b3[m]
                        o0[m] += a00 * w + a01 * x + a02 * y + a03 * z
                        o1[m] += a10 * w + a11 * x + a12 * y + a13 * z
                        o2[m] += a20 * w + a21 * x + a22 * y + a23 * z
                        o3[m] += a30 * w + a31 * x + a32 * y + a33 * z
        for d in range(0 if even < M or whole < hi else fours, D):  # what is left over at the edges
            b0 = b[starts[d] :]
            for n in range(lo if even < M or d >= fours else whole, hi):
                a0, o0 = A[n * down + d * across], rows[n][left:]
                for m in range(even if n < whole and d < fours else 0, M):
                    o0[m] += a0 * b0[m]


@compiled(by_address=True)
def add_dots(out, A, D, B, starts, width, lo, hi):
    """out[n, m] += Σ_h Σ_d A[h, n, d] · B[h · width + starts[m] + d], d < D, lo ≤ n < hi    (products with Bᵀ; B is flat)"""
    full_vectors()
    M = len(starts)
    whole, fours, zero = hi - (hi - lo) % 4, M - M % 4, A.dtype.type(0)
    for h in range(len(A)):
        rows, b = A[h], B[h * width :]
        for n in range(lo, whole, 4):
            a0, a1, a2, a3 = rows[n], rows[n + 1], rows[n + 2], rows[n + 3]
            for m in range(0, fours, 4):
                b0, b1, b2, b3 = b[starts[m] :], b[starts[m + 1] :], b[starts[m + 2] :], b[starts[m + 3] :]
                s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = zero
                s20 = s21 = s22 = s23 = s30 = s31 = s32 = s33 = zero
                for d in range(D):
                    s00 += a0[d] * b0[d]
                    s01 += a0[d] * b1[d]
                    s02 += a0[d] * b2[d]
                    s03 += a0[d] * b3[d]
                    s10 += a1[d] * b0[d]
                    s11 += a1[d] * b1[d]
                    s12 += a1[d] * b2[d]
                    s13 += a1[d] * b3[d]
                    s20 += a2[d] * b0[d]
                    s21 += a2[d] * b1[d]
                    s22 += a2[d] * b2[d]
                    s23 += a2[d] * b3[d]
                    s30 += a3[d] * b0[d]
                    s31 += a3[d] * b1[d]
                    s32 += a3[d] * b2[d]
                    s33 += a3[d] * b3[d]
                o0, o1, o2, o3 = out[n], out[n + 1], out[n + 2], out[n + 3]
                o0[m], o0[m + 1], o0[m + 2], o0[m + 3] = o0[m] + s00, o0[m + 1] + s01, o0[m + 2] + s02, o0[m + 3] + s03
                o1[m], o1[m + 1], o1[m + 2], o1[m + 3] = o1[m] + s10, o1[m + 1] + s11, o1[m + 2] + s12, o1[m + 3] + s13
                o2[m], o2[m + 1], o2[m + 2], o2[m + 3] = o2[m] + s20, o2[m + 1] + s21, o2[m + 2] + s22, o2[m + 3] + s23
                o3[m], o3[m + 1], o3[m + 2], o3[m + 3] = o3[m] + s30, o3[m + 1] + s31, o3[m + 2] + s32, o3[m + 3] + s33
        for n in range(lo, hi):
            a0 = rows[n]
            for m in range(fours if n < whole else 0, M):
                b0, total = b[starts[m] :], zero
                for d in range(D):
                    total += a0[d] * b0[d]
                out[n, m] += total


@compiled(by_address=True)
def transpose(A, out, lo, hi):
    """out[m, n] = A[n, m] for lo ≤ n < hi"""
    for first in range(lo, hi, SQUARE):  # square by square, so that lines of A stay in the cache until they are used up
        for m in range(A.shape[1]):
            for n in range(first, min(first + SQUARE, hi)):
                out[m, n] = A[n, m]


@functools.lru_cache(maxsize=256)
def starts_of(rows, width):
    """Where the rows of a matrix start when it is flat."""
    return np.arange(rows) * width


def flat(A):
    """A matrix as a vector without a copy, and how far it is down and across to the next number."""
    if A.flags.c_contiguous:
        return A.reshape(-1), A.shape[1], 1
    if not A.flags.f_contiguous:
        raise ValueError(f"A matrix {A.shape} does not lie in one piece, neither by rows nor by columns")
    return A.T.reshape(-1), 1, A.shape[0]
