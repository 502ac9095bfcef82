"""Dropout: while training, silence units at random, so that no unit can rely on one other.

This is inverted dropout: what stays is divided by 1 − p while training, so that its mean is what it was, and in
evaluation nothing happens at all. p is the share that is dropped (PyTorch, Keras), not the one that is kept.

Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014).
"""

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation


@operation(x="*", mask="*:number", p="")
def dropout_forward(x, mask, p, train):
    """y = x / (1 − p) where the mask is True, else 0, while training     y = x in evaluation

    x any shape; mask of that shape, True (or 1) for what stays, such as rng.random(x.shape) >= p; p the drop rate,
    0 ≤ p < 1; train: True or False -> y of the same shape.
    Raises ValueError unless 0 ≤ p < 1.
    """
    if not 0 <= p < 1:
        raise ValueError(f"dropout_forward: p is {p}, expected a drop rate from 0 to below 1")
    return np.where(mask, x / (1 - p), 0) if train else x


@operation(dy="*", mask="*:number", p="")
def dropout_backward(dy, mask, p, train):
    """dx = dy / (1 − p) where the mask is True, else 0, while training     dx = dy in evaluation

    dy any shape, the gradient of the loss with respect to y; mask, p and train as in the forward pass: the same mask
    -> dx of the same shape. Raises ValueError unless 0 ≤ p < 1.
    """
    if not 0 <= p < 1:
        raise ValueError(f"dropout_backward: p is {p}, expected a drop rate from 0 to below 1")
    return np.where(mask, dy / (1 - p), 0) if train else dy


# Forward and backward are one function: both multiply by 0 or by 1 / (1 − p).
@dropout_backward.twin("numba")
@dropout_forward.twin("numba")
@compiled
def dropout_loops(x, mask, p, train):
    if not 0 <= p < 1:
        raise ValueError("dropout: p is no drop rate, expected 0 to below 1")
    y, kept = np.empty(x.shape, x.dtype), x.dtype.type(1 - p)
    source, stays, target = x.ravel(), mask.ravel(), y.ravel()
    for i in range(x.size):
        if train:
            target[i] = source[i] / kept if stays[i] else 0
        else:
            target[i] = source[i]
    return y


@cuda.jit
def dropout_kernel(x, mask, kept, y):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = x[i] / kept if mask[i] else x.dtype.type(0)


@dropout_backward.twin("cuda")
@dropout_forward.twin("cuda")
def dropout_cuda(x, mask, p, train):
    if not 0 <= p < 1:
        raise ValueError(f"dropout: p is {p}, expected a drop rate from 0 to below 1")
    if not train:
        return x
    y = output(x.size, x.dtype)
    launch(dropout_kernel, x.size, to_device(x.ravel()), to_device(mask.ravel()), x.dtype.type(1 - p), y)
    return y.copy_to_host().reshape(x.shape)
