"""One flat vector for all parameters of a network, and the optimizers that step along it in one loop."""

import math

import numpy as np

from solutions.fast.blocked import LINE, aligned
from solutions.fast.tape import Recorder, in_shares
from solutions.fast.vectors import all_apart
from solutions.twins import compiled

LARGE = 1 << 15  # parameters that take long to move against what it takes to share them; a share is a multiple of it


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


@compiled(by_address=True)
def adam_in_place(p, g, m, v, constants, lo, hi):
    """m, v ← keep · m + take · g, keep · v + take · g²; p ← p − rate · m / (√v + eps): both corrections are in rate and eps."""
    all_apart()
    keep1, take1, keep2, take2 = constants[0], constants[1], constants[2], constants[3]
    rate, eps = constants[4], constants[5]
    for i in range(np.uintp(lo), np.uintp(hi)):  # indices that cannot be negative: LLVM needs to know
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
        in_shares(adam_in_place, (p, g, self.m, self.v, self.constants), p.size, p.size > LARGE, LARGE)


@compiled(by_address=True)
def sgd_in_place(p, g, constants, lo, hi):
    """p ← p − constants[0] · g"""
    all_apart()
    rate = constants[0]
    for i in range(np.uintp(lo), np.uintp(hi)):
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
        in_shares(sgd_in_place, (p, g, self.constants), p.size, p.size > LARGE, LARGE)
