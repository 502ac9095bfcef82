"""Single layers against what is taught elsewhere, and accuracy on data a reader brings along."""

import gzip
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from solutions import networks
from solutions.bench import baselines
from solutions.bench.measure import Row, versus
from solutions.blocked import aligned
from solutions.networks.convolution import ConvPool
from solutions.networks.dense import Dense


def bound(layer, rng, dtype=np.float32):
    """A layer with parameters of its own, outside any network."""
    params = [aligned(shape, dtype) for shape in layer.shapes.values()]
    layer.bind(params, [aligned(shape, dtype) for shape in layer.shapes.values()])
    layer.initialize(rng)
    return layer


def convolution_row(rng, N=64, C=16, F=32, side=14):
    """Both get images in the order they like best: images first is neither's."""
    layer = bound(ConvPool(C, F), rng)
    X = rng.standard_normal((N, C, side, side)).astype(np.float32)
    dout = rng.standard_normal((side // 2, F, side // 2, N)).astype(np.float32)
    x = np.ascontiguousarray(X.transpose(2, 1, 3, 0))
    theirs, their_dout = baselines.Im2colConvPool(*layer.params), np.ascontiguousarray(dout.transpose(1, 0, 2, 3))

    def ours():
        layer.forward(x)
        layer.backward(dout)

    name = f"convolution, ReLU and pooling, {N} × {C} × {side} × {side}, forward and backward"
    return versus(name, ours, {"im2col in NumPy": lambda: theirs.step(X, their_dout)}, goal=10)


def dense_row(rng, N=64, D=128, M=64):
    layer = bound(Dense(D, M), rng)
    x, dy = (rng.standard_normal(shape).astype(np.float32) for shape in ((N, D), (N, M)))

    def ours():
        layer.forward(x)
        layer.backward(dy)

    theirs = {"tensor kernels of strides": lambda: baselines.strided_dense_step(x, layer.params[0], dy)}
    return versus(f"dense layer, {N} × {D} to {M}, forward and backward", ours, theirs, goal=100)


def adam_row(rng, size=1_000_000):
    flat, slopes = aligned((size,), np.float32), aligned((size,), np.float32)
    slopes[:] = rng.standard_normal(size)
    optimizer = networks.Adam(SimpleNamespace(flat=flat, flat_gradients=slopes, dtype=flat.dtype))
    state = slopes.copy(), slopes, np.zeros_like(flat), np.zeros_like(flat), 1
    theirs = {"NumPy": lambda: baselines.numpy_adam_step(*state)}
    return versus("Adam, 1,000,000 parameters", optimizer.step, theirs, goal=1.5)


def rows():
    rng = np.random.default_rng(0)
    return [convolution_row(rng), dense_row(rng), adam_row(rng)]


IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def idx(folder, name, header):
    """The bytes after the header of the gzipped IDX file whose name ends in `name`."""
    (path,) = Path(folder).glob(f"*{name}")
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)


def mnist_row(folder, epochs=10):
    """A CNN on MNIST's ten thousand test images: the first 8000 to train on, the last 2000 to test on."""
    X = idx(folder, IMAGES, 16).reshape(-1, 1, 28, 28).astype(np.float32) / 255
    y = idx(folder, LABELS, 8).astype(np.int64)
    rng = np.random.default_rng(0)
    network = networks.cnn((1, 28, 28), (16, 32), 128, 10, rng)
    optimizer = networks.Adam(network)
    for _ in range(epochs):
        networks.train_epoch(network, optimizer, X[:8000], y[:8000], rng)
    accuracy = float(np.mean(networks.predict(network, X[8000:]) == y[8000:]))
    return Row(f"accuracy of the CNN on 2000 MNIST images after {epochs} epochs of 8000", *[accuracy] * 3, 0.975)
