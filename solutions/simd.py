"""Products of matrices in vector instructions: the fast tier, one file that a reader may skip.

`blocked.py` leaves it to LLVM to find vectors in plain loops. Here they are spelled out, as LLVM's own instructions,
for one small loop that the rest stands on: a *tile*, some rows by some vectors of the answer, that waits in registers
while the sum runs. A core that starts two multiply-adds a cycle and takes four cycles for each needs eight of them
under way; a tile of 8 × 3 has 24, for 3 loads of B and 8 numbers of A.

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
DOT_ROWS, DOT_COLUMNS = (4, 4) if BYTES == 64 else (2, 4)
DEEP = 128  # rows of B of which three vectors each stay in the first-level cache


class Vectors:
    """Writes LLVM instructions on vectors of one kind of number with a builder; not whole: of one number each."""

    def __init__(self, builder, dtype, whole=True):
        self.builder, self.int = builder, ir.IntType(64)
        self.number = ir.FloatType() if dtype == types.float32 else ir.DoubleType()
        self.W = BYTES * 8 // dtype.bitwidth if whole else 1
        self.type = ir.VectorType(self.number, self.W)
        self.align, self.kind = dtype.bitwidth // 8, f"v{self.W}f{dtype.bitwidth}"

    def at(self, pointer, *offsets):
        """The address that many numbers further on."""
        for offset in offsets:
            pointer = self.builder.gep(pointer, [self.int(offset) if isinstance(offset, int) else offset])
        return pointer

    def load(self, pointer):
        loaded = self.builder.load(self.builder.bitcast(pointer, self.type.as_pointer()))
        loaded.align = self.align  # that of a number: rows need not begin at a whole vector
        return loaded

    def store(self, vector, pointer):
        self.builder.store(vector, self.builder.bitcast(pointer, self.type.as_pointer())).align = self.align

    def broadcast(self, number):
        """A vector of one number."""
        empty, zeros = ir.Constant(self.type, ir.Undefined), ir.VectorType(ir.IntType(32), self.W)
        first = self.builder.insert_element(empty, number, ir.IntType(32)(0))
        return self.builder.shuffle_vector(first, empty, ir.Constant(zeros, [0] * self.W))

    def fma(self, a, b, c):
        """a · b + c, rounded once."""
        return self.builder.call(self._declared("llvm.fma", self.type, [self.type] * 3), [a, b, c])

    def total(self, vector):
        """The sum of its numbers: halves onto each other, so in the same order always."""
        half = self.W
        while half > 1:
            half //= 2
            mask = ir.Constant(
                ir.VectorType(ir.IntType(32), self.W), [i + half if i < half else i for i in range(self.W)]
            )
            other = self.builder.shuffle_vector(vector, ir.Constant(self.type, ir.Undefined), mask)
            vector = self.builder.fadd(vector, other)
        return self.builder.extract_element(vector, ir.IntType(32)(0))

    def _declared(self, name, result, arguments):
        function_type = ir.FunctionType(result, arguments)
        return cgutils.get_or_insert_function(self.builder.module, function_type, f"{name}.{self.kind}")


def data_of(context, builder, kind, value):
    """The address of an array's first number."""
    return context.make_array(kind)(context, builder, value).data


@intrinsic(prefer_literal=True)
def add_tile(typing, out, at, stride, A, first, down, across, B, start, starts, lo, hi, fresh, rows, vectors):
    """out[at + r · stride + m] += Σ_d A[first + r · down + d · across] · B[start + starts[d] + m], lo ≤ d < hi

    for r below rows and m below that many vectors, both known when compiling; for a single m, if vectors
    is 0. fresh: as if out had been zero.
    """
    R, C = rows.literal_value, max(vectors.literal_value, 1)

    def write(context, builder, signature, values):
        out, at, stride, A, first, down, across, B, start, starts, lo, hi, fresh, _, _ = values
        kinds = signature.args
        out, A, B, starts = (data_of(context, builder, kinds[i], values[i]) for i in (0, 3, 7, 9))
        v = Vectors(builder, kinds[0].dtype, vectors.literal_value > 0)
        corner, b = v.at(out, at), v.at(B, start)
        places = [[v.at(corner, builder.mul(stride, v.int(r)), c * v.W) for c in range(C)] for r in range(R)]
        a = [v.at(A, first, builder.mul(down, v.int(r))) for r in range(R)]
        sums = [[cgutils.alloca_once_value(builder, ir.Constant(v.type, None)) for _ in row] for row in places]
        with builder.if_then(builder.not_(fresh)):
            for r in range(R):
                for c in range(C):
                    builder.store(v.load(places[r][c]), sums[r][c])
        with cgutils.for_range_slice(builder, lo, hi, v.int(1)) as (d, _):
            row = v.at(b, builder.load(v.at(starts, d)))
            factors = [v.load(v.at(row, c * v.W)) for c in range(C)]
            for r in range(R):
                number = v.broadcast(builder.load(v.at(a[r], builder.mul(d, across))))
                for c in range(C):
                    builder.store(v.fma(number, factors[c], builder.load(sums[r][c])), sums[r][c])
        for r in range(R):
            for c in range(C):
                v.store(builder.load(sums[r][c]), places[r][c])
        return context.get_dummy_value()

    i = types.intp
    return types.void(out, i, i, A, i, i, i, B, i, starts, i, i, types.boolean, rows, vectors), write


