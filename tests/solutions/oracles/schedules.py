"""Schedules against rates worked out by hand, at the first, second and last moment and at the turning points."""

import math

from tests.solutions.oracle import Oracle


def at(*times):
    """[(t, *hyperparameters), …] as `inputs` and {arguments: rate} behind `expected`."""
    return lambda rng, dtype: [arguments for arguments, _ in times]


def table(*rows):
    rates = dict(rows)
    return Oracle(at(*rows), expected=lambda *arguments: rates[arguments])


HALFWAY = 0.5 + 0.5 * math.cos(math.pi / 4)

ORACLES = {
    "constant_rate": table(((0,), 0.1), ((7, 0.5), 0.5)),
    "step_decay": table(
        ((0,), 0.1), ((9,), 0.1), ((10,), 0.05), ((19,), 0.05), ((20,), 0.025), ((7, 2.0, 0.1, 3), 0.02)
    ),
    "linear_warmup": table(
        ((0,), 0.0), ((1,), 0.02), ((4,), 0.08), ((5,), 0.1), ((60,), 0.1), ((0, 0.3, 0), 0.3), ((3, 1, 4), 0.75)
    ),
    "cosine_decay": table(
        ((0,), 0.1),
        ((25,), 0.1 * HALFWAY),
        ((50,), 0.05),
        ((100,), 0.0),
        ((101,), 0.0),
        ((5, 1.0, 20, 0.5), 0.5 + 0.5 * HALFWAY),
        ((0, 1.0, 0, 0.25), 0.25),
    ),
    "schedule": table(
        ((0,), 0.0),
        ((1,), 0.02),
        ((5,), 0.1),
        ((100,), 0.0),
        ((500,), 0.0),
        ((52, 0.1, 4, 100), 0.05),
        ((0, 0.3, 0, 8), 0.3),
        ((2, 1.0, 0, 8, 0.5), 0.5 + 0.5 * HALFWAY),
        ((3, 1.0, 3, 3), 0.0),
    ),
}
