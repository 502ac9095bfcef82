"""The LSTM against PyTorch's cell, which keeps the gates in the same order, and against finite differences."""

import numpy as np

from solutions.lstm import lstm_forward, lstm_step
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.conv2d import pull_back
from tests.solutions.oracles.rnn import D, H, N, T, arrays, bias, torch_cell


def sequence(rng, dtype):
    X, h0, c0, Wx, Wh = arrays(rng, dtype, (N, T, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H))
    return X, h0, c0, Wx, Wh, bias(4 * H).astype(dtype)


def step(rng, dtype):
    X, *others = sequence(rng, dtype)
    return X[:, 0].copy(), *others


def step_gradients(rng, dtype):
    return *arrays(rng, dtype, (N, H), (N, H)), *step(rng, dtype)


def states(rng, dtype):
    X, h0, c0, Wx, Wh, b = sequence(rng, dtype)
    return *arrays(rng, dtype, (N, T, H)), X, h0, c0, *lstm_forward(X, h0, c0, Wx, Wh, b), Wx, Wh


def saturated(rng, dtype):
    """Scores of hundreds: the gates stand at 0 and 1, and an exp would overflow."""
    x, h, c, Wx, Wh, b = step(rng, dtype)
    return 1000 * x, h, c, Wx, Wh, b


def torch_step(torch, x, h, c, Wx, Wh, b):
    return torch_cell(torch, "LSTMCell", Wx, Wh, b)(x, (h, c))


def torch_forward(torch, X, h, c, Wx, Wh, b):
    steps = []
    for x in X.unbind(1):
        i, f, g, o = (x @ Wx + h @ Wh + b).chunk(4, dim=1)
        h, c = torch_step(torch, x, h, c, Wx, Wh, b)
        steps.append((h, c, torch.cat([i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()], 1)))
    return tuple(torch.stack(parts, 1) for parts in zip(*steps, strict=True))


def torch_step_backward(torch, dh_next, dc_next, *point):
    def both(*point):
        return torch.stack(torch_step(torch, *point))

    return pull_back(torch, both, torch.stack([dh_next, dc_next]), *point)


def torch_backward(torch, dhs, X, h0, c0, hs, cs, gates, Wx, Wh):
    b = torch.tensor(bias(4 * H))
    return pull_back(torch, lambda *point: torch_forward(torch, *point)[0], dhs, X, h0, c0, Wx, Wh, b)


def step_at(dh_next, dc_next, *point):
    def f(*point):
        h_next, c_next = lstm_step(*point)
        return np.sum(dh_next * h_next) + np.sum(dc_next * c_next)

    return f, point


def forward_at(dhs, X, h0, c0, hs, cs, gates, Wx, Wh):
    return lambda *point: np.sum(dhs * lstm_forward(*point)[0]), (X, h0, c0, Wx, Wh, bias(4 * H))


ORACLES = {
    "lstm_step": Oracle(lambda rng, dtype: [step(rng, dtype), saturated(rng, dtype)], expected=by_torch(torch_step)),
    "lstm_step_backward": Oracle(step_gradients, expected=by_torch(torch_step_backward), gradient_of=step_at),
    "lstm_forward": Oracle(sequence, expected=by_torch(torch_forward)),
    "lstm_backward": Oracle(states, expected=by_torch(torch_backward), gradient_of=forward_at),
}
