"""Weight penalties against PyTorch's norms and autograd; λ and N are not 1, one weight is 0, one array is a kernel."""

import numpy as np

from solutions.penalties import l1_penalty, l2_penalty
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.dense import network


def networks(rng, dtype):
    params = network(rng, dtype, (3, 4, 2))
    params["K1"] = rng.standard_normal((2, 3, 2, 2)).astype(dtype)
    with_zero = {**params, "W1": params["W1"].copy()}
    with_zero["W1"][1, 2] = 0
    return [(params, 0.3, 7), (with_zero, 2, 10)]


def penalty(size_of):
    """The penalty of all weights by torch, and autograd's gradients."""

    def expected(torch, params, lam, N):
        for array in params.values():
            array.requires_grad_()
        paying = [array for name, array in params.items() if name[0] != "b"]
        loss = lam / N * sum(size_of(torch, array) for array in paying)
        loss.backward()
        return loss.item(), {name: 0 * a if a.grad is None else a.grad for name, a in params.items()}

    return by_torch(expected)


def slope(penalty):
    def gradient_of(params, lam, N):
        at_a_kink = any(np.any(array == 0) for array in params.values())
        return None if at_a_kink else (lambda params: penalty(params, lam, N)[0], (params,))

    return gradient_of


ORACLES = {
    "l2_penalty": Oracle(
        networks,
        expected=penalty(lambda torch, w: torch.linalg.vector_norm(w) ** 2 / 2),
        gradient_of=slope(l2_penalty),
        gradients=lambda answer: answer[1],
    ),
    "l1_penalty": Oracle(
        networks,
        expected=penalty(lambda torch, w: torch.linalg.vector_norm(w, 1)),
        gradient_of=slope(l1_penalty),
        gradients=lambda answer: answer[1],
    ),
}
