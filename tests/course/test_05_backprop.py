"""What lesson 5 says of its numbers is so; its figures draw what they are given."""

import ast
import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from course import data, plot
from course.bar import bar
from grader.exercises.backprop import backprop as backprop_exercise
from grader.exercises.cross_entropy import softmax_cross_entropy_backward as top_exercise
from grader.exercises.relu_probes import WRONG
from grader.notebook import model_source, scaffold
from grader.stages import source_of
from solutions.backprop import backprop
from solutions.bce import bce
from solutions.cross_entropy import cross_entropy, softmax_cross_entropy_backward
from solutions.dense import count_parameters, dense_backward, dense_forward, mlp_forward
from solutions.mse import mse
from solutions.numeric_gradient import numeric_gradient
from solutions.relu import relu_backward
from solutions.sigmoid import sigmoid, sigmoid_backward
from solutions.softmax import softmax

SOURCE = source_of("05_backprop")


def lesson(*names):
    """Functions as the lesson defines them, over the model answers: what a learner who solved it would see."""
    tree = ast.parse(re.sub(r"^# %%.*$", "", SOURCE, flags=re.MULTILINE))
    wanted = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    assert len(wanted) == len(names)
    space = {
        "np": np,
        "bar": bar,
        "data": data,
        "numeric_gradient": numeric_gradient,
        "backprop": backprop,
        "dense_backward": dense_backward,
        "relu_backward": relu_backward,
        "softmax_cross_entropy_backward": softmax_cross_entropy_backward,
    }
    exec(compile(ast.Module(wanted, []), "lesson", "exec"), space)
    return space


def ice_cream(w1, b1, w2, b2, sun=2.0, sold=5.0):
    z = w1 * sun + b1
    a = max(z, 0.0)
    p = w2 * a + b2
    return z, a, p, (p - sold) ** 2


def test_the_kiosk_by_hand_and_by_nudging():
    numbers = np.array([1.5, -1.0, 3.0, 1.0])
    assert ice_cream(*numbers) == (2, 2, 7, 4)
    slopes = numeric_gradient(lambda numbers: ice_cream(*numbers)[-1], numbers)
    assert slopes == pytest.approx([24, 12, 8, 4], abs=1e-6)
    assert slopes[0] == pytest.approx(6 * slopes[3])
    assert round(ice_cream(*(numbers - 0.01 * slopes))[-1], 4) == 0.0023
    assert numeric_gradient(lambda sun: ice_cream(*numbers, sun[0])[-1], np.array([2.0]))[0] == pytest.approx(18)


def test_a_silent_hidden_unit_has_no_part_in_the_blame():
    silent = np.array([1.5, -4.0, 3.0, 1.0])
    assert ice_cream(*silent)[:3] == (-1, 0, 1)
    assert numeric_gradient(lambda numbers: ice_cream(*numbers)[-1], silent)[:2].tolist() == [0, 0]


def test_the_gate_of_the_table():
    assert relu_backward(np.array([1.5, -2, 2.5, 4]), np.array([2.0, 3, -1, 0])).tolist() == [1.5, -2, 0, 0]


def test_only_a_negative_gradient_at_an_open_gate_and_a_gate_at_zero_unmask_all_six():
    grid = data.gates()
    arrays = [(np.array([dy]), np.array([z])) for dy, z in grid]
    unmasks = [{name for name, wrong in WRONG.items() if wrong(*pair) != relu_backward(*pair)} for pair in arrays]
    assert len(WRONG) == 6 and len(grid) == 12 and all(seen != set(WRONG) for seen in unmasks)
    pairs = [
        {grid[one], grid[other]}
        for one, other in combinations(range(12), 2)
        if unmasks[one] | unmasks[other] == set(WRONG)
    ]
    assert pairs == [{(-1, 3), (dy, 0)} for dy in (-1, 1, 2)]
    dy, z = np.random.default_rng(0).normal(size=(2, 50))
    caught = {name for name, wrong in WRONG.items() if not np.array_equal(wrong(dy, z), relu_backward(dy, z))}
    assert set(WRONG) - caught == {"open at exactly 0"}, "five by luck, the edge never"


def test_a_sigmoid_passes_on_a_quarter_at_most():
    assert sigmoid_backward(np.array([2.0, 2.0]), np.array([0.9, 0.5])) == pytest.approx([0.18, 0.5])
    assert sigmoid_backward(np.ones(999), np.linspace(0, 1, 999)).max() == pytest.approx(0.25)


