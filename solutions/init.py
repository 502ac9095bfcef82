"""How weights start: random, to tell units of a layer apart, and scaled, so that signals keep their size on the way.

A sum of fan_in products has a variance of fan_in · Var(w) · mean(x²). Xavier's scale keeps it where units are near
linear, forward and backward; He's is twice as large, for ReLU silences half of them. Biases start at zero.

Sources: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks",
AISTATS (2010), equation (16); K. He et al., "Delving deep into rectifiers", ICCV (2015), equation (10).
"""

import numpy as np

from solutions.twins import operation


# No twins: one draw. Randomness comes from the host on every backend.
@operation(shape="K:int > 0")
def he_init(shape, rng):
    """w = s · rng.standard_normal(shape)     s = √(2 / fan_in)                      (normal, for layers with ReLU)

    shape (D, M): a dense layer's weights, fan_in = D. (F, C, k, k): kernels, fan_in = C · k · k. (M,): biases, zeros.
    rng a np.random.Generator, drawn from once, and not at all for biases -> an array of that shape, float64.
    """
    if len(shape) == 1:
        return np.zeros(shape)
    fan_in = shape[0] if len(shape) == 2 else np.prod(shape[1:])
    return np.sqrt(2 / fan_in) * rng.standard_normal(shape)


@operation(shape="K:int > 0")
def xavier_init(shape, rng):
    """w = rng.uniform(−r, r, shape)     r = √(6 / (fan_in + fan_out))     (standard deviation √(2 / (fan_in + fan_out)))

    shape (D, M): a dense layer's weights, fan_in = D, fan_out = M. (F, C, k, k): kernels, fan_in = C · k · k,
    fan_out = F · k · k. (M,): biases, zeros. rng a np.random.Generator, drawn from once, and not at all for biases
    -> an array of that shape, float64.
    """
    if len(shape) == 1:
        return np.zeros(shape)
    taps = np.prod(shape[2:])  # 1 for a dense layer: the product of nothing
    r = np.sqrt(6 / ((shape[0] + shape[1]) * taps))
    return rng.uniform(-r, r, shape)
