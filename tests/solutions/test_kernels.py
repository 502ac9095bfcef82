"""The kernels of stage 10 by themselves: any number of threads, nothing written beyond the end, no race."""

import numpy as np
import pytest

from course.access import watched_launch
from solutions import matmul, reductions
from solutions.matmul import matmul_naive, matmul_tiled
from solutions.reductions import reduce_sum
from solutions.relu import relu_kernel
from solutions.vector_add import vector_add


@pytest.fixture(autouse=True)
def small_constants(monkeypatch):
    monkeypatch.setattr(matmul, "TILE", 4)
    monkeypatch.setattr(reductions, "LANES", 8)


@pytest.mark.parametrize(("blocks", "threads"), [(3, 4), (1, 10), (2, 32)])
def test_vector_add_stops_at_the_end(blocks, threads):
    a, b = np.random.default_rng(0).standard_normal((2, 10))
    c = np.full(12, 7.0)
    found = watched_launch(vector_add, {"blocks": blocks, "threads": threads}, (a, b, c[:10]))
    np.testing.assert_array_equal(c, [*(a + b), 7, 7])
    assert found == {
        "counts": {"global": {"reads": 20, "writes": 10}, "shared": {"reads": 0, "writes": 0}},
        "fault": None,
        "signature": "",
    }


@pytest.mark.parametrize(("blocks", "threads"), [(3, 4), (1, 3), (2, 32)])
def test_relu_kernel_takes_any_number_of_threads(blocks, threads):
    x, y = np.random.default_rng(0).standard_normal(23), np.full(23, np.nan)
    found = watched_launch(relu_kernel, {"blocks": blocks, "threads": threads}, (x, y))
    np.testing.assert_array_equal(y, np.maximum(x, 0))
    assert found["fault"] is None and found["counts"]["global"]["writes"] == 23


M, K, N = 6, 9, 7  # no multiples of the tile


@pytest.mark.parametrize(("kernel", "reads"), [(matmul_naive, 2 * M * N * K), (matmul_tiled, M * K * 2 + K * N * 2)])
def test_matmul_reads_what_it_should_and_does_not_race(kernel, reads):
    rng = np.random.default_rng(1)
    A, B, C = rng.standard_normal((M, K)), rng.standard_normal((K, N)), np.full((M, N), np.nan)
    found = watched_launch(kernel, {"blocks": (2, 2), "threads": (4, 4)}, (A, B, C))
    np.testing.assert_allclose(C, A @ B)
    assert found["fault"] is None
    assert found["counts"]["global"] == {"reads": reads, "writes": M * N}


@pytest.mark.parametrize("size", [1, 8, 9, 61])
def test_reduce_sum_adds_every_block_and_does_not_race(size):
    x, total = np.random.default_rng(2).standard_normal(size), np.zeros(1)
    found = watched_launch(reduce_sum, {"blocks": -(-size // 8), "threads": 8}, (x, total))
    np.testing.assert_allclose(total, [np.sum(x)])
    assert found["fault"] is None
