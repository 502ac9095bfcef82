"""What lesson 15 says of its numbers is so. The lesson's own code is run, with the reference in the learner's place."""

import re
import sys
from pathlib import Path

import jupytext
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from course import plot
from course.questions import load
from grader.exercises import of_stage
from grader.notebook import instructor_notebook
from solutions.attention import attention

STAGE = "15_beyond"
SOURCE = Path(__file__).parents[2] / "course" / "stages" / f"{STAGE}.py"
TEXT = SOURCE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lesson():
    """Everything the lesson defines: its cells are run, its demonstrations only defined."""
    names = {name: exercise.model for name, exercise in of_stage(STAGE).items()}
    cells = jupytext.reads(TEXT, fmt="py:percent").cells
    imports, *rest = (cell for cell in cells if cell.cell_type == "code" and "exercise" not in cell.metadata)
    with threadpool_limits(1):
        exec(imports.source, names)
        names["demo"] = lambda function=None, *, after=None: function or (lambda later: later)
        names["quiz"] = names["predict"] = lambda *arguments: None
        for cell in rest:
            exec(cell.source, names)
        yield names


@pytest.fixture
def shown(monkeypatch):
    """Figures that a demonstration shows: (figures, captions, alt)."""
    pages = []
    monkeypatch.setattr(plot, "show", lambda figure, alt: pages.append(([figure], [], alt)))
    monkeypatch.setattr(plot, "film", lambda figures, captions, alt: pages.append((figures, captions, alt)))
    return pages


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", text.replace(",", ""))]


def test_the_smallest_game_by_hand(lesson):
    real, still = np.array([[2.0]]), np.array([[0.0]])
    assert lesson["take_turns"](0.0, 0.0, 0.0, real, still, 1.0) == (0.5, 0.0, 0.25)


def test_both_prices_by_hand(lesson):
    zero = np.zeros((3, 1))
    assert lesson["discriminator_loss"](zero, zero[:2]) == pytest.approx(np.log(2))
    assert lesson["generator_loss"](zero) == pytest.approx(0.693, abs=5e-4)
    costs = [np.log1p(np.exp(-r)) for r in (2, -2)]
    assert np.round(costs, 3).tolist() == [0.127, 2.127]
    p = 1 / (1 + np.exp(4))
    assert (round(p, 3), round(p - 1, 3)) == (0.018, -0.982)


def test_the_chase_overshoots_and_a_calm_expert_does_not(lesson, shown, capsys):
    lesson["chase"]()
    wild, calm = capsys.readouterr().out.splitlines()
    assert numbers(wild)[:2] == [3.00, 1.60]
    assert numbers(calm)[-2:] == [2.00, 2.00]
    assert numbers(wild)[-1] > 2.1
    assert len(shown[0][0][0].axes) == 2


@pytest.mark.slow
def test_the_mint_is_forged_and_the_expert_left_guessing(lesson, shown, capsys):
    lesson["a_mint_of_ones_own"]()
    *lines, _, losses = capsys.readouterr().out.splitlines()
    mean, spread = numbers(lines[-1])[1:]
    assert abs(mean - 4) < 0.1
    assert 0.35 < spread < 0.6
    assert abs(numbers(losses)[1] - np.log(2)) < 0.01
    assert len(shown[0][0]) == len(shown[0][1]) == len(lines)


@pytest.mark.slow
def test_momentum_makes_it_collapse(lesson):
    for seed in (0, 1):
        for momentum, most, least in ((0.9, 3, 0), (0.5, 8, 6)):
            seen = lesson["on_the_ring"](lesson["ring"], seed, 2000, momentum, (800, 1000, 1200, 1500))
            covered = [np.sum(lesson["modes"](points) > 20) for points in seen.values()]
            assert least <= min(covered) <= max(covered) <= most


REPAIRED = "p=(1 / np.bincount(kind)[kind]) / 8"


