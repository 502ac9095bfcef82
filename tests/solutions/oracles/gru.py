"""The GRU against PyTorch's cell: the same convention, two biases that differ, and the gates r, z, g in its order."""

import numpy as np

from solutions.gru import gru_forward
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.conv2d import pull_back
from tests.solutions.oracles.rnn import D, H, N, T, arrays, bias, torch_cell


def biases():
    """bx and bh, which a backward pass does not take."""
    return bias(3 * H), np.cos(bias(3 * H))


def sequence(rng, dtype):
    X, h0, Wx, Wh = arrays(rng, dtype, (N, T, D), (N, H), (D, 3 * H), (H, 3 * H))
    return X, h0, Wx, Wh, *(b.astype(dtype) for b in biases())


def step(rng, dtype):
    X, *others = sequence(rng, dtype)
    return X[:, 0].copy(), *others


def states(rng, dtype):
    X, h0, Wx, Wh, bx, bh = sequence(rng, dtype)
    return *arrays(rng, dtype, (N, T, H)), X, h0, *gru_forward(X, h0, Wx, Wh, bx, bh), Wx, Wh


def torch_step(torch, x, h, Wx, Wh, bx, bh):
    return torch_cell(torch, "GRUCell", Wx, Wh, bx, bh)(x, h)


def torch_forward(torch, X, h, Wx, Wh, bx, bh):
    steps = []
    for x in X.unbind(1):
        (a_r, a_z, a_g), (q_r, q_z, q_g) = (x @ Wx + bx).chunk(3, dim=1), (h @ Wh + bh).chunk(3, dim=1)
        r, z = (a_r + q_r).sigmoid(), (a_z + q_z).sigmoid()
        h = torch_step(torch, x, h, Wx, Wh, bx, bh)
        steps.append((h, torch.cat([r, z, (a_g + r * q_g).tanh(), q_g], 1)))
    return tuple(torch.stack(parts, 1) for parts in zip(*steps, strict=True))


def torch_backward(torch, dhs, X, h0, hs, gates, Wx, Wh):
    bx, bh = map(torch.tensor, biases())
    return pull_back(torch, lambda *point: torch_forward(torch, *point)[0], dhs, X, h0, Wx, Wh, bx, bh)


def forward_at(dhs, X, h0, hs, gates, Wx, Wh):
    return lambda *point: np.sum(dhs * gru_forward(*point)[0]), (X, h0, Wx, Wh, *biases())


ORACLES = {
    "gru_step": Oracle(step, expected=by_torch(torch_step)),
    "gru_forward": Oracle(sequence, expected=by_torch(torch_forward)),
    "gru_backward": Oracle(states, expected=by_torch(torch_backward), gradient_of=forward_at),
}
