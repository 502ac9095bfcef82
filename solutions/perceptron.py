"""One neuron: a weighted sum, a threshold, and the rule by which it learns.

A neuron fires when Σ w·x reaches a threshold θ. Moving θ to the left side gives the bias b = −θ and the
form every later stage uses: fire when Σ w·x + b ≥ 0.

Source: F. Rosenblatt, "The perceptron", Psychological Review 65 (1958); convergence: A. Novikoff (1962).
"""

import numba
import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation

LANES = 32  # threads of the one block that adds up a weighted sum; a power of two


@operation(x="D:number", w="D:number")
def weighted_sum(x, w):
    """z = Σ_d x[d] · w[d]                                            (the dot product of inputs and weights)

    x (D,) inputs, w (D,) weights -> z, one float.
    Raises ValueError unless x and w are one-dimensional and of equal length.
    """
    return float(np.sum(x * w))


@weighted_sum.twin("numba")
@compiled
def weighted_sum_loops(x, w):
    D = x.shape[0]
    z = 0.0
    for d in range(D):
        z += x[d] * w[d]
    return z


@cuda.jit
def weighted_sum_kernel(x, w, z):
    """One block: every lane adds its stride of products, then a tree of halves adds the lanes."""
    lane = cuda.threadIdx.x
    partial = cuda.shared.array(LANES, numba.float64)
    total = 0.0
    for d in range(lane, x.shape[0], LANES):
        total += x[d] * w[d]
    partial[lane] = total
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        if lane < half:
            partial[lane] += partial[lane + half]
        cuda.syncthreads()  # outside the if: every thread of the block must arrive
        half //= 2
    if lane == 0:
        z[0] = partial[0]


@weighted_sum.twin("cuda")
def weighted_sum_cuda(x, w):
    z = output(1, np.float64)
    weighted_sum_kernel[1, LANES](to_device(x), to_device(w), z)
    return float(z.copy_to_host()[0])


@operation(x="D:number", w="D:number", b="")
def perceptron(x, w, b):
    """fires = 1 if Σ_d x[d] · w[d] + b ≥ 0 else 0                    (the step function of the weighted sum)

    x (D,) inputs, w (D,) weights, b the bias (minus the threshold) -> 0 or 1, an int. A sum of exactly 0 fires.
    Raises ValueError unless x and w are one-dimensional and of equal length and b is a number.
    """
    z = np.sum(x * w) + b
    return 1 if z >= 0 else 0


@perceptron.twin("numba")
@compiled
def perceptron_loops(x, w, b):
    return 1 if weighted_sum_loops(x, w) + b >= 0 else 0


@perceptron.twin("cuda")
def perceptron_cuda(x, w, b):
    return 1 if weighted_sum_cuda(x, w) + b >= 0 else 0


@operation(w="D", b="", x="D:number", y="", lr="")
def perceptron_update(w, b, x, y, lr=1.0):
    """error = y − fires(x);   w' = w + lr · error · x;   b' = b + lr · error       (the perceptron rule)

    w (D,), b: the neuron; x (D,), y (0 or 1): one labeled example; lr: the learning rate
    -> (w' (D,) a new array, b' a float). Nothing moves where the neuron is already right.
    Raises ValueError unless w and x are one-dimensional and of equal length and b, y, lr are numbers.
    """
    fires = 1 if np.sum(x * w) + b >= 0 else 0
    error = y - fires
    return w + lr * error * x, b + lr * error


@perceptron_update.twin("numba")
@compiled
def perceptron_update_loops(w, b, x, y, lr=1.0):
    D = w.shape[0]
    error = y - perceptron_loops(x, w, b)
    moved = np.empty_like(w)
    for d in range(D):
        moved[d] = w[d] + lr * error * x[d]
    return moved, b + lr * error


@cuda.jit
def perceptron_update_kernel(w, step, x, moved):
    d = cuda.grid(1)
    if d < w.shape[0]:
        moved[d] = w[d] + step * x[d]


@perceptron_update.twin("cuda")
def perceptron_update_cuda(w, b, x, y, lr=1.0):
    step = float(lr * (y - perceptron_cuda(x, w, b)))
    moved = output(w.shape, w.dtype)
    launch(perceptron_update_kernel, w.shape, to_device(w), step, to_device(x), moved)
    return moved.copy_to_host(), b + step


@operation(X="N D:number", y="N:number", lr="", max_epochs=":int >= 0")
def perceptron_train(X, y, lr=1.0, max_epochs=1000):
    """Start from w = 0, b = 0; apply the perceptron rule row by row, epoch by epoch, until none is wrong.

    X (N, D) examples in rows, y (N,) labels 0 or 1, lr the learning rate -> (w (D,), b): the neuron after the first epoch without
    a mistake, or after max_epochs, for no neuron separates every set of examples.
    Raises ValueError unless X is two-dimensional and y has one label per row.
    """
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(max_epochs):
        mistakes = 0
        for x, label in zip(X, y, strict=True):
            fires = 1 if np.sum(x * w) + b >= 0 else 0
            error = label - fires
            if error != 0:
                w, b = w + lr * error * x, b + lr * error
                mistakes += 1
        if mistakes == 0:
            break
    return w, float(b)


# No CUDA twin: every step needs the weights the step before it left, so there is nothing to do side by side.
@perceptron_train.twin("numba")
@compiled
def perceptron_train_loops(X, y, lr=1.0, max_epochs=1000):
    N, D = X.shape
    w, b = np.zeros(D), 0.0
    for _ in range(max_epochs):
        mistakes = 0
        for n in range(N):
            error = y[n] - perceptron_loops(X[n], w, b)
            if error != 0:
                for d in range(D):
                    w[d] += lr * error * X[n, d]
                b += lr * error
                mistakes += 1
        if mistakes == 0:
            break
    return w, b
