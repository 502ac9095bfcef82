"""Adam: momentum divided by RMSProp's root, both freed from the zeros they started at.

What is stored are the raw averages m and v; the correction by 1 − β^t enters the step only. t counts steps from 1.

Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR (2015), algorithm 1.
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, to_device
from solutions.twins import compiled, operation


@operation(p="*", g="*", state="(*, *, :int >= 0)", lr="", beta1="", beta2="", eps="")
def adam_step(p, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """t' = t + 1     m' = β1 · m + (1 − β1) · g     v' = β2 · v + (1 − β2) · g²
    p' = p − lr · m̂ / (√v̂ + ε)     m̂ = m' / (1 − β1^t')     v̂ = v' / (1 − β2^t')        (ε outside the root)

    p parameters and g their gradient, of one shape; state (m, v, t): two arrays of that shape and the number of
    steps taken, (zeros, zeros, 0) before the first -> (p', (m', v', t')).
    """
    m, v, t = state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), (m, v, t)


@adam_step.twin("numba")
@compiled
def adam_step_loops(p, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    number = p.dtype.type
    m, v, t = state[0].ravel(), state[1].ravel(), state[2] + 1
    before, slope = p.ravel(), g.ravel()
    moved, mean, square = np.empty(p.shape, p.dtype), np.empty(p.shape, p.dtype), np.empty(p.shape, p.dtype)
    after, new_m, new_v = moved.ravel(), mean.ravel(), square.ravel()
    keep1, take1, unbias1 = number(beta1), number(1 - beta1), number(1 / (1 - beta1**t))
    keep2, take2, unbias2 = number(beta2), number(1 - beta2), number(1 / (1 - beta2**t))
    rate, tiny = number(lr), number(eps)
    for i in range(p.size):
        new_m[i] = keep1 * m[i] + take1 * slope[i]
        new_v[i] = keep2 * v[i] + take2 * slope[i] * slope[i]
        after[i] = before[i] - rate * (new_m[i] * unbias1) / (math.sqrt(new_v[i] * unbias2) + tiny)
    return moved, (mean, square, t)


@cuda.jit
def adam_step_kernel(p, g, m, v, lr, eps, keep1, take1, unbias1, keep2, take2, unbias2):
    i = cuda.grid(1)
    if i < p.size:
        m[i] = keep1 * m[i] + take1 * g[i]
        v[i] = keep2 * v[i] + take2 * g[i] * g[i]
        p[i] -= lr * (m[i] * unbias1) / (math.sqrt(v[i] * unbias2) + eps)


@adam_step.twin("cuda")
def adam_step_cuda(p, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = state
    t = t + 1
    # Copies on the device, so the kernel may work in place.
    moved, mean, square = to_device(p.ravel()), to_device(m.ravel()), to_device(v.ravel())
    first = beta1, 1 - beta1, 1 / (1 - beta1**t)
    second = beta2, 1 - beta2, 1 / (1 - beta2**t)
    constants = map(p.dtype.type, (lr, eps, *first, *second))
    launch(adam_step_kernel, p.size, moved, to_device(g.ravel()), mean, square, *constants)
    p, m, v = (array.copy_to_host().reshape(p.shape) for array in (moved, mean, square))
    return p, (m, v, t)
