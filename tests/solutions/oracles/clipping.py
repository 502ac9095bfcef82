"""Clipping against PyTorch: norms above the limit, below it, zero, and one whose square overflows float32."""

from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.dense import network


def gradients(rng, dtype):
    grads = network(rng, dtype, (3, 4, 2))
    still = {name: 0 * g for name, g in grads.items()}
    exploding = {name: (g * 1e25).astype(dtype) for name, g in grads.items()}
    return [(grads, 0.5), (grads, 100.0), (grads, 1), (still, 1.0), (exploding, 5.0)]


def clipped(torch, grads, c):
    parameters = {name: torch.zeros_like(g) for name, g in grads.items()}
    for name, parameter in parameters.items():
        parameter.grad = grads[name].clone()
    norm = torch.nn.utils.get_total_norm(list(grads.values()))
    if norm > c:  # clip_grad_norm_ adds 1e-6 to the norm
        torch.nn.utils.clip_grads_with_norm_(list(parameters.values()), c, norm - 1e-6)
    return {name: parameter.grad for name, parameter in parameters.items()}


ORACLES = {"clip_gradients": Oracle(gradients, expected=by_torch(clipped))}