def test_the_way_back_begins_by_hand():
    z = np.array([[2.0, 1.0, 0.0]])
    assert softmax(z)[0].round(3).tolist() == [0.665, 0.245, 0.09]
    dz = softmax_cross_entropy_backward(z, np.array([0]))
    assert dz[0].round(3).tolist() == [-0.335, 0.245, 0.09] and abs(dz.sum()) < 1e-15
    assert numeric_gradient(lambda z: cross_entropy(z, np.array([0])), z) == pytest.approx(dz, abs=1e-9)


@pytest.mark.parametrize(
    ("last_step", "loss", "difference", "slope"),
    [
        (sigmoid, bce, -0.182, -0.182),
        (lambda z: z, lambda p, y: mse(p, y) / 2, 0.5, 0.5),
        (lambda z: z, mse, 0.5, 1.0),
        (sigmoid, mse, -0.182, -0.054),
    ],
    ids=["sigmoid and bce", "none and half mse", "none and mse", "sigmoid and mse"],
)
def test_p_minus_y_is_the_slope_of_two_pairs_of_four(last_step, loss, difference, slope):
    z, one = np.array([[1.5]]), np.ones((1, 1))
    assert round(float(last_step(z)[0, 0]) - 1, 3) == difference
    assert round(float(numeric_gradient(lambda z: loss(last_step(z), one), z)[0, 0]), 3) == slope


def test_the_dense_layer_by_hand():
    x, w = np.array([[1.0, 0, 2], [-1, 3, 0]]), np.array([[2.0, -1], [0, 1], [1, 4]])
    dx, dw, db = dense_backward(np.array([[1.0, 0], [-1, 2]]), x, w)
    assert (dw[0, 0], dx[0, 0], db[0]) == (2, 2, 0), "worked"
    assert (dw[1, 1], dx[1, 2], db[1]) == (6, 7, 2), "left to the reader"


def test_a_chain_shows_as_much_as_has_been_worked_out():
    links = [plot.Link("x", 2, 18, "· w", {"w1": (1.5, 24), "b": (-1, None)}), plot.Link("loss", 4.0, 1.0)]
    words = [text.get_text() for text in plot.chain(links).axes[0].texts]
    assert {"x = 2", "loss = 4", "dx = 18", "dloss = 1", "w1 = 1.5", "dw1 = 24", "b = −1", "· w"} <= set(words)
    early = [text.get_text() for text in plot.chain(links, 1, 0).axes[0].texts]
    assert "x = 2" in early and "loss" in early and not any(text.startswith("d") for text in early)


SMALL = (
    "random_network",
    "logits",
    "loss_of",
    "by_nudging",
    "small_network",
    "relative_error",
    "with_bug",
    "errors_of",
)


def test_the_restated_loss_and_forward_pass_are_those_of_the_earlier_lessons():
    space = lesson("random_network", "logits", "loss_of", "descend")
    rng = np.random.default_rng(0)
    params, X, y = space["random_network"]((3, 5, 4), rng), rng.normal(size=(6, 3)), rng.integers(4, size=6)
    assert np.allclose(space["logits"](X, params), mlp_forward(X, params))
    assert space["loss_of"](X, y, params) == pytest.approx(backprop(X, y, params)[0])
    after, losses = space["descend"](params, X, y, 0.1, 3)
    assert len(losses) == 3 and losses[0] > losses[1] > losses[2] > space["loss_of"](X, y, after)


def test_the_map_is_clean_and_every_bug_leaves_its_own_crosses():
    space = lesson(*SMALL)
    X, y, params, nudged = space["small_network"]()
    assert len(y) == 9 and count_parameters(params) == 59 and set(y) == {0, 1, 2}
    found = backprop(X, y, params)[1]
    assert max(space["relative_error"](found[name], nudged[name]).max() for name in params) < 1e-7
    expected = {
        None: set(),
        "gate of layer 2 forgotten": {"W1", "b1", "W2", "b2"},
        "b2 averaged, not added up": {"b2"},
        "W2 not transposed": {"W1", "b1"},
        "1/N forgotten": set(params),
    }
    for bug, crossed in expected.items():
        assert bug is None or f'"{bug}"' in SOURCE
        for name, errors in space["errors_of"](bug).items():
            share = np.mean(errors > 1e-4)
            assert share == (name in crossed), f"{bug}: {name}: all squares or none"


