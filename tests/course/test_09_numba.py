"""What lesson 9 says of its numbers is so. It prints no speed that it does not measure, so none is held here."""

import itertools
import math
import re

import numba
import numpy as np
import pytest
from numba import njit, prange

from course import data, plot
from course.compiled import race_in, try_compiled
from solutions.costs import conv2d_macs, dense_macs
from solutions.loops import conv2d_njit, dot_njit, row_sums, softmax_njit
from solutions.matmul import matmul_njit
from solutions.perceptron import perceptron_train

VGG16_CONV = [
    (3, 224, 64), (64, 224, 64), (64, 112, 128), (128, 112, 128), (128, 56, 256), (256, 56, 256), (256, 56, 256),
    (256, 28, 512), (512, 28, 512), (512, 28, 512), (512, 14, 512), (512, 14, 512), (512, 14, 512),
]  # fmt: skip
VGG16_DENSE = [(512 * 7 * 7, 4096), (4096, 4096), (4096, 1000)]


def test_the_weighted_sum_and_the_product_by_hand():
    assert dot_njit(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])) == 32
    A, B = np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([[1.0, 0], [0, 1], [1, 1]])
    assert matmul_njit(A, B).tolist() == [[4, 5], [10, 11]]
    assert dense_macs(2, 3, 2) == 12


def test_every_type_gets_a_version_of_its_own():
    fresh = njit(dot_njit.py_func)
    for dtype in (np.float64, np.float32, np.int64):
        x = np.arange(1, 4).astype(dtype)
        assert fresh(x, x) == 14
    kinds = [str(types[0]) for types in fresh.signatures]
    assert kinds == ["array(float64, 1d, C)", "array(float32, 1d, C)", "array(int64, 1d, C)"]


def test_the_wall_has_the_three_lines_that_the_lesson_reads():
    @njit
    def shift(z):
        return z - np.max(z, axis=1, keepdims=True)

    with pytest.raises(numba.TypingError) as wall:
        shift(np.ones((2, 3)))
    lines = [line.strip() for line in str(wall.value).splitlines()]
    assert any("No implementation" in line for line in lines)
    assert any(line.startswith(">>> max(array(float64, 2d, C), axis=") for line in lines)
    assert re.search(r"line \d+", [line for line in lines if line.startswith("File")][-1])


def test_where_an_entry_lies_in_memory():
    table = np.arange(12).reshape(3, 4)
    assert table[1, 2] == 6 and table.ravel()[6] == 6
    assert 64 // np.dtype(np.float64).itemsize == 8


def test_the_film_counts_trips():
    side = range(8)
    rows = [(row, column) for row in side for column in side]
    columns = [(row, column) for column in side for row in side]
    trips = {
        steps: [plot.fetches(path[:steps], (8, 8), 8, 4)[0] for path in (rows, columns)] for steps in (1, 8, 9, 64)
    }
    assert trips == {1: [1, 1], 8: [1, 8], 9: [2, 9], 64: [8, 64]}
    assert plot.fetches(columns, (8, 8), 8, 8)[0] == 8, "a cache that holds all lines has none to fetch again"


def neighbors(shape, index, moving):
    """How far a step of one index goes in memory."""
    strides = np.zeros(shape).strides
    return strides[index.index(moving)] if moving in index else 0


def test_the_table_of_steps_through_memory():
    M, K, N = 5, 6, 7
    arrays = {"C": ((M, N), "mn"), "A": ((M, K), "mk"), "B": ((K, N), "kn")}
    words = {0: "stays", 8: "next door"}
    table = {
        inner: [words.get(neighbors(*arrays[name], inner), "one row down") for name in "CAB"]
        for inner in ("n", "k", "m")
    }
    assert table == {
        "n": ["next door", "stays", "next door"],
        "k": ["stays", "next door", "one row down"],
        "m": ["one row down", "one row down", "stays"],
    }


def test_all_six_orders_are_the_same_product():
    A, B = np.random.default_rng(0).normal(size=(2, 6, 6))
    for order in itertools.permutations("mkn"):
        C = np.zeros((6, 6))
        for place in itertools.product(range(6), repeat=3):
            at = dict(zip(order, place, strict=True))
            C[at["m"], at["n"]] += A[at["m"], at["k"]] * B[at["k"], at["n"]]
        np.testing.assert_allclose(C, A @ B)


