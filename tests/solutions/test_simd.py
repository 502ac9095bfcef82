"""The vector tier: the numbers of the plain tier, at every size, in both types, however the rows are shared out."""

import json
import math
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import config

from solutions import networks
from solutions.fast import arithmetic, blocked, by_address, registers, simd
from solutions.fast.tape import in_shares
from solutions.fast.threads import set_threads
from solutions.networks import tier
from solutions.networks.network import cross_entropy
from solutions.twins import compiled

ROOT = Path(__file__).parents[2]
on_vectors = pytest.mark.skipif(not simd.BYTES, reason="this processor is not one of those the vector tier knows")
both_types = pytest.mark.parametrize("dtype", [np.float32, np.float64])

pytestmark = pytest.mark.usefixtures("tier_as_before")


@compiled
def run_at(place, lo, hi):
    by_address.run(place, lo, hi)


def run_now(loops, *arguments):
    """loops(*arguments), which Python cannot call by itself."""
    *arguments, lo, hi = arguments
    task = np.array(by_address.task(loops, arguments, hi, 1))
    run_at(task.ctypes.data, lo, hi)


def close(found, truth, terms):
    """Equal but for the rounding of a sum of that many terms of size 1."""
    np.testing.assert_allclose(found, truth, rtol=0, atol=2 * (terms + 4) * np.finfo(found.dtype).eps)


# A tile is 8 or 4 rows by 3 vectors of 16, 8 or 4 numbers, and 128 terms deep: below, at and above each of these.
SIZES = [(1, 1, 1), (8, 16, 48), (7, 5, 15), (9, 130, 17), (13, 0, 33), (16, 128, 64), (12, 257, 95), (31, 3, 112)]


@on_vectors
@both_types
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fresh", [False, True])
def test_products_are_those_of_the_plain_tier(dtype, size, fresh):
    (N, D, M), rng = size, np.random.default_rng(0)
    A, B = (rng.standard_normal(shape).astype(dtype) for shape in ((N, D), (D, M)))
    start = rng.standard_normal((1, N, M)).astype(dtype)
    found = []
    for module in (simd, blocked):
        for stored in (A, np.asfortranarray(A)):
            out = np.full_like(start, np.nan) if fresh else start.copy()
            starts = blocked.starts_of(D, M)
            run_now(module.add_product, out, *blocked.flat(stored), B.reshape(-1), starts, 0, int(fresh), 0, M, 0, N)
            found.append(out)
    for out in found:
        close(out[0], A.astype(float) @ B + (0 if fresh else start[0]), D)
    assert found[0].tobytes() == found[1].tobytes()


@on_vectors
@both_types
@pytest.mark.parametrize("size", SIZES)
def test_dots_are_those_of_the_plain_tier(dtype, size):
    (N, D, M), rng = size, np.random.default_rng(0)
    longer, B = (rng.standard_normal(shape).astype(dtype) for shape in ((2, N, D + 3), (2, M, D)))
    A, longer[:, :, D:] = longer[:, :, :D], np.nan  # what lies behind the first D numbers of a row is not asked for
    start = rng.standard_normal((N, M)).astype(dtype)
    for module in (simd, blocked):
        out = start.copy()
        run_now(module.add_dots, out, longer, D, B.reshape(-1), blocked.starts_of(M, D), M * D, 0, N)
        close(out, sum(a.astype(float) @ b.T for a, b in zip(A, B, strict=True)) + start, 2 * D)


@on_vectors
@both_types
def test_rows_of_b_may_overlap_as_the_windows_of_an_image_do(dtype):
    rng = np.random.default_rng(0)
    image, K = rng.standard_normal((5, 200)).astype(dtype), rng.standard_normal((9, 6)).astype(dtype)
    taps = np.array([0, 1, 2, 200, 201, 202])
    answers = []
    for module in (simd, blocked):
        out = np.full((3, 9, 150), np.nan, dtype)
        run_now(module.add_product, out, K.reshape(-1), 6, 1, image.reshape(-1), taps, 200, 1, 0, 150, 0, 9)
        dots = np.zeros((9, 6), dtype)
        run_now(module.add_dots, dots, out, 150, image.reshape(-1), taps, 200, 0, 9)
        answers.append((out, dots))
    for h in range(3):
        windows = np.stack([image.reshape(-1)[h * 200 + tap :][:150] for tap in taps])
        close(answers[0][0][h], K.astype(float) @ windows, 6)
    largest = np.max(np.abs(answers[1][1]))
    np.testing.assert_allclose(answers[0][1], answers[1][1], rtol=0, atol=50 * np.finfo(dtype).eps * largest)


