"""The products that lesson 9 ends with are products, at every size they take, and refuse the others."""

import numpy as np
import pytest

from course import vectors


@pytest.mark.parametrize("product", [vectors.product_in_tiles, vectors.product_in_vectors])
@pytest.mark.parametrize("size", [(64, 64, 64), (128, 64, 192), (64, 256, 64), (0, 64, 64)])
def test_products(product, size):
    N, D, M = size
    rng = np.random.default_rng(0)
    A, B = (rng.normal(size=shape).astype(np.float32) for shape in ((N, D), (D, M)))
    found = product(A, B)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, A.astype(float) @ B, rtol=0, atol=1e-4)


@pytest.mark.parametrize("product", [vectors.product_in_tiles, vectors.product_in_vectors])
@pytest.mark.parametrize(
    ("A", "B", "message"),
    [
        (np.ones((64, 64)), np.ones((64, 64), np.float32), "A is float64"),
        (np.ones((64, 63), np.float32), np.ones((63, 64), np.float32), "A is float32 .64, 63."),
        (np.ones((64, 64), np.float32), np.ones((64, 128), np.float32)[:, ::2], "B is float32"),
        (np.ones((64, 128), np.float32), np.ones((64, 64), np.float32), "A's columns"),
    ],
)
def test_other_matrices_are_refused_and_not_read_beyond(product, A, B, message):
    with pytest.raises(ValueError, match=message):
        product(A, B)


def test_a_tile_fits_into_the_sides():
    assert vectors.SIDE % vectors.ROWS == 0 and vectors.SIDE % (vectors.VECTORS * vectors.LANES) == 0
    assert vectors.LANES in (4, 8, 16) and vectors.SIDE == 64


@pytest.mark.parametrize(
    ("machine", "features", "width", "count"),
    [
        ("x86_64", "+sse2", 16, 16),
        ("AMD64", "+sse2,+avx2", 32, 16),
        ("x86_64", "+avx2,+avx512f", 64, 32),
        ("aarch64", "+neon", 16, 32),
        ("arm64", "", 16, 32),
        ("ppc64le", "", 16, 16),
    ],
)
def test_registers_of_several_machines(machine, features, width, count, monkeypatch):
    monkeypatch.setattr(vectors.platform, "machine", lambda: machine)
    monkeypatch.setattr(vectors.config, "CPU_FEATURES", features)
    assert (vectors.register_bytes(), vectors.registers()) == (width, count)


def test_what_waits_in_registers_fits_into_them():
    sums, row, number = vectors.ROWS * vectors.VECTORS, vectors.VECTORS, 1
    assert sums + row + number <= vectors.registers()
    assert vectors.registers() >= vectors.CHAINS + 2, "a factor and a summand wait there, too"


def test_macs_in_registers_are_computed():
    """Every chain ends at x = x / 2 + 1/4, which is 1/2; none of them was left out."""
    assert vectors.macs_in_registers(60, np.float32(0.5), np.float32(0.25)) == pytest.approx(vectors.CHAINS / 2)
    first = vectors.macs_in_registers(1, np.float32(0.5), np.float32(0.25))
    assert first == sum(number / 2 + 0.25 for number in range(vectors.CHAINS))


def test_the_most_of_macs_counts_them_all():
    def seconds(call, *args):
        call(*args)
        return 2.0

    assert vectors.most_macs(seconds, rounds=10) == 10 * vectors.CHAINS * vectors.LANES / 2
