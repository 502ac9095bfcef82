"""What lesson 14 says of its numbers is so. The lesson's own code is run, with the reference in the learner's place."""

import re
from itertools import combinations
from pathlib import Path

import jupytext
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from course import plot
from course.compare import differences
from grader.exercises import freeze_tests
from solutions.numeric_gradient import numeric_gradient
from solutions.transfer import features, freeze, train_head

SOURCE = Path(__file__).parents[2] / "course" / "stages" / "14_transfer.py"
CELLS = jupytext.reads(SOURCE.read_text(encoding="utf-8"), fmt="py:percent").cells


def ready(change=lambda source: source):
    """The lesson's names: its cells are run, its demonstrations only defined."""
    names = {function.twins["numpy"].__name__: function.twins["numpy"] for function in (freeze, features, train_head)}
    imports, *rest = (cell for cell in CELLS if cell.cell_type == "code" and "exercise" not in cell.metadata)
    exec(imports.source, names)
    names["demo"] = lambda function=None, *, after=None: function or (lambda later: later)
    names["quiz"] = names["predict"] = Silent()
    for cell in rest:
        exec(change(cell.source), names)
    return names


class Silent:
    def __call__(self, *arguments):
        return None

    def reveal(self, name, outcome):
        self.outcome = outcome


@pytest.fixture(scope="module")
def lesson():
    with threadpool_limits(1):
        yield ready()


@pytest.fixture
def shown(monkeypatch):
    """The figures that a demonstration shows, with their words."""
    figures = []
    monkeypatch.setattr(plot, "show", lambda figure, alt: figures.append((figure, alt)))
    monkeypatch.setattr(plot, "film", lambda frames, captions, alt: figures.append((frames, captions, alt)))
    return figures


def prose(name):
    """One cell's words, in a line."""
    return " ".join(next(cell.source for cell in CELLS if cell.metadata.get("id") == name).split())


def percent(shares):
    return round(100 * float(np.mean(shares)), 1)


def test_parameters_for_every_example_by_hand():
    table = prose("cats")
    assert [round(p / n) for p, n in ((380, 6), (140, 1.2), (100, 1.1))] == [63, 117, 91]
    assert "| parameters for every example | 63 | 117 | 91 |" in table
    assert 138_357_544 // 1000 == 138_357 and round(9610 / 100) == 96 and 4096 * 2 + 2 == 8194
    assert 138_357_544 / 1000 > 1000 * 117 and round(380 / 36) == 11


def test_the_tiny_base_by_hand():
    base = {"W1": np.array([[1.0, 0], [-1, 1]]), "b1": np.array([1.0, -1])}
    A = features(np.array([[2.0, 1], [1, 3]]), base)
    assert A.tolist() == [[2, 0], [0, 2]]
    W, b = train_head(A, np.array([0, 1]), np.zeros((2, 2)), np.zeros(2), 1.0, 1)
    assert W.tolist() == [[0.5, -0.5], [-0.5, 0.5]] and b.tolist() == [0, 0]
    z = A[0] @ W + b
    assert z.tolist() == [1, -1] and round(float(np.exp(z[0]) / np.exp(z).sum()), 3) == 0.881


def test_gradients_of_the_machine_are_right(lesson):
    rng = np.random.default_rng(0)
    params, X, y = lesson["fresh"](rng, 5, 4, 3, 2), rng.normal(size=(7, 5)), rng.integers(0, 2, 7)
    params |= {name: rng.normal(size=array.shape) for name, array in params.items() if array.ndim == 1}  # off the kinks
    for name, got in lesson["slopes"](params, X, y).items():

        def loss(values, name=name):
            z = lesson["forward"](params | {name: values}, X)[-1]
            return float(-np.mean((z - np.log(np.exp(z).sum(axis=1, keepdims=True)))[np.arange(7), y]))

        np.testing.assert_allclose(got, numeric_gradient(loss, params[name]), atol=1e-8)
    one = lesson["descend"](params, X, y, [0, 0.5, 2], 1)
    for name, g in lesson["slopes"](params, X, y).items():
        np.testing.assert_allclose(one[name], params[name] - {"1": 0, "2": 0.5, "3": 2}[name[1]] * g)


def test_rows_are_of_each_kind_and_never_on_both_sides(lesson):
    kinds = lesson["digit"][lesson["yours"]]
    assert len(kinds) == 397
    rows, others = lesson["some_of_each"](kinds, 5, np.random.default_rng(0))
    assert np.bincount(kinds[rows]).tolist() == [5] * 10
    assert sorted([*rows, *others]) == list(range(397))


def test_the_first_reader_and_its_new_head(lesson, shown, capsys):
    lesson["first_try"]()
    whose, old, counts, new = capsys.readouterr().out.splitlines()
    assert "adam_step (lesson 6)" in whose
    assert "97.2%" in old and "6,240 frozen, 330" in counts and "of 387 others" in new
    assert 64 * 64 + 64 + 64 * 32 + 32 == 6240 and 32 * 10 + 10 == 330
    words = [axes.get_title() for axes in shown[0][0].axes]
    assert set(words) == {"even", "odd"} and float(re.search(r"([\d.]+)%", new)[1]) > 80


