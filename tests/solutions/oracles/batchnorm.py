"""Batch normalization against PyTorch; features differ in scale a thousandfold, and γ is not 1."""

import numpy as np

from solutions.batchnorm import batchnorm_forward
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.conv2d import pull_back

SCALES = np.array([0.01, 0.1, 1, 10])


def batch(rng, dtype, N=6):
    D = len(SCALES)
    X = SCALES * (rng.standard_normal((N, D)) + 1)
    gamma, beta, mean = rng.standard_normal((3, D))
    return tuple(array.astype(dtype) for array in (X, gamma, beta, SCALES * mean, SCALES**2 + 0.5))


def layers(rng, dtype):
    return [(*batch(rng, dtype), True), (*batch(rng, dtype), False), (*batch(rng, dtype), True, 0.25, 1e-2)]


def slopes(rng, dtype):
    X, gamma, *_ = batch(rng, dtype)
    dY = rng.standard_normal(X.shape).astype(dtype)
    return [(dY, X, gamma), (dY, X, gamma, 1e-2)]


def forward(torch, X, gamma, beta, mean, var, train, momentum=0.1, eps=1e-5):
    kept = mean.clone(), torch.zeros_like(var)
    Y = torch.nn.functional.batch_norm(X, *(kept if train else (mean, var)), gamma, beta, train, momentum, eps)
    if not train:
        return Y, mean, var
    # PyTorch's running variance divides by N − 1; ours, like the batch's, by N.
    return Y, kept[0], torch.lerp(var, X.var(0, correction=0), momentum)


def backward(torch, dY, X, gamma, eps=1e-5):
    def normalized(X, gamma, beta):
        return torch.nn.functional.batch_norm(X, None, None, gamma, beta, training=True, eps=eps)

    return pull_back(torch, normalized, dY, X, gamma, torch.zeros_like(gamma))


def forward_at(dY, X, gamma, eps=1e-5):
    if eps < 1e-3:
        return None  # a feature of scale 0.01 bends within a step: here only PyTorch can tell
    zeros = np.zeros_like(gamma)

    def f(X, gamma, beta):
        return np.sum(dY * batchnorm_forward(X, gamma, beta, zeros, zeros, True, eps=eps)[0])

    return f, (X, gamma, zeros)


ORACLES = {
    "batchnorm_forward": Oracle(layers, expected=by_torch(forward)),
    "batchnorm_backward": Oracle(slopes, expected=by_torch(backward), gradient_of=forward_at),
}
