"""Convolution against PyTorch; 7 × 8 images, stride 2 and padding tell wrong indices from right ones."""

import numpy as np

from solutions.conv2d import conv2d_forward
from tests.solutions.oracle import Oracle, by_torch

# (H, W), k, stride, pad: the plain case, the odd ones, steps wider than the kernel, a kernel as large as the image
GEOMETRIES = [((5, 6), 3, 1, 0), ((7, 8), 3, 2, 1), ((6, 5), 2, 3, 2), ((3, 3), 3, 1, 0)]


def convolutions(rng, dtype, N=2, C=3, F=2):
    return [
        (*(rng.standard_normal(shape).astype(dtype) for shape in [(N, C, *sides), (F, C, k, k), F]), stride, pad)
        for sides, k, stride, pad in GEOMETRIES
    ]


def outputs(rng, dtype):
    """Arguments of the backward pass: a gradient of the output's shape before X and K, no b."""
    for X, K, b, stride, pad in convolutions(rng, dtype):
        Y = conv2d_forward(X, K, b, stride, pad)
        yield rng.standard_normal(Y.shape).astype(dtype), X, K, stride, pad


def fits(size, k, stride, pad):
    return sum(start + k <= size + 2 * pad for start in range(0, size + 2 * pad, stride))


def pull_back(torch, f, dY, *point):
    """PyTorch's gradients of Σ dY · f(*point)."""
    for tensor in point:
        tensor.requires_grad_()
    return torch.autograd.grad(f(*point), point, dY)


def convolution_gradients(torch, dY, X, K, stride, pad):
    def convolution(X, K, b):
        return torch.nn.functional.conv2d(X, K, b, stride, pad)

    return pull_back(torch, convolution, dY, X, K, torch.zeros(len(K), dtype=K.dtype))


def convolution_at(dY, X, K, stride, pad):
    return lambda X, K, b: np.sum(dY * conv2d_forward(X, K, b, stride, pad)), (X, K, np.zeros(len(K)))


ORACLES = {
    "conv_out_size": Oracle(
        lambda rng, dtype: [(7, 3, 2, 1), (8, 3, 2, 1), (28, 5), (5, 5), (4, 2, 3, 0), (1, 3, 1, 1)],
        expected=lambda size, k, stride=1, pad=0: fits(size, k, stride, pad),
    ),
    "conv2d_forward": Oracle(
        convolutions, expected=by_torch(lambda torch, *arguments: torch.nn.functional.conv2d(*arguments))
    ),
    "conv2d_backward": Oracle(
        lambda rng, dtype: list(outputs(rng, dtype)),
        expected=by_torch(convolution_gradients),
        gradient_of=convolution_at,
    ),
}
