"""Optimizer steps against torch.optim, from a fresh state and from one in mid-flight."""

import numpy as np

from tests.solutions.oracle import Oracle, by_torch

ADAM = {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-6}


def arrays(rng, dtype, shape):
    """p, a gradient that changes sign and size, and two states: one of any sign, one positive."""
    p, g, v = rng.standard_normal((3, *shape)).astype(dtype)
    g.flat[0], g.flat[1] = 1e-8, 0
    return p, g, v, (v * v).astype(dtype)


def steps(*hyperparameters, positive=False):
    """(p, g, state, …): the first step from zeros, a later one from anything, in two shapes."""

    def inputs(rng, dtype):
        p, g, any_sign, square = arrays(rng, dtype, (7,))
        P, G, any_signs, squares = arrays(rng, dtype, (3, 4))
        later = (square, squares) if positive else (any_sign, any_signs)
        return [(p, g, np.zeros_like(p)), (p, g, later[0]), (P, G, later[1], *hyperparameters)]

    return inputs


def adam_steps(rng, dtype):
    p, g, m, v = arrays(rng, dtype, (7,))
    P, G, M, V = arrays(rng, dtype, (3, 4))
    start = np.zeros_like(p), np.zeros_like(p), 0
    return [(p, g, start), (p, g, (m, v, 3)), (P, G, (M, V, 40), ADAM["lr"], *ADAM["betas"], ADAM["eps"])]


def one_step(torch, optimizer, p, g, state):
    """p after a step of a torch.optim optimizer that starts from `state`, and the state it leaves."""
    p.grad = g
    optimizer.state[p] = state
    optimizer.step()
    return p, optimizer.state[p]


def momentum(nesterov):
    def step(torch, p, g, v, lr=0.01, beta=0.9):
        p, state = one_step(torch, torch.optim.SGD([p], lr, beta, nesterov=nesterov), p, g, {"momentum_buffer": v})
        return p, state["momentum_buffer"]

    return by_torch(step)


@by_torch
def rmsprop(torch, p, g, s, lr=0.001, beta=0.9, eps=1e-8):
    start = {"step": torch.tensor(1.0), "square_avg": s}
    p, state = one_step(torch, torch.optim.RMSprop([p], lr, alpha=beta, eps=eps), p, g, start)
    return p, state["square_avg"]


@by_torch
def adam(torch, p, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = state
    start = {"step": torch.tensor(float(t)), "exp_avg": m, "exp_avg_sq": v}
    p, after = one_step(torch, torch.optim.Adam([p], lr, (beta1, beta2), eps), p, g, start)
    return p, (after["exp_avg"], after["exp_avg_sq"], int(after["step"]))


@by_torch
def sgd(torch, p, g, lr=0.01):
    return one_step(torch, torch.optim.SGD([p], lr), p, g, {})[0]


ORACLES = {
    "sgd_step": Oracle(
        lambda rng, dtype: [
            (p, g, *lr) for (p, g, _, *_), lr in zip(steps()(rng, dtype), [(), (), (0.5,)], strict=True)
        ],
        expected=sgd,
    ),
    "momentum_step": Oracle(steps(0.5, 0.8), expected=momentum(nesterov=False)),
    "nesterov_step": Oracle(steps(0.5, 0.8), expected=momentum(nesterov=True)),
    "rmsprop_step": Oracle(steps(0.5, 0.8, 1e-3, positive=True), expected=rmsprop),
    "adam_step": Oracle(adam_steps, expected=adam),
}
