"""Which loops the networks multiply with: vector instructions where the processor is known, else plain ones.

`fast/blocked.py` and `fast/simd.py` offer the same loops under the same names. The functions here hold shapes against each other
first, because the loops do not look where they step.
"""

import functools

import numpy as np
from numba import from_dtype
from numba.core.types import Array, intp

from solutions.fast import blocked, simd
from solutions.fast.blocked import flat, starts_of
from solutions.fast.by_address import SHARE, address
from solutions.fast.tape import in_shares

COLUMNS = 16  # of which threads take whole multiples: then no two of them write to one cache line
WORTH = 4_000_000  # multiplications that take long against what it takes to share them

_fast = simd.BYTES > 0


def set_tier(name):
    """Compute with "simd" or with "plain" loops from now on; ValueError for what this processor cannot do."""
    global _fast
    if name not in ("plain", "simd") or (name == "simd" and not simd.BYTES):
        raise ValueError(f"set_tier: name is {name!r}, expected 'plain'" + (" or 'simd'" if simd.BYTES else ""))
    _fast = name == "simd"


def tier():
    """The name of the tier in use."""
    return "simd" if _fast else "plain"


def loops(name):
    """The loops of that name in the tier in use."""
    return getattr(simd if _fast else blocked, name)


def code(name, dtype):
    """The address of the loops of that name, for `call` in loops that stand around them."""
    return _code(loops(name), name, dtype)


@functools.cache
def _code(loops, name, dtype):
    kind, starts = from_dtype(dtype), Array(intp, 1, "C")
    vector, matrix, matrices = (Array(kind, ndim, "C") for ndim in (1, 2, 3))
    arguments = {
        "add_product": (matrices, vector, intp, intp, vector, starts, intp, intp, intp, intp),
        "add_dots": (matrix, matrices, intp, vector, starts, intp),
        "transpose": (matrix, matrix),
    }
    return address(loops, *arguments[name], intp, intp)


def hold(name, dtype, *expected):
    """ValueError unless each array of the pairs (array, shape) has that shape and dtype, and lies by rows in one piece."""
    for array, shape in expected:
        if array.shape != shape or array.dtype != dtype or not array.flags.c_contiguous:
            layout = "" if array.flags.c_contiguous else ", not by rows in one piece,"
            raise ValueError(f"{name}: an array is {array.dtype} {array.shape}{layout}, expected {dtype} {shape}")


def product(out, A, B, fresh=False, columns=False):
    """out += A · B for out (N, M), A (N, D), B (D, M), on as many threads as `set_threads` says; any number, same bits.

    A by rows or by columns, out and B by rows, all in one piece. fresh: out = A · B. Threads share rows of out and A, or
    columns of out and B.
    """
    (N, D), M = A.shape, B.shape[1]
    hold("product", A.dtype, (out, (N, M)), (B, (D, M)))
    arguments, worth = (out[None], *flat(A), B.reshape(-1), starts_of(D, M), 0, int(fresh)), N * D * M > WORTH
    if columns:
        in_shares(loops("add_product"), (*arguments, SHARE, 0, N), M, worth, unit=COLUMNS)
    else:
        in_shares(loops("add_product"), (*arguments, 0, M), N, worth)


def product_of_rows(out, A, B, turned, fresh=False):
    """out += A · Bᵀ for out (N, M), A (N, D), B (M, D), likewise, all by rows; turned: room for Bᵀ (D, M).

    In vector instructions this is the product of A and Bᵀ.
    """
    (N, D), M = A.shape, len(B)
    hold("product of rows", out.dtype, (out, (N, M)), (A, (N, D)), (B, (M, D)))
    if _fast or fresh:
        product(out, A, transposed(B, turned), fresh)
        return
    in_shares(loops("add_dots"), (out, A[None], D, B.reshape(-1), starts_of(M, D), 0), N, N * D * M > WORTH)


def sum_of_rows(sums, A):
    """sums[m] = Σ_n A[n, m]: the product of a row of ones and A."""
    product(sums[None], ones(len(A), A.dtype), A, fresh=True)


@functools.lru_cache(maxsize=256)
def ones(N, dtype):
    """A row (1, N)."""
    return np.ones((1, N), dtype)


def transposed(A, out):
    """out = Aᵀ, both by rows."""
    hold("transposed", A.dtype, (out, A.shape[::-1]), (A, A.shape))
    in_shares(loops("transpose"), (A, out), len(A), A.size * 16 > WORTH, unit=64)
    return out
