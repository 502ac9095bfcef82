"""Loops of layers that move numbers and add them up, and compute nothing else."""

import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic

from solutions.fast.by_address import INT
from solutions.fast.tape import in_shares
from solutions.fast.vectors import all_apart, full_vectors
from solutions.twins import compiled


@intrinsic
def copy_bytes(typing_context, to, source, count):
    """Copy that many bytes from one address to another."""

    def write(context, builder, signature, values):
        to, source = (builder.inttoptr(value, cgutils.voidptr_t) for value in values[:2])
        cgutils.raw_memcpy(builder, to, source, values[2], INT(1))
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), write


@compiled
def copy_lines(places, lo, hi):
    """Copy lines, three axes of them: places has where they lie and how far they are apart, of either side."""
    to, to_i, to_j, to_k, source, i_apart, j_apart, k_apart, J, K, line = places
    for i in range(lo, hi):
        for j in range(J):
            for k in range(K):
                copy_bytes(to + i * to_i + j * to_j + k * to_k, source + i * i_apart + j * j_apart + k * k_apart, line)


def copy(out, x):
    """out = x, broadcast to its shape, for up to four axes of which the last lies in one piece.

    Both have to stay where they are for as long as a tape may be played.
    """
    x = np.broadcast_to(x, out.shape)
    while out.ndim < 4:
        out, x = out[None], x[None]
    if out.dtype != x.dtype or (out.shape[-1] > 1 and {out.strides[-1], x.strides[-1]} != {out.itemsize}):
        raise ValueError(
            f"copy: {x.dtype} {x.strides} to {out.dtype} {out.strides}, expected lines in one piece, of a type"
        )
    of_out, of_x = ((a.__array_interface__["data"][0], *a.strides[:3]) for a in (out, x))
    places = np.array([*of_out, *of_x, *out.shape[1:3], out.shape[3] * out.itemsize])
    in_shares(copy_lines, (places,), len(out), worth=False)


@compiled
def sum_rows(rows, sums, lo, hi):
    """sums[m] = Σ_n rows[n, m], lo ≤ m < hi"""
    full_vectors(), all_apart()
    for m in range(lo, hi):
        sums[m] = 0
    for n in range(len(rows)):
        for m in range(np.uintp(lo), np.uintp(hi)):  # never negative: LLVM needs to know
            sums[m] += rows[n, m]
