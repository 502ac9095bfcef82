"""Softmax and its gradients against PyTorch and finite differences."""

import numpy as np

from solutions.softmax import softmax
from tests.solutions.oracle import Oracle, by_torch, vjp


def logits(rng, dtype):
    z = rng.standard_normal((5, 3)).astype(dtype)
    steep = rng.standard_normal((3, 4)).astype(dtype)
    steep[0] += 1000
    steep[2] -= 1000
    wide = np.array([[1000, 0, -1000], [-1000, 1000, 0], [0, -1000, 1000]], dtype)
    return [(3 * z,), (steep,), (wide,), (rng.standard_normal((8, 2)).astype(dtype),)]


def derivative(torch, z):
    return torch.autograd.functional.jacobian(lambda z: torch.softmax(z, 0), z)


ORACLES = {
    "softmax": Oracle(logits, expected=by_torch(lambda torch, z: torch.softmax(z, 1))),
    "softmax_derivative": Oracle(
        lambda rng, dtype: [(row,) for (z,) in logits(rng, dtype) for row in z[:3]],
        expected=by_torch(derivative),
    ),
    "softmax_backward": Oracle(
        lambda rng, dtype: [(rng.standard_normal(z.shape).astype(dtype), softmax(z)) for (z,) in logits(rng, dtype)],
        expected=by_torch(lambda torch, dp, p: torch.ops.aten._softmax_backward_data(dp, p, 1, dp.dtype)),
        gradient_of=lambda dp, p: None if np.any(p == 0) else vjp(softmax)(dp, np.log(p)),
    ),
}
