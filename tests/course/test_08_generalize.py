"""What lesson 8 says of its numbers is so. The lesson's own code is run, with the reference in the learner's place."""

import functools
import re
from pathlib import Path

import jupytext
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from course import data, plot
from solutions.augment import augment
from solutions.checkpoint import load_checkpoint, save_checkpoint
from solutions.class_weights import class_weights
from solutions.dropout import dropout_backward, dropout_forward
from solutions.early_stopping import early_stop
from solutions.ensemble import ensemble_predict
from solutions.numeric_gradient import numeric_gradient
from solutions.penalties import l1_penalty, l2_penalty

SOURCE = Path(__file__).parents[2] / "course" / "stages" / "08_generalize.py"
WRITTEN = (
    augment,
    class_weights,
    dropout_backward,
    dropout_forward,
    early_stop,
    ensemble_predict,
    l1_penalty,
    l2_penalty,
)


@pytest.fixture(scope="module")
def lesson():
    """Everything the lesson defines: its cells are run, its demonstrations only defined."""
    names = {function.twins["numpy"].__name__: function.twins["numpy"] for function in WRITTEN}
    names |= {"save_checkpoint": save_checkpoint, "load_checkpoint": load_checkpoint}
    cells = jupytext.reads(SOURCE.read_text(encoding="utf-8"), fmt="py:percent").cells
    imports, *rest = (cell for cell in cells if cell.cell_type == "code" and "exercise" not in cell.metadata)
    with threadpool_limits(1):
        exec(imports.source, names)
        names["demo"] = lambda function=None, *, after=None: function or (lambda later: later)
        names["quiz"] = names["predict"] = lambda *arguments: None
        for cell in rest:
            exec(cell.source, names)
        yield names


@pytest.fixture(scope="module")
def plain(lesson):
    return lesson["train"](lesson["known"], lesson["watched"])


def percent(share):
    return round(100 * float(share), 1)


def test_the_parts_are_apart_and_the_slips_are_where_they_are_said_to_be(lesson):
    assert sorted([*lesson["at_hand"], *lesson["sealed"]]) == list(range(1797)) and len(lesson["sealed"]) == 1197
    (X, typed), (others, labels), meant = lesson["hundred"](0)
    assert (X.shape, others.shape, labels.shape) == ((100, 64), (200, 64), (200,))
    assert np.all(typed[:20] != meant[:20]) and np.all(typed[20:] == meant[20:])
    rows = np.random.default_rng(0).permutation(lesson["at_hand"])
    assert np.array_equal(lesson["X"][rows[100:300]], others), "the 300 others begin where these end"
    _, (_, again), true = lesson["hundred"](0, slips=0)
    assert np.array_equal(true, meant) and np.array_equal(again, labels)


def test_the_test_part_is_used_by_one_cell_alone():
    text = SOURCE.read_text(encoding="utf-8")
    cells = jupytext.reads(text, fmt="py:percent").cells
    users = [c.metadata["id"] for c in cells if c.cell_type == "code" and re.search(r"\bsealed\b", c.source)]
    assert users == ["digits", "seal-run"]


def test_gradients_of_the_machine_are_right(lesson):
    rng = np.random.default_rng(0)
    X, y, weights = rng.normal(size=(7, 5)), rng.integers(0, 3, 7), np.array([0.5, 2.0, 1.0])
    params = {
        "W1": rng.normal(size=(5, 4)),
        "b1": rng.normal(size=4),
        "W2": rng.normal(size=(4, 3)),
        "b2": rng.normal(size=3),
    }
    got = lesson["slopes"](params, X, y, weights, 0.0, rng)
    for name, array in params.items():

        def loss(values, name=name):
            p = lesson["says"](params | {name: values}, X)
            return float(-np.mean(weights[y] * np.log(p[np.arange(7), y])))

        np.testing.assert_allclose(got[name], numeric_gradient(loss, array), atol=1e-8)


def test_every_slip_is_learned_by_heart(lesson, plain):
    assert sum(w.size for w in plain.params[-1].values()) == 64 * 128 + 128 + 128 * 10 + 10 == 9610
    assert lesson["slips_repeated"](plain.params[-1]) == (20, 0)
    assert plain.train_right[-1] == 1 and percent(plain.right[-1]) == 77.5 and percent(max(plain.right)) == 87.0
    assert plain.train_loss[-1] < 0.02 and np.argmin(plain.loss) == 39 and plain.loss[-1] > plain.loss[39] + 0.1


