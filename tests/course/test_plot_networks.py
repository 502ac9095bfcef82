"""Drawings of networks say in text what they show in lines; the folded sheet goes where it is sent."""

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from course import data, plot


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def three_layers():
    sizes = (3, 4, 4, 1)
    params = {}
    for l in (1, 2, 3):
        params[f"W{l}"], params[f"b{l}"] = np.ones((sizes[l - 1], sizes[l])), np.zeros(sizes[l])
    return params


def test_a_small_network_shows_its_weights_and_biases():
    params = {"W1": np.ones((2, 2)), "b1": np.array([-1, -2]), "W2": np.array([[1], [-3]]), "b2": np.array([4])}
    figure = plot.network(params, ("milk", "lemon"), "good?")
    shown = words(figure)
    assert shown.count("× 1") == 5 and "× −3" in shown
    assert {"milk", "lemon", "good?", "−1", "−2", "+4", "input", "hidden", "output"} <= set(shown)
    dashed = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert len(dashed) == 1, "the negative weight does not speak by its sign alone"


def test_a_larger_network_shows_its_shapes():
    shown = words(plot.network(three_layers(), "abc", "answer", rows=1000))
    assert [text for text in shown if text.startswith("(1000")] == ["(1000, 3)", "(1000, 4)", "(1000, 4)", "(1000, 1)"]
    assert {"W1 (3, 4)\nb1 (4,)", "W3 (4, 1)\nb3 (1,)", "hidden 1", "hidden 2"} <= set(shown)
    assert not any(text.startswith("×") for text in shown)


def test_every_bar_carries_its_number():
    figure = plot.parameter_bars({"conv 1": 1792, "dense 2": 102_764_544}, split=1)
    assert words(figure) == ["1,792", "102,764,544"]
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["convolution", "dense"]


def test_regions_are_where_the_sum_is_at_least_zero():
    figure = plot.regions({"half": lambda x: x[:, 0], "all": lambda x: np.ones(len(x))})
    assert [axes.get_title() for axes in figure.axes] == ["half", "all"]
    half, _ = figure.axes
    (left, _), (right, _) = half.collections[0].get_paths()[0].get_extents().get_points()
    assert (left, right) == pytest.approx((0, 3))


def test_the_sheet_is_drawn_where_it_has_moved():
    X, y = data.xor()
    figure = plot.sheet(lambda x: x * [2, 0], lambda x: x[:, 0] > 0.5, X, y, ("a", "b"), line=(np.array([1, 1]), -1))
    (patches,) = [c for c in figure.axes[0].collections if isinstance(c, PolyCollection)]
    corners = np.concatenate([path.vertices for path in patches.get_paths()])
    assert (corners[:, 0].min(), corners[:, 0].max()) == pytest.approx((-0.3, 2.3))
    assert not corners[:, 1].any()
    assert len(np.unique(patches.get_facecolor(), axis=0)) == 2
