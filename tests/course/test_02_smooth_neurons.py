"""What lesson 2 says of its numbers is so."""

import itertools
import math
import sys

import numpy as np
import pytest

from course import data, plot
from course.compare import differences
from grader.exercises import EXERCISES
from grader.exercises.softmax_probes import WRONG
from solutions.activations import linear, neuron, step
from solutions.relu import relu, relu_derivative
from solutions.sigmoid import sigmoid, sigmoid_derivative
from solutions.softmax import softmax, softmax_derivative
from solutions.tanh import tanh, tanh_derivative

W, B = np.array([1, 1.5, 2]), -14.0
NEAR = np.array([2, 1, 5])  # the plan that misses the goal by 50
SOME = [104, 283, 264, 38, 195]


def ten_neurons():
    X, y = data.digits()
    weights = np.array([X[:1000][y[:1000] == c].mean(axis=0) for c in range(10)])
    return X[1000:], y[1000:], X[1000:] @ weights.T - 0.5 * (weights**2).sum(axis=1)


def test_the_plans():
    for plan, kcal in [((0, 0, 0), 0), ((2, 1, 5), 1350), ((0, 0, 7), 1400), ((1, 1, 6), 1450), ((7, 7, 7), 3150)]:
        assert np.dot(plan, data.KCAL) == kcal
        assert neuron(np.array(plan), W, B, linear) == pytest.approx((kcal - 1400) / 100)


def test_a_nudge_that_only_the_sigmoid_shows():
    assert [neuron(NEAR, W, b, step) for b in (-14.0, -13.9)] == [0, 0]
    before, after = (neuron(NEAR, W, b, sigmoid) for b in (-14.0, -13.9))
    assert (round(before, 4), round(after, 4)) == (0.3775, 0.4013)
    assert round(round(after, 4) - round(before, 4), 4) == 0.0238
    assert round(float(neuron(NEAR, W / 2, B / 2, sigmoid)), 4) == 0.4378
    assert round(float(neuron(np.zeros(3), W, B, sigmoid)), 4) == 0


def test_lines_of_lines_are_lines():
    x = np.linspace(-5, 5, 11)
    assert np.allclose(2 * linear(3 * x + 1) - 4, 6 * x - 2)


def test_the_sigmoid_by_hand():
    assert sigmoid(np.array([0.0, 1.0, -1.0])).round(3).tolist() == [0.5, 0.731, 0.269]
    assert (round(math.exp(-1), 3), round(math.exp(1), 3)) == (0.368, 2.718)
    x = np.linspace(-9, 9, 37)
    assert np.allclose(sigmoid(-x), 1 - sigmoid(x))


def test_where_exp_gives_up():
    assert math.floor(1000 / math.log(10)) + 1 == 435
    assert float(f"{sys.float_info.max:.1e}") == 1.8e308
    limits = {kind: round(float(np.log(np.float64(np.finfo(kind).max))), 2) for kind in ("f2", "f4", "f8")}
    assert limits == {"f2": 11.09, "f4": 88.72, "f8": 709.78}
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert 1 / (1 + np.exp(np.float64(1000))) == 0
    with pytest.warns(RuntimeWarning):
        assert np.isnan(np.exp(np.float64(1000)) / (np.exp(np.float64(1000)) + 1))


def test_the_claims_and_their_repairs():
    x, w, b = np.array([1.2, 0.5, -0.3]), np.array([0.7, -0.2, 0.4]), 0.1
    assert (x * w).round(2).tolist() == [0.84, -0.10, -0.12]
    assert round(float(neuron(x, w, b, relu)), 3) == 0.72
    assert round(float(neuron(x, w, b, sigmoid)), 3) == 0.673
    others = [round(float(neuron(x, w, b, f)), 2) for f in (linear, step, tanh)]
    assert 0.67 not in others
    far = np.linspace(-1000, 1000, 20_001)
    assert (sigmoid(far).min(), sigmoid(far).max()) == (0, 1)
    assert (tanh(far).min(), tanh(far).max()) == (-1, 1)