def test_it_was_wiser_than_its_labels_first(lesson, plain):
    told = [lesson["slips_repeated"](plain.params[epoch - 1]) for epoch in (1, 10, 15, 60)]
    assert told[1] == (3, 16) and told[2] == (4, 16) and told[3] == (20, 0)
    assert told[0][1] < 10


def test_early_stopping_by_hand_and_on_the_network(lesson, plain):
    assert early_stop(np.array([0.9, 0.7, 0.6, 0.65, 0.6, 0.62, 0.5]), 3) == (2, 5)
    kept = {patience: early_stop(np.array(plain.loss), patience) for patience in (1, 5, 20, 60)}
    assert kept[20][0] == kept[60][0] == 39
    gains = [percent(plain.right[best]) - percent(plain.right[-1]) for best, _ in kept.values()]
    assert min(gains) >= 5 and max(gains) <= 7
    typed, true = lesson["slips_repeated"](plain.params[39])
    assert (typed, true) == (14, 6)


def test_a_power_cut_costs_the_new_checkpoint_alone(lesson, capsys):
    lesson["power_cut"]()
    said = capsys.readouterr().out
    assert "the older checkpoint is whole" in said and "the trap was refused" in said
    assert "printed by the file itself" not in said and "saving broke off" in said


def test_the_trap_is_a_trap(lesson, tmp_path, capsys):
    np.savez(tmp_path / "trap.npz", W1=np.array([lesson["Trap"]()]))
    with np.load(tmp_path / "trap.npz", allow_pickle=True) as archive:
        archive["W1"]
    assert "printed by the file itself" in capsys.readouterr().out


def test_penalties_by_hand():
    params = {"W": np.array([[3.0, -4.0]]), "b": np.array([7.0, 7.0])}
    penalty, slope = l2_penalty(params, 2, 10)
    assert penalty == 2.5 and slope["W"].round(10).tolist() == [[0.6, -0.8]] and not slope["b"].any()
    penalty, slope = l1_penalty(params, 2, 10)
    assert round(penalty, 10) == 1.4 and slope["W"].tolist() == [[0.2, -0.2]] and not slope["b"].any()


def test_dearer_weights_are_smaller_and_repeat_fewer_slips(lesson):
    ends = {lam: lesson["train"](lesson["known"], lesson["watched"], l2=lam).params[-1] for lam in (0, 1, 3, 10)}
    sizes = [np.sqrt(np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2)) for p in ends.values()]
    assert sizes == sorted(sizes, reverse=True)
    right = {lam: percent(lesson["judged"](params, lesson["watched"])[1]) for lam, params in ends.items()}
    assert max(right, key=right.get) == 3 and right[3] == 83.5 and right[10] < 65
    typed, true = lesson["slips_repeated"](ends[3])
    assert typed <= 6 and true >= 13


def article_weights(lesson, lam, repaired):
    (A, t), (others, truth), _ = lesson["patients"](0, 40)
    w, b = np.zeros(30), 0.0
    for _ in range(3000):
        dW, db = lesson["gradient"](A, lesson["sigmoid"](A @ w + b), t, w, lam)
        w, b = w - 0.3 * (dW + repaired * lam / 40 * w), b - 0.3 * db
    return w, round(lesson["bce"](lesson["sigmoid"](others @ w + b), truth), 3), len(truth)


def test_the_claimed_penalty_never_reaches_the_weights(lesson, capsys):
    lengths, losses = {}, {}
    for repaired in (0, 1):
        found = [article_weights(lesson, lam, repaired) for lam in (0, 0.1, 1, 10)]
        lengths[repaired] = [round(float(np.linalg.norm(w)), 2) for w, _, _ in found]
        losses[repaired] = [loss for _, loss, _ in found]
        assert found[0][2] == 529
    assert lengths[0] == [5.46] * 4 and losses[0] == [0.169] * 4
    assert lengths[1] == [5.46, 3.42, 1.85, 0.83] and losses[1] == [0.169, 0.131, 0.127, 0.189]
    lesson["repair"]()
    assert capsys.readouterr().out.count("length of w 5.46") == 4


def test_l1_leaves_few_weights_and_l2_all(lesson):
    part, (others, truth), _ = lesson["patients"](0, 40)
    found = {}
    for name, penalty, lam in (("none", l2_penalty, 0), ("L2", l2_penalty, 1), ("L1", l1_penalty, 1)):
        w, b = lesson["logistic"](part, penalty, lam)
        right = np.mean((lesson["sigmoid"](others @ w + b) >= 0.5) == truth)
        found[name] = int(np.sum(abs(w) < 0.01)), percent(right)
    assert found["none"][0] == found["L2"][0] == 0 and found["L1"][0] >= 20
    assert all(94 < right < 96 for _, right in found.values())