@njit(parallel=True)
def tally(pixels):
    counts = np.zeros(17, np.int64)
    for n in prange(len(pixels)):
        counts[pixels[n]] += 1
    return counts


@njit(parallel=True)
def tally_by_image(images):
    counts = np.zeros((len(images), 17), np.int64)
    for i in prange(len(images)):
        for pixel in images[i]:
            counts[i, pixel] += 1
    return counts


def test_twenty_pixels_show_the_race_and_the_cure_has_none():
    images = data.digits()[0].astype(np.uint8)
    assert images.max() == 16 and images.size * 200 == 23_001_600
    assert race_in(tally, images[0, :20]).startswith("iteration 0 of the prange writes counts[0]")
    assert race_in(tally_by_image, images[:3]) == ""
    np.testing.assert_array_equal(tally_by_image(images).sum(axis=0), np.bincount(images.ravel()))


def test_a_prange_over_the_inner_loop_names_the_cell():
    @njit(parallel=True)
    def inner(A):
        s = np.zeros(len(A), A.dtype)
        for m in range(len(A)):
            for n in prange(A.shape[1]):
                s[m] += A[m, n]
        return s

    assert "s[0]" in race_in(inner, np.ones((2, 3))) and race_in(row_sums, np.ones((2, 3))) == ""


def test_the_order_of_a_sum_shows_in_the_last_digit():
    assert repr((0.1 + 0.2) + 0.3) == "0.6000000000000001" and repr(0.1 + (0.2 + 0.3)) == "0.6"


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="numba may start one thread only")
def test_a_split_total_is_another_number_on_two_threads():
    @njit(parallel=True)
    def split_total(x):
        total = 0.0
        for n in prange(len(x)):
            total += x[n]
        return total

    x = np.random.default_rng(0).normal(size=100_000)
    value, _, facts = try_compiled(split_total, lambda: (x.copy(),))
    assert facts["race"] == "" and facts["others"]["threads"] != value
    assert facts["others"]["threads"] == pytest.approx(value, rel=1e-10)


def test_softmax_by_hand():
    e = [round(math.exp(z - 2), 3) for z in (2, 1, 0)]
    assert e == [1, 0.368, 0.135] and round(sum(math.exp(z - 2) for z in (2, 1, 0)), 3) == 1.503
    assert softmax_njit(np.array([[2.0, 1, 0]])).round(3).tolist() == [[0.665, 0.245, 0.09]]


def test_the_first_layer_of_vgg16_by_hand():
    assert 224 + 2 - 3 + 1 == 224 and 64 * 224 * 224 == 3_211_264
    assert conv2d_macs(1, 3, 224, 224, 64, 3, 1, 1) == 3_211_264 * 27 == 86_704_128
    assert (64 * 3 * 9, 224 * 224) == (1728, 50_176)
    assert conv2d_macs(1, 64, 224, 224, 64, 3, 1, 1) == 36_864 * 50_176


def test_the_budgets_of_vgg16():
    conv = [conv2d_macs(1, C, side, side, F, 3, 1, 1) for C, side, F in VGG16_CONV]
    dense = [dense_macs(1, D, M) for D, M in VGG16_DENSE]
    parameters = [F * C * 9 + F for C, _, F in VGG16_CONV], [D * M + M for D, M in VGG16_DENSE]
    assert sum(map(sum, parameters)) == 138_357_544
    assert sum(conv) + sum(dense) == 15_470_264_320
    assert round(sum(parameters[1]) / 138_357_544, 2) == 0.89
    assert round(sum(conv) / 15_470_264_320, 2) == 0.99
    assert round(15_470_264_320 / 138_357_544) == 112
    assert f"{370_000 * 256 * 3 * 15_470_264_320:.1e}" == "4.4e+18"


