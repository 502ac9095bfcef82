"""Backpropagation against PyTorch's autograd and against finite differences through the whole network."""

from solutions.backprop import backprop
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.dense import mlp, network


def problems(rng, dtype):
    return [
        (rng.standard_normal((6, sizes[0])).astype(dtype), rng.integers(sizes[-1], size=6), network(rng, dtype, sizes))
        for sizes in [(4, 5, 3), (3, 6, 4, 2), (4, 3)]
    ]


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
        gradient_of=lambda X, y, params: (lambda params: backprop(X, y, params)[0], (params,)),
        gradients=lambda answer: answer[1],
    ),
}
