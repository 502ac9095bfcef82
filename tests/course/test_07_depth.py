"""What lesson 7 says of its numbers is so: its own setup cells, run with the model answers."""

import itertools
import math
from functools import partial

import numpy as np
import pytest

from course import data, plot
from course.judges import tells_apart
from course.quiz import load
from grader.exercises import of_stage
from tests.course.lessons import with_model_answers

STAGE = "07_depth"


@pytest.fixture(scope="module")
def lesson():
    return with_model_answers(STAGE)


def call(function, *args, **options):
    with np.errstate(all="ignore"):
        return function(*args, **options)


def small(shape, rng, scale=0.1):
    return np.zeros(shape) if len(shape) == 1 else scale * rng.standard_normal(shape)


def test_there_are_1400_digits_to_learn_from_and_397_to_be_tested_on(lesson):
    assert (len(lesson.known), len(lesson.new)) == (1400, 397)
    assert not set(lesson.known) & set(lesson.new)
    assert lesson.X[lesson.known].mean() == pytest.approx(0) and lesson.X[lesson.known].std() == pytest.approx(1)
    assert 20 * len(np.split(lesson.known, 28)) == 560


@pytest.mark.parametrize(
    ("layers", "loss", "right"),
    [
        (2, (0, 0.2), (0.95, 1)),
        (3, (0.2, 0.8), (0.8, 0.95)),
        (4, (2.25, 2.35), (0, 0.15)),
        (15, (2.25, 2.35), (0, 0.15)),
    ],
)
def test_higher_is_not_better(lesson, layers, loss, right):
    run = call(lesson.train, lesson.tower(lesson.small_init, layers), "sigmoid", lr=0.3)
    assert loss[0] <= run.loss <= loss[1] and right[0] <= run.right[-1] <= right[1]


def test_a_factor_to_the_fifteenth():
    assert [float(f"{factor**15:.1g}") for factor in (0.25, 0.5, 0.9)] == [9e-10, 3e-5, 0.2]
    assert (round(1.1**15, 1), round(1.5**15), 2**15) == (4.2, 438, 32_768)
    assert float(f"{0.25**14:.1g}") == 4e-9 and round(0.25**2, 2) == 0.06
    assert 2**14 == 16_384 and 2 * 14 == 28 and 2**7 == 128


def test_the_gradient_shrinks_to_a_seventh_at_every_layer(lesson):
    sizes = lesson.layer_sizes(lesson.tower(lesson.small_init), "sigmoid")
    assert [f"{sizes[l - 1]:.1e}" for l in (15, 10, 5, 1)] == ["6.4e-03", "1.6e-07", "5.4e-12", "2.0e-14"]
    assert 6 < (sizes[14] / sizes[0]) ** (1 / 14) < 8
    steps = 0.001 / (0.3 * sizes[0])
    assert round(steps / 1e10) == 17 and 5 < steps / 1000 / (365 * 24 * 3600) < 6


def test_upward_the_pictures_become_alike(lesson):
    a, _ = lesson.forward(lesson.X[lesson.known], lesson.tower(lesson.small_init), "sigmoid")
    apart = [np.mean(signal.std(axis=0)) for signal in a]
    assert 1e-13 < apart[14] < 1e-12 < apart[13], "twelve digits are the same"
    assert 6.5 < (apart[1] / apart[14]) ** (1 / 13) < 8


def test_sixteen_inputs_by_hand():
    sums = np.array([sum(x) / 2 for x in itertools.product((1, -1), repeat=4)])
    assert {z: int(np.sum(sums == z)) for z in (2, 1, 0, -1, -2)} == {2: 1, 1: 4, 0: 6, -1: 4, -2: 1}
    assert np.mean(sums**2) == 1 and np.mean(np.maximum(sums, 0) ** 2) == 0.5


def test_both_rules_keep_their_variance(lesson):
    rng = np.random.default_rng(0)
    xavier, he = lesson.xavier_init((400, 200), rng), lesson.he_init((400, 200), rng)
    assert np.var(xavier) == pytest.approx(2 / 600, rel=0.02) and np.var(he) == pytest.approx(2 / 400, rel=0.02)
    assert np.abs(xavier).max() <= math.sqrt(6 / 600) and round(math.sqrt(2 / 64), 2) == 0.18


