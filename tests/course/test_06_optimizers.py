"""What lesson 6 says of its numbers is so. The lesson's own setup and solution cells run here, as they stand."""

import math
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from course import data, plot
from course.questions import load
from grader.stages import source_of
from solutions.adam import adam_step
from solutions.momentum import momentum_step
from solutions.nesterov import nesterov_step
from solutions.rmsprop import rmsprop_step
from solutions.schedules import schedule
from solutions.sgd import sgd_step
from tests.course.lessons import after_setup_and_solutions, code_cells

STAGE = "06_optimizers"
NOTHING = np.zeros(1)


@pytest.fixture(scope="module")
def lesson():
    return after_setup_and_solutions(STAGE)


def test_four_opinions_and_every_pair_of_them():
    slopes = [2 * (0 - y) for y in (1, 2, 6, 7)]
    assert slopes == [-2, -4, -12, -14] and np.mean(slopes) == -8
    pairs = [np.mean(pair) for pair in combinations(slopes, 2)]
    assert pairs[1] == -7 and pairs[4] == -9, "1 and 6; 2 and 7"
    assert np.mean(pairs) == -8 and all(pair < 0 for pair in pairs)


def test_epochs_and_steps(lesson):
    minibatches = lesson["minibatches"]
    assert [len(batch) for batch in minibatches(10, 4, np.random.default_rng(0))] == [4, 4, 2]
    digits = minibatches(1100, 32, np.random.default_rng(0))
    assert (len(digits), len(digits[-1])) == (35, 12)
    for records, size in ((1000, 1), (1000, 100), (1797, 32), (1797, 2000)):
        batches = minibatches(records, size, np.random.default_rng(0))
        assert (len(batches[0]), len(batches)) == (min(size, records), int(np.ceil(records / size)))


