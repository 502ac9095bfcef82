"""Products of matrices in vector instructions: the fast tier, one file that a reader may skip.

`blocked.py` leaves it to LLVM to find vectors in plain loops. Here they are spelled out, as LLVM's own instructions,
for one small loop that the rest stands on: a *tile*, some rows by some vectors of the answer, that waits in registers
while the sum runs. A core that starts two multiply-adds a cycle and takes four cycles for each needs eight of them
under way; a tile of 8 × 3 has 24, for 3 loads of B and 8 numbers of A. There are no other loops for what is left over
at the edges: rows that are missing are the last one again, with the same answer, and of the last vector only the lanes
that there are get read and written. So there is little to compile.

Nothing here looks where it steps: with a wrong shape it would read and write somewhere else. So only `networks` uses
it, through the functions of `networks.tier`, which hold the shapes against each other first. What each of them computes
is said, and done in plain loops, in `blocked.py`; a number has the same bits however the rows are shared out.
"""

import platform

from llvmlite import ir
from numba import config
from numba.core import cgutils, types
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from solutions.twins import compiled


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
ROWS, VECTORS = (8, 3) if BYTES == 64 else (4, 3)  # of 32 registers, or of 16, a tile leaves some for its factors
TOGETHER = 1  # rows of B that `add_product` takes at a time
DEEP = 192  # rows of B of which three vectors each stay in the first-level cache
LONG = 4096  # bytes of a row of A, of which as many as a tile has stay there


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


@intrinsic
def add_panel(typing, out, h, lo, hi, m, right, A, down, across, B, width, starts, begin, end, fresh):
    """out[h, n, c] += Σ_d A[n · down + d · across] · B[h · width + starts[d] + c], begin ≤ d < end, lo ≤ n < hi

    for m ≤ c < right, which is VECTORS vectors at most. fresh: as if out had been zero.
    """

    def write(context, builder, signature, values):
        out, h, lo, hi, m, right, A, down, across, B, width, starts, begin, end, fresh = values
        out, A, B, starts = (context.make_array(signature.args[i])(context, builder, values[i]) for i in (0, 6, 9, 11))
        v, (_, N, M) = Vectors(builder, signature.args[0].dtype), cgutils.unpack_tuple(builder, out.shape)
        corner, b = v.at(out.data, builder.mul(h, builder.mul(N, M)), m), v.at(B.data, builder.mul(h, width), m)
        columns = builder.sub(right, m)

        def tile(n, C):
            lanes = [v.first(builder.sub(columns, v.int(c * v.W))) for c in range(C)]
            places = [v.at(corner, row, c * v.W) for row in v.up_to(hi, n, ROWS, M) for c in range(C)]
            rows = v.up_to(hi, n, ROWS, down)

            def add(d, sums):
                column, row = v.at(A.data, builder.mul(d, across)), v.at(b, builder.load(v.at(starts.data, d)))
                factors, then = [v.load(v.at(row, c * v.W), lanes[c]) for c in range(C)], []
                for r in range(ROWS):
                    number = v.broadcast(builder.load(v.at(column, rows[r])))
                    then += [v.fma(number, factors[c], sums[r * C + c]) for c in range(C)]
                return then

            before = v.unless(fresh, lambda: [v.load(place, lanes[i % C]) for i, place in enumerate(places)])
            for i, total in enumerate(v.loop(begin, end, 1, before, add)):
                v.store(total, places[i], lanes[i % C])
            return []

        def rows_of(C):
            v.loop(lo, hi, ROWS, [], lambda n, _: tile(n, C))

        with builder.if_else(builder.icmp_signed(">", columns, v.int(2 * v.W))) as (three, fewer):
            with three:
                rows_of(3)
            with fewer:  # one vector is two with nothing in the second: rare, and not worth compiling
                rows_of(2)
        return context.get_dummy_value()

    i = types.intp
    return types.void(out, i, i, i, i, i, A, i, i, B, i, starts, i, i, types.boolean), write