def test_the_quizs_nudge_is_one_percent_noise():
    points = np.linspace(0.2, 1.2, 200)

    def errors(eps):
        slopes = [numeric_gradient(lambda x: float(np.sin(x[0])), np.array([point]), eps)[0] for point in points]
        return np.abs(np.array(slopes) / np.cos(points) - 1)

    assert np.max(errors(1e-14)) > 0.01 and np.median(errors(1e-14)) > 1e-3
    assert np.median(errors(1e-5)) < 1e-10


def trained_on_xor(biased, steps=1000):
    """The article's network of the lesson: says, weights at the end, whether the start survived; with biases or not."""
    cups, good = data.xor()
    rng = np.random.default_rng(1)
    W1, W2, b1, b2 = rng.normal(size=(2, 4)), rng.normal(size=(4, 1)), np.zeros(4), np.zeros(1)
    for _ in range(steps):
        Z1 = cups @ W1 + b1
        A1 = np.maximum(Z1, 0)
        A2 = sigmoid(A1 @ W2 + b2)
        dZ2 = (A2 - good.reshape(-1, 1)) / 4
        dZ1 = (dZ2 @ W2.T) * (Z1 > 0)
        W1, W2 = W1 - cups.T @ dZ1, W2 - A1.T @ dZ2
        if biased:
            b1, b2 = b1 - dZ1.sum(axis=0), b2 - dZ2.sum(axis=0)
    return A2.ravel()


def test_without_biases_one_cup_stays_at_a_half_and_with_them_all_four_are_learned():
    assert trained_on_xor(biased=False) == pytest.approx([0.5, 1, 1, 0], abs=0.01)
    assert trained_on_xor(biased=False)[0] == 0.5
    assert trained_on_xor(biased=True) == pytest.approx([0, 1, 1, 0], abs=0.02)


def claimed_step():
    """The lesson's `forward` and `backpropagation`, and the XOR problem they are tried on."""
    space = lesson("sigmoid", "forward", "backpropagation")
    rng = np.random.default_rng(1)
    return space, [rng.normal(size=(2, 4)), rng.normal(size=(4, 1))], [np.zeros(4), np.zeros(1)]


def test_the_claimed_function_needs_a_name_from_nowhere():
    space, weights, biases = claimed_step()
    space["passes"] = 0
    cups, good = data.xor()
    _, cache = space["forward"](cups, weights, biases)
    with pytest.raises(NameError, match="biases"):
        space["backpropagation"](cups, good.reshape(-1, 1), cache, weights, 1.0)


def test_the_claimed_slopes_are_right_and_everything_around_them_is_not():
    space, weights, biases = claimed_step()
    space |= {"passes": 0, "biases": biases}
    cups, good = data.xor()
    y, start = good.reshape(-1, 1).astype(float), [w.copy() for w in weights]
    nudged = [
        numeric_gradient(lambda w: bce(space["forward"](cups, [w, start[1]], biases)[0], y), start[0]),
        numeric_gradient(lambda w: bce(space["forward"](cups, [start[0], w], biases)[0], y), start[1]),
    ]
    space["passes"] = 0
    _, cache = space["forward"](cups, weights, biases)
    after = space["backpropagation"](cups, y, cache, weights, 1.0)
    assert space["passes"] == 2, "the forward pass is done again"
    assert after is weights and not np.array_equal(weights[0], start[0]), "changed and returned"
    assert not any(b.any() for b in biases), "biases never move"
    for w, before, slope in zip(after, start, nudged, strict=True):
        assert before - w == pytest.approx(slope, abs=1e-8)


def test_the_claim_can_be_repaired_as_told(capsys):
    cell = SOURCE[
        SOURCE.index('id="repair-the-claim-code"') : SOURCE.index('# %% [markdown] id="repair-the-claim-answer"')
    ]
    code = cell.partition("\n")[2]
    exec(code, {"np": np, "data": data, "demo": lambda function: function()})
    claimed = capsys.readouterr().out
    assert "2.0" in claimed and "False" in claimed and "[0.5 1.  1.  0. ]" in claimed
    updates = [
        (
            f"    weights[{i}] -= learning_rate * slopes",
            "    weights, biases = list(weights), list(biases)\n" * (i == 0),
        )
        for i in (0, 1)
    ]
    for i, (line, before) in enumerate(updates):
        bias = f"    biases[{i}] = biases[{i}] - learning_rate * slopes['b{i + 1}']\n"
        code = code.replace(line, f"{before}{bias}    weights[{i}] = weights[{i}] - learning_rate * slopes")
    code = code.replace("forward(X, weights, biases)[0]\n", 'sigmoid(cache["Z2"])\n')
    code = code.replace("    return weights\n", "    return weights, biases\n")
    code = code.replace("cache, weights, learning_rate)", "cache, weights, biases, learning_rate)")
    code = code.replace(
        "weights = backpropagation(cups, should, cache, weights,",
        "weights, biases = backpropagation(cups, should, cache, weights, biases,",
    )
    exec(code, {"np": np, "data": data, "demo": lambda function: function()})
    repaired = capsys.readouterr().out
    assert "1.0" in repaired and "True" in repaired and "[0. 1. 1. 0.]" in repaired and "[0.]" not in repaired


