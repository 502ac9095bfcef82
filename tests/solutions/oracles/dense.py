"""Dense layers against PyTorch, sizes all different so that no transpose hides; gradients by finite differences."""

from itertools import pairwise

import numpy as np

from solutions.dense import dense_forward
from tests.solutions.oracle import Oracle, by_torch


def network(rng, dtype, sizes):
    """Parameters of a multilayer perceptron: {"W1": …, "b1": …, …}."""
    params = {}
    for l, (D, M) in enumerate(pairwise(sizes), start=1):
        params[f"W{l}"] = (rng.standard_normal((D, M)) / np.sqrt(D)).astype(dtype)
        params[f"b{l}"] = rng.standard_normal(M).astype(dtype)
    return params


def layers(rng, dtype):
    def layer(N, D, M):
        return tuple(rng.standard_normal(shape).astype(dtype) for shape in [(N, D), (D, M), M])

    return [layer(5, 3, 4), layer(1, 7, 2), layer(4, 4, 4)]


def dense_gradient(dy, x, w):
    return lambda x, w, b: np.sum(dy * dense_forward(x, w, b)), (x, w, np.zeros(w.shape[1]))


def networks(rng, dtype):
    return [
        (rng.standard_normal((6, sizes[0])).astype(dtype), network(rng, dtype, sizes))
        for sizes in [(3, 4, 4, 1), (5, 3), (4, 7, 2)]
    ]


def mlp(torch, X, params):
    a = X
    for l in range(1, len(params) // 2 + 1):
        z = torch.addmm(params[f"b{l}"], a, params[f"W{l}"])
        a = torch.relu(z)
    return z


ORACLES = {
    "dense_forward": Oracle(layers, expected=by_torch(lambda torch, x, w, b: torch.addmm(b, x, w))),
    "dense_backward": Oracle(
        lambda rng, dtype: [
            (rng.standard_normal((len(x), len(b))).astype(dtype), x, w) for x, w, b in layers(rng, dtype)
        ],
        gradient_of=dense_gradient,
    ),
    "mlp_forward": Oracle(networks, expected=by_torch(mlp)),
    "count_parameters": Oracle(
        lambda rng, dtype: [(params,) for _, params in networks(rng, dtype)],
        expected=lambda params: {3: 3 * 4 + 4 + 4 * 4 + 4 + 4 * 1 + 1, 5: 5 * 3 + 3, 4: 4 * 7 + 7 + 7 * 2 + 2}[
            len(params["W1"])
        ],
    ),
}
