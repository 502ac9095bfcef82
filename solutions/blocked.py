"""Matrix products in plain loops that keep an arithmetic unit busy: four rows by four, "register blocking".

A product written as three loops loads two numbers for every multiplication and addition. Here sixteen factors wait
in registers while four rows of B and four of out stream past them, so sixteen multiplications share eight loads.
LLVM turns the innermost loop into vector instructions by itself.

Two orders, by what lies in one piece: `add_product` runs along rows of B and out, `add_dots` along rows of A and B.
Nothing is checked here and nothing allocated: callers hand in arrays that fit.

Source: K. Goto, R. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008).
"""

import numpy as np

from solutions.twins import compiled

PANEL = 128  # rows of B worked through at a time: they stay in the second-level cache
LINE = 64  # bytes: a vector that straddles two cache lines costs two loads


def aligned(shape, dtype):
    """Zeros that begin at a cache line."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size].view(dtype).reshape(shape)


@compiled
def add_product(out, A, B):
    """out[n, m] += Σ_d A[n, d] · B[d, m]                 (A may lie in any order; rows of B and out in one piece)"""
    N, D = A.shape
    M = B.shape[1]
    whole = N - N % 4
    for start in range(0, D, PANEL):
        stop = min(start + PANEL, D)
        fours = stop - (stop - start) % 4
        for n in range(0, whole, 4):
            o0, o1, o2, o3 = out[n], out[n + 1], out[n + 2], out[n + 3]
            for d in range(start, fours, 4):
                a00, a01, a02, a03 = A[n, d], A[n, d + 1], A[n, d + 2], A[n, d + 3]
                a10, a11, a12, a13 = A[n + 1, d], A[n + 1, d + 1], A[n + 1, d + 2], A[n + 1, d + 3]
                a20, a21, a22, a23 = A[n + 2, d], A[n + 2, d + 1], A[n + 2, d + 2], A[n + 2, d + 3]
                a30, a31, a32, a33 = A[n + 3, d], A[n + 3, d + 1], A[n + 3, d + 2], A[n + 3, d + 3]
                b0, b1, b2, b3 = B[d], B[d + 1], B[d + 2], B[d + 3]
                for m in range(M):
                    # Read before the first store: LLVM cannot know that o0[m] is not b0[m], and would read anew.
                    w, x, y, z = b0[m], b1[m], b2[m], b3[m]
                    o0[m] += a00 * w + a01 * x + a02 * y + a03 * z
                    o1[m] += a10 * w + a11 * x + a12 * y + a13 * z
                    o2[m] += a20 * w + a21 * x + a22 * y + a23 * z
                    o3[m] += a30 * w + a31 * x + a32 * y + a33 * z
            for d in range(fours, stop):
                a0, a1, a2, a3 = A[n, d], A[n + 1, d], A[n + 2, d], A[n + 3, d]
                b0 = B[d]
                for m in range(M):
                    w = b0[m]
                    o0[m] += a0 * w
                    o1[m] += a1 * w
                    o2[m] += a2 * w
                    o3[m] += a3 * w
        for n in range(whole, N):
            for d in range(start, stop):
                a = A[n, d]
                for m in range(M):
                    out[n, m] += a * B[d, m]


@compiled
def add_dots(out, A, B):
    """out[n, m] += Σ_d A[n, d] · B[m, d]                 (a product with Bᵀ; rows of A and B in one piece)"""
    N, D = A.shape
    M = B.shape[0]
    zero = A.dtype.type(0)
    for n in range(0, N - N % 4, 4):
        a0, a1, a2, a3 = A[n], A[n + 1], A[n + 2], A[n + 3]
        for m in range(0, M - M % 4, 4):
            b0, b1, b2, b3 = B[m], B[m + 1], B[m + 2], B[m + 3]
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
    for n in range(N):
        for m in range(M - M % 4 if n < N - N % 4 else 0, M):
            total = zero
            for d in range(D):
                total += A[n, d] * B[m, d]
            out[n, m] += total