def test_the_film_goes_from_sunken_to_saturated(lesson):
    rows = lesson.known[:200]
    first, last, spread = {}, {}, {}
    for scale in (0.02, 0.1, "Xavier", 1.0):
        init = lesson.xavier_init if scale == "Xavier" else partial(small, scale=scale)
        params = lesson.tower(init)
        sizes = lesson.layer_sizes(params, "tanh", rows)
        first[scale], last[scale] = sizes[0], sizes[-1]
        spread[scale] = lesson.forward(lesson.X[rows], params, "tanh")[0][14]
        assert min(sizes) > 1e-16 and max(sizes) < 1e3, "within the axis"
    assert max(first[0.02], last[0.02]) < 1e-14 and max(first[0.1], last[0.1]) < 1e-4
    assert 0.003 < first["Xavier"] < 0.03 and 0.003 < last["Xavier"] < 0.03
    assert 10 < first[1.0] < 100 and 0.01 < last[1.0] < 0.1
    assert np.abs(spread[0.1]).max() < 0.025 < spread["Xavier"].std() and np.mean(np.abs(spread[1.0]) > 0.9) > 0.5


def test_he_keeps_half_and_xavier_a_hundredth_of_the_size_under_relu(lesson):
    top = {}
    for name, init in {"He": lesson.he_init, "Xavier": lesson.xavier_init, "small": lesson.small_init}.items():
        a, _ = lesson.forward(lesson.X[lesson.known], lesson.tower(init), "ReLU")
        top[name] = lesson.size(a[14])
    assert round(top["He"], 1) in (0.4, 0.5) and round(top["Xavier"], 2) == 0.01 and 1e-6 < top["small"] < 1e-5


@pytest.mark.slow
def test_the_articles_network_needs_first_weights(lesson):
    rng = np.random.default_rng(0)
    starts = {
        "zeros": [np.zeros(shape) for shape in lesson.SHAPES],
        "constant": [np.full(shape, 0.1) for shape in lesson.SHAPES],
        "He": [lesson.he_init(shape, rng) for shape in lesson.SHAPES],
    }
    ends = {name: lesson.even_or_odd(weights) for name, weights in starts.items()}
    units = {name: len(np.unique(w[0].round(6), axis=1).T) for name, (_, _, w) in ends.items()}
    assert units == {"zeros": 1, "constant": 1, "He": 32}
    assert ends["zeros"][0] == pytest.approx(math.log(2), abs=0.001) and ends["zeros"][1] < 0.55
    assert 0.7 < ends["constant"][1] < 0.95 < ends["He"][1] and round(ends["He"][1], 2) == 0.98
    assert all(not array.any() for array in ends["zeros"][2]), "no weight has moved"


def default_of_a_library(lesson, layers):
    rng, params = np.random.default_rng(0), lesson.tower(lesson.small_init, layers)
    for l in range(1, layers + 1):
        r = 1 / math.sqrt(len(params[f"W{l}"]))
        params[f"W{l}"] = rng.uniform(-r, r, params[f"W{l}"].shape)
        params[f"b{l}"] = rng.uniform(-r, r, params[f"b{l}"].shape)
    return params


def test_a_librarys_default_is_for_a_few_layers(lesson):
    shallow, deep = (call(lesson.train, default_of_a_library(lesson, layers), "ReLU", lr=0.05) for layers in (3, 15))
    assert shallow.right[-1] > 0.95 and deep.right[-1] < 0.15
    assert pytest.approx(1 / 6) == (1 / 3) / 2, "r²/3 against He's 2, both over fan-in"


def test_the_librarys_default_is_what_the_lesson_says():
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(64, 2000)
    for parameter in (layer.weight, layer.bias):
        assert 0.99 / 8 < parameter.abs().max() <= 1 / 8
    assert torch.nn.BatchNorm1d(3).momentum == 0.1


