"""What lesson 4 says of its numbers is so."""

import math
from itertools import pairwise

import numpy as np
import pytest

from course import data, plot
from course.steering import RATES
from solutions.bce import bce
from solutions.cross_entropy import cross_entropy
from solutions.mse import mse, rmse
from solutions.numeric_gradient import gradient_descent, numeric_gradient
from solutions.sigmoid import sigmoid

START = np.array([2.0, 0.0])


def column(*values):
    return np.array(values, dtype=float).reshape(-1, 1)


def club_loss(line):
    waist, chins = data.fitness_club()
    return mse(line[0] * (waist - 35) + line[1], chins)


def club_slope(line):
    return numeric_gradient(club_loss, line)


def walk(lr, steps):
    return gradient_descent(club_slope, START, lr, steps)


def test_the_first_four_men_by_hand():
    y = data.fitness_club()[1][:4]
    assert y.ravel().tolist() == [5, 2, 12, 12]
    p = np.full_like(y, 8)
    assert np.sum(p - y) == 1 and np.abs(p - y).min() == 3
    assert mse(p, y) == 19.25 and round(rmse(p, y), 1) == 4.4


def test_the_mean_is_the_best_single_guess_for_the_patients():
    _, y = data.diabetes()
    errors = [round(rmse(np.full_like(y, guess), y), 1) for guess in (100, np.median(y), np.mean(y), 200)]
    assert errors == [93.0, 77.9, 77.0, 90.7]
    assert y.std() == pytest.approx(rmse(np.full_like(y, np.mean(y)), y))


def test_the_quadratic_cost_is_half_the_mse_times_the_outputs():
    rng = np.random.default_rng(0)
    for M in (1, 3):
        p, y = rng.normal(size=(2, 5, M))
        quadratic = np.sum(np.linalg.norm(y - p, axis=1) ** 2) / (2 * 5)
        assert quadratic == pytest.approx(M / 2 * mse(p, y))


def test_the_forecast_by_hand_and_the_prices():
    prices = [round(-math.log(p), 3) for p in (0.9, 0.8, 0.8, 0.9)]
    assert prices == [0.105, 0.223, 0.223, 0.105]
    assert round(bce(column(0.9, 0.2, 0.8, 0.1), column(1, 0, 1, 0)), 3) == 0.164
    assert [round(-math.log(p), 2) for p in (0.5, 0.1, 0.01)] == [0.69, 2.30, 4.61]
    assert round(bce(column(0.0), column(1)), 1) == 16.1


def claimed_cost(p, y):
    return -1 / len(y) * np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def test_the_claimed_cost_broadcasts_and_knows_no_perfect_forecast():
    said, rain = column(0.9, 0.2, 0.8, 0.1), np.array([1.0, 0.0, 1.0, 0.0])
    assert (said - rain).shape == (4, 4)
    assert round(claimed_cost(said, rain), 2) == 4.24
    assert round(claimed_cost(np.tile(said, (10, 1)), np.tile(rain, 10)), 1) == 42.4
    with np.errstate(all="ignore"):
        assert np.isnan(claimed_cost(column(*rain), rain)) and np.isnan(claimed_cost(column(*rain), column(*rain)))
    assert round(claimed_cost(said, column(*rain)), 3) == 0.164
    assert bce(column(*rain), column(*rain)) < 1e-6


def test_three_classes_by_hand_and_the_price_of_knowing_nothing():
    assert round(sum(math.exp(z) for z in (2, 1, 0)), 2) == 11.11
    assert round(cross_entropy(np.array([[2.0, 1.0, 0.0]]), np.array([0])), 3) == 0.408
    alike = [round(cross_entropy(np.zeros((5, C)), np.zeros(5, int)), 3) for C in (2, 3, 10, 1000)]
    assert alike == [0.693, 1.099, 2.303, 6.908]
    assert round(-math.log(0.0001), 1) == 9.2


def test_a_look_both_ways_is_sixty_times_closer():
    cube = lambda x: float(x[0] ** 3)  # noqa: E731
    forward = (2.1**3 - 8) / 0.1
    both = numeric_gradient(cube, np.array([2.0]), 0.1)[0]
    assert (round(forward, 2), round(both, 2)) == (12.61, 12.01)
    assert round((forward - 12) / (both - 12)) == 61


