"""Backpropagation against PyTorch's autograd and against finite differences through the whole network."""

import numpy as np

from solutions.backprop import backprop
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.dense import mlp, network

FAR = 3000


def problems(rng, dtype):
    """Three networks, and the last one once more with logits that no exp survives."""
    found = [
        (rng.standard_normal((6, sizes[0])).astype(dtype), rng.integers(sizes[-1], size=6), network(rng, dtype, sizes))
        for sizes in [(4, 5, 3), (3, 6, 4, 2), (4, 3)]
    ]
    X, y, params = found[-1]
    return [*found, (FAR * X, y, params)]


def slopes(X, y, params):
    return None if np.max(np.abs(X)) > FAR / 10 else (lambda params: backprop(X, y, params)[0], (params,))


def loss_and_gradients(torch, X, y, params):
    for array in params.values():
        array.requires_grad_()
    loss = torch.nn.functional.cross_entropy(mlp(torch, X, params), y)
    loss.backward()
    return loss.item(), {name: array.grad for name, array in params.items()}


ORACLES = {
    "backprop": Oracle(
        problems,
        expected=by_torch(loss_and_gradients),
        gradient_of=slopes,
        gradients=lambda answer: answer[1],
    ),
}