def test_dropout_by_hand_and_on_average():
    x, mask = np.array([1.0, 2, 3, 4]), np.array([True, False, True, True])
    y = dropout_forward(x, mask, 0.2, True)
    assert y.round(10).tolist() == [1.25, 0, 3.75, 5] and round(y.sum(), 10) == x.sum()
    rng = np.random.default_rng(0)
    mean = np.mean([dropout_forward(x, rng.random(4) >= 0.2, 0.2, True) for _ in range(20_000)], axis=0)
    np.testing.assert_allclose(mean, x, rtol=0.02)


def test_dropout_left_on_is_a_weathercock(lesson, capsys):
    lesson["asked_again"]()
    on, off = capsys.readouterr().out.splitlines()
    wavering = int(re.search(r"change: (\d+)", on)[1])
    assert 50 < wavering < 90 and off.endswith("change: 0 of 200")
    shares = [[float(s) for s in re.findall(r"([\d.]+)%", line)] for line in (on, off)]
    assert np.mean(shares[0]) + 2 < shares[1][0] and len(set(shares[1])) == 1


def test_windows_by_hand():
    row = np.array([5.0, 6, 7]).reshape(1, 1, 1, 3)
    seen = {tuple(augment(row, np.random.default_rng(seed), shift=1).ravel()) for seed in range(200)}
    assert {(0, 5, 6), (5, 6, 7), (6, 7, 0)} <= seen


def test_one_pixel_can_be_everything(lesson, plain):
    pictures, labels = lesson["watched"]
    moved = augment(pictures.reshape(-1, 1, 8, 8), np.random.default_rng(1), shift=1).reshape(pictures.shape)
    share = {"as they are": percent(lesson["judged"](plain.params[-1], (moved, labels))[1])}
    for name, how in (("moved", {"shift": 1}), ("mirrored", {"flip": True})):
        run = lesson["train"](lesson["known"], lesson["watched"], **how)
        share[name] = percent(lesson["judged"](run.params[-1], (moved, labels))[1])
        share[f"{name}, still"] = percent(run.right[-1])
        if name == "moved":
            assert 8 <= lesson["slips_repeated"](run.params[-1])[0] <= 12
    assert share["as they are"] == 34.0 and share["moved"] > 75 and share["moved, still"] - 77.5 < 2
    assert share["mirrored, still"] < 75


def test_three_opinions_by_hand():
    P = np.array([[[0.55, 0.45]], [[0.52, 0.48]], [[0.05, 0.95]]])
    assert P.mean(axis=0).round(3).tolist() == [[0.373, 0.627]] and ensemble_predict(P).tolist() == [1]
    assert np.bincount(P.argmax(axis=2).ravel()).tolist() == [2, 1]


def test_five_heads_gain_more_where_they_do_not_err_alike(lesson):
    runs = [lesson["train"](lesson["known"], lesson["watched"], seed=seed) for seed in range(5)]
    gain = {}
    for when, networks in (("end", [r.params[-1] for r in runs]), ("best", [lesson["stopped"](r) for r in runs])):
        each = np.mean([lesson["judged"](params, lesson["watched"])[1] for params in networks])
        gain[when] = percent(lesson["right"](networks, lesson["watched"]) - each)
    assert 0 < gain["end"] < 1 < gain["best"]
    assert all(lesson["slips_repeated"](run.params[-1])[0] == 20 for run in runs)


@pytest.fixture(scope="module")
def rescue(lesson):
    """Every recipe on five draws: {name: what is right on validation}; and the rescuers of the first."""
    scores, rescuers = {}, None
    for draw in range(5):
        recipes, watched = lesson["one_draw"](draw)
        for name, networks in recipes.items():
            scores.setdefault(name, []).append(lesson["right"](networks, watched))
        rescuers = rescuers or recipes["the rescue"]
    return scores, rescuers


@pytest.mark.slow
def test_the_rescue_beats_every_remedy_alone(rescue):
    scores, _ = rescue
    means = {name: percent(np.mean(values)) for name, values in scores.items()}
    nothing = means["200 epochs, nothing else"]
    assert nothing == pytest.approx(72, abs=0.5) and means["the rescue"] == pytest.approx(85.5, abs=0.5)
    assert all(8.5 < means[name] - nothing < 10.5 for name in ("early stopping", "L2, λ = 3"))
    assert all(2 < means[name] - nothing < 4 for name in ("dropout, p = 0.5", "moved digits"))
    assert 0 <= means["five networks"] - nothing < 1
    assert means["the rescue"] > max(value for name, value in means.items() if name != "the rescue") + 3