def test_a_nudge_can_be_too_small():
    widths = 10.0 ** -np.arange(1, 15)
    wave = lambda x: float(np.sin(x[0]))  # noqa: E731
    one = np.array([1.0])
    both = [abs(numeric_gradient(wave, one, eps)[0] - np.cos(1)) for eps in widths]
    forward = [abs((wave(one + eps) - wave(one)) / eps - np.cos(1)) for eps in widths]
    assert widths[np.argmin(both)] == pytest.approx(1e-5) and min(both) < 1e-10
    assert widths[np.argmin(forward)] == pytest.approx(1e-8) and 1e-9 < min(forward) < 1e-8
    assert both[-1] > 1e-3 and forward[-1] > 1e-3


def test_the_bowl_by_hand():
    path = gradient_descent(lambda x: 2 * x, np.array([3.0]), 0.1, 3)
    assert path.ravel() == pytest.approx([3, 2.4, 1.92, 1.536])


def test_the_club_is_walked_down_to():
    slope = numeric_gradient(club_loss, START)
    assert slope.round(1).tolist() == [49.8, -17.3]
    path = walk(0.03, 100)
    assert [round(club_loss(path[steps]), 1) for steps in (0, 1, 20, 100)] == [175.8, 114.2, 27.0, 18.5]
    assert path[-1].round(2).tolist() == [-0.91, 9.79]
    waist, chins = data.fitness_club()
    assert waist.max() == 46 and len(waist) == 20 and np.sort(waist.ravel())[-2] == 38
    assert round(club_loss(path[-1]) ** 0.5, 1) == 4.3 and round(chins.std(), 1) == 5.2


def test_the_learning_rate_has_an_edge():
    waist, chins = data.fitness_club()
    design = np.column_stack([waist - 35, np.ones(20)])
    steepest = np.linalg.eigvalsh(2 * design.T @ design / 20)[-1]
    assert round(steepest, 2) == 19.84 and round(2 / steepest, 3) == 0.101
    best = np.linalg.lstsq(design, chins, rcond=None)[0].ravel()
    assert round(club_loss(best), 2) == 18.45
    assert [round(club_loss(walk(lr, 20)[-1]), 1) for lr in (0.01, 0.05, 0.09)] == [62.3, 20.0, 18.5]
    losses = [club_loss(line) for line in walk(0.11, 40)]
    assert losses[1] < losses[0] < losses[5] < losses[10] and losses[20] > 40_000 and losses[40] > 38_000_000
    assert club_loss(walk(0.1, 400)[-1]) < 18.5 < club_loss(walk(0.102, 400)[-1])


@pytest.mark.slow
def test_the_wheel_with_one_rate_and_with_two():
    def steps_to_19(lr):
        line = START
        for steps in range(2000):
            if club_loss(line) < 19:
                return steps
            line = gradient_descent(club_slope, line, lr, 1)[-1]

    needed = {lr: steps_to_19(lr) for lr in RATES if lr < 0.101}
    assert (needed[0.09], needed[0.08], needed[0.1]) == (14, 16, 143)
    assert min(needed.values()) == 14 and list(needed.values()).count(14) == 1
    after = [START]
    for lr in (0.05, 0.5):
        after.append(gradient_descent(club_slope, after[-1], lr, 1)[-1])
    assert [round(club_loss(line), 1) for line in after] == [175.8, 97.3, 18.8]
    assert round(0.5 / 0.101) == 5
    lost = walk(0.11, 20)[-1]
    assert club_loss(lost) > 48_000
    assert round(club_loss(gradient_descent(club_slope, lost, 0.05, 2)[-1]), 2) == 18.46


def test_a_round_valley_takes_one_step():
    waist, chins = data.fitness_club()
    spread = (waist - waist.mean()) / waist.std()
    loss = lambda line: mse(line[0] * spread + line[1], chins)  # noqa: E731
    path = gradient_descent(lambda line: numeric_gradient(loss, line), START, 0.5, 1)
    assert loss(path[1]) == pytest.approx(18.4516, abs=1e-4)


@pytest.mark.parametrize(("loss", "slope", "end"), [(mse, -0.0049, 0.005), (bce, -0.9975, 0.989)], ids=["mse", "bce"])
def test_squared_error_is_flat_where_a_sigmoid_is_wrong(loss, slope, end):
    def of_z(z):
        return loss(sigmoid(z).reshape(1, 1), np.ones((1, 1)))

    assert numeric_gradient(of_z, np.array([-6.0]))[0] == pytest.approx(slope, abs=5e-5)
    path = gradient_descent(lambda z: numeric_gradient(of_z, z), np.array([-6.0]), 1.0, 100)
    assert round(sigmoid(path[-1])[0], 3) == end


