"""What lesson 3 says of its numbers is so."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from course import data
from grader.exercises.dense import dense_forward as layer_exercise
from solutions.dense import count_parameters, dense_forward, mlp_forward
from solutions.perceptron import perceptron

FILTERS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)


def random_network(sizes, rng):
    """As the lesson draws it."""
    params = {}
    for l, (D, M) in enumerate(pairwise(sizes), start=1):
        params[f"W{l}"], params[f"b{l}"] = rng.normal(size=(D, M)), rng.normal(size=M)
    return params


def vgg16():
    """Parameters of each layer, from the formula of the lesson."""
    channels = (3, *FILTERS)
    convolutions = [F * C * 3 * 3 + F for C, F in zip(channels, FILTERS, strict=False)]
    units = (512 * 7 * 7, 4096, 4096, 1000)
    return convolutions, [D * M + M for D, M in pairwise(units)]


@pytest.mark.parametrize(("third", "bias"), [((1, -1), -1), ((2, -3), -1)])
def test_three_perceptrons_compute_xor(third, bias):
    cups, good = data.xor()
    ones = np.array([1, 1])
    hidden = [np.array([perceptron(cup, ones, -1), perceptron(cup, ones, -2)]) for cup in cups]
    assert [h.tolist() for h in hidden] == [[0, 0], [1, 0], [1, 0], [1, 1]], "three places, not four"
    assert [perceptron(h, np.array(third), bias) for h in hidden] == good.tolist()
    if bias == third[1]:
        assert [int(h @ third) + bias for h in hidden] == [-1, 0, 0, -1]


def test_xor_with_relu_and_its_strip():
    cups, _ = data.xor()
    net = {"W1": np.ones((2, 2)), "b1": np.array([0.0, -1]), "W2": np.array([[1.0], [-2]]), "b2": np.array([-0.5])}
    assert mlp_forward(cups, net)[:, 0].tolist() == [-0.5, 0.5, 0.5, -0.5]
    strip = dense_forward(cups, net["W1"], net["b1"])
    assert strip.tolist() == [[0, -1], [1, 0], [1, 0], [2, 1]], "a square, the circles, a square, on a line"


def test_the_layer_by_hand():
    x, w, b = np.array([[1.0, 0, 2], [-1, 3, 0]]), np.array([[2.0, -1], [0, 1], [1, 4]]), np.array([-1.0, 1])
    assert (x[0] @ w).tolist() == [4, 7] and (x[1] @ w).tolist() == [-2, 4]
    assert dense_forward(x, w, b).tolist() == [[3, 8], [-3, 5]]


def test_every_small_layer_is_blind_to_something_and_three_pairs_see_all():
    tests = data.small_layers()
    wrong = {m.name: m.wrong for m in layer_exercise.misconceptions if m.name != "bias added once per input"}
    unmasks = {
        name: {mistake for mistake, layer in wrong.items() if not np.array_equal(layer(*test), dense_forward(*test))}
        for name, test in tests.items()
    }
    assert len(wrong) == 6 and unmasks["all ones"] == {"bias forgotten", "entry by entry"}
    assert all(seen and seen != set(wrong) for seen in unmasks.values())
    pairs = [{one, other} for one, other in combinations(tests, 2) if unmasks[one] | unmasks[other] == set(wrong)]
    assert pairs == [{"no bias", other} for other in ("identity weights", "zero input", "symmetric weights")]


def test_3441_and_the_counts_beside_it():
    net = random_network((3, 4, 4, 1), np.random.default_rng(0))
    assert mlp_forward(np.zeros((1000, 3)), net).shape == (1000, 1)
    assert count_parameters(net) == 41
    assert sum(net[f"W{l}"].size for l in (1, 2, 3)) == 32
    assert count_parameters(random_network((784, 128, 10), np.random.default_rng(0))) == 101_770
    assert 784 * 10 + 10 == 7850, "the quiz"


def test_without_biases_most_records_come_out_differently():
    net = random_network((3, 4, 4, 1), np.random.default_rng(0))
    records = np.random.default_rng(1).normal(size=(1000, 3))
    claimed = np.maximum(records @ net["W1"], 0)
    right = np.maximum(dense_forward(records, net["W1"], net["b1"]), 0)
    assert (~np.isclose(claimed, right).all(axis=1)).sum() > 800


def test_layers_melt_together_only_without_relu():
    params = random_network((2, 8, 8, 1), np.random.default_rng(38))
    W1, b1, W2, b2, W3, b3 = params.values()
    assert len(b1) + len(b2) + len(b3) == 17
    side = np.linspace(-3, 3, 61)
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    three = dense_forward(dense_forward(dense_forward(plane, W1, b1), W2, b2), W3, b3)
    assert np.allclose(three, plane @ (W1 @ W2 @ W3) + (b1 @ W2 + b2) @ W3 + b3)
    assert 0.2 < np.mean(three >= 0) < 0.8, "the line runs through the picture"
    assert islands(mlp_forward(plane, params).reshape(61, 61) >= 0) == 2
    assert islands(three.reshape(61, 61) >= 0) == 1


def islands(tinted):
    """How many pieces of the picture are tinted."""
    from scipy.ndimage import label

    return label(tinted)[1]


def test_vgg16():
    convolutions, dense = vgg16()
    assert (len(convolutions), len(dense)) == (13, 3)
    assert (convolutions[0], max(convolutions)) == (1792, 2_359_808)
    assert dense == [102_764_544, 16_781_312, 4_097_000]
    total = sum(convolutions) + sum(dense)
    assert total == 138_357_544
    assert 10 * round(10 * sum(dense) / total) == 90
    assert round(4 * total / 1e6) == 553 and 224 // 2**5 == 7


def test_borrowed_weights_read_digits_and_random_ones_do_not():
    params, images, digits = data.digit_reader()
    assert images.shape == (397, 64) and images.min() == 0 and images.max() == 1
    assert {name: array.shape for name, array in params.items()} == {
        "W1": (64, 32), "b1": (32,), "W2": (32, 10), "b2": (10,),
    }  # fmt: skip
    assert count_parameters(params) == 2410

    def share_read(weights):
        return np.mean(mlp_forward(images, weights).argmax(axis=1) == digits)

    assert share_read(params) > 0.95
    assert 0.08 < share_read(random_network((64, 32, 10), np.random.default_rng(1))) < 0.12, "one in ten"


def test_the_printed_067_was_a_sigmoid():
    assert round(1 / (1 + np.exp(-0.72)), 2) == 0.67
