"""Gradient descent with momentum: a velocity gathers gradients, so steps grow along a ravine and cancel across it.

The convention is PyTorch's: v collects gradients, the learning rate enters once, at the step. So a schedule that
changes lr acts at once. (The other convention, v' = β·v − lr·g and p' = p + v', is the same while lr stays.)

Source: B. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Comp. Math. 4 (1964).
"""

import numpy as np

from solutions.cuda import cuda, launch, to_device
from solutions.twins import compiled, operation


@operation(p="*", g="*", v="*", lr="", beta="")
def momentum_step(p, g, v, lr=0.01, beta=0.9):
    """v' = β · v + g     p' = p − lr · v'

    p parameters, g their gradient, v the velocity (zeros before the first step), of one shape -> (p', v').
    """
    v = beta * v + g
    return p - lr * v, v


@momentum_step.twin("numba")
@compiled
def momentum_step_loops(p, g, v, lr=0.01, beta=0.9):
    moved, velocity = np.empty(p.shape, p.dtype), np.empty(p.shape, p.dtype)
    before, slope, old = p.ravel(), g.ravel(), v.ravel()
    after, new = moved.ravel(), velocity.ravel()
    rate, keep = p.dtype.type(lr), p.dtype.type(beta)
    for i in range(p.size):
        new[i] = keep * old[i] + slope[i]
        after[i] = before[i] - rate * new[i]
    return moved, velocity


@cuda.jit
def momentum_step_kernel(p, g, v, lr, beta):
    i = cuda.grid(1)
    if i < p.size:
        v[i] = beta * v[i] + g[i]
        p[i] -= lr * v[i]


@momentum_step.twin("cuda")
def momentum_step_cuda(p, g, v, lr=0.01, beta=0.9):
    moved, velocity = to_device(p.ravel()), to_device(v.ravel())  # copies, so the kernel may work in place
    number = p.dtype.type
    launch(momentum_step_kernel, p.size, moved, to_device(g.ravel()), velocity, number(lr), number(beta))
    return moved.copy_to_host().reshape(p.shape), velocity.copy_to_host().reshape(p.shape)