@intrinsic
def add_dots_tile(typing, out, n, hi, m, A, h, B, width, starts, begin, end):
    """out[r, c] += Σ_d A[h, r, d] · B[h · width + starts[c] + d], begin ≤ d < end

    for ROWS rows from n on and VECTORS columns from m on.
    """

    def write(context, builder, signature, values):
        out, n, hi, m, A, h, B, width, starts, begin, end = values
        out, A, B, starts = (context.make_array(signature.args[i])(context, builder, values[i]) for i in (0, 4, 6, 8))
        v, C = Vectors(builder, signature.args[0].dtype), VECTORS
        (_, M), (_, N, D) = (cgutils.unpack_tuple(builder, array.shape) for array in (out, A))
        columns = v.up_to(M, m, C, v.int(1))
        rows = [v.at(A.data, builder.mul(h, builder.mul(N, D)), row) for row in v.up_to(hi, n, ROWS, D)]
        others = [v.at(B.data, builder.mul(h, width), builder.load(v.at(starts.data, column))) for column in columns]
        places = [v.at(out.data, row, column) for row in v.up_to(hi, n, ROWS, M) for column in columns]

        def add(d, sums, lanes=v.all):
            factors, then = [v.load(v.at(other, d), lanes) for other in others], []
            for r, row in enumerate(rows):
                vector = v.load(v.at(row, d), lanes)
                then += [v.fma(vector, factors[c], sums[r * C + c]) for c in range(C)]
            return then

        whole = builder.add(begin, builder.and_(builder.sub(end, begin), v.int(-v.W)))
        sums = v.loop(begin, whole, v.W, [v.zero] * len(places), add)
        sums = v.loop(whole, end, v.W, sums, lambda d, sums: add(d, sums, v.first(builder.sub(end, d))))
        before = [builder.load(place) for place in places]  # all before the first is stored: some are the same place
        for place, start, total in zip(places, before, v.totals(sums), strict=True):
            builder.store(builder.fadd(start, total), place)
        return context.get_dummy_value()

    i = types.intp
    return types.void(out, i, i, i, A, i, B, i, starts, i, i), write


@compiled
def add_product(out, A, down, across, B, starts, width, fresh, left, right, lo, hi):
    """out[h, n, m] += Σ_d A[n · down + d · across] · B[h · width + starts[d] + m], lo ≤ n < hi, left ≤ m < right

    A and B are flat. fresh, unless it is 0: as if out had been zero.
    """
    D, W = len(starts), BYTES // out.itemsize
    vectors = (right - left + W - 1) // W
    panels = (vectors + VECTORS - 1) // VECTORS
    for h in range(len(out)):
        for d in range(0, D if D > 0 else 1, DEEP):
            end, m = d + DEEP if d + DEEP < D else D, left
            for panel in range(1, panels + 1):
                edge = left + vectors * panel // panels * W if panel < panels else right
                add_panel(out, h, lo, hi, m, edge, A, down, across, B, width, starts, d, end, fresh != 0 and d == 0)
                m = edge


@compiled
def add_dots(out, A, D, B, starts, width, lo, hi):
    """out[n, m] += Σ_h Σ_d A[h, n, d] · B[h · width + starts[m] + d], d < D, lo ≤ n < hi    (products with Bᵀ; B is flat)"""
    long = LONG // out.itemsize
    for h in range(len(A)):
        for d in range(0, D, long):
            end = d + long if d + long < D else D
            for n in range(lo, hi, ROWS):
                for m in range(0, len(starts), VECTORS):
                    add_dots_tile(out, n, hi, m, A, h, B, width, starts, d, end)


@intrinsic
def transpose_square(typing, A, out, n, m):
    """out[m + j, n + i] = A[n + i, m + j] for i and j below the length of a vector, as far as there are such."""

    def write(context, builder, signature, values):
        A, out, n, m = values
        A, out = (context.make_array(signature.args[i])(context, builder, array) for i, array in enumerate((A, out)))
        v, (N, M) = Vectors(builder, signature.args[0].dtype), cgutils.unpack_tuple(builder, A.shape)
        read, written = v.first(builder.sub(M, m)), v.first(builder.sub(N, n))
        rows = [v.load(v.at(A.data, row, m), read) for row in v.up_to(N, n, v.W, M)]
        places = [v.at(out.data, row, n) for row in v.up_to(M, m, v.W, N)]
        columns = list(zip(places, v.transposed(rows), strict=True))
        for place, column in reversed(
            columns
        ):  # beyond the edge, places are the last one: what belongs there comes last
            v.store(column, place, written)
        return context.get_dummy_value()

    return types.void(A, out, types.intp, types.intp), write


@compiled
def transpose(A, out, lo, hi):
    """out[m, n] = A[n, m] for lo ≤ n < hi, a multiple of the length of a vector apart"""
    W = BYTES // A.itemsize
    for n in range(lo, hi, W):
        for m in range(0, A.shape[1], W):
            transpose_square(A, out, n, m)
