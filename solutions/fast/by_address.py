"""Compiled loops called by where their code lies in memory.

Numba links a function into every function that calls it, and compiles it again there. Loops that are long to compile,
or that are chosen at run time, are called by their address instead (`call`). And a call can be written down as plain
numbers, a *task*, for whoever is to make it later: another thread, or this one again (`tape.py`). Nothing is checked:
the address must be one for arguments of just these types.
"""

import functools
import operator

import numpy as np
from llvmlite import ir
from numba import typeof
from numba.core import cgutils, types
from numba.extending import intrinsic

MOST = 96  # words that the arguments of a task may take, lo and hi among them
HEAD = 5  # words before them
SHARE = "lo, hi"  # among arguments: where a share begins and ends; behind them all, where it is not among them

INT = ir.IntType(64)

_known = {}  # (loops, what tells the arguments' types) -> address


def address_for(loops, arguments):
    """Where the loops are compiled for arguments like these."""
    kinds = tuple((a.dtype.num, a.ndim, a.flags.num) if isinstance(a, np.ndarray) else type(a) for a in arguments)
    if (loops, kinds) not in _known:
        _known[loops, kinds] = address(loops, *map(typeof, arguments))
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


def task(loops, arguments, N, step):
    """loops(*arguments), with lo and hi in the place of SHARE, as numbers.

    They are: address, how many words the arguments take, which of them are lo and hi, N, step; then the words.

    Arguments are arrays and whole numbers; arrays must stay where they are for as long as the task may be run.
    An array is passed by Numba as: nobody who counts its users, no Python object, how many numbers, the bytes of one,
    where they lie, shape, strides. So every word has 64 bits, and all loops can be called as if they took words alone.
    """
    arguments = arguments if any(argument is SHARE for argument in arguments) else (*arguments, SHARE)
    words, kinds = [], []
    for argument in arguments:
        kinds += [0, 0] if argument is SHARE else [argument]
        if argument is SHARE:
            at, words = len(words), [*words, 0, 0]
        elif isinstance(argument, np.ndarray):
            data = argument.__array_interface__["data"][0]
            words += [0, 0, argument.size, argument.itemsize, data, *argument.shape, *argument.strides]
        else:
            words.append(operator.index(argument))  # a float is passed in a register of another kind
    if len(words) > MOST:
        raise ValueError(f"{loops.__name__}: its arguments take {len(words)} words, expected at most {MOST}")
    return [address_for(loops, kinds), len(words), at, N, step, *words]


@intrinsic
def word(typing_context, place, i):
    """The i-th word of what lies at that place."""

    def write(context, builder, signature, values):
        return builder.load(builder.gep(builder.inttoptr(values[0], INT.as_pointer()), [values[1]]))

    return types.intp(types.intp, types.intp), write


@intrinsic
def run(typing_context, place, lo, hi):
    """Make the call of the task that lies at that place, for lo to hi.

    All MOST words are handed over. What lies behind the last means nothing, and no function looks at more than it
    takes: the caller makes room for arguments and clears it, on all processors that Numba knows.
    """
    kinds = (types.intp,) * MOST

    def write(context, builder, signature, values):
        start = builder.inttoptr(values[0], INT.as_pointer())
        address, count, at = (builder.load(builder.gep(start, [INT(i)])) for i in range(3))
        room = cgutils.alloca_once(builder, INT, MOST)
        cgutils.raw_memcpy(builder, room, builder.gep(start, [INT(HEAD)]), count, 8)
        for i, bound in enumerate(values[1:]):
            builder.store(bound, builder.gep(room, [builder.add(at, INT(i))]))
        jump(context, builder, address, kinds, [builder.load(builder.gep(room, [INT(i)])) for i in range(MOST)])
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), write