def test_one_line_of_the_claim_agrees_by_accident():
    """Records times rate and a hundred rows each, against what the batches count."""
    lines = ((1000, 1, 0.1), (1000, 100, 0.1), (1000, 100, 0.01), (1797, 32, 0.1))
    right = [(records * lr, records / 100) == (size, -(-records // size)) for records, size, lr in lines]
    assert right == [False, True, False, False]


def test_a_third_of_the_patients_point_the_wrong_way():
    _, y = data.diabetes()
    slopes = 2 * (100 - y.ravel())
    assert round(slopes.mean()) == -104 and len(y) == 442 and round(np.mean(slopes > 0), 2) == 0.33
    rng = np.random.default_rng(1)
    spread = [np.std([slopes[rng.permutation(442)[:B]].mean() for _ in range(2000)]) for B in (1, 16, 64)]
    assert spread[0] / spread[1] == pytest.approx(4, abs=0.3) and spread[1] / spread[2] == pytest.approx(2, abs=0.2)
    wrong = np.mean([slopes[rng.permutation(442)[:16]].mean() > 0 for _ in range(2000)])
    assert wrong < 0.01


def test_small_batches_leave_20_mistakes_where_a_single_one_leaves_133(lesson):
    def mistakes(size):
        return np.mean([lesson["train"]("SGD", 0.3, seed, epochs=5, batch_size=size)[1] for seed in range(3)], axis=0)

    whole, small = mistakes(1100), mistakes(32)
    assert round(whole[0]) == 272 and round(whole[-1]) == 133
    assert round(small[-1]) == pytest.approx(20, abs=4)
    assert mistakes(8)[-1] == pytest.approx(20, abs=8) and mistakes(128)[-1] == pytest.approx(33, abs=5)


def test_a_small_batch_needs_a_small_rate(lesson):
    wrong = {
        (size, lr): lesson["train"]("SGD", lr, 0, epochs=5, batch_size=size)[1][-1]
        for size, lr in ((1, 0.03), (1, 0.3), (128, 0.03), (128, 0.3))
    }
    assert wrong[1, 0.03] < 40 < 150 < wrong[1, 0.3], "with batches of one"
    assert wrong[128, 0.3] < 60 < 100 < wrong[128, 0.03], "with large ones"


def test_the_networks_slopes_are_the_slopes(lesson):
    """The short backprop of the setup against finite differences along a random direction."""
    rng = np.random.default_rng(0)
    params = lesson["network"](rng, 5, 4, 3)
    X, y = rng.normal(size=(7, 5)), rng.integers(0, 3, 7)
    way = {name: rng.normal(size=p.shape) for name, p in params.items()}

    def loss(eps):
        W1, b1, W2, b2 = (params[name] + eps * way[name] for name in ("W1", "b1", "W2", "b2"))
        z = np.maximum(X @ W1 + b1, 0) @ W2 + b2
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(7), y])

    slopes = lesson["slopes"](X, y, params)
    along = sum(np.sum(slopes[name] * way[name]) for name in params)
    assert (loss(1e-5) - loss(-1e-5)) / 2e-5 == pytest.approx(along, rel=1e-6)


def test_the_ravine_is_91_times_as_steep_across(lesson):
    design = np.column_stack([lesson["inches"], np.ones(20)])
    along, across = np.linalg.eigvalsh(2 * design.T @ design / 20)
    assert lesson["inches"].min() == 0 and lesson["waist"].min() == 31
    assert (round(across, 1), round(along, 3)) == (59.5, 0.654)
    assert round(across / along) == 91 and round(2 / across, 4) == 0.0336
    heights = {lr: lesson["walk"]("SGD", lr, 1000)[1] for lr in (0.0335, 0.0337)}
    assert heights[0.0335][-1] < 0.5 and heights[0.0337][-1] > heights[0.0337][500]
    ends = [lesson["walk"]("SGD", lr, 25)[0][-1] for lr in (0.01, 0.03)]
    assert [round(end[1]) for end in ends] == [2, 5], "how far the walks of the picture get along b"
    leaps = np.abs(np.diff(lesson["walk"]("SGD", 0.034, 25)[0][:, 0]))
    assert np.all(leaps[2:] > leaps[:-2]), "each leap is wider than the last one in its direction"


def test_the_table_of_velocities():
    along, across, table = NOTHING, NOTHING, []
    for step in range(1, 101):
        _, along = momentum_step(NOTHING, np.ones(1), along, 1.0, 0.9)
        _, across = momentum_step(NOTHING, np.array([(-1.0) ** (step + 1)]), across, 1.0, 0.9)
        table.append((round(along[0], 3), round(across[0], 3)))
    assert table[:4] == [(1, 1), (1.9, -0.1), (2.71, 0.91), (3.439, -0.181)]
    assert round(along[0], 2) == 10 == round(1 / (1 - 0.9)) and round(abs(across[0]), 2) == 0.53
    assert pytest.approx(0.526, abs=1e-3) == 1 / (1 + 0.9)


def test_the_other_convention_takes_thirty_steps_to_cool_down():
    ours, baked, steps = NOTHING, 0.0, []
    for step in range(1, 141):
        lr = 0.1 if step <= 100 else 0.01
        place, ours = momentum_step(NOTHING, np.ones(1), ours, lr, 0.9)
        baked = 0.9 * baked - lr
        steps.append((-place[0], -baked))
    assert np.allclose([step[0] for step in steps[:100]], [step[1] for step in steps[:100]]), "one path while lr stays"
    assert steps[100][0] == pytest.approx(0.1, rel=1e-3) and steps[100][1] == pytest.approx(0.91, rel=1e-3)
    assert 0.13 < steps[129][1] < 0.15


def test_nesterov_starts_and_brakes_earlier():
    table = []
    for v, g in ((0.0, 1.0), (10.0, 1.0), (10.0, -1.0)):
        plain, new = momentum_step(NOTHING, np.full(1, g), np.full(1, v), 1.0, 0.9)
        ahead, same = nesterov_step(NOTHING, np.full(1, g), np.full(1, v), 1.0, 0.9)
        assert new == same
        table.append([round(float(x[0]), 6) for x in (new, -plain, -ahead)])
    assert table == [[1, 1, 1.9], [10, 10, 10], [8, 8, 6.2]]


def test_rmsprop_measures_every_slope_by_its_own_size():
    g = np.array([100, 0.01, -0.01])
    place, s = rmsprop_step(np.zeros(3), g, np.zeros(3), 1.0, 0.9)
    assert s == pytest.approx([1000, 1e-5, 1e-5])
    assert np.sqrt(s).round(5).tolist() == [31.62278, 0.00316, 0.00316]
    assert (-place).round(2).tolist() == [3.16, 3.16, -3.16]
    for _ in range(300):
        before = place
        place, s = rmsprop_step(before, g, s, 1.0, 0.9)
    assert before - place == pytest.approx([1, 1, -1], rel=1e-5)


def test_adams_first_step_by_hand():
    m, v = 0.1 * 2, 0.001 * 4
    assert round(math.sqrt(v), 4) == 0.0632 and round(m / math.sqrt(v), 2) == 3.16
    place, (new_m, new_v, t) = adam_step(NOTHING, np.full(1, 2.0), (NOTHING, NOTHING, 0), 1.0)
    assert (float(new_m[0]), float(new_v[0]), t) == (pytest.approx(m), pytest.approx(v), 1)
    assert place[0] == pytest.approx(-1)
    t = np.arange(1, 201)
    without = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    assert [round(without[0], 1), round(without.max(), 1), round(without[-1], 1)] == [3.2, 6.6, 2.3]
    assert t[without.argmax()] == 12
    assert 0.9**30 < 0.05 < 0.999**2000, "thirty steps and thousands"


@cache
def race(place, shift=31):
    """Steps to arrive for each rule at its own best rate, by the lesson's own cells."""
    names = {}
    for cell in code_cells(STAGE):
        if cell.metadata["threshold"]["role"] in ("setup", "solution"):
            source = cell.source.replace("inches = waist - 31", f"inches = waist - {shift}")
            exec(compile(source, cell.id, "exec"), names)
    place = np.array(place)
    return {
        rule: min((names["arrival"](names["walk"](rule, lr, place=place)[1]), lr) for lr in names["RATES"])
        for rule in names["RULES"]
    }


def test_the_race():
    steps = {rule: found[0] for rule, found in race((2.0, 0.0)).items()}
    assert steps == {"SGD": 116, "momentum": 40, "Nesterov": 30, "RMSProp": 95, "Adam": 34}


def test_another_start_and_a_rounder_valley_give_another_order():
    other = {rule: found[0] for rule, found in race((3.0, 4.0)).items()}
    assert other["SGD"] < other["RMSProp"] <= 120
    rounder = {rule: found[0] for rule, found in race((2.0, 0.0), 35).items()}
    assert min(rounder, key=rounder.get) == "SGD" and rounder["momentum"] > 2 * rounder["SGD"]


def test_what_else_is_said_of_the_race(lesson):
    rates = {rule: found[1] for rule, found in race((2.0, 0.0)).items()}
    assert len(lesson["RATES"]) == 41 and (lesson["RATES"][0], lesson["RATES"][-1]) == pytest.approx((0.001, 10))
    path, _ = lesson["walk"]("SGD", rates["Adam"], 1)
    assert path[1, 0] < -2.2, "outside the page"
    _, heights = lesson["walk"]("RMSProp", rates["RMSProp"], 400)
    assert heights[200:] == pytest.approx(np.full(201, 0.24), abs=0.01), "it never quite settles"
    assert lesson["club_loss"](lesson["best_line"]) == pytest.approx(18.4516, abs=1e-4)
    assert lesson["best_line"].round(1).tolist() == [-0.9, 13.5]


def test_the_slope_of_the_club(lesson):
    """Against the difference quotient, for all men and for some."""
    place, men = np.array([1.0, 2.0]), np.array([0, 3, 5])
    chosen = lambda q: np.mean((q[0] * lesson["inches"][men] + q[1] - lesson["chins"][men]) ** 2)  # noqa: E731
    for loss, slope in (
        (lesson["club_loss"], lesson["club_slope"](place)),
        (chosen, lesson["club_slope"](place, men)),
    ):
        for i, way in enumerate(np.eye(2) * 1e-4):
            assert (loss(place + way) - loss(place - way)) / 2e-4 == pytest.approx(slope[i], rel=1e-6)


def test_the_schedule_by_hand():
    assert [round(schedule(t, 0.1, 4, 12), 6) for t in (0, 1, 4, 8, 12, 13)] == [0, 0.025, 0.1, 0.05, 0, 0]
    assert round(0.02 * 0.5**5, 4) == 0.0006, "the last rate of the staircase"


def test_a_shrinking_rate_settles(lesson):
    (source,) = [cell.source for cell in code_cells(STAGE) if cell.id == "settling"]
    names = dict(lesson)
    exec(source.partition("@demo")[0], names)
    plans = {
        "constant": [0.02] * 600,
        "staircase": [0.02 * 0.5 ** (t // 100) for t in range(600)],
        "cosine": [schedule(t, 0.02, 30, 600) for t in range(600)],
    }
    runs = {name: np.array([names["noisy"](plan, seed) for seed in range(10)]) for name, plan in plans.items()}
    assert runs["cosine"][:, -1].max() < 0.05 < 0.1 < runs["staircase"][:, -1].min()
    assert runs["constant"][:, -1].max() > 10 and 5 < runs["constant"][:, 200:].mean() < 15
    assert runs["staircase"][:, -10:].mean() == pytest.approx(0.3, abs=0.05)
    assert runs["cosine"][:, -10:].mean() == pytest.approx(0.02, abs=0.005)


@pytest.mark.slow
def test_every_rule_has_a_trough_and_the_first_three_a_cliff(lesson):
    """Means over three seeds move by a few digits from machine to machine; the shape of the curves does not."""

    def wrong(rule, lr):
        return np.mean([lesson["train"](rule, lr, seed)[1][-1] for seed in range(3)])

    best = {"SGD": 1, "momentum": 0.1, "Nesterov": 0.3, "RMSProp": 0.01, "Adam": 0.03}
    low = {"SGD": 0.03, "momentum": 0.003, "Nesterov": 0.003, "RMSProp": 0.0003, "Adam": 0.0003}
    assert all(wrong(rule, lr) < 0.05 * 300 for rule, lr in best.items())
    assert all(0.08 * 300 < wrong(rule, lr) < 0.2 * 300 for rule, lr in low.items())
    assert all(wrong(rule, lr) > 0.6 * 300 for rule, lr in (("SGD", 3), ("momentum", 1), ("Nesterov", 1)))
    assert all(wrong("Adam", lr) < 0.1 * 300 for lr in (0.001, 0.003, 0.01))
    assert wrong("SGD", 1) < wrong("SGD", 0.3) < wrong("SGD", 0.1), "1 is the best of the rates tried"


@pytest.mark.slow
def test_the_choice_is_among_the_best_on_validation(lesson):
    best = {"SGD": 1, "momentum": 0.1, "Nesterov": 0.3, "RMSProp": 0.01, "Adam": 0.03}
    found = {
        (rule, plan): np.mean([lesson["train"](rule, lr, s, epochs=20, scheduled=plan)[1][-1] for s in range(3)])
        for rule, lr in best.items()
        for plan in (False, True)
    }
    assert found["Adam", True] <= min(found.values()) + 3


def test_digits_never_seen_are_read_at_97_percent_over_five_seeds(lesson):
    (source,) = [cell.source for cell in code_cells(STAGE) if cell.id == "test"]
    choice = {}
    exec(source.partition("@demo")[0], choice)
    right = []
    for seed in range(5):
        params, _ = lesson["train"](
            choice["my_rule"], choice["my_rate"], seed, slice(0, 1400), epochs=20, scheduled=choice["my_schedule"]
        )
        right.append(1 - lesson["count_wrong"](params, lesson["test"]) / 397)
    assert np.mean(right) >= 0.97 and min(right) >= 0.96
    assert round(1 / 397, 4) == 0.0025, "one digit is a quarter of a percent"
    assert "steps=300):" in source_of("05_backprop"), "lesson 5 went through all its pictures 300 times"


def test_the_three_parts_share_no_digit(lesson):
    parts = [set(lesson["order"][lesson[name]]) for name in ("learn", "validate", "test")]
    assert [len(part) for part in parts] == [1100, 300, 397] and len(set.union(*parts)) == 1797


def test_what_the_quiz_counts():
    assert len(load(STAGE)) == 6
    assert 64 * 64 + 64 == 4160 and 64 * 10 + 10 == 650 and 4160 + 650 == 4810
    assert 34 * 32 == 1088 and 1100 - 1088 == 12 and 4096 + 640 == 4736
    assert round(0.1 / math.sqrt(0.001), 2) == 3.16


def test_a_race_draws_everybody_up_to_the_same_step():
    ground = plot.landscape(lambda q: float(q @ q), (-1, 1), (-1, 1), points=9)
    paths = {name: np.linspace([1, 1], [0, k / 5], 6) for k, name in enumerate("abcde")}
    heights = {name: np.geomspace(2, 0.01, 6) for name in paths}
    left, right = plot.race(ground, paths, heights, 3, arrived=0.5).axes
    walkers = left.lines[1:]
    assert [line.get_label() for line in walkers] == list("abcde")
    assert all(len(line.get_xdata()) == 4 for line in walkers)
    assert len({(to_rgba(line.get_color()), line.get_marker(), str(line.get_linestyle())) for line in walkers}) == 5
    assert len({line.get_marker() for line in walkers}) == 5, "apart without their colors"
    assert right.get_yscale() == "log" and right.get_xlim()[1] > 5 and right.lines[0].get_ydata()[0] == 0.5


def test_rates_show_means_over_seeds_in_percent():
    axes = plot.rates({"SGD": {0.1: [30, 60], 1: [15, 15]}, "Adam": {0.01: [3, 9], 0.1: [90, 90]}}, total=300).axes[0]
    assert [line.get_ydata().tolist() for line in axes.lines] == [[15, 5], [2, 30]]
    assert axes.lines[1].get_xdata().tolist() == [0.01, 0.1] and axes.get_xscale() == axes.get_yscale() == "log"


def test_schedules_stand_beside_what_they_lead_to():
    plans, heights = (
        {"flat": [0.1] * 20, "falling": list(np.linspace(0.1, 0, 20))},
        {"flat": [1, 1], "falling": [1, 0.1]},
    )
    left, right = plot.schedules(plans, heights, arrived=0.5, every=10).axes
    assert [len(line.get_ydata()) for line in left.lines] == [20, 20]
    assert right.lines[1].get_xdata().tolist() == [5, 15] and right.lines[1].get_ydata().tolist() == [1, 0.1]


def test_opinions_are_counted_per_batch_size():
    slopes = {1: np.linspace(-9, 5, 30), 4: np.linspace(-4, 0, 20)}
    single, four = plot.opinions(slopes, -2.0).axes
    assert [axes.get_title() for axes in (single, four)] == ["single examples", "batches of 4"]
    assert sum(bar.get_height() for bar in single.patches) == 30 and sum(bar.get_height() for bar in four.patches) == 20
    assert single.lines[1].get_xdata()[0] == -2.0


def test_sgd_is_the_step_of_lesson_4():
    assert sgd_step(np.array([3.0]), np.array([6.0]), 0.1) == pytest.approx([2.4])
