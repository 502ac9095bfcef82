"""The plain RNN against PyTorch's cell, step by step; D, H, N and T all differ, so that no swap hides."""

import numpy as np

from solutions.rnn import rnn_forward
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.conv2d import pull_back

N, T, D, H = 2, 3, 4, 5


def bias(width):
    """A backward pass does not take the bias, so that its oracle must know it."""
    return np.linspace(-1, 1, width)


def arrays(rng, dtype, *shapes):
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)


def sequence(rng, dtype):
    X, h0, Wx, Wh = arrays(rng, dtype, (N, T, D), (N, H), (D, H), (H, H))
    return X, h0, Wx, Wh, bias(H).astype(dtype)


def step(rng, dtype):
    X, *others = sequence(rng, dtype)
    return X[:, 0].copy(), *others


def states(rng, dtype):
    X, h0, Wx, Wh, b = sequence(rng, dtype)
    return *arrays(rng, dtype, (N, T, H)), X, h0, rnn_forward(X, h0, Wx, Wh, b), Wx, Wh


def torch_cell(torch, kind, Wx, Wh, bx, bh=None):
    """A PyTorch cell with our weights: a function of (x, state)."""
    (D, _), H = Wx.shape, len(Wh)
    weights = {"weight_ih": Wx.T, "weight_hh": Wh.T, "bias_ih": bx, "bias_hh": 0 * bx if bh is None else bh}
    cell = getattr(torch.nn, kind)(D, H, dtype=Wx.dtype)
    return lambda x, state: torch.func.functional_call(cell, weights, (x, state))


def torch_step(torch, x, h, Wx, Wh, b):
    return torch_cell(torch, "RNNCell", Wx, Wh, b)(x, h)


def torch_forward(torch, X, h, Wx, Wh, b):
    cell, hs = torch_cell(torch, "RNNCell", Wx, Wh, b), []
    for x in X.unbind(1):
        h = cell(x, h)
        hs.append(h)
    return torch.stack(hs, 1)


def torch_bptt(torch, dhs, X, h0, hs, Wx, Wh):
    b = torch.tensor(bias(H))
    return pull_back(torch, lambda *point: torch_forward(torch, *point), dhs, X, h0, Wx, Wh, b)


def forward_at(dhs, X, h0, hs, Wx, Wh):
    return lambda *point: np.sum(dhs * rnn_forward(*point)), (X, h0, Wx, Wh, bias(H))


ORACLES = {
    "rnn_step": Oracle(step, expected=by_torch(torch_step)),
    "rnn_forward": Oracle(sequence, expected=by_torch(torch_forward)),
    "bptt": Oracle(states, expected=by_torch(torch_bptt), gradient_of=forward_at),
}