@on_vectors
@both_types
def test_a_row_has_the_same_bits_whoever_computes_it_and_others_are_left_alone(dtype):
    rng = np.random.default_rng(0)
    A, B = (rng.standard_normal(shape).astype(dtype) for shape in ((29, 37), (37, 53)))
    Bt = np.ascontiguousarray(B.T)
    whole, dots = np.full((1, 29, 53), np.nan, dtype), np.zeros((29, 53), dtype)
    product = A.reshape(-1), 37, 1, B.reshape(-1), blocked.starts_of(37, 53), 0, 1
    rows = A[None], 37, Bt.reshape(-1), blocked.starts_of(53, 37), 0
    run_now(simd.add_product, whole, *product, 0, 53, 0, 29)
    run_now(simd.add_dots, dots, *rows, 0, 29)
    for lo, hi in [(0, 29), (0, 8), (3, 4), (5, 22), (16, 29), (7, 7)]:
        part, partly = np.full_like(whole, np.nan), np.zeros_like(dots)
        run_now(simd.add_product, part, *product, 0, 53, lo, hi)
        run_now(simd.add_dots, partly, *rows, lo, hi)
        assert part[0, lo:hi].tobytes() == whole[0, lo:hi].tobytes()
        assert partly[lo:hi].tobytes() == dots[lo:hi].tobytes()
        assert np.isnan(np.delete(part[0], slice(lo, hi), axis=0)).all()
        assert not np.delete(partly, slice(lo, hi), axis=0).any()


@both_types
@pytest.mark.parametrize("module", [pytest.param(simd, marks=on_vectors), blocked], ids=["simd", "plain"])
def test_a_column_has_the_same_bits_whoever_computes_it_and_others_are_left_alone(module, dtype):
    rng = np.random.default_rng(0)
    A, B = (rng.standard_normal(shape).astype(dtype) for shape in ((29, 37), (37, 80)))
    product = A.reshape(-1), 37, 1, B.reshape(-1), blocked.starts_of(37, 80), 0, 1
    whole = np.full((1, 29, 80), np.nan, dtype)
    run_now(module.add_product, whole, *product, 0, 80, 0, 29)
    close(whole[0], A.astype(float) @ B, 37)
    for left, right in [(0, 80), (0, 16), (16, 64), (48, 80), (32, 32)]:
        part = np.full_like(whole, np.nan)
        run_now(module.add_product, part, *product, left, right, 0, 29)
        assert part[..., left:right].tobytes() == whole[..., left:right].tobytes()
        assert np.isnan(np.delete(part[0], slice(left, right), axis=1)).all()


@on_vectors
@both_types
@pytest.mark.parametrize("size", SIZES)
def test_nothing_beyond_the_arrays_is_read_or_written(dtype, size):
    """Each array lies in the middle of NaNs, which would spread to an answer and which a write would replace."""
    (N, D, M), rng = size, np.random.default_rng(0)
    everything = []

    def among_nans(*shape):
        everything.append(np.full(math.prod(shape) + 200, np.nan, dtype))
        inside = everything[-1][100:-100].reshape(shape)
        inside[...] = rng.standard_normal(shape)
        return inside

    A, B, Bt = among_nans(N, D), among_nans(D, M), among_nans(M, D)
    out, dots = among_nans(1, N, M), among_nans(N, M)
    starts, before = blocked.starts_of(M, D), dots.copy()
    run_now(simd.add_product, out, A.reshape(-1), D, 1, B.reshape(-1), blocked.starts_of(D, M), 0, 1, 0, M, 0, N)
    run_now(simd.add_dots, dots, A[None], D, Bt.reshape(-1), starts, 0, 0, N)
    turned = among_nans(D, M)
    run_now(simd.transpose, Bt, turned, 0, M)
    assert np.array_equal(turned, Bt.T)
    close(out[0], A.astype(float) @ B, D)
    close(dots, A.astype(float) @ Bt.T + before, D)
    for memory in everything:
        assert np.isnan(memory[:100]).all() and np.isnan(memory[-100:]).all()


