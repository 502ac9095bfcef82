"""Sums against Python's exact one; lengths that fill no block, and exactly one."""

import math

import numpy as np

from tests.solutions.oracle import Oracle


def tables(rng, dtype):
    return [(rng.standard_normal(shape).astype(dtype),) for shape in [(5, 7), (7, 5), (1, 1)]]


def rows(rng, dtype):
    return [(rng.standard_normal(N).astype(dtype),) for N in (1, 3, 4, 29)]


ORACLES = {
    "row_sums": Oracle(tables, expected=lambda A: np.array([math.fsum(row) for row in A])),
    "vector_sum": Oracle(rows, expected=math.fsum),
}
