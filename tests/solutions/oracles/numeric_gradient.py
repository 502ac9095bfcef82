"""Central differences against gradients known by hand; descent against a solution known in closed form."""

import numpy as np

from tests.solutions.oracle import Oracle


def cubes(x):
    return np.sum(x**3)


def tangled(x):
    """A function in which no entry stands alone."""
    return np.sum(x) ** 3


def twice(x):
    return 2 * x


def expected_gradient(f, x, eps=1e-5):
    """Σ x³ has the central difference 3x² + ε² exactly, (Σ x)³ likewise: a forward difference is off by 3xε."""
    x = x.astype(float)
    return 3 * (np.full(x.shape, np.sum(x)) if f is tangled else x) ** 2 + eps**2


def expected_path(gradient, x0, lr=0.1, steps=100):
    """Down x² every step multiplies by 1 − 2·lr."""
    return np.array([x0 * (1 - 2 * lr) ** t for t in range(steps + 1)])


ORACLES = {
    "numeric_gradient": Oracle(
        lambda rng, dtype: [
            (cubes, rng.standard_normal((3, 2)).astype(dtype), 1e-3),
            (cubes, np.array([-2, 0, 1, 3]), 1e-2),
            (cubes, rng.standard_normal(4).astype(dtype), 0.5),
            (tangled, rng.standard_normal(3).astype(dtype), 0.1),
        ],
        expected=expected_gradient,
        keeps_dtype=False,
    ),
    "gradient_descent": Oracle(
        lambda rng, dtype: [
            (twice, rng.standard_normal(3).astype(dtype), 0.1, 7),
            (twice, rng.standard_normal((2, 2)).astype(dtype), 1.25, 4),
        ],
        expected=expected_path,
    ),
}