def test_five_examples_by_hand(lesson):
    X, one, zero = np.array([[6.0, 6, 1, 6, 6]]).T, np.ones(1), np.zeros(1)
    Y, mean, var = lesson.batchnorm_forward(X, one, zero, zero, one, True, eps=0.0)
    assert Y.ravel().tolist() == [0.5, 0.5, -2, 0.5, 0.5] and (mean[0], var[0]) == (0.5, pytest.approx(1.3))
    assert lesson.batchnorm_forward(X, 2 * one, one, zero, one, True, eps=0.0)[0].ravel().tolist() == [2, 2, -3, 2, 2]
    dX, dgamma, dbeta = lesson.batchnorm_backward(np.array([[1.0, 0, 0, 0, 0]]).T, X, one, eps=0.0)
    assert dX.ravel() == pytest.approx([0.375, -0.125, 0, -0.125, -0.125]) and (dgamma[0], dbeta[0]) == (0.5, 1)


def test_shift_and_stretch_are_taken_out(lesson):
    rng = np.random.default_rng(0)
    X, dY = rng.normal(size=(2, 6, 3))
    dX, _, _ = lesson.batchnorm_backward(dY, X, np.ones(3), eps=0.0)
    assert dX.sum(axis=0) == pytest.approx(0) and np.sum(dX * (X - X.mean(axis=0)), axis=0) == pytest.approx(0)


def test_doubled_weights_are_divided_away(lesson):
    def growth(normalized):
        params = lesson.tower(lesson.he_init, normalized=normalized)
        doubled = {name: 2 * array if name[0] == "W" else array for name, array in params.items()}
        X = lesson.X[lesson.known]
        before, after = (lesson.size(lesson.forward(X, p, "ReLU", train=True)[0][14]) for p in (params, doubled))
        return after / before

    assert growth(False) == pytest.approx(2**14) and growth(True) == pytest.approx(1, abs=1e-3)


def test_one_pair_of_small_batches_unmasks_all_six():
    (only,) = of_stage(STAGE)["batch_tests"].cases(None)
    pairs = [pair for pair in itertools.combinations(data.small_batches(), 2) if not tells_apart(pair, only["judge"])]
    assert pairs == [("d", "f")] and len(only["judge"]["wrong"]) == 6


def test_a_bias_in_front_of_batch_normalization_does_nothing(lesson):
    params = lesson.tower(lesson.he_init, normalized=True)
    _, gradients = lesson.backprop(lesson.X[lesson.known], lesson.y[lesson.known], params, "ReLU")
    assert max(np.abs(gradients[f"b{l}"]).max() for l in range(1, 15)) < 1e-12 < np.abs(gradients["b15"]).max()


@pytest.mark.slow
def test_one_tower_stays_blind_and_three_learn(lesson):
    runs = {name: call(lesson.trained, name) for name in lesson.TOWERS}
    stuck = runs.pop("sigmoid, small weights")
    assert len(lesson.TOWERS) == 4 and stuck.gradients.shape == (21, 15)
    assert stuck.right[-1] < 0.15 and round(stuck.right[-1], 2) == 0.08
    assert stuck.gradients[:, 0].max() < 1e-13 and stuck.gradients[:, -1].min() > 1e-5
    for run in runs.values():
        assert run.right[-1] > 0.9 and run.gradients.min() > 1e-4 and run.gradients.max() < 1
    assert runs["ReLU, He"].right[5] < min(run.right[5] for name, run in runs.items() if name != "ReLU, He")


def test_who_else_is_in_the_batch_matters_in_training_mode(lesson):
    params = call(lesson.trained, "sigmoid, batch norm").params

    def right(batches, training):
        answers = [lesson.forward(lesson.X[rows], dict(params), "sigmoid", training)[1][-1] for rows in batches]
        return np.mean(np.concatenate(answers).argmax(axis=1) == lesson.y[np.concatenate(batches)])

    alone = [lesson.new[n : n + 1] for n in range(397)]
    sorted_by_digit = [lesson.new[lesson.y[lesson.new] == digit] for digit in range(10)]
    assert right(alone, False) > 0.9 and right([lesson.new], True) > 0.9
    assert right(sorted_by_digit, True) < 0.3 and right(alone, True) < 0.15
    said = {int(lesson.forward(lesson.X[rows], dict(params), "sigmoid", True)[1][-1].argmax()) for rows in alone}
    assert len(said) == 1, "all get the same answer"


