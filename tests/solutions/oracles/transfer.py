"""Transfer learning against PyTorch: a base's features, and a head trained by torch's own SGD."""

import numpy as np

from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.dense import network, networks


def choices(rng, dtype):
    params = network(rng, dtype, (3, 4, 2))
    return [(params, ["W1", "b1"]), (params, []), (params, list(params)), (params, ("b2",))]


def heads(rng, dtype):
    N, H, C = 7, 4, 3
    A, W, b = (rng.standard_normal(shape).astype(dtype) for shape in [(N, H), (H, C), C])
    y = rng.integers(C, size=N)
    return [(np.abs(A), y, 0 * W, 0 * b, 0.5, 3), (A, y, W, b, 1, 1), (30 * A, y, W, b, 0.01, 2), (A, y, W, b, 0.1, 0)]


def base(torch, X, params):
    a = X
    for l in range(1, len(params) // 2 + 1):
        a = torch.relu(torch.addmm(params[f"b{l}"], a, params[f"W{l}"]))
    return a


def trained(torch, A, y, W, b, lr=0.1, steps=100):
    W, b = W.requires_grad_(), b.requires_grad_()
    optimizer = torch.optim.SGD([W, b], lr)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(A @ W + b, y).backward()
        optimizer.step()
    return W, b


def sorted_out(params, names):
    trainable = dict(params)
    return {name: trainable.pop(name) for name in names}, trainable


ORACLES = {
    "freeze": Oracle(choices, expected=sorted_out),
    "features": Oracle(networks, expected=by_torch(base)),
    "train_head": Oracle(heads, expected=by_torch(trained)),
}
