"""What lesson 12 says of its numbers is so: its own setup cells, run with the model answers.

The text varies with the version of Python, so what is learned from it is held to ranges.
"""

import itertools
import math
import re

import numpy as np
import pytest

from course import corpus, plot
from course.markov import Markov
from course.quiz import load
from grader.stages import source_of
from tests.course.lessons import with_model_answers

STAGE = "12_rnn"


@pytest.fixture(scope="module")
def lesson():
    names = with_model_answers(STAGE)
    yield names
    names.one_core.restore_original_limits()


@pytest.fixture(scope="module")
def reader(lesson):
    """The reader of the lesson, trained as there."""
    lesson.train(lesson.reader, until=2500)
    lesson.train(lesson.reader, until=lesson.PORTIONS)
    return lesson.reader


def numbers(*rows):
    return np.array(rows, float)


# by hand


def test_three_steps_by_hand(lesson):
    one, half, none = np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros(1)
    X = numbers([[0.69], [0.80], [-0.40]])
    assert lesson.rnn_forward(X, np.zeros((1, 1)), one, half, none).ravel() == pytest.approx([0.6, 0.8, 0], abs=0.005)
    assert [round(math.tanh(z), 2) for z in (0.69, 1.10, -0.40)] == [0.6, 0.8, -0.38]
    assert pytest.approx(1.10) == 0.80 + 0.5 * 0.6 and -0.40 + 0.5 * 0.8 == 0


def test_back_through_three_steps_by_hand(lesson):
    X, hs, dhs = (numbers(row).reshape(1, 3, 1) for row in ((0.69, 0.80, -0.40), (0.6, 0.8, 0), (0, 0.5, 1)))
    one, half, zero = np.ones((1, 1)), np.full((1, 1), 0.5), np.zeros((1, 1))
    dX, dh0, dWx, dWh, db = lesson.bptt(dhs, X, zero, hs, one, half)
    assert np.round(dX.ravel(), 3).tolist() == [0.115, 0.36, 1], "dX = dz · Wx, and Wx is 1"
    assert (1 - hs.ravel() ** 2).tolist() == pytest.approx([0.64, 0.36, 1])
    assert np.round(0.5 * dX.ravel(), 3).tolist() == [0.058, 0.18, 0.5], "on to the step before"
    assert (round(dWh[0, 0], 3), round(dWx[0, 0], 2), round(db[0], 3)) == (1.016, -0.03, 1.475)
    assert dh0[0, 0] == pytest.approx(0.0576)


def test_a_table_of_three_rows_by_hand(lesson):
    E, ids = numbers([5, 1], [0, 2], [3, 3]), np.array([[2, 0, 2]])
    assert lesson.embedding_forward(ids, E).tolist() == [[[3, 3], [5, 1], [3, 3]]]
    gradients = numbers([1, 0], [0, 4], [1, 1])[None]
    assert lesson.embedding_backward(gradients, ids, 3).tolist() == [[0, 4], [0, 0], [2, 1]]


def test_a_draw_by_hand(lesson):
    z = np.log([4, 2, 1])

    def percent(T):
        return [round(100 * p) for p in np.exp(z / T) / np.exp(z / T).sum()]

    assert (percent(1), percent(0.5), percent(2)) == ([57, 29, 14], [76, 19, 5], [45, 32, 23])
    assert np.round(np.exp(z / 2), 2).tolist() == [2, 1.41, 1] and np.exp(2 * z) == pytest.approx([16, 4, 1])
    assert np.round(np.cumsum([4 / 7, 2 / 7, 1 / 7]), 2).tolist() == [0.57, 0.86, 1]
    seed = next(seed for seed in range(1000) if 0.595 < np.random.default_rng(seed).random() < 0.605)
    assert lesson.sample(z, 1.0, np.random.default_rng(seed)) == 1, "0.6 is the second character"


def test_parameters_do_not_depend_on_the_length_of_the_text(lesson):
    D, H, V = lesson.D, lesson.H, lesson.V
    layer = sum(lesson.fresh()[name].size for name in ("Wx", "Wh", "b"))
    assert layer == D * H + H * H + H == 43_200 and 100 * D * H + H == 614_592
    everything = sum(p.size for p in lesson.fresh().values())
    assert everything == V * D + layer + H * V + V and 64_000 < everything < 66_000


def test_keras_counts_as_we_do_and_pytorch_has_a_bias_more():
    torch = pytest.importorskip("torch")
    assert sum(p.numel() for p in torch.nn.RNN(32, 192).parameters()) == 43_200 + 192


# the text