def trained(seed, count, steps=150):
    """RMSE after every step: on `count` patients, on 142 others, and of the mean as guess. Least squares by matrices."""
    X, y = data.diabetes()
    order = np.random.default_rng(seed).permutation(len(X))
    known, others = order[:count], order[300:]
    A = np.column_stack([(X - X[known].mean(axis=0)) / X[known].std(axis=0), np.ones(len(X))])
    slope = lambda w: 2 / count * A[known].T @ (A[known] @ w - y[known].ravel())  # noqa: E731
    path = gradient_descent(slope, np.zeros(11), 0.1, steps)
    errors = path @ A.T - y.ravel()
    baseline = np.sqrt(np.mean((y[known].mean() - y[others]) ** 2))
    return *(np.sqrt(np.mean(errors[:, rows] ** 2, axis=1)) for rows in (known, others)), baseline


def test_fifteen_patients_are_learned_by_heart():
    runs = [trained(seed, 15) for seed in range(10)]
    learned, others, baseline = (np.mean([run[k] for run in runs], axis=0) for k in range(3))
    assert len(data.diabetes()[0]) - 300 == 142
    assert learned[[0, 11, 150]].round(1).tolist() == [168.3, 39.4, 28.6] and np.all(np.diff(learned) < 0)
    assert np.argmin(others) == 11 and others[[11, 150]].round(1).tolist() == [71.8, 98.0]
    assert round(baseline, 1) == 79.7 and np.sum(np.diff(others > baseline)) == 2
    assert all(run[1][-1] > run[1].min() for run in runs), "in each of the ten"


def test_three_hundred_patients_are_enough():
    runs = [trained(seed, 300) for seed in range(5)]
    ends = [round(float(np.mean([np.atleast_1d(run[k])[-1] for run in runs])), 1) for k in range(3)]
    assert ends == [53.0, 55.6, 74.9]


def test_what_a_step_for_vgg16_would_ask():
    channels = [3, 64, 64, 128, 128, *[256] * 3, *[512] * 6]
    units = [512 * 7 * 7, 4096, 4096, 1000]
    parameters = sum(9 * C * F + F for C, F in pairwise(channels))
    parameters += sum(D * M + M for D, M in pairwise(units))
    assert (parameters, 2 * parameters) == (138_357_544, 276_715_088)


def test_a_landscape_is_asked_everywhere_and_a_path_drawn_over_it():
    ground = plot.landscape(lambda q: float(q[0] ** 2 + 3 * q[1]), (-1, 1), (0, 2), points=5)
    assert ground.loss.shape == (5, 5) and ground.loss[-1, 0] == 7 and ground.loss[0, 2] == 0
    path = np.array([[1.0, 2.0], [0.5, 1.0]])
    x, y = column(0, 1, 2), column(1, 2, 2)
    ways, line = plot.descent(ground, path, x, y, "x", "y").axes
    assert ways.lines[0].get_xydata().tolist() == path.tolist()
    assert line.lines[0].get_xydata().tolist() == [[0, 1], [2, 2]], "w · x + b where the path ends"
    panels = plot.descents(ground, {"slow": path, "fast": path[::-1]}).axes
    assert [axes.get_title() for axes in panels] == ["slow", "fast"]


def test_curves_of_losses_show_what_they_are_given():
    z = np.linspace(-1, 1, 9)
    left, right = plot.loss_and_slope(z, {"a": z**2, "b": abs(z)}, {"a": 2 * z, "b": np.sign(z)}, "z").axes
    assert left.lines[0].get_ydata().tolist() == (z**2).tolist() and right.lines[1].get_ydata()[0] == -1
    steps = plot.training({"known": [3, 2, 1], "others": [3, 2, 4]}, "RMSE", 2.5, "baseline").axes[0]
    assert steps.lines[-1].get_ydata() == [2.5, 2.5] and steps.texts[0].get_text() == "baseline"
    widths = plot.nudges([0.1, 0.01], {"both": [1e-3, 1e-5]}).axes[0]
    assert widths.xaxis_inverted() and widths.get_yscale() == "log"
