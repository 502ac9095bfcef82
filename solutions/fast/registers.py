"""Vector instructions, spelled out: what `simd.py` writes its loops with.

LLVM has vectors as types of their own. Loads, stores and multiply-adds of such become one instruction each, where
registers are as wide.
"""

import platform

from llvmlite import ir
from numba import config
from numba.core import cgutils, types
from numba.core.codegen import get_host_cpu_features


def register_bytes():
    """The width of this processor's vector registers; 0 where it is unknown, or they cannot multiply and add at once.

    Asks what Numba compiles for, as Numba's cache does: under NUMBA_CPU_NAME=generic the answer is 0.
    """
    known = platform.machine().lower() in ("x86_64", "amd64")
    has = (get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES).split(",")
    if not known or "+fma" not in has:
        return 0
    return 64 if "+avx512f" in has else 32 if "+avx2" in has else 0


BYTES = register_bytes()


class Vectors:
    """Writes LLVM instructions on vectors of one kind of number with a builder."""

    def __init__(self, builder, dtype):
        self.builder, self.int = builder, ir.IntType(64)
        self.W = BYTES * 8 // dtype.bitwidth
        self.type = ir.VectorType(ir.FloatType() if dtype == types.float32 else ir.DoubleType(), self.W)
        self.lanes = ir.VectorType(ir.IntType(1), self.W)
        self.zero, self.all = ir.Constant(self.type, None), ir.Constant(self.lanes, [1] * self.W)
        self.align, self.kind = ir.IntType(32)(dtype.bitwidth // 8), f"v{self.W}f{dtype.bitwidth}"

    def at(self, pointer, *offsets):
        """The address that many numbers further on."""
        for offset in offsets:
            pointer = self.builder.gep(pointer, [self.int(offset) if isinstance(offset, int) else offset])
        return pointer

    def up_to(self, end, start, count, stride):
        """stride times start, start + 1, …, that many; in place of those beyond the end, the last one before it."""
        last = self.builder.sub(end, self.int(1))
        numbers, beyond = [self.builder.add(start, self.int(i)) for i in range(count)], self.builder.mul(last, stride)
        # Chosen among products, not multiplied when chosen: LLVM would keep an address for each row and move them all.
        return [
            self.builder.select(self.builder.icmp_signed("<", i, last), self.builder.mul(i, stride), beyond)
            for i in numbers
        ]

    def first(self, count):
        """The first lanes, that many; none below 0, all from W on."""
        count = self.builder.select(self.builder.icmp_signed("<", count, self.int(0)), self.int(0), count)
        count = self.builder.select(self.builder.icmp_signed(">", count, self.int(self.W)), self.int(self.W), count)
        if BYTES == 64:  # lanes are bits there; LLVM would not keep a comparison, but make it in every turn of a loop
            bits = self.builder.lshr(self.int(2**self.W - 1), self.builder.sub(self.int(self.W), count))
            return self.builder.bitcast(self.builder.trunc(bits, ir.IntType(self.W)), self.lanes)
        number = ir.IntType(8 * BYTES // self.W)
        counts = self.broadcast(self.builder.trunc(count, number))
        return self.builder.icmp_signed("<", ir.Constant(counts.type, list(range(self.W))), counts)

    def load(self, pointer, lanes):
        """What lies there; zeros, and nothing is read, in the other lanes."""
        pointer = self.builder.bitcast(pointer, self.type.as_pointer())
        return self.call("masked.load", self.type, [pointer, self.align, lanes, self.zero], ".p0")

    def store(self, vector, pointer, lanes):
        pointer = self.builder.bitcast(pointer, self.type.as_pointer())
        self.call("masked.store", ir.VoidType(), [vector, pointer, self.align, lanes], ".p0")

    def broadcast(self, number):
        """A vector of one number."""
        kind, zeros = ir.VectorType(number.type, self.W), ir.VectorType(ir.IntType(32), self.W)
        empty = ir.Constant(kind, ir.Undefined)
        first = self.builder.insert_element(empty, number, ir.IntType(32)(0))
        return self.builder.shuffle_vector(first, empty, ir.Constant(zeros, [0] * self.W))

    def fma(self, a, b, c):
        """a · b + c, rounded once."""
        return self.call("fma", self.type, [a, b, c])

    def totals(self, vectors):
        """The sum of the numbers of each vector: halves onto each other, then quarters, so in the same order always.

        Two vectors at once: the halves of both make a whole one. In the end a vector has a sum in every lane.
        """
        found = []
        for first in range(0, len(vectors), self.W):
            some, part = vectors[first : first + self.W], self.W // 2
            count = len(some)
            while part:
                some += [self.zero] * (len(some) % 2)
                some, part = [self.halves(*pair, part) for pair in zip(some[::2], some[1::2], strict=True)], part // 2
            found += [self.builder.extract_element(some[0], ir.IntType(32)(i)) for i in range(count)]
        return found

    def halves(self, a, b, part):
        """Of every 2 · part numbers in a, then in b, the first part plus the second."""
        places, firsts = ir.VectorType(ir.IntType(32), self.W), range(0, 2 * self.W, 2 * part)
        masks = [[first + i for first in firsts for i in range(start, start + part)] for start in (0, part)]
        return self.builder.fadd(*[self.builder.shuffle_vector(a, b, ir.Constant(places, mask)) for mask in masks])

    def transposed(self, rows):
        """W vectors as the rows of a square -> its columns: squares of half the side change places, then of a quarter."""
        rows, part, places = list(rows), self.W // 2, ir.VectorType(ir.IntType(32), self.W)
        while part:
            # Of two rows: where a lane is in the first of two parts, and what the second row has to give or to get.
            keep = [[i if not i & part else self.W + i - part for i in range(self.W)]]
            keep += [[i + part if not i & part else self.W + i for i in range(self.W)]]
            for i in (i for i in range(self.W) if not i & part):
                pair = rows[i], rows[i + part]
                rows[i], rows[i + part] = (
                    self.builder.shuffle_vector(*pair, ir.Constant(places, mask)) for mask in keep
                )
            part //= 2
        return rows

    def unless(self, condition, write):
        """The vectors that `write` writes; zeros, and none of it is done, where the condition holds."""
        before = self.builder.block
        with self.builder.if_then(self.builder.not_(condition)):
            found, inside = write(), self.builder.block
        either = [self.builder.phi(self.type) for _ in found]
        for phi, vector in zip(either, found, strict=True):
            phi.add_incoming(self.zero, before)
            phi.add_incoming(vector, inside)
        return either

    def loop(self, lo, hi, step, values, body):
        """values = body(i, values) for i from lo on below hi -> the last ones."""
        builder, before = self.builder, self.builder.block
        head, inside, after = (builder.append_basic_block(name) for name in ("head", "inside", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        i, now = builder.phi(self.int), [builder.phi(value.type) for value in values]
        builder.cbranch(builder.icmp_signed("<", i, hi), inside, after)
        builder.position_at_end(inside)
        then = [*body(i, now), builder.add(i, self.int(step))]
        for phi, start, end in zip([*now, i], [*values, lo], then, strict=True):
            phi.add_incoming(start, before)
            phi.add_incoming(end, builder.block)
        builder.branch(head)
        builder.position_at_end(after)
        return now

    def call(self, name, result, values, more=""):
        """LLVM's own function of that name for this kind of vector."""
        kind, name = ir.FunctionType(result, [value.type for value in values]), f"llvm.{name}.{self.kind}{more}"
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), values)