def test_the_spiral_is_learned_and_its_sizes_are_as_told():
    space = lesson("random_network", "logits", "descend")
    X, y = data.spirals(100, np.random.default_rng(0))
    fresh, labels = data.spirals(100, np.random.default_rng(1))
    params = space["random_network"]((2, 32, 32, 3), np.random.default_rng(0))
    assert X.shape == (300, 2) and count_parameters(params) == 1251

    def right(points, arms):
        return np.mean(space["logits"](points, params).argmax(axis=1) == arms)

    assert right(X, y) < 0.45
    params, losses = space["descend"](params, X, y, 0.5, 300)
    assert right(X, y) > 0.97 and right(fresh, labels) > 0.97 and losses[-1] < 0.1
    params, _ = space["descend"](params, X, y, 0.5, 700)
    assert right(X, y) > 0.99 and right(fresh, labels) > 0.98


def test_no_straight_line_and_no_start_at_zero_is_of_use_on_the_spiral():
    space = lesson("random_network", "logits", "descend")
    X, y = data.spirals(100, np.random.default_rng(0))
    flat, _ = space["descend"](space["random_network"]((2, 3), np.random.default_rng(0)), X, y, 0.5, 1000)
    assert np.mean(space["logits"](X, flat).argmax(axis=1) == y) < 0.55
    zeros = {name: 0 * part for name, part in space["random_network"]((2, 32, 32, 3), np.random.default_rng(0)).items()}
    after, losses = space["descend"](zeros, X, y, 0.5, 20)
    assert all(round(loss, 4) == 1.0986 for loss in losses)
    assert all(np.abs(part).max() < 1e-12 for part in after.values())


DIGITS = ("random_network", "logits", "loss_of", "descend", "split_digits", "train_reader")


def test_the_split_is_honest_and_its_test_digits_are_those_of_lesson_3():
    parts = lesson("split_digits")["split_digits"]()
    assert [len(y) for _, y in parts] == [1200, 200, 397] and sum(len(y) for _, y in parts) == 1797
    _, images, digits = data.digit_reader()
    assert np.array_equal(parts[2][0], images) and np.array_equal(parts[2][1], digits)


@pytest.mark.slow
def test_the_rate_is_chosen_on_validation_digits_and_3_kills_every_unit():
    space = lesson(*DIGITS)
    (X, _), _, _ = space["split_digits"]()
    runs = {lr: space["train_reader"](0, lr) for lr in (0.1, 0.3, 1.0, 3.0)}
    ends = {lr: watched[-1] for lr, (_, watched) in runs.items()}
    assert all(round(watched[0], 1) == 2.3 and len(watched) == 301 for _, watched in runs.values())
    assert ends[0.1] > ends[0.3] > ends[1.0] and ends[1.0] == pytest.approx(0.1, abs=0.03)
    assert (ends[0.1], ends[3.0]) == (pytest.approx(0.25, abs=0.01), pytest.approx(np.log(10), abs=0.01))
    hidden = {lr: X @ params["W1"] + params["b1"] for lr, (params, _) in runs.items()}
    assert hidden[3.0].max() <= 0 < hidden[1.0].max(), "no unit is awake for any training digit"
    assert max(runs[3.0][1][100:]) - min(runs[3.0][1][100:]) < 1e-6


@pytest.mark.slow
def test_the_reader_reads_98_percent_of_digits_nobody_has_shown_it():
    space = lesson(*DIGITS)
    (_, known), _, (images, digits) = space["split_digits"]()
    right = []
    for seed in range(5):
        params, _ = space["train_reader"](seed, 1.0)
        right.append(np.mean(space["logits"](images, params).argmax(axis=1) == digits))
    assert count_parameters(params) == 2410
    assert min(right) > 0.975 and round(float(np.mean(right)), 2) == 0.98
    params, images, digits = data.digit_reader()
    borrowed = np.mean(mlp_forward(images, params).argmax(axis=1) == digits)
    assert borrowed < np.mean(right) + 0.005, "no better"
    assert round(float(np.mean(digits == np.bincount(known).argmax())), 3) == 0.083
    assert round(1 / 397, 4) == 0.0025, "a quarter of a percent"


