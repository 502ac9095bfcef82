"""Gradient clipping: where the ground falls off steeply, keep the direction of the step and limit its length.

One norm over all gradients together, so that they shrink by one factor: clipping each array by itself would turn
the step aside.

Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML (2013).
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.reductions import sum_of
from solutions.twins import compiled, operation


@operation(grads="{}", c=":float > 0")
def clip_gradients(grads, c):
    """g' = g · min(1, c / ‖g‖)     ‖g‖ = √( Σ over all arrays and entries of g² )                     (global norm)

    grads {"W1": (D, M), "b1": (M,), …}, c the longest norm allowed, c > 0 -> a dict like grads, in the same direction;
    unchanged numbers where the norm is at most c.
    """
    # In float64, for the square of a float32 that explodes is infinite.
    norm = np.sqrt(sum(np.sum(g.astype(np.float64) ** 2) for g in grads.values()))
    scale = float(c / max(norm, c))
    return {name: scale * g for name, g in grads.items()}


@compiled
def square_sum_loops(g):
    N = g.shape[0]
    total = 0.0
    for n in range(N):
        total += np.float64(g[n]) * np.float64(g[n])
    return total


@compiled
def scaled_loops(g, scale):
    N = g.shape[0]
    clipped = np.empty(N, g.dtype)
    for n in range(N):
        clipped[n] = scale * g[n]
    return clipped


@cuda.jit
def square_kernel(g, squares):
    n = cuda.grid(1)
    if n < g.size:
        wide = squares.dtype.type(g[n])
        squares[n] = wide * wide


@cuda.jit
def scale_kernel(g, scale):
    n = cuda.grid(1)
    if n < g.size:
        g[n] *= scale


def square_sum_cuda(g):
    squares = output(g.size, np.float64)
    launch(square_kernel, g.size, to_device(g), squares)
    return sum_of(squares)


def scaled_cuda(g, scale):
    clipped = to_device(g)  # a copy, so the kernel may work in place
    launch(scale_kernel, g.size, clipped, g.dtype.type(scale))
    return clipped.copy_to_host()


def array_by_array(square_sum, scaled):
    """clip_gradients over the flattened arrays, by the functions of one backend."""

    def clip_gradients_twin(grads, c):
        norm = math.sqrt(sum(square_sum(g.ravel()) for g in grads.values()))
        scale = c / max(norm, c)
        return {name: scaled(g.ravel(), scale).reshape(g.shape) for name, g in grads.items()}

    return clip_gradients_twin


clip_gradients.twin("numba")(array_by_array(square_sum_loops, scaled_loops))
clip_gradients.twin("cuda")(array_by_array(square_sum_cuda, scaled_cuda))
