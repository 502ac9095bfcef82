"""Sampling: turn scores into one choice, as boldly or as carefully as the temperature says.

A temperature below 1 stretches the differences between scores, so the favorite wins more often; one above 1
shrinks them. It acts on the scores, before the softmax.

Source: D. Ackley, G. Hinton and T. Sejnowski, "A learning algorithm for Boltzmann machines" (1985).
"""

import math

import numpy as np

from solutions.twins import compiled, operation


@operation(z="V", temperature="")
def sample(z, temperature, rng):
    """p[v] = exp(z[v] / T) / Σ_u exp(z[u] / T);   draw an id v with probability p[v]    (the Boltzmann distribution)

    z (V,) scores (logits), temperature T > 0, rng a np.random.Generator, from which one number is drawn
    -> an id from 0 to V − 1, an int. Shifted by the largest score, so exp never overflows.
    Raises ValueError unless the temperature is positive.
    """
    if temperature <= 0:
        raise ValueError(f"temperature is {temperature}, expected a positive number")
    p = np.exp((z - np.max(z)) / temperature)
    return int(rng.choice(len(z), p=p / np.sum(p)))


@compiled
def pick(z, temperature, u):
    """The first id at which the summed probabilities exceed u, a number in [0, 1)."""
    V = z.shape[0]
    peak, total = z[0], 0.0
    for v in range(V):
        peak = max(peak, z[v])
    for v in range(V):
        total += math.exp((z[v] - peak) / temperature)
    so_far = 0.0
    for v in range(V):
        so_far += math.exp((z[v] - peak) / temperature)
        if so_far > u * total:
            return v
    return V - 1


# No CUDA twin: one draw is a sum in order and a search, too little to share.
@sample.twin("numba")
def sample_loops(z, temperature, rng):
    if temperature <= 0:
        raise ValueError(f"temperature is {temperature}, expected a positive number")
    return pick(z, temperature, rng.random())
