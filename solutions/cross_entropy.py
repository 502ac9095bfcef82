"""Cross-entropy over C classes, from logits: the loss of every classifier in the course.

Softmax and logarithm meet in one formula, log p = z − log Σ exp(z), which neither overflows nor takes log 0.

Source: C. Bishop, "Pattern recognition and machine learning", Springer (2006), section 4.3.4.
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.mean import mean_of
from solutions.twins import compiled, operation


@operation(z="N C", y="N:int")
def cross_entropy(z, y):
    """loss = −1/N · Σ_n log p[n, y[n]]     log p[n, c] = z[n, c] − log Σ_j exp(z[n, j])      (row maximum off first)

    z (N, C) logits, y (N,) labels 0 … C−1, integers -> loss, a float: the mean over the N examples.
    Raises ValueError unless z is two-dimensional and y holds one label below C for every row.
    """
    N, C = z.shape
    if np.min(y) < 0 or np.max(y) >= C:
        raise ValueError(f"cross_entropy: y has labels from {np.min(y)} to {np.max(y)}, expected 0 to {C - 1}")
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return float(-np.mean(log_p[np.arange(N), y]))


@cross_entropy.twin("numba")
@compiled
def cross_entropy_loops(z, y):
    N, C = z.shape
    loss = 0.0
    for n in range(N):
        if y[n] < 0 or y[n] >= C:
            raise ValueError("cross_entropy: y has a label outside 0 to C - 1")
        largest = z[n, 0]
        for c in range(C):
            largest = max(largest, z[n, c])
        total = z.dtype.type(0)
        for c in range(C):
            total += math.exp(z[n, c] - largest)
        loss -= z[n, y[n]] - largest - math.log(total)
    return loss / N


@cuda.jit
def cross_entropy_kernel(z, y, terms):
    """One thread per row; a label that is none leaves the row's NaN."""
    n = cuda.grid(1)
    if n < z.shape[0] and y[n] >= 0 and y[n] < z.shape[1]:
        largest = z[n, 0]
        for c in range(z.shape[1]):
            largest = max(largest, z[n, c])
        total = z.dtype.type(0)
        for c in range(z.shape[1]):
            total += math.exp(z[n, c] - largest)
        terms[n] = largest + math.log(total) - z[n, y[n]]


@cross_entropy.twin("cuda")
def cross_entropy_cuda(z, y):
    terms = output(z.shape[0], z.dtype)
    launch(cross_entropy_kernel, z.shape[0], to_device(z), to_device(y), terms)
    return mean_of(terms)


@operation(z="N C", y="N:int")
def softmax_cross_entropy_backward(z, y):
    """dz[n, c] = (softmax(z)[n, c] − [c = y[n]]) / N                       ([…] is 1 where it holds, else 0)

    z (N, C) logits, y (N,) labels 0 … C−1, integers -> dz (N, C), the gradient of cross_entropy with respect to z.
    Raises ValueError unless z is two-dimensional and y holds one label below C for every row.
    """
    N, C = z.shape
    if np.min(y) < 0 or np.max(y) >= C:
        raise ValueError(
            f"softmax_cross_entropy_backward: y has labels from {np.min(y)} to {np.max(y)}, expected 0 to {C - 1}"
        )
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    dz = e / np.sum(e, axis=1, keepdims=True)
    dz[np.arange(N), y] -= 1
    return dz / N


@softmax_cross_entropy_backward.twin("numba")
@compiled
def softmax_cross_entropy_backward_loops(z, y):
    N, C = z.shape
    dz = np.empty((N, C), z.dtype)
    for n in range(N):
        if y[n] < 0 or y[n] >= C:
            raise ValueError("softmax_cross_entropy_backward: y has a label outside 0 to C - 1")
        largest = z[n, 0]
        for c in range(C):
            largest = max(largest, z[n, c])
        total = z.dtype.type(0)
        for c in range(C):
            dz[n, c] = math.exp(z[n, c] - largest)
            total += dz[n, c]
        scale = z.dtype.type(1) / (total * z.dtype.type(N))
        for c in range(C):
            dz[n, c] *= scale
        dz[n, y[n]] -= z.dtype.type(1 / N)
    return dz


@cuda.jit
def softmax_cross_entropy_backward_kernel(z, y, dz):
    """One thread per row; a label that is none leaves the row's NaN."""
    n = cuda.grid(1)
    if n < z.shape[0] and y[n] >= 0 and y[n] < z.shape[1]:
        largest = z[n, 0]
        for c in range(z.shape[1]):
            largest = max(largest, z[n, c])
        total = z.dtype.type(0)
        for c in range(z.shape[1]):
            dz[n, c] = math.exp(z[n, c] - largest)
            total += dz[n, c]
        scale = z.dtype.type(1) / (total * z.dtype.type(z.shape[0]))
        for c in range(z.shape[1]):
            dz[n, c] *= scale
        dz[n, y[n]] -= z.dtype.type(1 / z.shape[0])


@softmax_cross_entropy_backward.twin("cuda")
def softmax_cross_entropy_backward_cuda(z, y):
    dz = output(z.shape, z.dtype)
    launch(softmax_cross_entropy_backward_kernel, z.shape[0], to_device(z), to_device(y), dz)
    return dz.copy_to_host()
