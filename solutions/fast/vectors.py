"""What LLVM needs to be told in the few loops that live on arithmetic: how wide vectors may be, and what lies apart.

LLVM turns plain loops into vector instructions by itself. For most processors with registers of 512 bits it uses half
of each: the first of them ran at a lower clock when they used all. Products of matrices gain a third from the rest.
"""

import contextlib

from llvmlite import ir
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


@intrinsic
def all_apart(typing_context):
    """Called anywhere in a compiled function: no two of the arrays it is given share memory.

    LLVM then compares no addresses before a loop, and keeps no second, slower loop for arrays that meet: the loops
    compile in half the time. Where two of them do meet, the answer may be anything.
    """

    def mark_arguments(context, builder, signature, arguments):
        for argument in builder.function.args:  # "arg.A.4": an array is passed in pieces, the fifth is where it lies
            if isinstance(argument.type, ir.PointerType) and argument.name.endswith(".4"):
                argument.add_attribute("noalias")
        return context.get_dummy_value()

    return types.void(), mark_arguments
