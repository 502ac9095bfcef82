"""Sampling against the definition: the first id whose summed probability exceeds the generator's next number."""

import math

import numpy as np

from tests.solutions.oracle import Oracle


def draws(rng, dtype):
    z = rng.standard_normal(7).astype(dtype)
    mild = [(z, temperature, np.random.default_rng(seed)) for temperature in (0.1, 1.0, 10.0) for seed in range(8)]
    wide = np.array([1000, 0, -1000], dtype)
    return [*mild, (1000 * z, 1, np.random.default_rng(8)), (wide, 1, np.random.default_rng(9))]


def draw(z, temperature, rng):
    weights = [math.exp((score - max(z)) / temperature) for score in z]
    u = rng.random() * sum(weights)
    return next(v for v in range(len(z)) if sum(weights[: v + 1]) > u)


ORACLES = {"sample": Oracle(draws, expected=draw)}