@pytest.mark.slow
def test_a_borrowed_base_beats_its_controls_with_few_labels(lesson):
    results = lesson["even_or_odd"]((1, 2, 5, 20))
    mean = {key: percent(shares) for key, shares in results.items()}
    borrowed, scratch, bare = (np.array(results[n, 10]) for n in ("borrowed, frozen", "from scratch", "pixels"))
    assert len(borrowed) == 15 and np.all(borrowed > scratch)
    assert percent(borrowed) == pytest.approx(86, abs=0.6) and percent(scratch) == pytest.approx(78, abs=0.6)
    assert mean["from scratch", 20] < percent(borrowed) < mean["from scratch", 50]
    assert abs(percent(scratch) - percent(bare)) < 2.5
    assert abs(mean["from scratch", 200] - mean["borrowed, frozen", 200]) < 1
    for n in (10, 20, 50, 200):
        assert mean["random, frozen", n] < min(
            value for (name, m), value in mean.items() if m == n and "random" not in name
        )


@pytest.mark.slow
def test_a_near_neighbor_hurts_in_every_round(lesson, shown, capsys):
    lesson["a_base_that_hurts"]()
    lines = capsys.readouterr().out.splitlines()
    assert "100.0%" in lines[0] and lesson["predict"].outcome == "worse, by 3 points or more"
    right = {line[:26].strip(): float(re.search(r"([\d.]+)%", line)[1]) for line in lines[1:]}
    wins = {line[:26].strip(): int(re.search(r"in +(\d+) of 15", line)[1]) for line in lines[1:]}
    assert wins["borrowed, frozen"] == wins["borrowed, then fine-tuned"] == 0
    assert right["from scratch"] == pytest.approx(93, abs=0.5) == right["pixels"]
    assert right["borrowed, frozen"] == pytest.approx(82, abs=0.5)
    assert 10.5 < right["from scratch"] - right["borrowed, frozen"] < 11.5
    assert abs(right["borrowed, frozen"] - right["random, frozen"]) < 3
    assert right["borrowed, first layer only"] == pytest.approx(91, abs=0.5)
    assert 89.5 < right["borrowed, then fine-tuned"] < right["from scratch"]
    dots = shown[0][0].axes[0].collections[2].get_offsets()[:, 0]
    assert len(dots) == 15 and dots.max() < right["from scratch"], "as the alternative text says"


def test_what_zero_to_four_make_of_the_others(lesson, shown, capsys):
    lesson["what_they_make_of_five_to_nine"]()
    taken = dict(re.findall(r"(\d) in (\d+)%", capsys.readouterr().out))
    assert all(int(taken[kind]) > 50 for kind in "589") and "darkest" in shown[0][1]
    texts = [t.get_text() for t in shown[0][0].axes[0].texts]
    assert len(texts) == 25 and [texts[5 * row + 3] for row in range(5)] == [taken[str(k)] for k in range(5, 10)]


def test_the_lenders_question_matters_and_the_three_are_half_a_truth(lesson, capsys):
    lesson["explanations_tested"]()
    few, ten, bare = (
        [float(n) for n in re.findall(r"([\d.]+)%", line)] for line in capsys.readouterr().out.splitlines()
    )
    assert [round(line[0]) for line in (few, ten, bare)] == [83, 96, 95]
    assert few[1] == pytest.approx(60, abs=1) and bare[1] == pytest.approx(45, abs=1)


def test_decay_velocity_and_statistics_by_hand(lesson, capsys):
    assert round(0.999**500, 3) == 0.606 and sum(0.9**k for k in range(1, 400)) == pytest.approx(9)
    assert pytest.approx(4.4) == 0.9 * 4 + 0.1 * 8 and round(8 - 4 * 0.9**20, 1) == 7.5
    lesson["called_frozen"]()
    faded, kept = capsys.readouterr().out.splitlines()
    assert (
        "False" in faded and "60.6%" in faded and float(re.findall(r"([\d.]+)%", faded)[1]) == pytest.approx(37, abs=1)
    )
    assert "True" in kept and kept.count("100.0%") == 2


def test_one_choice_of_three_facts_unmasks_all_five():
    right = {letter: fact({}) for letter, fact in freeze_tests.FACTS.items()}
    caught = {
        letter: {name for name, how in freeze_tests.WRONG.items() if differences(fact(how), right[letter])}
        for letter, fact in freeze_tests.FACTS.items()
    }
    enough = [c for c in combinations(caught, 3) if set.union(*map(caught.get, c)) == set(freeze_tests.WRONG)]
    assert enough == [tuple(freeze_tests.freeze_tests())]
    assert caught["a"] == caught["b"] == set() and right["a"] == pytest.approx(np.log(2))


