"""Lines of numbers, copied from one place to another."""

import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic

from solutions.fast.by_address import INT
from solutions.fast.tape import in_shares
from solutions.twins import compiled


@intrinsic
def copy_bytes(typing_context, to, source, count):
    """Copy that many bytes from one address to another."""

    def write(context, builder, signature, values):
        to, source = (builder.inttoptr(value, cgutils.voidptr_t) for value in values[:2])
        cgutils.raw_memcpy(builder, to, source, values[2], INT(1))
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), write


@compiled(by_address=True)
def copy_lines(to, source, J, K, line, lo, hi):
    """Copy lines of that many bytes, lo to hi by J by K of them; to and source: an address, and how far apart they lie."""
    for i in range(lo, hi):
        for j in range(J):
            for k in range(K):
                here = i * to[1] + j * to[2] + k * to[3]
                copy_bytes(to[0] + here, source[0] + i * source[1] + j * source[2] + k * source[3], line)


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
    places = [np.array([a.__array_interface__["data"][0], *a.strides[:3]]) for a in (out, x)]
    in_shares(copy_lines, (*places, *out.shape[1:3], out.shape[3] * out.itemsize), len(out), worth=False)
