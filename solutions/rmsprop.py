"""RMSProp: every parameter's step is divided by the recent size of its own gradient.

Source: T. Tieleman, G. Hinton, Neural Networks for Machine Learning, lecture 6.5, Coursera (2012).
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, to_device
from solutions.twins import compiled, operation


@operation(p="*", g="*", s="*", lr="", beta="", eps="")
def rmsprop_step(p, g, s, lr=0.001, beta=0.9, eps=1e-8):
    """s' = β · s + (1 − β) · g²     p' = p − lr · g / (√s' + ε)                  (ε outside the root)

    p parameters, g their gradient, s the mean square (zeros before the first step), of one shape -> (p', s').
    """
    s = beta * s + (1 - beta) * g**2
    return p - lr * g / (np.sqrt(s) + eps), s


@rmsprop_step.twin("numba")
@compiled
def rmsprop_step_loops(p, g, s, lr=0.001, beta=0.9, eps=1e-8):
    number = p.dtype.type
    moved, square = np.empty(p.shape, p.dtype), np.empty(p.shape, p.dtype)
    before, slope, old = p.ravel(), g.ravel(), s.ravel()
    after, new = moved.ravel(), square.ravel()
    rate, keep, take, tiny = number(lr), number(beta), number(1 - beta), number(eps)
    for i in range(p.size):
        new[i] = keep * old[i] + take * slope[i] * slope[i]
        after[i] = before[i] - rate * slope[i] / (math.sqrt(new[i]) + tiny)
    return moved, square


@cuda.jit
def rmsprop_step_kernel(p, g, s, lr, keep, take, eps):
    i = cuda.grid(1)
    if i < p.size:
        s[i] = keep * s[i] + take * g[i] * g[i]
        p[i] -= lr * g[i] / (math.sqrt(s[i]) + eps)


@rmsprop_step.twin("cuda")
def rmsprop_step_cuda(p, g, s, lr=0.001, beta=0.9, eps=1e-8):
    moved, square = to_device(p.ravel()), to_device(s.ravel())  # copies, so the kernel may work in place
    constants = map(p.dtype.type, (lr, beta, 1 - beta, eps))
    launch(rmsprop_step_kernel, p.size, moved, to_device(g.ravel()), square, *constants)
    return moved.copy_to_host().reshape(p.shape), square.copy_to_host().reshape(p.shape)
