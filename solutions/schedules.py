"""How the learning rate changes while training goes on. t counts from 0, in steps or in epochs, as the caller likes.

Each gives the rate at t from t alone: nothing compounds, and any t may be asked for in any order.

Source of the cosine: I. Loshchilov, F. Hutter, "SGDR", ICLR (2017); warm-up: P. Goyal et al., arXiv:1706.02677.
"""

import math

import numpy as np

from solutions.twins import compiled, operation

# No CUDA twins: one number at a time, computed by whoever launches the step.


@operation(t=":int >= 0", lr="")
def constant_rate(t, lr=0.1):
    """rate = lr, whatever t is

    t the time from 0 on, lr the rate -> rate, a float.
    """
    return float(lr)


@constant_rate.twin("numba")
@compiled
def constant_rate_loops(t, lr=0.1):
    return float(lr)


@operation(t=":int >= 0", lr="", factor="", every=":int > 0")
def step_decay(t, lr=0.1, factor=0.5, every=10):
    """rate = lr · factor^⌊t / every⌋                                          (t = every is the first lower one)

    t the time from 0 on, lr the rate at 0, factor what every `every` units multiply it by -> rate, a float.
    """
    return float(lr * factor ** (t // every))


@step_decay.twin("numba")
@compiled
def step_decay_loops(t, lr=0.1, factor=0.5, every=10):
    return lr * factor ** (t // every)


@operation(t=":int >= 0", lr="", warm=":int >= 0")
def linear_warmup(t, lr=0.1, warm=5):
    """rate = lr · t / warm for t < warm, then lr

    t the time from 0 on, lr the full rate, warm how long the climb takes (0: there is none) -> rate, a float.
    """
    if t < warm:
        return float(lr * t / warm)
    return float(lr)


@linear_warmup.twin("numba")
@compiled
def linear_warmup_loops(t, lr=0.1, warm=5):
    return lr * t / warm if t < warm else float(lr)


@operation(t=":int >= 0", lr="", total=":int >= 0", floor="")
def cosine_decay(t, lr=0.1, total=100, floor=0.0):
    """rate = floor + (lr − floor) · (1 + cos(π · t / total)) / 2 for t < total, then floor

    t the time from 0 on, lr the rate at 0, total when the floor is reached -> rate, a float.
    """
    if t >= total:
        return float(floor)
    return float(floor + (lr - floor) * (1 + np.cos(np.pi * t / total)) / 2)


@cosine_decay.twin("numba")
@compiled
def cosine_decay_loops(t, lr=0.1, total=100, floor=0.0):
    if t >= total:
        return float(floor)
    return floor + (lr - floor) * (1 + math.cos(math.pi * t / total)) / 2


@operation(t=":int >= 0", lr="", warm=":int >= 0", total=":int >= 0", floor="")
def schedule(t, lr=0.1, warm=5, total=100, floor=0.0):
    """rate = lr · t / warm                                                           for t < warm
            floor + (lr − floor) · (1 + cos(π · (t − warm) / (total − warm))) / 2     for warm ≤ t < total
            floor                                                                     from total on

    t the time from 0 on; the rate climbs to lr at t = warm (at once where warm is 0) and falls to floor at t = total
    -> rate, a float.
    """
    if t < warm:
        return float(lr * t / warm)
    if t >= total:
        return float(floor)
    return float(floor + (lr - floor) * (1 + np.cos(np.pi * (t - warm) / (total - warm))) / 2)


@schedule.twin("numba")
@compiled
def schedule_loops(t, lr=0.1, warm=5, total=100, floor=0.0):
    if t < warm:
        return lr * t / warm
    return cosine_decay_loops(t - warm, lr, total - warm, floor)