@pytest.mark.slow
def test_the_convolution_by_hand():
    X, K = np.array([[1.0, 2, 0], [0, 1, 3], [2, 0, 1]]), np.array([[1.0, 0], [0, -1]])
    assert conv2d_njit(X[None, None], K[None, None], np.zeros(1))[0, 0].tolist() == [[0, -1], [0, 0]]


def test_the_loops_of_old_lessons_are_those_lessons():
    """Runs the setup cell itself: what is timed there is what the lessons taught."""
    from grader.notebook import instructor_notebook

    cells = {cell.id: cell.source for cell in instructor_notebook("09_numba").cells}
    space = {"np": np}
    exec(cells["old-lessons"], space)
    X, y = data.calorie_plans()
    w, b = njit(space["perceptron_train"])(X, y, 10)
    expected = perceptron_train(X, y, max_epochs=10)
    np.testing.assert_allclose([*w, b], [*expected[0], expected[1]])
    rng = np.random.default_rng(0)
    x, weights, bias, dz = (rng.normal(size=size) for size in ((5, 3), (3, 4), 4, (5, 4)))
    np.testing.assert_allclose(space["dense_forward"](x, weights, bias), x @ weights + bias)
    np.testing.assert_allclose(space["dense_weight_gradient"](dz, x), x.T @ dz)


def test_the_claim_is_repaired_by_the_answer():
    from grader.notebook import instructor_notebook

    cells = {cell.id: cell.source for cell in instructor_notebook("09_numba").cells}
    code = cells["repair-the-claim-code"].partition("@demo")[0]
    space = {"vgg16_conv": VGG16_CONV, "vgg16_dense": VGG16_DENSE, "conv2d_macs": conv2d_macs}
    exec(code, space)
    assert space["multiplications_for_one_picture"]() == 138_357_544
    for wrong, right in (("F * C * 3 * 3 + F", "conv2d_macs(1, C, side, side, F, 3, 1, 1)"), ("D * M + M", "D * M")):
        assert f"total += {right}" in cells["repair-the-claim-answer"]
        code = code.replace(f"total += {wrong}", f"total += {right}")
    exec(code, space)
    assert space["multiplications_for_one_picture"]() == 15_470_264_320


def test_the_figures_draw_what_they_are_given():
    times = {"good": {"a": 0.001}, "bad": {"b": 0.02, "c": 0.03}}
    for log in (False, True):
        bars = plot.bars(times, "milliseconds", unit=1e-3, log=log).axes[0]
        assert [round(patch.get_width()) for patch in bars.patches] == [1, 20, 30]
        assert [text.get_text() for text in bars.texts] == ["1", "20", "30"]
        assert bars.get_xscale() == ("log" if log else "linear")
        assert (0 < bars.get_xlim()[0] < 1) if log else (bars.get_xlim()[0] == 0)
    pairs = plot.speedups({"loop": (0.1, 0.0001)}).axes[0]
    assert "1,000 times" in [text.get_text() for text in pairs.texts] and pairs.get_xscale() == "log"
    runs = plot.tallies(np.array([1.0, 2.0]), 2.0, "pixels").axes[0]
    assert runs.lines[0].get_ydata().tolist() == [1, 2]
    left, right = plot.budgets({"conv": 1, "dense": 9}, {"conv": 99, "dense": 1}, split=1).axes
    assert [text.get_text() for text in left.texts] == ["convolution: 10 %", "dense: 90 %"]
    assert [text.get_text() for text in right.texts] == ["convolution: 99 %", "dense: 1 %"]
    grids = plot.walks({"rows": [(0, 0), (0, 1)], "columns": [(0, 0), (1, 0)]}, 2, (2, 2), line=2, cache=1).axes
    assert [axes.get_title() for axes in grids[::2]] == ["rows: 1 trip", "columns: 2 trips"]
    assert len(plot.shares(4, 6).axes) == 2


def test_the_roof_is_the_lower_of_two_limits():
    axes = plot.roofline({"low": (0.1, 1e8), "high": (100, 1e10)}, memory=1e10, arithmetic=5e10).axes[0]
    x, y = axes.lines[0].get_data()
    assert x[1] == 5 and y.tolist() == [x[0] * 1e10, 5e10, 5e10]