@pytest.mark.slow
@pytest.mark.parametrize(("repaired", "each"), [(False, [0.0, 0.6, 0.0]), (True, [10.6, 0.1, 10.2])])
def test_training_adds_to_the_bias_and_drawing_evenly_mends_some(lesson, capsys, repaired, each):
    if repaired:
        points, kind = lesson["points"], lesson["kind"]
        assert f"points[rng.choice(len(points), n, {REPAIRED})]" in TEXT
        fair = (1 / np.bincount(kind)[kind]) / 8
        lesson["a_batch"] = lambda n, rng: points[rng.choice(len(points), n, p=fair)]
    lesson["bias"]()
    share, *runs, mean = capsys.readouterr().out.splitlines()
    assert numbers(share) == [2.1]
    assert [numbers(run)[1] for run in runs] == pytest.approx(each, abs=0.3)
    assert numbers(mean)[0] == pytest.approx(np.mean(each), abs=0.2)


@pytest.mark.slow
def test_digits_are_read_as_all_ten_and_are_no_copies(lesson, shown, capsys):
    lesson["digits"]()
    *films, counts = capsys.readouterr().out.splitlines()
    assert numbers(films[-1])[-1] > 60 > 35 > numbers(films[2])[-1]
    assert min(numbers(counts.split(":")[1].replace("1000", ""))) > 40
    lesson["copies"]()
    mean, least, real = (numbers(line)[-1] for line in capsys.readouterr().out.splitlines())
    assert mean > real > least > 0.5
    assert len(lesson["by_hand"]()) == 5
    lesson["which_are_real"]()
    assert [axes.get_title() for axes in shown[-1][0][0].axes] == list("abcdefghij")


def test_attention_by_hand():
    Q, K = np.array([[[2.0, 2, 0, 0]]]), np.array([[[1.0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 1]]])
    V, mask = np.array([[[10.0], [20.0], [30.0]]]), np.ones((1, 1, 3), bool)
    Y, A = attention(Q, K, V, mask)
    assert A.round(3).ravel().tolist() == [0.665, 0.245, 0.090]
    assert (A.ravel() * V.ravel()).round(2).tolist() == [6.65, 4.89, 2.70]
    assert round(float(Y[0, 0, 0]), 2) == 14.25
    mask[0, 0, 2] = False
    Y, A = attention(Q, K, V, mask)
    assert A.round(3).ravel().tolist() == [0.731, 0.269, 0]
    assert round(float(Y[0, 0, 0]), 2) == 12.69


