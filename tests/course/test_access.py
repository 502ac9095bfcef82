"""The access log of a kernel: what it counts, and the races it names."""

import numpy as np
import pytest
from numba import config, cuda, float64

from course.access import watched_launch

pytestmark = pytest.mark.skipif(not config.ENABLE_CUDASIM, reason="kernels are watched in the simulator")

LAUNCH = {"blocks": 2, "threads": 4}


def copy(x, out):
    i = cuda.grid(1)
    if i < x.size:
        out[i] = x[i]


def reversed_with_barrier(x, out):
    shared = cuda.shared.array(4, float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    shared[t] = x[i]
    cuda.syncthreads()
    out[i] = shared[3 - t]


def reversed_without_barrier(x, out):
    shared = cuda.shared.array(4, float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    shared[t] = x[i]
    out[i] = shared[3 - t]


def sum_without_atomic(x, out):
    i = cuda.grid(1)
    out[0] += x[i]


def sum_with_atomic(x, out):
    cuda.atomic.add(out, 0, x[cuda.grid(1)])


def test_reads_and_writes_are_counted_by_memory():
    seen = watched_launch(reversed_with_barrier, LAUNCH, (np.arange(8.0), np.zeros(8)))
    assert seen["counts"] == {"global": {"reads": 8, "writes": 8}, "shared": {"reads": 8, "writes": 8}}


@pytest.mark.parametrize("kernel", [copy, reversed_with_barrier, sum_with_atomic])
def test_a_sound_kernel_has_no_race(kernel):
    for _ in range(5):
        assert watched_launch(kernel, LAUNCH, (np.arange(8.0), np.zeros(8)))["race"] is None


@pytest.mark.parametrize(("kernel", "array"), [(reversed_without_barrier, "shared["), (sum_without_atomic, "out[0]")])
def test_a_race_names_the_cell_and_both_threads(kernel, array):
    race = watched_launch(kernel, LAUNCH, (np.arange(8.0), np.zeros(8)))["race"]
    assert race.startswith(array)
    assert race.count("thread") == 2
    assert "writes" in race


def test_outputs_change_in_place():
    out = np.zeros(8)
    watched_launch(reversed_with_barrier, LAUNCH, (np.arange(8.0), out))
    np.testing.assert_array_equal(out, [3, 2, 1, 0, 7, 6, 5, 4])
