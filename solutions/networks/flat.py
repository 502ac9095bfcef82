"""One flat vector for all parameters of a network, and the optimizers that step along it.

Threads share the columns of each matrix, not stretches of the vector: so a thread changes what it multiplies with
next (`dense.py`), and finds it in its own cache.
"""

import math

import numpy as np

from solutions.fast.blocked import LINE, aligned
from solutions.fast.tape import Recorder, in_shares
from solutions.fast.threads import SHARES
from solutions.fast.vectors import all_apart
from solutions.networks.layer import COLUMNS
from solutions.twins import compiled

LARGE = 1 << 15  # parameters that take long to move against what it takes to share them


def flat_and_views(shapes, dtype, columns=()):
    """A vector of zeros, and {name: array} of views into it; shapes {name: shape}.

    A name in `columns` is stored column by column: each of its columns then lies in one piece.
    """
    width = LINE // np.dtype(dtype).itemsize
    sizes = [math.prod(shape) for shape in shapes.values()]
    starts = np.cumsum([0, *(-(-size // width) * width for size in sizes)])  # each begins at a cache line
    flat, views = aligned(starts[-1:], dtype), {}
    for (name, shape), start, size in zip(shapes.items(), starts, sizes, strict=False):
        vector = flat[start : start + size]
        views[name] = vector.reshape(shape[::-1]).T if name in columns else vector.reshape(shape)
    return flat, views


def blocks_of(flat, arrays):
    """(start, rows, width) of each array in the vector: (blocks, 3)."""
    found = []
    for array in arrays:
        array = array if array.flags.c_contiguous else array.T
        rows = len(array) if array.ndim > 1 else 1
        start = (array.ctypes.data - flat.ctypes.data) // flat.itemsize
        found.append((start, rows, array.size // rows))
    return np.array(found)


@compiled
def edge(width, share):
    """Where a share of columns begins, of SHARES; at a cache line."""
    return width if share == SHARES else width * share // SHARES // COLUMNS * COLUMNS


@compiled
def adam_in_place(p, g, m, v, constants, blocks, lo, hi):
    """m, v ← keep · m + take · g, keep · v + take · g²; p ← p − rate · m / (√v + eps): both corrections are in rate and eps.

    In each block, for columns of the shares lo to hi.
    """
    all_apart()
    keep1, take1, keep2, take2 = constants[0], constants[1], constants[2], constants[3]
    rate, eps = constants[4], constants[5]
    for start, rows, width in blocks:
        left, right = edge(width, lo), edge(width, hi)
        for first in range(start, start + rows * width, width):
            for i in range(np.uintp(first + left), np.uintp(first + right)):  # never negative: LLVM needs to know
                slope = g[i]
                mean, square = keep1 * m[i] + take1 * slope, keep2 * v[i] + take2 * slope * slope
                m[i], v[i] = mean, square
                p[i] -= rate * mean / (math.sqrt(square) + eps)


class Adam:
    """The step of `solutions.adam`, on all parameters of a network at once and in place."""

    def __init__(self, network, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.network, self.lr, self.beta1, self.beta2, self.eps = network, lr, beta1, beta2, eps
        self.m, self.v = aligned(network.flat.shape, network.dtype), aligned(network.flat.shape, network.dtype)
        self.t, self.constants, self.recorder = 0, np.zeros(6, network.dtype), Recorder()

    def step(self):
        self.t += 1
        root = math.sqrt(1 - self.beta2**self.t)
        averages = self.beta1, 1 - self.beta1, self.beta2, 1 - self.beta2
        self.constants[:] = *averages, self.lr * root / (1 - self.beta1**self.t), self.eps * root
        self.recorder.run(self._move)

    def _move(self):
        p, g = self.network.flat, self.network.flat_gradients
        arguments = p, g, self.m, self.v, self.constants, self.network.blocks
        in_shares(adam_in_place, arguments, SHARES, p.size > LARGE, unit=1)


@compiled
def sgd_in_place(p, g, constants, blocks, lo, hi):
    """p ← p − constants[0] · g; in each block, for columns of the shares lo to hi"""
    all_apart()
    rate = constants[0]
    for start, rows, width in blocks:
        left, right = edge(width, lo), edge(width, hi)
        for first in range(start, start + rows * width, width):
            for i in range(np.uintp(first + left), np.uintp(first + right)):
                p[i] -= rate * g[i]


class SGD:
    """p ← p − lr · g, on all parameters of a network at once and in place."""

    def __init__(self, network, lr=0.1):
        self.network, self.lr = network, lr
        self.constants, self.recorder = np.zeros(1, network.dtype), Recorder()

    def step(self):
        self.constants[:] = self.lr
        self.recorder.run(self._move)

    def _move(self):
        p, g = self.network.flat, self.network.flat_gradients
        in_shares(sgd_in_place, (p, g, self.constants, self.network.blocks), SHARES, p.size > LARGE, unit=1)
