"""Vectors of full width, for the few loops that live on arithmetic.

LLVM turns plain loops into vector instructions by itself. For most processors with registers of 512 bits it uses half
of each: the first of them ran at a lower clock when they used all. Products of matrices gain a third from the rest.
"""

import contextlib

from numba.core import types
from numba.extending import intrinsic


@intrinsic
def full_vectors(typing_context):
    """Called anywhere in a compiled function: LLVM may use the widest vectors there are for its loops.

    Where a processor has no registers of 512 bits, nothing changes.
    """

    def mark_function(context, builder, signature, arguments):
        # Attributes with a value are not on llvmlite's list of known ones, hence past its `add`.
        with contextlib.suppress(TypeError):
            set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), mark_function
