"""Products of matrices in vector instructions: the fast tier.

`blocked.py` leaves it to LLVM to find vectors in plain loops. Here they are spelled out (`registers.py`), for one small
loop that the rest stands on: a *tile*, some rows by some vectors of the answer, that waits in registers while the sum
runs. A core that starts two multiply-adds a cycle and takes four cycles for each needs eight of them under way; a tile
of 8 × 3 has 24, for 3 loads of B and 8 numbers of A. There are no other loops for what is left over at the edges: rows
that are missing are the last one again, with the same answer, and of the last vector only the lanes that there are get
read and written. So there is little to compile.

Nothing here looks where it steps: with a wrong shape it would read and write somewhere else. So only `networks` uses
it, through the functions of `networks.tier`, which hold the shapes against each other first. What each of them computes
is said, and done in plain loops, in `blocked.py`; a number has the same bits however the rows are shared out.
"""

from numba.core import cgutils, types
from numba.extending import intrinsic

from solutions.fast.registers import BYTES, Vectors
from solutions.twins import compiled

ROWS, VECTORS = (8, 3) if BYTES == 64 else (4, 3)  # of 32 registers, or of 16, a tile leaves some for its factors
TOGETHER = 1  # rows of B that `add_product` takes at a time
DEEP = 192  # rows of B of which three vectors each stay in the first-level cache
LONG = 4096  # bytes of a row of A, of which as many as a tile has stay there


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


@compiled(by_address=True)
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


@compiled(by_address=True)
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


@compiled(by_address=True)
def transpose(A, out, lo, hi):
    """out[m, n] = A[n, m] for lo ≤ n < hi, a multiple of the length of a vector apart"""
    W = BYTES // A.itemsize
    for n in range(lo, hi, W):
        for m in range(0, A.shape[1], W):
            transpose_square(A, out, n, m)
