"""Nesterov's accelerated gradient: look ahead along the velocity before trusting it.

The convention is PyTorch's, with velocities as in `momentum.py`: p is itself the point looked ahead to, so the
gradient is taken where p is, and the step goes on by β·v' beyond it.

Source: Y. Nesterov, Soviet Math. Dokl. 27 (1983); this form: Y. Bengio et al., arXiv:1212.0901 (2012), eq. 7.
"""

import numpy as np

from solutions.cuda import cuda, launch, to_device
from solutions.twins import compiled, operation


@operation(p="*", g="*", v="*", lr="", beta="")
def nesterov_step(p, g, v, lr=0.01, beta=0.9):
    """v' = β · v + g     p' = p − lr · (g + β · v')

    p parameters, g their gradient, v the velocity (zeros before the first step), of one shape -> (p', v').
    """
    v = beta * v + g
    ahead = g + beta * v
    return p - lr * ahead, v


@nesterov_step.twin("numba")
@compiled
def nesterov_step_loops(p, g, v, lr=0.01, beta=0.9):
    moved, velocity = np.empty(p.shape, p.dtype), np.empty(p.shape, p.dtype)
    before, slope, old = p.ravel(), g.ravel(), v.ravel()
    after, new = moved.ravel(), velocity.ravel()
    rate, keep = p.dtype.type(lr), p.dtype.type(beta)
    for i in range(p.size):
        new[i] = keep * old[i] + slope[i]
        after[i] = before[i] - rate * (slope[i] + keep * new[i])
    return moved, velocity


@cuda.jit
def nesterov_step_kernel(p, g, v, lr, beta):
    i = cuda.grid(1)
    if i < p.size:
        v[i] = beta * v[i] + g[i]
        p[i] -= lr * (g[i] + beta * v[i])


@nesterov_step.twin("cuda")
def nesterov_step_cuda(p, g, v, lr=0.01, beta=0.9):
    moved, velocity = to_device(p.ravel()), to_device(v.ravel())  # copies, so the kernel may work in place
    number = p.dtype.type
    launch(nesterov_step_kernel, p.size, moved, to_device(g.ravel()), velocity, number(lr), number(beta))
    return moved.copy_to_host().reshape(p.shape), velocity.copy_to_host().reshape(p.shape)