def test_the_text_is_what_the_lesson_says(lesson):
    assert len(corpus.LEARN) == 28 and corpus.HELD_OUT == ["tempfile", "threading"]
    assert len(lesson.text) > 500_000 and 20_000 < len(lesson.held_out) < 60_000
    assert 90 <= lesson.V <= 99 and round(len(lesson.text) / lesson.N, -4) == 20_000
    assert 8.5 < 6000 * lesson.N * lesson.T / len(lesson.text) < 10 and 6000 * lesson.N * lesson.T > 6_000_000
    assert not set(corpus.LEARN) & set(corpus.HELD_OUT)
    assert "".join(lesson.letters[i] for i in lesson.ids[:500]) == lesson.text[:500]


def test_every_line_that_is_read_is_python_and_closed(lesson):
    lines = corpus.lines_of(lesson.held_out_text)
    assert all(map(corpus.is_python, lines)) and all(map(corpus.is_closed, lines))
    assert max(map(len, lines)) <= corpus.LONGEST_LINE and not any("    " in line[:4] for line in lines)


def test_indentation_comes_back_when_a_text_is_typeset(tmp_path, monkeypatch):
    source = 'def f(x):\n    """Doc."""\n    if x:\n        # why\n        return "a text that is too long"\n    return f"{x}"\ny = 1\n'
    (tmp_path / "small_module.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    typed = corpus.typed("small_module")
    assert typed == "def f(x):\n\tif x:\n\treturn 'text'\n\breturn 'text'\n\by = 1\n"
    expected = "def f(x):\n    if x:\n        return 'text'\n    return 'text'\ny = 1\n"
    assert corpus.typeset(typed) == expected
    assert corpus.lines_of(typed)[2] == "return 'text'"


def test_a_module_without_source_is_told():
    with pytest.raises(ImportError, match="sys is not here"):
        corpus.typed("sys")


@pytest.mark.parametrize("line", ["else:", "try:", "except OSError:", "case 3:", "@f", "return x", "x = [1]", "break"])
def test_a_line_is_python_at_the_place_where_it_belongs(line):
    assert corpus.is_python(line) and corpus.is_closed(line)


@pytest.mark.parametrize(
    "line", ["", "# a comment", "x  # 7", "if x", "return return", "x = 'a", "f(", "f)", "a b", "f((])"]
)
def test_what_is_no_line_of_python(line):
    assert not corpus.is_python(line)


@pytest.mark.parametrize(
    ("line", "closed"), [("a b", True), ("f(", False), ("f)", False), ("f([)]", False), ("'", False)]
)
def test_a_line_is_closed_whatever_it_means(line, closed):
    assert corpus.is_closed(line) is closed


def test_portions_go_on_where_the_last_one_ended(lesson):
    here, following, begins = lesson.portion(0)
    after, _, again = lesson.portion(1)
    assert here.shape == (32, 32) and begins and not again
    assert np.array_equal(here[:, 1:], following[:, :-1]) and np.array_equal(after[:, 0], following[:, -1])
    rounds = (len(lesson.ids) - 1) // 32 // 32
    assert lesson.portion(rounds)[2] and np.array_equal(lesson.portion(rounds)[0], here)


# gradients


def test_the_readers_gradients_are_those_of_its_loss(lesson):
    params = {name: p.astype(float) for name, p in lesson.fresh(H=5).items()}
    here, following, _ = lesson.portion(3, N=2, T=6)
    _, gradients, _ = lesson.slopes(params, here, following, np.zeros((2, 5)))
    assert gradients.keys() == params.keys()
    rng = np.random.default_rng(0)
    for name, p in params.items():
        along = rng.standard_normal(p.shape)
        up, down = (
            lesson.slopes(params | {name: p + nudge * along}, here, following, np.zeros((2, 5)))[0]
            for nudge in (1e-5, -1e-5)
        )
        assert (up - down) / 2e-5 == pytest.approx(np.sum(gradients[name] * along), rel=1e-5)


def test_gradients_vanish_or_explode_with_the_size_of_wh(lesson):
    def left(size, N=20, T=40, D=8, H=64):
        rng = np.random.default_rng(0)
        X, Wx = rng.standard_normal((N, T, D)), 0.1 * rng.standard_normal((D, H)) / np.sqrt(D)
        Wh, h0 = size * rng.standard_normal((H, H)) / np.sqrt(H), np.zeros((N, H))
        hs = lesson.rnn_forward(X, h0, Wx, Wh, np.zeros(H))
        dhs = np.zeros_like(hs)
        dhs[:, -1] = rng.standard_normal((N, H))
        sizes = np.linalg.norm(lesson.bptt(dhs, X, h0, hs, Wx, Wh)[0], axis=(0, 2))
        return sizes[0] / sizes[-1]

    assert left(0.5) < 1e-10 and 0.01 < left(1) < 0.1 and left(3) > 1e4


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_limit_saves_the_small_reader(lesson, seed):
    def walk(limit, size=2):
        params, state, losses = lesson.fresh(H=64, seed=seed), np.zeros((16, 64), np.float32), []
        params["Wh"] = np.float32(size) * params["Wh"]
        with np.errstate(all="ignore"):
            for step in range(300):
                loss, gradients, state = lesson.slopes(params, *lesson.portion(step, N=16)[:2], state)
                losses.append(loss)
                gradients = lesson.clip_gradients(gradients, limit)
                params = {key: params[key] - np.float32(6) * gradients[key] for key in params}
        return np.mean(losses[-50:])

    assert walk(0.5) < 2.3 < math.log(lesson.V) < walk(np.inf)
    assert walk(0.5, size=5) > 4


# the trained reader


def test_before_training_it_knows_less_than_nothing(lesson):
    assert math.log(lesson.V) < lesson.held_out_loss(lesson.fresh()) < 5


def test_training_goes_on_where_it_was_stopped(lesson):
    whole, halves = lesson.new_reader(), lesson.new_reader()
    for _ in range(4):
        lesson.one_step(whole)
    lesson.one_step(halves)
    kept = halves.params
    lesson.one_step(halves)
    assert kept is not halves.params and np.array_equal(kept["E"].shape, halves.params["E"].shape)
    for _ in range(2):
        lesson.one_step(halves)
    assert halves.step == 4 and all(np.array_equal(whole.params[name], p) for name, p in halves.params.items())
    assert all(p.dtype == np.float32 for p in whole.params.values())


def test_whoever_stops_the_training_loses_nothing(lesson, monkeypatch):
    reader, steps = lesson.new_reader(), []
    honest = lesson.slopes

    def impatient(*args):
        steps.append(len(steps))
        if len(steps) == 4:
            raise KeyboardInterrupt
        return honest(*args)

    monkeypatch.setitem(lesson.train.__globals__, "slopes", impatient)
    lesson.train(reader, until=6)
    assert reader.step == 3 == len(reader.losses)
    lesson.train(reader, until=6)
    assert reader.step == 6


@pytest.mark.slow
def test_the_network_beats_every_table_on_held_out_programs(lesson, reader):
    tables = {k: Markov(lesson.ids, lesson.V, k).loss(lesson.held_out) for k in range(9)}
    loss = lesson.held_out_loss(reader.params)
    assert min(tables, key=tables.get) in (3, 4, 5) and loss < min(tables.values()) - 0.02
    assert tables[8] > tables[4] + 0.1, "more memory, less understood"
    assert 1.4 < loss < 1.55 and 1.5 < tables[4] < 1.65


def test_the_tables_are_large(lesson):
    contexts = {k: len(Markov(lesson.ids, lesson.V, k).tables[-1].contexts) for k in (4, 8)}
    assert contexts[4] > 50_000 and contexts[8] > 200_000


@pytest.mark.slow
def test_cold_repeats_itself_and_hot_babbles(lesson, reader):
    closed, python, new, different = np.array(
        [lesson.judge_text(lesson.write(reader.params, 20_000, T, seed=0)) for T in (0.1, 0.5, 1.0, 2.0)]
    ).T
    assert different[0] < 0.5 < 0.7 < different[1] < different[2] < different[3], "fewer than 50 of 100"
    assert closed[1] > 0.7 > closed[2] > closed[3] and python[1] > 0.3 > python[2] > 0.15 > python[3]
    assert new[1] > 0.2, "not copied"


@pytest.mark.slow
def test_a_table_with_eight_characters_writes_more_python_and_copies_it(lesson, reader):
    def shares(k):
        drawn = Markov(lesson.ids, lesson.V, k).write(20_000, np.random.default_rng(0), [lesson.id_of["\n"]])
        return lesson.judge_text("".join(lesson.letters[id] for id in drawn))

    mine, four, eight = lesson.judge_text(lesson.write(reader.params, 20_000, 1.0)), shares(4), shares(8)
    assert eight[1] > mine[1] > four[1] and mine[0] > four[0]
    assert 0.4 < (eight[1] - eight[2]) / eight[1] < 0.55, "almost half of it is copied"
    assert (mine[1] - mine[2]) / mine[1] < 0.25, "the network copies little"


@pytest.mark.slow
def test_it_remembers_about_sixteen_characters(lesson, reader):
    found = {k: lesson.loss_with_memory(reader.params, k) for k in (1, 2, 4, 8, 12, 16, 64)}
    assert all(a > b for a, b in itertools.pairwise(found.values()))
    assert found[16] - found[64] < 0.03 < found[8] - found[64] and found[1] > 2.6, "at first worse than a table"
    assert found[8] < 1.6 and found[64] == pytest.approx(lesson.held_out_loss(reader.params), abs=0.04)


@pytest.mark.slow
def test_one_unit_knows_about_brackets(lesson, reader):
    here = lesson.held_out[:6000]
    _, hs, _ = lesson.read(reader.params, here[None], np.zeros((1, lesson.H), np.float32))
    signs = [("([{".find(lesson.letters[i]) >= 0) - (")]}".find(lesson.letters[i]) >= 0) for i in here]
    inside = np.cumsum(signs) > 0
    together = np.array([np.corrcoef(hs[0, :, j], inside)[0, 1] for j in range(lesson.H)])
    best = np.argmax(np.abs(together))
    assert abs(together[best]) > 0.4
    assert np.mean((hs[0, :, best] * together[best] > 0) == inside) > max(inside.mean(), 1 - inside.mean()) + 0.02


@pytest.mark.slow
def test_raise_is_followed_by_an_error(lesson, reader):
    beginning = np.array([[lesson.id_of[letter] for letter in "\nraise "]])
    _, _, log_p = lesson.read(reader.params, beginning, np.zeros((1, lesson.H), np.float32))
    z = log_p[0, -1].astype(float)
    assert {lesson.letters[i] for i in np.argsort(-z)[:2]} == {"T", "V"}
    first_two = [np.sort(np.exp(lesson.log_softmax(z / T)))[-2:].sum() for T in (0.5, 1, 2)]
    assert first_two[0] > 0.8 > 0.7 > first_two[1] > 0.4 > first_two[2]


@pytest.mark.full
def test_a_window_does_not_need_a_loop(lesson, reader):
    one, four, eight = (lesson.train_window(window) for window in (1, 4, 8))
    after_as_many = lesson.held_out_loss(reader.kept[1000])
    assert 2000 * 512 == 1000 * lesson.N * lesson.T == 1_024_000
    assert one > 2.4 > after_as_many + 0.03 and max(four, eight) < after_as_many - 0.02
    assert four == pytest.approx(1.64, abs=0.05) and eight == pytest.approx(1.64, abs=0.05)
    assert after_as_many == pytest.approx(1.71, abs=0.05)


@pytest.mark.slow
@pytest.mark.full
def test_in_the_long_run_the_loop_overtakes_the_window(lesson, reader):
    window = lesson.train_window(8, steps=12_000)
    assert 6000 * lesson.N * lesson.T == 12_000 * 512
    assert lesson.held_out_loss(reader.params) + 0.05 < window == pytest.approx(1.60, abs=0.05)


def test_the_loss_in_bits():
    assert round(1.5 / math.log(2), 1) == 2.2


@pytest.mark.slow
def test_the_film_ends_better_than_it_began(lesson, reader):
    shares = {
        step: lesson.judge_text(lesson.write(params, 8000, 0.5, seed=3))[1] for step, params in reader.kept.items()
    }
    assert list(shares) == [0, *lesson.MOMENTS]
    assert max(shares[step] for step in (0, 20, 60)) < 0.1 < shares[400] < shares[6000] and shares[6000] > 0.35
    assert reader.losses[0] < 5 and 1 < np.mean(reader.losses[-100:]) < 1.4


# tables, quiz, pictures


def test_a_table_counts_and_blends_as_its_formula_says():
    ids, V = [0, 1, 0, 1, 0, 2, 0, 1], 4
    p0 = {0: (4 + 3 / 4) / 11, 1: (3 + 3 / 4) / 11, 3: (3 / 4) / 11}
    after_0 = {1: (3 + 2 * p0[1]) / 6, 3: 2 * p0[3] / 6}
    table = Markov(ids, V, 1)
    assert table.loss([0, 1]) == pytest.approx(-math.log(after_0[1]))
    assert table.loss([0, 3]) == pytest.approx(-math.log(after_0[3]))
    assert table.loss([3, 0]) == pytest.approx(-math.log(p0[0])), "nobody has seen a 3: fall back"
    chances = [math.exp(-table.loss([0, v])) for v in range(V)]
    assert sum(chances) == pytest.approx(1)


def test_a_table_draws_what_has_followed_as_often_as_it_did():
    ids = [0, 1, 0, 1, 0, 2] * 50
    drawn = Markov(ids, 3, 2).write(3000, np.random.default_rng(0), [0])
    assert set(drawn) == {0, 1, 2} and drawn.count(0) == pytest.approx(1500, abs=2)
    assert drawn.count(1) == pytest.approx(1000, abs=100)
    pairs = set(itertools.pairwise([0, *drawn]))
    assert pairs == {(0, 1), (1, 0), (0, 2), (2, 0)}


def test_a_table_too_large_for_its_numbers_is_refused():
    with pytest.raises(ValueError, match="64 bits"):
        Markov([0, 1], 97, 9)


def test_the_quiz_asks_three_new_and_three_old():
    assert [question.lesson for question in load(STAGE)].count("12") == 3
    assert round(math.log(97), 2) == 4.57 and math.hypot(12, 5) / 1.3 == pytest.approx(10)


def test_every_picture_is_told_in_words():
    source = source_of(STAGE)
    calls = re.findall(r"plot\.(?:show|film)\(", source)
    assert len(calls) == source.count("alt=") == 8


def test_a_chain_shows_every_step_and_what_runs_back():
    forward = plot.unrolled(["a", "b"], ["h1", "h2"]).axes[0]
    both = plot.unrolled(["a", "b"], ["h1", "h2"], ["s1", "s2"], ["o1", "o2"], ["back"]).axes[0]
    words = [[text.get_text() for text in axes.texts] for axes in (forward, both)]
    assert {"a", "b", "h1", "h2", "="} <= set(words[0]) and not {"own loss"} & set(words[0])
    assert {"s1", "s2", "o1", "o2", "back", "own loss"} <= set(words[1])
    assert words[0].count("Wx") == 3 and words[0].count("Wh") == 3, "loop and two steps: one set of weights"


def test_a_typescript_marks_the_lines_that_are_right_and_stops_where_we_are():
    page, side = plot.typescript(["x = 1", "\ta(", "y" * 100], [True, False, True], [4.0, 3.0, 2.0, 1.0], 2).axes
    texts = [text.get_text() for text in page.texts]
    assert texts.count("✓") == 3 and "→a(" in texts, "the long line takes two rows"
    assert side.lines[1].get_xdata().tolist() == [1, 2] and side.lines[2].get_xdata().tolist() == [2]
    assert len(plot.typescript(["x"] * 50, [False] * 50, [1.0], 0).axes[0].texts) == 12


def test_a_text_is_read_with_a_bar_for_every_character():
    axes = plot.reading("ab\ncd", [1, -1, 0.5, 0.2, -0.2], columns=3).axes[0]
    assert len(axes.patches) == 5 and [text.get_text() for text in axes.texts] == list("ab⏎cd")
    heights = [bar.get_height() for bar in axes.patches]
    assert heights[0] > 0 > heights[1] and heights[2] == pytest.approx(heights[0] / 2)
    assert axes.patches[0].get_facecolor() != axes.patches[1].get_facecolor()


def test_chances_are_written_above_their_bars():
    figure = plot.temperatures(["a", "b"], [[0.9, 0.1], [0.5, 0.5]], ["cold", "hot"])
    assert [axes.get_title() for axes in figure.axes] == ["cold", "hot"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["90", "10"]


def test_time_runs_to_the_right_although_steps_count_back():
    axes = plot.through_time({"one": [1, 0.1, 0.01], "two": [1, 10, 100]}).axes[0]
    assert axes.xaxis_inverted() and axes.get_yscale() == "log" and len(axes.get_legend().get_texts()) == 2


def test_steep_shows_losses_beside_norms_with_both_lines():
    losses, norms = {"free": [4, 9], "limited": [4, 3]}, {"free": [1, 100], "limited": [1, 1]}
    left, right = plot.steep(losses, norms, limit=0.5, chance=4.57).axes
    assert left.lines[-1].get_ydata()[0] == 4.57 and right.lines[-1].get_ydata()[0] == 0.5
    assert right.get_yscale() == "log" and right.get_ylim()[0] < 0.5


def test_reach_names_the_best_table_and_the_whole_network():
    axes = plot.reach({0: 3.5, 1: 2.0, 2: 2.5}, {1: 4.0, 8: 1.5}, 1.49).axes[0]
    assert [text.get_text() for text in axes.texts] == ["2.00"]
    assert [text.get_text() for text in axes.get_legend().get_texts()][-1] == "never cleared: 1.49"
    assert axes.lines[0].get_xdata().tolist() == [0, 1, 2] and axes.get_ylim()[0] < 1.49
