"""Attention against PyTorch, with Tq, Tk, D and Dv all different and one query that may attend to nothing."""

import numpy as np

from solutions.attention import attention
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.conv2d import pull_back
from tests.solutions.oracles.rnn import arrays

N, Tq, Tk, D, Dv = 2, 3, 4, 5, 2


def questions(rng, dtype):
    Q, K, V = arrays(rng, dtype, (N, Tq, D), (N, Tk, D), (N, Tk, Dv))
    everything, some = np.ones((N, Tq, Tk), bool), rng.random((N, Tq, Tk)) < 0.6
    some[1, 2] = False
    causal = np.broadcast_to(np.tri(Tq, Tk, dtype=bool), (N, Tq, Tk))
    return [(Q, K, V, everything), (Q, K, V, some), (1000 * Q, K, V, causal)]


def answered(rng, dtype):
    for Q, K, V, mask in questions(rng, dtype)[:2]:
        yield *arrays(rng, dtype, (N, Tq, Dv)), Q, K, V, attention(Q, K, V, mask)[1]


def torch_attention(torch, Q, K, V, mask):
    S = (Q @ K.mT / D**0.5).masked_fill(~mask, -torch.inf)
    Y = torch.nn.functional.scaled_dot_product_attention(Q, K, V, mask)
    return Y.nan_to_num(), S.softmax(dim=2).nan_to_num()


def torch_backward(torch, dY, Q, K, V, A):
    empty = (A == 0).all(dim=2, keepdim=True)  # let these rows attend, and leave their gradient out

    def f(Q, K, V):
        return torch.nn.functional.scaled_dot_product_attention(Q, K, V, (A > 0) | empty)

    return pull_back(torch, f, dY * ~empty, Q, K, V)


def attention_at(dY, Q, K, V, A):
    return lambda *point: np.sum(dY * attention(*point, A > 0)[0]), (Q, K, V)


ORACLES = {
    "attention": Oracle(questions, expected=by_torch(torch_attention)),
    "attention_backward": Oracle(
        lambda rng, dtype: list(answered(rng, dtype)),
        expected=by_torch(torch_backward),
        gradient_of=attention_at,
    ),
}