@on_vectors
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_products_have_the_same_bits_on_any_number_of_threads(threads, monkeypatch):
    monkeypatch.setattr(tier, "WORTH", 0)
    pieces = []
    monkeypatch.setattr(tier, "in_shares", lambda *words, **unit: pieces.append(in_shares(*words, **unit)))
    rng, answers = np.random.default_rng(0), []
    A, B = (rng.standard_normal(shape).astype(np.float32) for shape in ((37, 40), (40, 50)))
    for count in (1, threads):
        set_threads(count)
        out, rows = np.zeros((37, 50), np.float32), np.zeros((37, 50), np.float32)
        tier.product(out, A, B)
        tier.product_of_rows(rows, A, np.ascontiguousarray(B.T), np.empty_like(B))
        answers.append(out.tobytes() + rows.tobytes())
    assert answers[0] == answers[1] and len(pieces) == 6  # one of them turns B around


BAD = {
    "out too small": lambda a: ((3, 5), (4, 6), (6, 5)),
    "B too short": lambda a: ((4, 5), (4, 6), (5, 5)),
    "B too narrow": lambda a: ((4, 5), (4, 6), (6, 4)),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_shape_is_refused_and_not_read_beyond(case):
    out, A, B = (np.zeros(shape, np.float32) for shape in BAD[case](None))
    with pytest.raises(ValueError, match="expected float32"):
        tier.product(out, A, B)
    with pytest.raises(ValueError, match="expected float32"):
        tier.product_of_rows(out, A, np.ascontiguousarray(B.T), np.empty_like(B))


def test_another_type_or_layout_is_refused():
    out, A, B = (np.zeros(shape, np.float32) for shape in ((4, 5), (4, 6), (6, 5)))
    with pytest.raises(ValueError, match="an array is float64"):
        tier.product(out, A, B.astype(np.float64))
    with pytest.raises(ValueError, match="not by rows"):
        tier.product(out, A, np.asfortranarray(B))
    with pytest.raises(ValueError, match="neither by rows nor by columns"):
        tier.product(out, np.zeros((4, 12), np.float32)[:, ::2], B)
    with pytest.raises(ValueError, match="expected float32"):
        tier.transposed(B, np.zeros((5, 5), np.float32))


@both_types
@pytest.mark.parametrize("loops", ["plain", pytest.param("simd", marks=on_vectors)])
@pytest.mark.parametrize("shape", [(1, 1), (32, 5), (33, 40), (100, 7), (0, 4), (16, 16), (47, 65)])
def test_transposes(dtype, shape, loops):
    tier.set_tier(loops)
    A = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    out = np.full(shape[::-1], np.nan, dtype)
    assert np.array_equal(tier.transposed(A, out), A.T) and not np.isnan(out).any()


def test_only_known_processors_get_vectors(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    for features, width in [
        ("+avx512f,+avx2,+fma", 64), ("-avx512f,+avx2,+fma", 32), ("+avx2,-fma", 0), ("+fma", 0), ("", 0),
    ]:  # fmt: skip
        monkeypatch.setattr(config, "CPU_FEATURES", features)
        assert registers.register_bytes() == width
    monkeypatch.setattr(config, "CPU_FEATURES", "+avx512f,+avx2,+fma")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert registers.register_bytes() == 0


def test_loops_without_a_way_in_from_python_say_so():
    with pytest.raises(TypeError, match="transpose is called by its address, not from Python: hand it to in_shares"):
        blocked.transpose(np.zeros((3, 2)), np.zeros((2, 3)), 0, 3)


def test_an_unknown_tier_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="'fast'"):
        tier.set_tier("fast")
    monkeypatch.setattr(simd, "BYTES", 0)
    with pytest.raises(ValueError, match=r"expected 'plain'$"):
        tier.set_tier("simd")


@on_vectors
@pytest.mark.parametrize("kind", ["mlp", "cnn", "lstm_classifier", "char_rnn"])
def test_networks_have_the_gradients_of_the_plain_tier(kind):
    from tests.solutions.test_networks import small

    gradients = []
    for name in ("plain", "simd"):
        tier.set_tier(name)
        network, X, y = small(kind, np.float64)
        gradients.append((network.backward(X, y), network.flat_gradients))
    (loss, plain), (other, fast) = gradients
    assert abs(loss - other) <= 1e-12 * loss
    assert np.max(np.abs(plain - fast)) <= 1e-12 * np.max(np.abs(plain))


STEPS = """
import json
import numpy as np
from solutions import networks
from solutions.fast import simd
from solutions.networks.tier import tier
rng = np.random.default_rng(0)
network = networks.mlp([37, 50, 23, 5], rng)
X, y = rng.standard_normal((29, 37)), rng.integers(0, 5, 29)
optimizer = networks.Adam(network)
losses = [networks.train_step(network, optimizer, X.astype(np.float32), y) for _ in range(3)]
print(json.dumps([tier(), simd.BYTES, losses]))
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="names of another processor")
def test_half_the_width_and_an_unknown_processor_train_alike(tmp_path):
    """The widths are fixed when Numba starts, so each runs in a process of its own."""
    found = {}
    ways = {"this": {}, "generic": {"NUMBA_CPU_NAME": "generic"}}
    if simd.BYTES == 64:
        ways["half"] = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma"}
    for name, environment in ways.items():
        kept = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), **environment}
        done = subprocess.run([sys.executable, "-c", STEPS], cwd=ROOT, env=kept, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found[name] = json.loads(done.stdout)
    assert found["generic"][:2] == ["plain", 0]
    assert found["this"][1] == simd.BYTES
    assert found.get("half", ["simd", 32])[:2] == ["simd", 32]
    for _, _, losses in found.values():
        np.testing.assert_allclose(losses, found["this"][2], rtol=1e-5)


@compiled
def exponentials(x, out):
    for i in range(len(x)):
        out[i] = arithmetic.exp(x[i])


@compiled
def tangents(x, out):
    for i in range(len(x)):
        out[i] = arithmetic.tanh(x[i])


def found_by(loops, x):
    out = np.full_like(x, np.nan)
    loops(x, out)
    return out


@both_types
def test_exponentials_are_exact_to_rounding(dtype):
    tiny = np.finfo(dtype).tiny
    x = -np.concatenate([[0], np.logspace(-9, np.log10(-math.log(tiny)), 4000)]).astype(dtype)
    x = x[x >= math.log(tiny)]
    truth = np.exp(x.astype(np.longdouble))
    assert np.max(np.abs(found_by(exponentials, x) - truth) / truth) <= 2 * np.finfo(dtype).eps
    smallest, none = found_by(exponentials, np.array([-np.inf, np.nan], dtype))
    assert smallest == pytest.approx(tiny) and np.isnan(none)


@both_types
def test_hyperbolic_tangents_are_exact_to_rounding(dtype):
    x = np.concatenate([[0], np.logspace(-12, 2, 5000)]).astype(dtype)
    x = np.concatenate([-x, x])
    truth = np.tanh(x.astype(np.longdouble))
    assert np.all(np.abs(found_by(tangents, x) - truth) <= 5 * np.finfo(dtype).eps * np.abs(truth))
    low, high, none = found_by(tangents, np.array([-np.inf, np.inf, np.nan], dtype))
    assert low == pytest.approx(-1) and high == pytest.approx(1) and np.isnan(none)


@both_types
@pytest.mark.parametrize("shape", [(1, 1), (3, 10), (5, 96), (2, 1003)])
def test_cross_entropy_of_any_width(dtype, shape):
    rng = np.random.default_rng(0)
    z, y = 5 * rng.standard_normal(shape).astype(dtype), rng.integers(0, shape[1], shape[0])
    z[0, 1::2] = -np.inf
    y[0] = 0
    dz, losses = np.full_like(z, np.nan), np.full(shape[0], np.nan)
    for row in range(shape[0]):  # one by one, as threads may
        run_now(cross_entropy, z, y, dz, losses, row, row + 1)
    wide = z.astype(float)
    e = np.exp(wide - wide.max(axis=1, keepdims=True))
    p, one = e / e.sum(axis=1, keepdims=True), np.eye(shape[1])[y]
    eps = 20 * np.finfo(dtype).eps
    np.testing.assert_allclose(losses, -np.log(p[np.arange(shape[0]), y]), rtol=0, atol=eps)
    np.testing.assert_allclose(dz, (p - one) / shape[0], rtol=0, atol=eps)


def test_a_loss_that_is_no_number_is_said_and_a_bad_label_named():
    network = networks.mlp([3, 4, 2], np.random.default_rng(0))
    X, y = np.ones((5, 3), np.float32), np.zeros(5, int)
    X[2] = np.nan
    assert np.isnan(network.backward(X, y))
    y[1] = 2
    with pytest.raises(ValueError, match="labels from 0 to 2"):
        network.backward(X, y)