def test_the_price_in_products():
    sizes = (64, 32, 10)
    forward = sum(D * M for D, M in pairwise(sizes))
    back = forward + 32 * 10  # dw everywhere, dx everywhere but at the picture
    assert (forward, back) == (2368, 2688) and 2 < (forward + back) / forward < 2.2
    assert 2 * 2410 == 4820


def test_backprop_is_hundreds_of_times_cheaper_than_nudging():
    space = lesson("random_network", "logits", "loss_of", "by_nudging")
    calls = 0
    loss = space["loss_of"]

    def counted(*arguments):
        nonlocal calls
        calls += 1
        return loss(*arguments)

    space["loss_of"] = counted
    params = space["random_network"]((64, 32, 10), np.random.default_rng(0))
    X, y = data.digits()
    nudged = space["by_nudging"](X[:5] / 16, y[:5], params)
    assert calls == 4820
    gradients = backprop(X[:5] / 16, y[:5], params)[1]
    assert max(np.abs(gradients[name] - nudged[name]).max() for name in params) < 1e-8


def test_the_lesson_counts_its_slips_right():
    assert "fifteen ways" in SOURCE.replace("\n# ", " ") and len(backprop_exercise.misconceptions) == 15
    assert dense_forward(np.ones((1, 2)), np.ones((2, 2)), np.zeros(2)).tolist() == [[2, 2]]


def test_a_parsons_problem_leaves_guards_out():
    _, body = model_source(top_exercise.model, solution=True)
    assert "raise ValueError" in body
    told = "\n".join(scaffold(top_exercise, body.strip("\n")))
    assert "raise" not in told and "if " not in told
    assert {"# N, C = z.shape", "# dz[np.arange(N), y] -= 1", "# return dz / N"} <= {
        line.strip() for line in told.splitlines()
    }


def test_the_three_arms_are_alike_and_bounded():
    X, y = data.spirals(50, np.random.default_rng(3))
    radius = np.hypot(*X.T)
    assert X.shape == (150, 2) and np.bincount(y).tolist() == [50, 50, 50]
    assert radius.min() == pytest.approx(0.05) and radius.max() == pytest.approx(1)
    assert np.allclose(radius[y == 0], radius[y == 2])
    again, _ = data.spirals(50, np.random.default_rng(3))
    assert np.array_equal(X, again)


def test_a_gradient_map_crosses_out_what_is_wrong_and_nothing_else():
    errors = {"W1": np.array([[1e-9, 0.5], [0, 1e-3]]), "b1": np.array([2e-6, 1.0])}
    figure = plot.gradient_maps({"first": errors, "second": {name: 0 * e for name, e in errors.items()}})
    first, second = figure.axes[:2]
    shown = [text.get_text() for text in first.texts]
    assert shown.count("×") == 3 and {"W1", "b1"} <= set(shown) and first.get_title(loc="left") == "first"
    assert [image.get_array().shape for image in first.images] == [(2, 2), (1, 2)]
    assert [text.get_text() for text in second.texts].count("×") == 0


def test_territories_are_those_of_the_answer_and_differ_without_color():
    X, y = data.spirals(5, np.random.default_rng(0))
    axes = plot.territories(X, y, lambda points: np.sum(points > 0, axis=1)).axes[0]
    ground = axes.images[0].get_array()
    assert (ground[0, 0], ground[0, -1], ground[-1, -1]) == (0, 1, 2), "origin below"
    points = [c for c in axes.collections if hasattr(c, "get_offsets") and len(c.get_offsets()) == 5]
    paths = {tuple(map(tuple, c.get_paths()[0].vertices.round(3))) for c in points}
    assert len(points) == 3 and len(paths) == 3, "three markers"


@pytest.mark.parametrize(
    "figure",
    [
        plot.chain([plot.Link("x", 1.0, 2.0, "step"), plot.Link("loss", 4.0, 1.0)]),
        plot.gradient_maps({"": {"W1": np.zeros((2, 3)), "b1": np.zeros(3)}}),
        plot.territories(*data.spirals(5, np.random.default_rng(0)), lambda points: np.zeros(len(points))),
    ],
    ids=["chain", "gradient_maps", "territories"],
)
def test_the_new_figures_reach_the_page_with_their_words(page, figure):
    plot.show(figure, "In words.")
    (shown,) = page
    assert shown.bundle["image/png"].startswith(b"\x89PNG") and shown.metadata["image/png"]["alt"] == "In words."