def test_the_tests_own_step_is_a_step_of_descent():
    def loss(values, name):
        return freeze_tests.step(freeze_tests.START | {name: values})[1]

    everything = {"learns": ("W1", "b1", "W2", "b2"), "decays": ()}
    after, _ = freeze_tests.step(freeze_tests.START, **everything)
    for name in everything["learns"]:
        slope = numeric_gradient(lambda v, name=name: loss(v, name), freeze_tests.START[name])
        np.testing.assert_allclose(after[name], freeze_tests.START[name] - freeze_tests.LR * slope, atol=1e-8)


def test_a_large_rate_forgets_and_a_small_one_does_not(lesson, shown, capsys):
    lesson["forgetting"]()
    capsys.readouterr()
    frames, captions, alt = shown[0]
    told = {int(re.search(r"after +(\d+)", c)[1]): [float(n) for n in re.findall(r"([\d.]+)%", c)] for c in captions}
    assert round(told[0][1]) == 97 and round(told[5][1]) == 17 and 45 < told[5][0] < 55
    assert told[500][0] > 90 and round(told[500][1]) == 50
    assert all(shares[3] > 96.5 for shares in told.values())
    signs = [[t.get_text()[-1] for t in frame.axes[0].texts if t.get_text()[-1] in "✓✗"] for frame in frames]
    assert all(row[10:] == ["✓"] * 10 for row in signs), "the lower row stays right"
    assert signs[0][:10].count("✗") == 0 and signs[1][:10].count("✗") > 5 and signs[-1][:10].count("✗") > 2
    assert "orange" in alt


@pytest.mark.slow
def test_rates_compared(lesson, capsys):
    lesson["rates_compared"]()
    lines = capsys.readouterr().out.splitlines()
    frozen, _, apart, gentle, large = ([float(n) for n in re.findall(r"([\d.]+)%", line)] for line in lines)
    assert 0.5 < apart[0] - frozen[0] < 1.5 and 0.5 < gentle[0] - frozen[0] < 1.5
    assert round(large[0]) == 85 and 4.5 < frozen[0] - large[0] < 5.5 and round(large[2]) == 20
    assert round(apart[0]) == 91 and round(apart[2]) == 97


def test_pictures_have_to_be_prepared(lesson, capsys):
    lesson["pictures_from_a_scanner"]()
    assert re.findall(r"([\d.]+)%", capsys.readouterr().out) == ["0.3", "78.1"]
    repaired = ready(lambda source: source.replace("    return scans\n", "    return 1 - scans / 255\n"))
    with threadpool_limits(1):
        repaired["pictures_from_a_scanner"]()
    assert re.findall(r"([\d.]+)%", capsys.readouterr().out) == ["97.0", "84.9"]
    assert all(number in prose("repair-the-claim-answer") for number in ("0.3", "78.1", "97.0", "84.9"))


def test_resnet50_and_its_head_counted(lesson, shown, capsys):
    lesson["count_resnet50"]()
    out = capsys.readouterr().out
    assert "53 convolutions, 23,454,912 weights, 26,560 channels" in out
    assert "23,587,712" in out and "53,120" in out and "527,114, which is 2.2% of 24,114,826" in out
    assert 2048 * 256 + 256 == 524_544 and 256 * 10 + 10 == 2570 and 524_544 + 2570 == 527_114
    assert 7 * 7 * 2048 == 100_352 and 100_352 * 256 + 256 == 25_690_368 > 23_587_712 and 2048 * 2 + 2 == 4098
    assert round(527_114 / 1000) == 527 and round(4098 / 1000) == 4
    assert round(100 * np.sqrt(0.95 * 0.05 / 500)) == 1 and 475 / 500 == 0.95
    texts = [t.get_text() for t in shown[0][0].axes[0].texts]
    assert texts == ["23,587,712", "527,114", "25,692,938"] and all(text in shown[0][1] for text in texts)


def test_what_is_remembered_is_marked_in_sign_and_line():
    axes = plot.remembered(np.zeros((2, 8, 8)), [3, 4], {"a": [3, 4], "b": [3, 5]}).axes[0]
    assert [t.get_text() for t in axes.texts] == ["a", "3 ✓", "4 ✓", "b", "3 ✓", "5 ✗"]
    assert [patch.get_linestyle() for patch in axes.patches] == ["-", "-", "-", "--"]


def test_frozen_and_training_parts_are_told_apart_without_color():
    bars = plot.frozen_or_not({"base": 20_000_000}, {"head": 1_000_000}).axes[0].patches
    assert [bar.get_width() for bar in bars] == [20, 1] and bars[0].get_hatch() != bars[1].get_hatch()


def test_shares_are_percentages():
    axes = plot.taken_for(np.array([[0.25, 0.75]]), ["x"], ["p", "q"]).axes[0]
    assert [t.get_text() for t in axes.texts] == ["25", "75"]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["p", "q"]
