"""Losses against PyTorch; their gradients against finite differences, and PyTorch where those cannot go."""

import numpy as np

from solutions.bce import bce, bce_with_logits
from solutions.cross_entropy import cross_entropy
from solutions.mse import mse
from tests.solutions.oracle import Oracle, by_torch


def quantities(rng, dtype):
    return [tuple(rng.standard_normal((2, *shape)).astype(dtype)) for shape in [(13, 1), (40, 3)]]


def probabilities(rng, dtype):
    p = rng.uniform(0.05, 0.95, (9, 1)).astype(dtype)
    y = (rng.random((9, 1)) < 0.5).astype(dtype)
    return [(p, y)]


def certain(rng, dtype):
    """The same, and p exactly 0 and 1, right and wrong. Not in float32, where 1 − ε is rounded by a fifth of ε."""
    p, y = np.array([[0.0], [1.0], [0.0], [1.0]], dtype), np.array([[0.0], [1.0], [1.0], [0.0]], dtype)
    return probabilities(rng, dtype) + ([(p, y)] if dtype == np.float64 else [])


def yes_or_no(rng, dtype):
    z = 3 * rng.standard_normal((9, 1)).astype(dtype)
    steep = np.array([[-1000], [1000], [0], [30], [-30]], dtype)
    return [(z, (z < 1).astype(dtype)), (steep, np.array([[0], [1], [1], [0], [1]], dtype))]


def classes(rng, dtype):
    z = rng.standard_normal((5, 3)).astype(dtype)
    steep = rng.standard_normal((4, 6)).astype(dtype)
    steep[0] += 1000
    steep[2, 1] -= 1000
    many = rng.standard_normal((8, 2)).astype(dtype), rng.integers(2, size=8)
    return [(3 * z, np.array([0, 2, 1, 1, 2])), (steep, np.array([5, 0, 1, 3])), many]


def clipped_bce(torch, p, y, eps=1e-7):
    return torch.nn.functional.binary_cross_entropy(p.clamp(eps, 1 - eps), y)


def naive_bce_backward(p, y, eps=1e-7):
    dp = np.zeros_like(p)
    for n in range(len(p)):
        held = min(max(p[n, 0], eps), 1 - eps)
        dp[n, 0] = (1 / (1 - held) if y[n, 0] == 0 else -1 / held) / len(p)
    return dp


def slope(loss):
    """gradient_of for a backward(p, y): only p moves."""
    return lambda p, y: (lambda p: loss(p, y), (p,))


ORACLES = {
    "mse": Oracle(quantities, expected=by_torch(lambda torch, p, y: torch.nn.functional.mse_loss(p, y))),
    "mse_backward": Oracle(quantities, gradient_of=slope(mse)),
    "rmse": Oracle(quantities, expected=by_torch(lambda torch, p, y: torch.nn.functional.mse_loss(p, y) ** 0.5)),
    "bce": Oracle(certain, expected=by_torch(clipped_bce)),
    "bce_backward": Oracle(
        certain,
        expected=naive_bce_backward,
        gradient_of=lambda p, y: None if np.any((p == 0) | (p == 1)) else slope(bce)(p, y),
    ),
    "bce_with_logits": Oracle(
        yes_or_no,
        expected=by_torch(lambda torch, z, y: torch.nn.functional.binary_cross_entropy_with_logits(z, y)),
    ),
    "bce_with_logits_backward": Oracle(
        yes_or_no,
        expected=by_torch(lambda torch, z, y: (torch.sigmoid(z) - y) / len(z)),
        gradient_of=slope(bce_with_logits),
    ),
    "cross_entropy": Oracle(classes, expected=by_torch(lambda torch, z, y: torch.nn.functional.cross_entropy(z, y))),
    "softmax_cross_entropy_backward": Oracle(classes, gradient_of=slope(cross_entropy)),
}