def test_slopes():
    assert (sigmoid(np.array([0.1, -0.1]))).round(5).tolist() == [0.52498, 0.47502]
    assert round(float(sigmoid(np.float64(0.1)) - sigmoid(np.float64(-0.1))) / 0.2, 4) == 0.2498
    x = np.linspace(-8, 8, 1601)
    assert np.allclose(tanh(x), 2 * sigmoid(2 * x) - 1)
    assert sigmoid_derivative(x).max() == 0.25 and tanh_derivative(x).max() == 1
    assert set(relu_derivative(x)) == {0, 1} and relu_derivative(np.array([0.0])) == 0
    assert 0.25**10 < 1e-6
    steep = (sigmoid(4 * np.array([1e-6])) - sigmoid(np.array([-4e-6]))) / 2e-6
    assert steep == pytest.approx(1), "the explorer's third question: with w = 4 as steep as tanh"


def test_softmax_by_hand():
    e = np.exp([2.0, 1.0, 0.0])
    assert e.round(3).tolist() == [7.389, 2.718, 1] and e.sum().round(3) == 11.107
    shifted = np.exp([0.0, -1.0, -2.0])
    assert shifted.round(3).tolist() == [1, 0.368, 0.135] and shifted.sum().round(3) == 1.503
    both = softmax(np.array([[2.0, 1.0, 0.0], [1002.0, 1001.0, 1000.0]]))
    assert both.round(3).tolist() == [[0.665, 0.245, 0.090]] * 2
    z = np.array([-3.0, 0.5, 40.0])
    assert np.allclose(softmax(np.column_stack([z, np.zeros(3)]))[:, 0], sigmoid(z))
    assert np.allclose(softmax_derivative(z).sum(axis=1), 0)
    assert round(math.exp(10), -3) == 22_000
    assert round(math.log(0.99 / 0.01), 1) == 4.6


def test_sure_and_wrong():
    _, y, scores = ten_neurons()
    p = softmax(scores)
    sure, right = p.max(axis=1) > 0.99, p.argmax(axis=1) == y
    assert (len(y), right.sum(), sure.sum(), (sure & right).sum()) == (797, 710, 789, 706)
    assert y[0] == 1
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        assert np.isnan(e / e.sum(axis=1, keepdims=True)).any(axis=1).sum() == 794
    assert list(zip(y[SOME], p[SOME].argmax(axis=1), strict=True)) == [(2, 3), (0, 5), (1, 5), (9, 3), (8, 5)]
    assert p[SOME].max(axis=1).round(3).tolist() == [1] * 5
    assert (scores[SOME].argsort(axis=1)[:, -2] == y[SOME]).sum() == 4, "the second longest bar is the truth"


def test_the_scale_decides_how_sure():
    X, y, scores = ten_neurons()
    assert X.max() == 16
    for divisor, sureness in {1: 1.0, 10: 0.99, 30: 0.96, 100: 0.79, 256: 0.43, 1000: 0.16}.items():
        p = softmax(scores / divisor)
        assert round(p.max(axis=1).mean(), 2) == sureness
        assert (p.argmax(axis=1) == y).sum() == 710


def test_one_pair_of_tables_gives_all_six_away():
    tables = data.score_tables()
    with np.errstate(all="ignore"):
        caught = {
            letter: {name for name, wrong in WRONG.items() if differences(wrong(z), softmax(z))}
            for letter, z in tables.items()
        }
    pairs = [pair for pair in itertools.combinations(tables, 2) if set.union(*map(caught.get, pair)) == set(WRONG)]
    assert pairs == [tuple(EXERCISES["softmax_probes"].model())]
    assert all(caught.values()), "no table is useless"


def test_figures_show_what_they_are_given():
    functions = {"sigmoid": sigmoid, "tanh": tanh}
    figure = plot.activations(functions, {"sigmoid": sigmoid_derivative, "tanh": tanh_derivative})
    assert [axes.get_title() for axes in figure.axes] == ["sigmoid", "tanh", ""]
    x, y = figure.axes[1].lines[-2].get_data()
    assert np.allclose(y, tanh(x)) and np.allclose(figure.axes[1].lines[-1].get_ydata(), tanh_derivative(x))
    styles = [line.get_linestyle() for line in figure.axes[0].lines[-2:]]
    assert styles[0] != styles[1], "told apart without color"

    X, y, scores = ten_neurons()
    figure = plot.sureness(X[SOME].reshape(-1, 8, 8), softmax(scores)[SOME], y[SOME])
    assert [axes.get_title() for axes in figure.axes[:2]] == ["is 2, says 3", "is 0, says 5"]
    bars = [bar.get_width() for bar in figure.axes[5].patches]
    assert np.argmax(bars) == 3 and sum(bars) == pytest.approx(100)
