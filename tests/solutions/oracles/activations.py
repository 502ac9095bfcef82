"""Activations against PyTorch; their slopes against PyTorch's autograd and finite differences."""

import numpy as np

from solutions.activations import step
from solutions.relu import relu
from solutions.sigmoid import sigmoid
from solutions.tanh import tanh
from tests.solutions.oracle import Oracle, by_torch, vjp

EXTREMES = [-1000.0, -1.0, 0.0, 1.0, 1000.0]


def anywhere(rng, dtype):
    return [(rng.standard_normal(shape).astype(dtype),) for shape in [(7,), (3, 5), (2, 3, 4)]] + [
        (np.array(EXTREMES, dtype),)
    ]


def slope_of(name):
    """dy/dx by torch's autograd."""

    def slope(torch, x):
        x.requires_grad_()
        getattr(torch, name)(x).sum().backward()
        return x.grad

    return by_torch(slope)


def pairs(second):
    """(dy of mixed sign, second(x)) over the shapes of `anywhere`."""
    return lambda rng, dtype: [(rng.standard_normal(x.shape).astype(dtype), second(x)) for (x,) in anywhere(rng, dtype)]


def sigmoid_gradient(dy, y):
    if np.any((y == 0) | (y == 1)):
        return None  # saturated: the logit cannot be found again
    return vjp(sigmoid)(dy, np.log(y / (1 - y)))


def neurons(rng, dtype):
    x, w = rng.standard_normal((2, 9)).astype(dtype)
    article = np.array([1.2, 0.5, -0.3], dtype), np.array([0.7, -0.2, 0.4], dtype), 0.1
    return [(*article, relu), (*article, sigmoid), (x, w, -0.5, tanh), (x, w, 0.5, step)]


def neuron(x, w, b, activation):
    z = sum(a * c for a, c in zip(x.tolist(), w.tolist(), strict=True)) + b
    return activation(np.array([z]))[0]


ORACLES = {
    "step": Oracle(anywhere, expected=by_torch(lambda torch, x: (x >= 0).to(x.dtype))),
    "linear": Oracle(anywhere, expected=lambda x: x),
    "sigmoid": Oracle(anywhere, expected=by_torch(lambda torch, x: torch.sigmoid(x))),
    "sigmoid_derivative": Oracle(anywhere, expected=slope_of("sigmoid")),
    "sigmoid_backward": Oracle(
        pairs(sigmoid),
        expected=by_torch(lambda torch, dy, y: torch.ops.aten.sigmoid_backward(dy, y)),
        gradient_of=sigmoid_gradient,
    ),
    "tanh": Oracle(anywhere, expected=by_torch(lambda torch, x: torch.tanh(x))),
    "tanh_derivative": Oracle(anywhere, expected=slope_of("tanh")),
    "relu": Oracle(anywhere, expected=by_torch(lambda torch, x: torch.relu(x))),
    "relu_derivative": Oracle(anywhere, expected=slope_of("relu")),
    "relu_backward": Oracle(
        pairs(lambda x: x),
        expected=by_torch(lambda torch, dy, z: torch.ops.aten.threshold_backward(dy, z, 0)),
        gradient_of=lambda dy, z: None if np.any(z == 0) else vjp(relu)(dy, z),
    ),
    "neuron": Oracle(neurons, expected=neuron),
}
