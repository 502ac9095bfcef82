"""The product of two matrices: where most of the time of deep learning goes, and what GPUs are built for.

The plain loops run m, k, n: with n innermost, B and C are read in the order in which they lie in memory.

The naive kernel fetches every number of A and B once per output that needs it. The tiled one works in squares of
TILE × TILE: a block carries a square of A and one of B into shared memory, uses each number TILE times, and moves
on. So it asks the slow memory for TILE times less.

Source: NVIDIA, "CUDA C++ programming guide", section "Shared memory".
"""

import numpy as np

from solutions.cuda import SIMULATED, cuda, output, to_device
from solutions.twins import compiled, operation

# A block of matmul_tiled is TILE × TILE threads; the simulator makes each one of Python's.
TILE = 8 if SIMULATED else 16


@operation(A="M K", B="K N")
def matmul(A, B):
    """C[m, n] = Σ_k A[m, k] · B[k, n]

    A (M, K), B (K, N) -> C (M, N). Raises ValueError unless A has as many columns as B has rows.
    """
    return A @ B


@matmul.twin("numba")
@compiled
def matmul_njit(A, B):
    """C[m, n] = Σ_k A[m, k] · B[k, n]                                     (plain loops, compiled)

    A (M, K), B (K, N) -> C (M, N), of A's dtype.
    """
    M, K = A.shape
    N = B.shape[1]
    C = np.zeros((M, N), A.dtype)
    for m in range(M):
        for k in range(K):
            for n in range(N):
                C[m, n] += A[m, k] * B[k, n]
    return C


@cuda.jit
def matmul_naive(A, B, C):
    """C[m, n] = Σ_k A[m, k] · B[k, n]                     (one thread per entry of C: m is its y, n its x in the grid)

    A (M, K), B (K, N), C (M, N); at least N × M threads in x and y, blocks of any size.
    """
    n, m = cuda.grid(2)  # x along a row: threads side by side then write numbers side by side
    if m < C.shape[0] and n < C.shape[1]:
        total = C.dtype.type(0)
        for k in range(A.shape[1]):
            total += A[m, k] * B[k, n]
        C[m, n] = total


@cuda.jit
def matmul_tiled(A, B, C):
    """C[m, n] = Σ_t Σ_k a[y, k] · b[k, x]       (a, b: the t-th TILE × TILE squares of A's rows and B's columns)

    A (M, K), B (K, N), C (M, N); at least N × M threads in x and y, blocks of TILE × TILE. Beyond the edges of A and B
    there are zeros.
    """
    n, m = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    (M, K), N = A.shape, B.shape[1]
    a = cuda.shared.array((TILE, TILE), A.dtype)
    b = cuda.shared.array((TILE, TILE), B.dtype)
    zero = total = C.dtype.type(0)
    for start in range(0, K, TILE):
        a[y, x] = A[m, start + x] if m < M and start + x < K else zero
        b[y, x] = B[start + y, n] if start + y < K and n < N else zero
        cuda.syncthreads()  # both squares are complete
        for k in range(TILE):
            total += a[y, k] * b[k, x]
        cuda.syncthreads()  # nobody still reads what the next round overwrites
    if m < M and n < N:
        C[m, n] = total


@matmul.twin("cuda")
def matmul_cuda(A, B):
    (M, _), (_, N) = A.shape, B.shape
    C = output((M, N), A.dtype)
    blocks = -(-N // TILE), -(-M // TILE)
    matmul_tiled[blocks, (TILE, TILE)](to_device(A), to_device(B), C)
    return C.copy_to_host()
