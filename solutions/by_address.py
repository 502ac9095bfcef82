"""Compiled loops called by where their code lies in memory.

Numba links a function into every function that calls it, and compiles it again there. Loops that are long to compile,
or that are chosen at run time, are called by their address instead; a number can be cached, and handed to another
thread (`threads.py`). Nothing is checked: the address must be one for arguments of just these types.
"""

import functools

import numpy as np
from llvmlite import ir
from numba import typeof
from numba.core import cgutils, types
from numba.extending import intrinsic

_known = {}  # (loops, what tells the arguments' types) -> address


def address_for(loops, arguments):
    """Where the loops are compiled for arguments like these, and for two numbers more, lo and hi."""
    kinds = tuple((a.dtype.num, a.ndim, a.flags.num) if isinstance(a, np.ndarray) else type(a) for a in arguments)
    if (loops, kinds) not in _known:
        _known[loops, kinds] = address(loops, *map(typeof, arguments), types.intp, types.intp)
    return _known[loops, kinds]


@functools.cache
def address(loops, *kinds):
    """Where the loops are compiled for arguments of these Numba types; they are now, if they were not."""
    result = loops.get_compile_result(types.void(*kinds))
    return result.library.get_pointer_to_function(result.fndesc.llvm_func_name)


def jump(context, builder, address, kinds, values):
    """Write the call of loops that lie at an address."""
    pointer = builder.inttoptr(address, context.call_conv.get_function_type(types.void, kinds).as_pointer())
    context.call_conv.call_function(builder, pointer, types.void, kinds, values)


@intrinsic
def call(typing_context, address, arguments):
    """loops(*arguments) for the loops at that address."""
    kinds = tuple(map(types.unliteral, arguments))

    def write(context, builder, signature, values):
        jump(context, builder, values[0], kinds, cgutils.unpack_tuple(builder, values[1]))
        return context.get_dummy_value()

    return types.void(types.intp, arguments), write


@intrinsic
def packed(typing_context, address, N, step, arguments):
    """The addresses of code for `run`, and of what it needs; this stays until the function that called `packed` ends.

    Piece i is loops(*arguments, i · step, …) for the loops at that address, up to the next piece or N.
    """
    kinds = (*map(types.unliteral, arguments), types.intp, types.intp)

    def write(context, builder, signature, values):
        needed = [*values[:3], *cgutils.unpack_tuple(builder, values[3])]
        room = cgutils.alloca_once(builder, ir.LiteralStructType([value.type for value in needed]))
        builder.store(cgutils.pack_struct(builder, needed), room)
        code = ir.Function(builder.module, RUN, builder.module.get_unique_name("piece"))
        code.linkage = "internal"
        inside = ir.IRBuilder(code.append_basic_block())
        kept = inside.load(inside.bitcast(code.args[0], room.type))
        address, N, step, *arguments = cgutils.unpack_tuple(inside, kept)
        lo = inside.mul(code.args[1], step)
        end = inside.add(lo, step)
        hi = inside.select(inside.icmp_signed("<", end, N), end, N)
        jump(context, inside, address, kinds, [*arguments, lo, hi])
        inside.ret_void()
        return context.make_tuple(builder, signature.return_type, [builder.ptrtoint(p, INT) for p in (code, room)])

    return types.UniTuple(types.intp, 2)(types.intp, types.intp, types.intp, arguments), write


INT = ir.IntType(64)
RUN = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), INT])


@intrinsic
def run(typing_context, code, place, piece):
    """Run one piece of what is `packed`."""

    def write(context, builder, signature, values):
        code, place = (builder.inttoptr(n, t) for n, t in zip(values, (RUN.as_pointer(), RUN.args[0]), strict=False))
        builder.call(code, [place, values[2]])
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), write
