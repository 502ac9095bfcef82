"""Softmax: a row of scores becomes a row of probabilities.

Adding a constant to a row changes nothing, so the row's maximum is taken off first: exp sees no positive number.

Source: J. Bridle, "Probabilistic interpretation of feedforward classification network outputs", Neurocomputing,
Springer (1990).
"""

import math

import numpy as np

from solutions.cuda import SIMULATED, cuda, launch, output, to_device
from solutions.twins import compiled, operation

# Threads of a row's block, a power of two; the simulator makes each one of Python's.
LANES = 32 if SIMULATED else 128


@operation(z="N C")
def softmax(z):
    """p[n, c] = exp(z[n, c]) / Σ_j exp(z[n, j])               (shifted by the row's maximum: exp never overflows)

    z (N, C) logits -> p (N, C), rows that sum to 1. Raises ValueError unless z is two-dimensional.
    """
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@softmax.twin("numba")
@compiled
def softmax_loops(z):
    N, C = z.shape
    p = np.empty((N, C), z.dtype)
    for n in range(N):
        largest = z[n, 0]
        for c in range(C):
            largest = max(largest, z[n, c])
        total = z.dtype.type(0)
        for c in range(C):
            p[n, c] = math.exp(z[n, c] - largest)
            total += p[n, c]
        for c in range(C):
            p[n, c] /= total
    return p


@cuda.jit
def softmax_kernel(z, p):
    """p[n, c] = exp(z[n, c]) / Σ_j exp(z[n, j])          (a block of LANES threads for each row; each takes every LANES-th c)

    Threads side by side read numbers side by side. The row's maximum and its sum are trees of halves in shared memory.
    """
    n, lane = cuda.blockIdx.x, cuda.threadIdx.x
    partial = cuda.shared.array(LANES, z.dtype)
    largest, total = z[n, 0], z.dtype.type(0)
    for c in range(lane, z.shape[1], LANES):
        largest = max(largest, z[n, c])
    partial[lane] = largest
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        if lane < half:
            partial[lane] = max(partial[lane], partial[lane + half])
        cuda.syncthreads()  # outside the if: every thread of the block must arrive
        half //= 2
    largest = partial[0]
    cuda.syncthreads()  # nobody still reads what is overwritten now
    for c in range(lane, z.shape[1], LANES):
        p[n, c] = math.exp(z[n, c] - largest)
        total += p[n, c]
    partial[lane] = total
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        if lane < half:
            partial[lane] += partial[lane + half]
        cuda.syncthreads()
        half //= 2
    for c in range(lane, z.shape[1], LANES):
        p[n, c] /= partial[0]


@softmax.twin("cuda")
def softmax_cuda(z):
    p = output(z.shape, z.dtype)
    if len(z):
        softmax_kernel[len(z), LANES](to_device(z), p)
    return p.copy_to_host()


@operation(z="C")
def softmax_derivative(z):
    """J[i, j] = ∂p[i] / ∂z[j] = p[i] · (δ_ij − p[j])                      (δ_ij = 1 where i = j, else 0)

    z (C,) the logits of one example -> J (C, C). Every row and every column sums to 0: probability only moves.
    """
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return np.diag(p) - np.outer(p, p)


@softmax_derivative.twin("numba")
@compiled
def softmax_derivative_loops(z):
    C = z.shape[0]
    p = softmax_loops(z.copy().reshape(1, C))[0]
    J = np.empty((C, C), z.dtype)
    for i in range(C):
        for j in range(C):
            J[i, j] = -p[i] * p[j]
        J[i, i] += p[i]
    return J


@cuda.jit
def softmax_derivative_kernel(p, J):
    i, j = cuda.grid(2)
    if i < p.size and j < p.size:
        one = p.dtype.type(1 if i == j else 0)
        J[i, j] = p[i] * (one - p[j])


@softmax_derivative.twin("cuda")
def softmax_derivative_cuda(z):
    p = softmax_cuda(z[None])[0]
    J = output((p.size, p.size), p.dtype)
    launch(softmax_derivative_kernel, J.shape, to_device(p), J)
    return J.copy_to_host()


@operation(dp="N C", p="N C")
def softmax_backward(dp, p):
    """dz[n, c] = p[n, c] · (dp[n, c] − Σ_j dp[n, j] · p[n, j])      (dp times the Jacobian, which is never formed)

    dp (N, C) the gradient of the loss with respect to p, p (N, C) = softmax(z) -> dz (N, C).
    """
    return p * (dp - np.sum(dp * p, axis=1, keepdims=True))


@softmax_backward.twin("numba")
@compiled
def softmax_backward_loops(dp, p):
    N, C = p.shape
    dz = np.empty((N, C), p.dtype)
    for n in range(N):
        mean = p.dtype.type(0)
        for c in range(C):
            mean += dp[n, c] * p[n, c]
        for c in range(C):
            dz[n, c] = p[n, c] * (dp[n, c] - mean)
    return dz


@cuda.jit
def softmax_backward_kernel(dp, p, dz):
    n = cuda.grid(1)
    if n < p.shape[0]:
        mean = p.dtype.type(0)
        for c in range(p.shape[1]):
            mean += dp[n, c] * p[n, c]
        for c in range(p.shape[1]):
            dz[n, c] = p[n, c] * (dp[n, c] - mean)


@softmax_backward.twin("cuda")
def softmax_backward_cuda(dp, p):
    dz = output(p.shape, p.dtype)
    launch(softmax_backward_kernel, p.shape[0], to_device(dp), to_device(p), dz)
    return dz.copy_to_host()