def test_without_the_root_one_key_takes_it_all(lesson, capsys):
    lesson["why_the_root"]()
    lines = [numbers(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == [4, 64, 1024]
    assert lines[-1][2] > 0.95
    assert all(line[3] < 0.4 for line in lines)
    assert all(line[1] == pytest.approx(np.sqrt(line[0]), rel=0.15) for line in lines)


def test_slopes_of_the_block_and_of_the_rnn_are_right(lesson):
    rng = np.random.default_rng(0)
    tokens, done = lesson["lists"](3, 4, rng)
    for first, slopes_of, scores_of in (
        ("first_block", "block_slopes", "block"),
        ("first_rnn", "recurrent_slopes", "recurrent"),
    ):
        params = {name: p.astype(float) for name, p in lesson[first](rng, 6, 5).items()}

        def loss(params, scores_of=scores_of):
            z = lesson[scores_of](params, tokens)[0][:, -4:]
            z = z - z.max(axis=2, keepdims=True)
            p = z - np.log(np.exp(z).sum(axis=2, keepdims=True))
            return -np.mean(np.take_along_axis(p, done[:, :, None], 2))

        slopes = lesson[slopes_of](params, tokens, done)
        assert set(slopes) == set(params)
        way = {name: rng.standard_normal(p.shape) for name, p in params.items()}
        there, back = (loss({name: p + e * way[name] for name, p in params.items()}) for e in (1e-3, -1e-3))
        told = sum(np.sum(slopes[name] * way[name]) for name in params)
        assert (there - back) / 2e-3 == pytest.approx(told, rel=5e-3)  # the RNN's states are float32


@pytest.mark.slow
def test_it_learns_to_sort_and_where_to_look(lesson, shown, capsys):
    lesson["it_learns_where_to_look"]()
    *lines, size = capsys.readouterr().out.splitlines()
    assert numbers(lines[0])[1] < 5
    assert numbers(lines[-1])[1] >= 995
    assert "7,936" in size
    last = shown[0][0][-1].axes[0]
    assert [text.get_text() for text in last.texts if "→" in text.get_text()] == [f"→ {n}" for n in (1, 2, 3, 5, 8, 9)]


@pytest.mark.slow
def test_longer_lists_tell_a_rule_from_a_memory(lesson, capsys, monkeypatch):
    said = []
    monkeypatch.setitem(lesson, "predict", type("P", (), {"reveal": lambda self, name, what: said.append(what)})())
    lesson["longer"]()
    _, rule, memory = (dict(re.findall(r"(\d): (\d+)", line)) for line in capsys.readouterr().out.splitlines())
    assert said == ["attention nearly all, the RNN nearly none"]
    assert all(int(rule[k]) > 980 for k in "6789")
    assert int(memory["6"]) > 850
    assert all(int(memory[k]) < 50 for k in "4789")
    assert 1000 - int(rule["4"]) == pytest.approx(82, abs=25)


def test_order_means_nothing_to_attention(lesson):
    params, tokens = lesson["first_block"](np.random.default_rng(1)), np.array([[8, 3, 5, 1, 10]])
    A, B = (lesson["block"](params, rows)[1][4][0, -1] for rows in (tokens, tokens[:, [2, 0, 3, 1, 4]]))
    np.testing.assert_allclose(B, A[[2, 0, 3, 1, 4]], atol=1e-6)


def test_the_start_beats_its_baseline_and_leaves_the_test_sealed(lesson, capsys):
    lesson["a_start"]()
    whose, *lines = capsys.readouterr().out.splitlines()
    assert "accuracy (lesson 0) and softmax (lesson 2)" in whose
    base, *runs = ([n / 100 for n in numbers(line)] for line in lines)
    assert base[0] < 0.5
    assert all(run[-1] > 0.9 for run in runs)


def test_a_library_is_found_where_there_is_one(lesson, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lesson["my_shelves"]()
    assert "There is no my_library.py" in capsys.readouterr().out
    (tmp_path / "my_library.py").write_text("def relu(z):\n    return z\n")
    lesson["my_shelves"]()
    sys.modules.pop("my_library")
    said = capsys.readouterr().out
    assert "✓ relu" in said
    assert "· softmax" in said


def test_the_report_is_graded_by_a_person_and_the_panel_is_whole():
    cells = {cell.id: cell for cell in instructor_notebook(STAGE).cells}
    assert cells["report"].metadata["nbgrader"]["points"] == 20
    assert "34 points" in cells["title"].source
    panel = cells["panel-five"].source + cells["panel-nine"].source
    assert re.findall(r"^\*\*(\d+)\.", panel, re.M) == [str(n) for n in range(1, 15)]
    assert panel.count("<details>") == panel.count("</details>") == 14
    assert pytest.approx(1e-9, rel=0.1) == 0.25**15


def test_three_questions_are_old_and_three_are_new():
    lessons = [question.lesson for question in load(STAGE)]
    assert len(lessons) == 6
    assert lessons.count("15") == 3


def test_the_figures_show_what_they_are_given():
    upper, lower = plot.density([4.0, 4.1], [1.0], np.array([0.0, 8]), np.array([0.2, 0.7]), "grams").axes
    assert lower.lines[-1].get_ydata().tolist() == [0.2, 0.7]
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["real", "fakes"]
    left, right = plot.clouds(np.zeros((3, 2)), {"a": np.ones((2, 2)), "b": np.zeros((5, 2))}).axes
    assert (left.get_title(), right.get_title()) == ("a", "b")
    assert [len(dots.get_offsets()) for dots in right.collections] == [3, 5]
    axes = plot.attention_map([[0.9, 0.1], [0.01, 0.0]], "ab", "xy", np.array([[0, 0], [0, 1]], bool), ["p", "q"]).axes[
        0
    ]
    assert [text.get_text() for text in axes.texts] == [".90", ".10", "·", "→ p", "→ q"]
