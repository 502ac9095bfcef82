"""How far loops can go: a product of matrices in tiles, in vector instructions, and the most that a core can do.

The products are for matrices of float32 whose sides are multiples of 64. `product_in_tiles` is plain loops: sixteen
numbers of A wait in registers while rows of B and C stream past. `product_in_vectors` keeps a tile of C in registers
until its sum over k is done, and writes the instructions down, as LLVM knows them: a vector is as many numbers as a
register holds, and is multiplied at once.
"""

import platform

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

SIDE = 64  # every tile below fits into it a whole number of times


def register_bytes():
    """The width of this processor's vector registers: 64, 32, or the 16 that nearly all have."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return 16
    has = (get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES).split(",")
    return 64 if "+avx512f" in has else 32 if "+avx2" in has else 16


def registers():
    """How many of them there are: 32 on ARM and with AVX-512, else 16."""
    return 32 if register_bytes() == 64 or platform.machine().lower() in ("aarch64", "arm64") else 16


LANES = register_bytes() // 4
ROWS, VECTORS = (8, 2) if registers() == 32 else (4, 2)  # sums enough to start one while others are under way
VECTOR = ir.VectorType(ir.FloatType(), LANES)


@njit(error_model="numpy", fastmath={"contract", "nsz"})
def tiles(A, B, C):
    N, D = A.shape
    for n in range(0, N, 4):
        c0, c1, c2, c3 = C[n], C[n + 1], C[n + 2], C[n + 3]
        for k in range(0, D, 4):
            b0, b1, b2, b3 = B[k], B[k + 1], B[k + 2], B[k + 3]
            a00, a01, a02, a03 = A[n, k], A[n, k + 1], A[n, k + 2], A[n, k + 3]
            a10, a11, a12, a13 = A[n + 1, k], A[n + 1, k + 1], A[n + 1, k + 2], A[n + 1, k + 3]
            a20, a21, a22, a23 = A[n + 2, k], A[n + 2, k + 1], A[n + 2, k + 2], A[n + 2, k + 3]
            a30, a31, a32, a33 = A[n + 3, k], A[n + 3, k + 1], A[n + 3, k + 2], A[n + 3, k + 3]
            for m in range(C.shape[1]):  # 16 MACs for 4 numbers of B and 4 of C
                w, x, y, z = b0[m], b1[m], b2[m], b3[m]
                c0[m] += a00 * w + a01 * x + a02 * y + a03 * z
                c1[m] += a10 * w + a11 * x + a12 * y + a13 * z
                c2[m] += a20 * w + a21 * x + a22 * y + a23 * z
                c3[m] += a30 * w + a31 * x + a32 * y + a33 * z


def mac(builder, a, b, total):
    """total + a · b, in one instruction where there is one."""
    return builder.fadd(total, builder.fmul(a, b, flags=("contract",)), flags=("contract",))


def spread(builder, number):
    """A vector of one number."""
    empty, zeros = ir.Constant(VECTOR, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(builder.insert_element(empty, number, ir.IntType(32)(0)), empty, zeros)


@intrinsic
def tile(typing, A, B, C, n, m):
    """C[n : n + ROWS, m : m + VECTORS · LANES] = Σ_k A[n : n + ROWS, k] · B[k, m : …]"""

    def write(context, builder, signature, arguments):
        kinds = zip(signature.args[:3], arguments[:3], strict=True)
        arrays = [context.make_array(kind)(context, builder, value) for kind, value in kinds]
        (_, D), (_, M) = (cgutils.unpack_tuple(builder, array.shape) for array in arrays[:2])
        n, m = arguments[3:]

        def place(array, width, row, column, *more):
            for offset in (builder.mul(row, width), column, *more):
                array = builder.gep(array, [offset])
            return array

        def vector_at(pointer):
            return builder.bitcast(pointer, VECTOR.as_pointer())

        a, b, c = (array.data for array in arrays)
        whole, zero = n.type, ir.Constant(VECTOR, None)
        sums = [[cgutils.alloca_once_value(builder, zero) for _ in range(VECTORS)] for _ in range(ROWS)]
        with cgutils.for_range(builder, D) as loop:
            factors = []
            for j in range(VECTORS):
                factors.append(builder.load(vector_at(place(b, M, loop.index, m, whole(j * LANES)))))
                factors[-1].align = 4  # that of one number
            for i in range(ROWS):
                number = spread(builder, builder.load(place(a, D, builder.add(n, whole(i)), loop.index)))
                for total, factor in zip(sums[i], factors, strict=True):
                    builder.store(mac(builder, number, factor, builder.load(total)), total)
        for i in range(ROWS):
            for j in range(VECTORS):
                where = vector_at(place(c, M, builder.add(n, whole(i)), m, whole(j * LANES)))
                builder.store(builder.load(sums[i][j]), where).align = 4
        return context.get_dummy_value()

    return types.void(A, B, C, n, m), write


@njit
def vectors(A, B, C):
    for m in range(0, C.shape[1], VECTORS * LANES):
        for n in range(0, len(C), ROWS):
            tile(A, B, C, n, m)


CHAINS = 24 if registers() == 32 else 12  # sums under way at a time, so that none waits for its own last MAC


@intrinsic
def nothing_but_macs(typing, rounds, factor, summand):
    """CHAINS vectors, each multiplied and added to in every round, never leaving their registers; one number of their sum."""

    def write(context, builder, signature, arguments):
        rounds, factor, summand = arguments[0], *(spread(builder, number) for number in arguments[1:])
        starts = [
            ir.Constant(VECTOR, [float(number)] * LANES) for number in range(CHAINS)
        ]  # all different: none is spared
        sums = [cgutils.alloca_once_value(builder, start) for start in starts]
        with cgutils.for_range(builder, rounds):
            for total in sums:
                builder.store(mac(builder, builder.load(total), factor, summand), total)
        result = builder.load(sums[0])
        for total in sums[1:]:
            result = builder.fadd(result, builder.load(total))
        return builder.extract_element(result, ir.IntType(32)(0))

    return types.float32(types.intp, types.float32, types.float32), write


@njit
def macs_in_registers(rounds, factor, summand):
    return nothing_but_macs(rounds, factor, summand)


def most_macs(seconds, rounds=200_000):
    """MACs a second of one core that never waits for memory; seconds(call, *args) says how long a call takes."""
    took = seconds(macs_in_registers, rounds, np.float32(0.5), np.float32(0.25))
    return rounds * CHAINS * LANES / took


def product(loops, A, B):
    """A · B by `tiles` or `vectors`; ValueError unless both are float32, by rows, with sides that are multiples of 64."""
    for name, array in (("A", A), ("B", B)):
        if (
            array.ndim != 2
            or array.dtype != np.float32
            or not array.flags.c_contiguous
            or np.any(np.mod(array.shape, SIDE))
        ):
            raise ValueError(
                f"{name} is {array.dtype} {array.shape}{'' if array.flags.c_contiguous else ', not row after row'}: "
                f"a matrix of float32 that lies row after row, its sides multiples of {SIDE}, please"
            )
    if A.shape[1] != len(B):
        raise ValueError(f"A is {A.shape} and B {B.shape}: A's columns are not B's rows")
    C = np.zeros((len(A), B.shape[1]), np.float32)
    loops(A, B, C)
    return C


def product_in_tiles(A, B):
    """A · B in plain loops, sixteen MACs for eight numbers fetched."""
    return product(tiles, A, B)


def product_in_vectors(A, B):
    """A · B in the instructions on whole registers that this processor has."""
    return product(vectors, A, B)