def test_the_cliff_by_hand(lesson):
    def slope(w):
        return 2 * (w**15 - 1) * 15 * w**14

    assert (round(slope(0.5), 3), round(slope(1.1))) == (-0.002, 362) and float(f"{0.5**14:.1g}") == 0.00006
    assert (round(1.1**15 - 1, 1), round(1.1**14, 1)) == (3.2, 3.8)
    leap = 1.1 - 0.003 * slope(1.1)
    assert round(leap, 2) == 0.01 and math.floor(-math.log10(abs(slope(leap)))) == 24, "zeros behind the point"
    w = 1.1
    for _ in range(60):
        w -= 0.003 * lesson.clip_gradients({"w": np.array([slope(w)])}, 1.0)["w"][0]
    assert w == pytest.approx(1, abs=0.001)


def test_three_and_four_are_five(lesson):
    clipped = lesson.clip_gradients({"W": np.array([[3.0]]), "b": np.array([4.0])}, 1.0)
    assert (clipped["W"][0, 0], clipped["b"][0]) == (pytest.approx(0.6), 0.8)


def test_a_limit_saves_the_tower_at_ten_times_the_learning_rate(lesson):
    free, limited = (
        call(lesson.train, lesson.tower(lesson.he_init), "ReLU", lr=0.3, change=change)
        for change in (dict, lambda gradients: lesson.clip_gradients(gradients, 1.0))
    )
    assert max(free.right) < 0.4 and limited.right[-1] > 0.9


def test_adam_does_not_help_a_tower_that_sees_nothing(lesson):
    adam_step = pytest.importorskip("solutions.adam").adam_step.twins["numpy"]
    params, rng = lesson.tower(lesson.small_init), np.random.default_rng(1)
    states = {name: (0 * array, 0 * array, 0) for name, array in params.items()}
    for _ in range(20):
        for rows in np.split(rng.permutation(lesson.known), 28):
            for name, g in lesson.backprop(lesson.X[rows], lesson.y[rows], params, "sigmoid")[1].items():
                params[name], states[name] = adam_step(params[name], g, states[name])
    assert lesson.share_right(params, "sigmoid") < 0.15


def test_the_quiz_asks_three_new_and_three_old():
    assert [question.lesson for question in load(STAGE)].count("07") == 3


def test_a_size_in_every_layer_is_drawn_in_powers_of_ten():
    axes = plot.by_layer({"one": [1.0, 0.1, 0.01], "two": [1.0, 1.0, 1.0]}, "size").axes[0]
    assert axes.get_yscale() == "log" and axes.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert (
        len(axes.get_legend().get_texts()) == 2 and plot.by_layer({"one": [1.0]}, "size").axes[0].get_legend() is None
    )


def test_signals_are_counted_layer_by_layer():
    left, right = plot.signals([np.zeros((5, 4)), np.full((5, 4), 0.99)], [1e-3, 1e-2, 1e-1], (1e-4, 1)).axes
    shares = left.images[0].get_array() ** 2
    assert shares.shape == (41, 2) and (shares[20, 0], shares[-1, 1]) == (pytest.approx(1), pytest.approx(1))
    assert right.get_ylim() == pytest.approx((1e-4, 1))


def test_the_map_is_dark_where_gradients_are_large_and_says_so_in_numbers():
    sizes = np.tile(10.0 ** -np.arange(6.0), (11, 1))
    sizes[7, 0] = np.nan  # a tower that has exploded is drawn all the same
    figure = plot.depth_map({"one": sizes, "two": np.full((11, 6), 0.5)})
    one, two = (axes for axes in figure.axes if axes.get_title())
    assert [text.get_text() for text in one.texts] == ["0", "−2", "−4", "−2", "−4"]
    assert {text.get_position()[0] for text in one.texts} == {2, 7} and len(two.texts) == 6
    image = one.images[0]
    assert image.norm.vmin == 1e-5 and image.get_array()[0, 0] > image.get_array()[5, 0]
    light = [np.mean(image.cmap(image.norm(value))[:3]) for value in (1e-5, 1e-3, 1)]
    assert light[0] > light[1] > light[2]


def test_walks_on_a_cliff_start_and_end_where_they_do():
    w = np.linspace(0, 1, 5)
    panels = plot.cliff(w, w**2, {"leap": (np.array([1.0, 0.0]), np.array([1.0, 0.0])), "steps": (w, w**2)}).axes
    assert [axes.get_title() for axes in panels] == ["leap", "steps"]
    assert panels[0].lines[1].get_xdata().tolist() == [1, 0] and panels[1].lines[3].get_xdata().tolist() == [1]
