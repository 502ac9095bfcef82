"""The networks and their pieces against what is taught elsewhere."""

from types import SimpleNamespace

import numpy as np

from solutions import networks
from solutions.bench import baselines
from solutions.bench.im2col import Im2colNetwork, Indices, Loops
from solutions.bench.measure import versus
from solutions.fast.blocked import aligned
from solutions.networks.dense import Dense


def bound(layer, rng, dtype=np.float32):
    """A layer with parameters of its own, outside any network."""
    params = [aligned(shape, dtype) for shape in layer.shapes.values()]
    layer.bind(params, [aligned(shape, dtype) for shape in layer.shapes.values()])
    layer.initialize(rng)
    return layer


def convolution_row(rng, way, called, side=28, N=64):
    """Training steps of the same network; both compute in float32."""
    network = networks.cnn((1, side, side), (16, 32), 128, 10, rng)
    theirs, optimizer = Im2colNetwork(network.params, way), networks.Adam(network)
    X, y = rng.standard_normal((N, 1, side, side)).astype(np.float32), rng.integers(0, 10, N)

    def ours():
        networks.train_step(network, optimizer, X, y)

    name = f"(c) CNN {side} × {side}, batch {N}, a training step"
    return versus(name, ours, {called: lambda: theirs.step(X, y)}, goal=10)


def dense_row(rng, N=64, D=128, M=64):
    layer = bound(Dense(D, M), rng)
    x, dy = (rng.standard_normal(shape).astype(np.float32) for shape in ((N, D), (N, M)))

    def ours():
        layer.forward(x)
        layer.backward(dy)

    theirs = {"tensor kernels of strides": lambda: baselines.strided_dense_step(x, layer.params[0], dy)}
    return versus(f"dense layer, {N} × {D} to {M}, forward and backward", ours, theirs, goal=100)


def vector_of_parameters(rng, size=1_000_000):
    """What an optimizer looks at of a network, with gradients in it."""
    flat, slopes = aligned((size,), np.float32), aligned((size,), np.float32)
    slopes[:] = rng.standard_normal(size)
    return SimpleNamespace(flat=flat, flat_gradients=slopes, dtype=flat.dtype)


def adam_row(rng):
    network = vector_of_parameters(rng)
    slopes = network.flat_gradients
    state = slopes.copy(), slopes, np.zeros_like(slopes), np.zeros_like(slopes), 1
    theirs = {"NumPy": lambda: baselines.numpy_adam_step(*state)}
    return versus(f"Adam, {slopes.size:,} parameters", networks.Adam(network).step, theirs, goal=1.5)


def rows():
    rng = np.random.default_rng(0)
    return [
        convolution_row(rng, Indices, "im2col by indices in NumPy"),
        convolution_row(rng, Loops, "im2col by compiled loops"),
        dense_row(rng),
        adam_row(rng),
    ]