@intrinsic(prefer_literal=True)
def add_dots_tile(typing, out, at, stride, A, first, down, B, start, starts, column, lo, hi, rows, columns):
    """out[at + r · stride + c] += Σ_d A[first + r · down + d] · B[start + starts[column + c] + d], lo ≤ d < hi

    for r below rows and c below columns, both known when compiling, from whole vectors; for a single c from single
    numbers, if columns is 0.
    """
    R, C = rows.literal_value, max(columns.literal_value, 1)

    def write(context, builder, signature, values):
        out, at, stride, A, first, down, B, start, starts, column, lo, hi, _, _ = values
        kinds = signature.args
        out, A, B, starts = (data_of(context, builder, kinds[i], values[i]) for i in (0, 3, 6, 8))
        v = Vectors(builder, kinds[0].dtype, columns.literal_value > 0)
        a = [v.at(A, first, builder.mul(down, v.int(r))) for r in range(R)]
        b = [v.at(B, start, builder.load(v.at(starts, column, c))) for c in range(C)]
        zero = ir.Constant(v.type, None)
        sums = [[cgutils.alloca_once_value(builder, zero) for _ in range(C)] for _ in range(R)]
        with cgutils.for_range_slice(builder, lo, hi, v.int(v.W)) as (d, _):
            factors = [v.load(v.at(row, d)) for row in b]
            for r in range(R):
                vector = v.load(v.at(a[r], d))
                for c in range(C):
                    builder.store(v.fma(vector, factors[c], builder.load(sums[r][c])), sums[r][c])
        for r in range(R):
            for c in range(C):
                place = v.at(out, at, builder.mul(stride, v.int(r)), c)
                builder.store(builder.fadd(builder.load(place), v.total(builder.load(sums[r][c]))), place)
        return context.get_dummy_value()

    i = types.intp
    return types.void(out, i, i, A, i, i, B, i, starts, i, i, i, rows, columns), write


@compiled
def add_product(out, A, down, across, B, starts, width, fresh, lo, hi):
    """out[h, n, m] += Σ_d A[n · down + d · across] · B[h · width + starts[d] + m], lo ≤ n < hi      (A, B are flat)

    fresh: as if out had been zero.
    """
    if fresh and len(starts) == 0:
        out[:, lo:hi] = 0
    H, N, M = out.shape
    D, W, flat, half = len(starts), BYTES // out.itemsize, out.reshape(-1), hi - (hi - lo) % ROWS
    vectors = M // W
    panels = -(-vectors // VECTORS)
    for h in range(H):
        for d in range(0, D, DEEP):
            end, new = min(d + DEEP, D), fresh and d == 0
            for panel in range(panels):
                left = vectors * panel // panels
                count, m = vectors * (panel + 1) // panels - left, left * W
                at, start = h * N * M + m, h * width + m
                for n in range(lo, half, ROWS):
                    if count == 3:
                        add_tile(flat, at + n * M, M, A, n * down, down, across, B, start, starts, d, end, new, ROWS, 3)
                    elif count == 2:
                        add_tile(flat, at + n * M, M, A, n * down, down, across, B, start, starts, d, end, new, ROWS, 2)
                    else:
                        add_tile(flat, at + n * M, M, A, n * down, down, across, B, start, starts, d, end, new, ROWS, 1)
                for n in range(half, hi):
                    for c in range(count):
                        to, where = at + n * M + c * W, start + c * W
                        add_tile(flat, to, M, A, n * down, down, across, B, where, starts, d, end, new, 1, 1)
            for m in range(vectors * W, M):
                at, start = h * N * M + m, h * width + m
                for n in range(lo, half, ROWS):
                    add_tile(flat, at + n * M, M, A, n * down, down, across, B, start, starts, d, end, new, ROWS, 0)
                for n in range(half, hi):
                    add_tile(flat, at + n * M, M, A, n * down, down, across, B, start, starts, d, end, new, 1, 0)


@compiled
def add_dots(out, A, B, starts, width, lo, hi):
    """out[n, m] += Σ_h Σ_d A[h, n, d] · B[h · width + starts[m] + d], lo ≤ n < hi          (products with Bᵀ; B is flat)"""
    H, N, D = A.shape
    M, flat, a = out.shape[1], out.reshape(-1), A.reshape(-1)
    whole = D - D % (BYTES // A.itemsize)
    rows, columns = hi - (hi - lo) % DOT_ROWS, M - M % DOT_COLUMNS
    for h in range(H):
        for n in range(lo, rows, DOT_ROWS):
            at, first = n * M, (h * N + n) * D
            for m in range(0, columns, DOT_COLUMNS):
                add_dots_tile(flat, at + m, M, a, first, D, B, h * width, starts, m, 0, whole, DOT_ROWS, DOT_COLUMNS)
            for m in range(columns, M):
                add_dots_tile(flat, at + m, M, a, first, D, B, h * width, starts, m, 0, whole, DOT_ROWS, 1)
        for n in range(rows, hi):
            for m in range(M):
                add_dots_tile(flat, n * M + m, M, a, (h * N + n) * D, D, B, h * width, starts, m, 0, whole, 1, 1)
        if whole < D:
            for m in range(M):
                for n in range(lo, rows, DOT_ROWS):
                    first = (h * N + n) * D
                    add_dots_tile(flat, n * M + m, M, a, first, D, B, h * width, starts, m, whole, D, DOT_ROWS, 0)
                for n in range(rows, hi):
                    first = (h * N + n) * D
                    add_dots_tile(flat, n * M + m, M, a, first, D, B, h * width, starts, m, whole, D, 1, 0)
