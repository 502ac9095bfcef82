"""What LLVM needs to be told in the few loops that live on arithmetic: the width of vectors, and two operations.

LLVM turns plain loops into vector instructions by itself. For most processors with registers of 512 bits it uses half
of each: the first of them ran at a lower clock when they used all. Products of matrices gain a third from the rest.
"""

import contextlib

from llvmlite import ir
from numba.core import cgutils, types
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
def larger(typing_context, a, b):
    """The larger of two numbers, NaN if one of them is: unlike `max`, LLVM finds the maximum of a row with vectors."""

    def write(context, builder, signature, arguments):
        number = arguments[0].type
        name = f"llvm.maximum.f{signature.return_type.bitwidth}"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(number, [number] * 2), name)
        return builder.call(function, arguments)

    return a(a, a), write


@intrinsic
def fma(typing_context, a, b, c):
    """a · b + c, rounded once, and left in this order."""

    def write(context, builder, signature, arguments):
        number = arguments[0].type
        name = f"llvm.fma.f{signature.return_type.bitwidth}"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(number, [number] * 3), name)
        return builder.call(function, arguments)

    return a(a, a, a), write


@intrinsic
def two_to(typing_context, k):
    """2ᵏ for a whole number k within the exponents of its type: written where a number keeps its exponent."""

    def write(context, builder, signature, arguments):
        bits = signature.return_type.bitwidth
        whole, (digits, bias) = ir.IntType(bits), (23, 127) if bits == 32 else (52, 1023)
        number = builder.fcmp_ordered("ord", arguments[0], arguments[0])
        exponent = builder.select(number, builder.fptosi(arguments[0], whole), whole(0))  # NaN: any, but not undefined
        exponent = builder.shl(builder.add(exponent, whole(bias)), whole(digits))
        return builder.bitcast(exponent, arguments[0].type)

    return k(k), write
