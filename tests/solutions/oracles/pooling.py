"""Pooling against PyTorch, which gives ties to the first maximum too; windows that overlap, touch and leave gaps."""

import numpy as np

from solutions.pooling import global_average_pool, maxpool_forward
from tests.solutions.oracle import Oracle, by_torch, vjp
from tests.solutions.oracles.conv2d import pull_back


def images(rng, dtype):
    X = rng.standard_normal((2, 3, 7, 8)).astype(dtype)
    return [(X, 3, 2), (np.round(X), 3, 2), (X, 2, 2), (X[:, :, :5, :5], 2, 3), (X, 7, 1)]


def pooled(rng, dtype):
    for X, k, stride in images(rng, dtype):
        Y = maxpool_forward(X, k, stride)
        yield rng.standard_normal(Y.shape).astype(dtype), X, k, stride


def maxpool_gradient(torch, dY, X, k, stride):
    (dX,) = pull_back(torch, lambda X: torch.nn.functional.max_pool2d(X, k, stride), dY, X)
    return dX


def maxpool_at(dY, X, k, stride):
    has_ties = len(np.unique(X)) < X.size
    return None if has_ties else (lambda X: np.sum(dY * maxpool_forward(X, k, stride)), (X,))


def averages(rng, dtype):
    return rng.standard_normal((2, 3)).astype(dtype), rng.standard_normal((2, 3, 4, 5)).astype(dtype)


ORACLES = {
    "maxpool_forward": Oracle(
        images, expected=by_torch(lambda torch, *arguments: torch.nn.functional.max_pool2d(*arguments))
    ),
    "maxpool_backward": Oracle(
        lambda rng, dtype: list(pooled(rng, dtype)), expected=by_torch(maxpool_gradient), gradient_of=maxpool_at
    ),
    "global_average_pool": Oracle(
        lambda rng, dtype: averages(rng, dtype)[1:],
        expected=by_torch(lambda torch, X: torch.nn.functional.adaptive_avg_pool2d(X, 1)[:, :, 0, 0]),
    ),
    "global_average_pool_backward": Oracle(averages, gradient_of=vjp(global_average_pool)),
}
