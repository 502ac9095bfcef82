"""Many numbers become few: the sum of every row, and the sum of everything.

On a GPU the second is the hard one, for every thread wants to write to one cell. Each block adds its share as a
tree of halves in shared memory, and one atomic addition per block joins the shares. Blocks arrive in any order, so
the last bits of a sum of floats may differ from run to run; where they must not, one block does it all: mean.py.

Source: M. Harris, "Optimizing parallel reduction in CUDA", NVIDIA (2007).
"""

import numpy as np

from solutions.cuda import SIMULATED, cuda, launch, output, to_device
from solutions.twins import compiled, operation

# Threads of a block of reduce_sum, a power of two; the simulator makes each one of Python's.
LANES = 32 if SIMULATED else 128


@operation(A="M N")
def row_sums(A):
    """s[m] = Σ_n A[m, n]

    A (M, N) -> s (M,).
    """
    return np.sum(A, axis=1)


@row_sums.twin("numba")
@compiled
def row_sums_loops(A):
    M, N = A.shape
    s = np.empty(M, A.dtype)
    for m in range(M):
        total = A.dtype.type(0)
        for n in range(N):
            total += A[m, n]
        s[m] = total
    return s


@cuda.jit
def row_sums_kernel(A, s):
    m = cuda.grid(1)
    if m < A.shape[0]:
        total = A.dtype.type(0)
        for n in range(A.shape[1]):
            total += A[m, n]
        s[m] = total


@row_sums.twin("cuda")
def row_sums_cuda(A):
    s = output(len(A), A.dtype)
    launch(row_sums_kernel, len(A), to_device(A), s)
    return s.copy_to_host()


@operation(x="N")
def vector_sum(x):
    """total = Σ_n x[n]

    x (N,) -> total, a float.
    """
    return float(np.sum(x))


@vector_sum.twin("numba")
@compiled
def vector_sum_loops(x):
    N = x.shape[0]
    total = 0.0  # float64 whatever x is: many small terms
    for n in range(N):
        total += x[n]
    return total


@cuda.jit
def reduce_sum(x, total):
    """total[0] += Σ_n x[n]                            (blocks of LANES threads, as many as it takes; a tree in each)

    x (N,), total (1,) of the same type, 0 before the launch.
    """
    lane, n = cuda.threadIdx.x, cuda.grid(1)
    partial = cuda.shared.array(LANES, x.dtype)
    partial[lane] = x[n] if n < x.size else x.dtype.type(0)
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        if lane < half:
            partial[lane] += partial[lane + half]
        cuda.syncthreads()  # outside the if: every thread of the block must arrive
        half //= 2
    if lane == 0:
        cuda.atomic.add(total, 0, partial[0])


def sum_of(values):
    """The sum of a flat device array, a float."""
    total = to_device(np.zeros(1, values.dtype))
    reduce_sum[-(-values.size // LANES), LANES](values, total)
    return float(total.copy_to_host()[0])


@vector_sum.twin("cuda")
def vector_sum_cuda(x):
    return sum_of(to_device(x))