@pytest.mark.slow
def test_the_rescued_correct_their_teacher_and_the_seal_is_broken_once(lesson, plain, rescue):
    _, rescuers = rescue
    heard = ensemble_predict(np.stack([lesson["says"](params, lesson["known"][0][:20]) for params in rescuers]))
    assert np.sum(heard == lesson["meant"][:20]) >= 14 and np.sum(heard == lesson["known"][1][:20]) <= 5
    test = lesson["X"][lesson["sealed"]], lesson["y"][lesson["sealed"]]
    before, after = (
        [percent(lesson["right"](networks, part)) for part in (lesson["watched"], test)]
        for networks in ([plain.params[-1]], rescuers)
    )
    assert before == pytest.approx([77.5, 71.1], abs=0.5)
    assert after == pytest.approx([90.0, 83.8], abs=0.5)
    assert 12 < after[1] - before[1] < 13.5 and all(5.5 < a - b < 7 for a, b in (before, after))
    scatter = [100 * np.sqrt(p * (1 - p) / 200) for p in (0.775, 0.9)]
    assert [round(s) for s in scatter] == [3, 2] and 2 * scatter[0] < 6.4


def test_the_after_curve_ends_near_the_share_of_true_labels(lesson):
    run = lesson["train"](lesson["known"], lesson["watched"], epochs=250, shift=1, drop=0.3)
    assert 0.77 < np.mean(run.train_right[-20:]) < 0.86 and max(run.right) > 0.9
    assert np.mean(np.array(run.right[50:200]) > np.array(run.train_right[50:200])) > 0.9


@pytest.mark.slow
def test_choosing_costs(lesson, capsys):
    lesson["what_choosing_costs"]()
    chosen, others = re.findall(r"([\d.]+)%", capsys.readouterr().out)
    assert float(chosen) == pytest.approx(81.8, abs=0.3) and float(others) == pytest.approx(80.1, abs=0.3)


@pytest.mark.full
def test_with_clean_labels_there_is_less_to_rescue(lesson):
    shares = []
    for draw in range(5):
        known, watched, _ = lesson["hundred"](draw, slips=0)
        plain = [lesson["train"](known, watched).params[-1]]
        shares.append([lesson["right"](nets, watched) for nets in (plain, lesson["rescued"](known, watched))])
    before, after = np.mean(shares, axis=0)
    assert percent(before) == pytest.approx(90, abs=0.5) and percent(after) == pytest.approx(93, abs=0.5)
    assert sum(b > a for b, a in shares) == 1


@pytest.mark.full
def test_good_labels_beat_every_remedy_and_bad_ones_can_be_worse_than_none(lesson):
    shares = []
    for draw in range(8):
        known, watched, _ = lesson["hundred"](draw)
        rows = np.random.default_rng(draw).permutation(lesson["at_hand"])[300:]
        others, both = (
            (lesson["X"][rows], lesson["y"][rows]),
            tuple(map(np.concatenate, zip(known, watched, strict=True))),
        )
        shares.append([lesson["train"](part, others).right[-1] for part in (watched, both)])
    alone, together = np.mean(shares, axis=0)
    assert round(100 * float(alone)) in (93, 94) and round(100 * float(together)) == 89


def test_class_weights_by_hand():
    w = class_weights(np.repeat([0, 1], [190, 10]))
    assert w.round(3).tolist() == [0.526, 10.0] and round(190 * w[0], 10) == 100 == 10 * w[1]


def test_the_rare_are_found_more_often(lesson, capsys):
    known, others = lesson["screening"](0)
    assert np.bincount(known[1]).tolist() == [190, 10] and np.bincount(others[1]).tolist() == [167, 100]
    lesson["find_the_rare"]()
    plainly, weighted = (
        [float(s) for s in re.findall(r"([\d.]+)%", line)] for line in capsys.readouterr().out.splitlines()
    )
    assert 12 <= weighted[0] - plainly[0] <= 14 and 1.5 < weighted[1] - plainly[1] < 2.5


def test_raw_units_cost_a_network_dear(lesson, capsys):
    wine, grape = data.wine()
    assert wine.shape == (178, 13) and np.bincount(grape).tolist() == [59, 71, 48]
    assert round(float(np.log(3)), 2) == 1.10 and wine[:, 12].mean() > 700 and wine[:, 10].mean() < 1
    lesson["raw_or_scaled"]()
    raw, scaled = (
        [float(s) for s in re.findall(r" +([\d.]+)(?=[,%])", line)] for line in capsys.readouterr().out.splitlines()
    )
    assert raw[0] > 10 * 1.10 > 10 * scaled[0] / 1.2 and raw[2] < 87 < 95 < scaled[2]


