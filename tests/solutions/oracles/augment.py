"""Augmentation pixel by pixel: where a pixel came from, or that it came from outside."""

import numpy as np

from tests.solutions.oracle import Oracle


def images(rng, dtype):
    X = rng.standard_normal((5, 2, 3, 4)).astype(dtype)
    generators = map(np.random.default_rng, range(6))
    arguments = [(), (2,), (2, True), (0, True), (0, False), (7, True)]
    return [(X, generator, *rest) for generator, rest in zip(generators, arguments, strict=True)]


def moved(X, rng, shift=1, flip=False):
    N, _, H, W = X.shape
    corners, coins = rng.integers(0, 2 * shift, (N, 2), endpoint=True), rng.random(N)
    Y = np.zeros_like(X)
    for n, h, w in np.ndindex(N, H, W):
        down, right = corners[n] - shift
        row, col = h + down, (W - 1 - w if flip and coins[n] < 0.5 else w) + right
        if row in range(H) and col in range(W):
            Y[n, :, h, w] = X[n, :, row, col]
    return Y


ORACLES = {"augment": Oracle(images, expected=moved)}
