"""Stochastic gradient descent: a step against the gradient of one mini-batch.

Source: H. Robbins, S. Monro, "A stochastic approximation method", Ann. Math. Statist. 22 (1951).
"""

import numpy as np

from solutions.cuda import cuda, launch, to_device
from solutions.twins import compiled, operation


@operation(p="*", g="*", lr="")
def sgd_step(p, g, lr=0.01):
    """p' = p − lr · g

    p parameters and g their gradient, of one shape; lr the learning rate -> p', a new array of the same shape.
    """
    return p - lr * g


@sgd_step.twin("numba")
@compiled
def sgd_step_loops(p, g, lr=0.01):
    moved = np.empty(p.shape, p.dtype)
    before, slope, after = p.ravel(), g.ravel(), moved.ravel()
    rate = p.dtype.type(lr)
    for i in range(p.size):
        after[i] = before[i] - rate * slope[i]
    return moved


@cuda.jit
def sgd_step_kernel(p, g, lr):
    i = cuda.grid(1)
    if i < p.size:
        p[i] -= lr * g[i]


@sgd_step.twin("cuda")
def sgd_step_cuda(p, g, lr=0.01):
    moved = to_device(p.ravel())  # a copy, so the kernel may work in place
    launch(sgd_step_kernel, p.size, moved, to_device(g.ravel()), p.dtype.type(lr))
    return moved.copy_to_host().reshape(p.shape)