def test_shares_add_up_to_z(lesson):
    known, others, _ = lesson["patients"](0, 369)
    params = lesson["tumor_network"](known, others)
    x = others[0][3]
    parts, z = lesson["shares"](params, x)
    p = lesson["says"](params, x[None])[0]
    assert z == pytest.approx(np.log(p[1] / p[0])) and len(others[1]) == 200
    slope = numeric_gradient(lambda v: float(lesson["shares"](params, v)[1]), x)
    np.testing.assert_allclose(parts, slope * x, atol=1e-6)


def test_reasons_are_tested(lesson, capsys):
    lesson["test_the_reasons"]()
    flips, roots, asked = capsys.readouterr().out.splitlines()
    named, chance = (int(n) for n in re.findall(r"(?:names|chance) (\d+)", flips))
    assert named > 35 and chance < 8
    assert len(re.findall(r"worst", roots)) == 4 and "19 of 30" in asked


def test_a_single_neuron_is_as_good_as_the_network(lesson, capsys):
    lesson["what_reasons_cost"]()
    tree, network, neuron = (float(re.search(r"([\d.]+)%", line)[1]) for line in capsys.readouterr().out.splitlines())
    assert 5 <= network - tree <= 6 and abs(network - neuron) < 0.5


def test_the_first_patient_on_whom_they_disagree(lesson, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(plot, "show", lambda figure, alt: shown.append((figure, alt)))
    lesson["why_this_patient"]()
    (figure, alt), text = shown[0], capsys.readouterr().out
    chain, bars = figure.axes
    assert "The tumor was malignant" in text and bars.get_title().endswith("malignant")
    assert [t.get_text() for t in chain.texts][-1] == "so: benign"
    for name in ("worst perimeter", "worst concave points", "radius error"):
        assert any(t.get_text().startswith(name) for t in chain.texts) and name in alt


@functools.cache
def picture():
    return np.arange(64.0).reshape(8, 8)


def test_the_figures_show_what_they_are_given():
    left, right = plot.epochs({"a": {"t": [2, 1]}, "b": {"t": [50, 90]}}, ["loss", "right"], {"b": {"kept": 1}}).axes
    assert left.lines[0].get_ydata().tolist() == [2, 1] and right.texts[0].get_text() == "kept"
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", "right")
    panels = plot.histories(data.loss_histories()).axes
    assert [axes.get_title() for axes in panels] == list("abcdef")
    assert [t.get_text() for t in panels[3].texts] == ["0.9", "0.5", "0.5", "0.5", "0.3"]
    axes = plot.remedies({"none": [0.5, 0.7], "some": [0.8, 0.9]}).axes[0]
    assert axes.lines[0].get_xdata() == pytest.approx([60]) and axes.texts[1].get_text() == "85.0"
    bars = plot.weight_bars({"L2": np.array([0.5, -1.0])}).axes[0].patches
    assert [bar.get_height() for bar in bars] == [0.5, -1.0]


def test_who_repeats_a_slip_is_marked_in_sign_and_line():
    axes = plot.told(np.stack([picture()] * 3), [1, 1, 1], [2, 2, 2], [1, 2, 3]).axes[0]
    assert [t.get_text().split()[-1] for t in axes.texts] == ["✗", "✓", "?"]
    assert len({patch.get_linestyle() for patch in axes.patches}) == 3


def test_an_explanation_ends_with_its_verdict():
    chain, bars = plot.explanations([("a at most 1?", "yes: 0.5")], "so: b", {"a": 1.0, "c": -0.5}, "z").axes
    assert [t.get_text() for t in chain.texts if t.get_text()] == ["a at most 1?", "yes: 0.5", "so: b"]
    assert [bar.get_width() for bar in bars.patches] == [1.0, -0.5]
    assert [t.get_text() for t in bars.texts] == ["+1.0", "−0.5"]


def test_each_history_lets_somebody_through_and_one_pair_nobody():
    from itertools import combinations

    from grader.exercises.history_tests import PATIENCE, WRONG

    histories = data.loss_histories()
    caught = {
        k: {n for n, f in WRONG.items() if f(h, PATIENCE) != early_stop(h, PATIENCE)} for k, h in histories.items()
    }
    assert all(found != set(WRONG) for found in caught.values())
    pairs = [pair for pair in combinations(histories, 2) if caught[pair[0]] | caught[pair[1]] == set(WRONG)]
    assert pairs == [("c", "d")]
