"""What lesson 13 says of its numbers is so. The lesson's own setup and solution cells run here, as they stand."""

from collections import Counter

import numpy as np
import pytest

from course import data, plot
from course.questions import load
from grader.stages import source_of
from solutions.gru import gru_step
from solutions.lstm import lstm_backward, lstm_forward, lstm_step
from tests.course.lessons import after_setup_and_solutions, code_cells

STAGE = "13_lstm"
NONE = np.zeros((1, 1))


def sigma(z):
    return 1 / (1 + np.exp(-np.asarray(z, float)))


@pytest.fixture(scope="module")
def lesson():
    return after_setup_and_solutions(STAGE)


def test_whispering_down_the_line():
    assert [round(w**20, 2) for w in (0.9, 1.1, 1)] == [0.12, 6.73, 1]


def test_the_valves_by_hand():
    """The table, by its formula and by lstm_step with the biases of the replay."""
    table = [(1, 0, 0.5, 2), (0, 1, 0.5, 0.5), (1, 1, 0.5, 2.5), (1, 1, -1, 1), (0, 0, 0.5, 0), (0.5, 1, -0.5, 0.5)]
    assert all(f * 2 + i * g == after for f, i, g, after in table)
    (source,) = [cell.source for cell in code_cells(STAGE) if cell.id == "replay"]
    names = {"np": np, "lstm_step": lstm_step, "demo": lambda f: f}
    said = []
    exec(source, names | {"print": said.append})
    exec(compile(source + "\nreplay()", "replay", "exec"), {**names, "print": said.append})
    becomes = [float(line.split("becomes")[1].split(",")[0]) for line in said]
    assert becomes == [2, 0.5, 2.5, 1, 0, 0.5, 0.5]
    assert said[-2].endswith("0.46") and said[-1].endswith("0.00") and round(np.tanh(0.5), 2) == 0.46


def test_the_cell_that_remembers_not():
    words = ["the", "plot", "was", "not", "from", "first", "to", "last", "gripping", ",", "it", "was", "dull", "."]
    kinds = {"not": 1, "gripping": 2, "dull": 2, ",": 3, ".": 3}
    X = np.eye(4)[[[kinds.get(word, 0) for word in words]]]
    Wx = np.array([[0, 0, 0, 0], [12, 0, 6, 0], [0, 0, 0, 12], [0, -12, 0, 0]], float)
    hs, cs, gates = lstm_forward(X, NONE, NONE, Wx, np.zeros((1, 4)), np.array([-6.0, 6, 0, -6]))
    where = {word: k for k, word in enumerate(words)}
    assert len(words) == 14 and where["gripping"] - where["not"] - 1 == 4
    assert round(hs[0, where["gripping"], 0], 2) == 0.75
    assert np.all(np.delete(hs[0, :, 0], where["gripping"]) < 0.005)
    assert np.all(cs[0, where["not"] : where["gripping"] + 1, 0] > 0.97) and cs[0, where[","], 0] < 0.005
    assert np.flatnonzero(gates[0, :, 0] > 0.5).tolist() == [where["not"]]
    assert np.flatnonzero(gates[0, :, 1] < 0.5).tolist() == [where[","], where["."]]
    assert np.flatnonzero(gates[0, :, 3] > 0.5).tolist() == [where["gripping"], where["dull"]]


def test_the_slopes_by_hand():
    """c = 2, f = 0.5, i = 1, g = −0.5: against small changes of each."""
    at = {"c": 2.0, "f": 0.5, "i": 1.0, "g": -0.5}
    cell = lambda c, f, i, g: f * c + i * g  # noqa: E731
    slopes = {name: (cell(**at | {name: at[name] + 1e-6}) - cell(**at)) / 1e-6 for name in at}
    assert {name: round(slope, 4) for name, slope in slopes.items()} == {"c": 0.5, "f": 2, "i": -0.5, "g": 1}
    assert at["f"] * (1 - at["f"]) * slopes["f"] == pytest.approx(0.5) and 1 - at["g"] ** 2 == 0.75
    shown = sigma([-1e-6, 0, 1e-6]) * np.tanh(cell(**at))  # h' = o · tanh c', around o = 0.5
    assert round(np.tanh(cell(**at)), 2) == 0.46 and round((shown[2] - shown[0]) / 2e-6, 2) == 0.12


def share_measured(lag, bias):
    X, Wx = np.zeros((1, lag, 1)), np.zeros((1, 4))
    hs, cs, gates = lstm_forward(X, NONE, NONE, Wx, Wx, np.array([0.0, bias, 0, 20]))
    last = np.zeros((1, lag, 1))
    last[0, -1] = 1
    return lstm_backward(last, X, NONE, NONE, hs, cs, gates, Wx, Wx)[2].item()


def test_the_claim_and_its_repair():
    lines = ((20, 0), (20, 1), (100, 1), (20, 5), (100, 5), (100, 20))
    measured = [share_measured(*line) for line in lines]
    assert [bool(np.isclose(1.0, share, rtol=1e-3)) for share in measured] == [False] * 5 + [True]
    assert measured == pytest.approx([sigma(bias) ** lag for lag, bias in lines], rel=1e-3)
    assert round(measured[0] * 1e6) == 1 and round(measured[3], 2) == 0.87 and round(measured[4], 2) == 0.51
    assert 0.5e-9 < 0.5**30 < 1.5e-9, "a billionth after 30 steps"


def test_all_contestants_have_about_the_same_number_of_parameters(lesson):
    sizes = {
        kind: lesson["count"](lesson["reader"](np.random.default_rng(0), words=8, classes=4, D=8, **setting))
        for kind, setting in lesson["CONTESTANTS"].items()
    }
    assert sizes == {"RNN": 1216, "LSTM, biases 0": 1124, "LSTM, open memory": 1124}


def test_the_game_asks_for_the_first_word(lesson):
    ids, y = lesson["remember_this"](200, 7, np.random.default_rng(0))
    assert ids.shape == (200, 8) and (ids[:, 0] == y).all() and set(y) == {0, 1, 2, 3}
    assert set(np.unique(ids[:, 1:])) == {4, 5, 6, 7}


@pytest.mark.slow
def test_open_memory_solves_what_biases_of_0_and_a_plain_rnn_do_not(lesson):
    """Every run of the first; none of the second beyond a lag of 10; of the third a lucky one now and then."""
    play = lesson["play"]
    for lag in (10, 30, 60, 100):
        assert all(play("LSTM, open memory", lag, seed)[0] > 0.95 for seed in range(3)), lag
    assert np.mean([play("LSTM, biases 0", 10, seed)[0] for seed in range(3)]) > 0.7
    assert all(play("LSTM, biases 0", lag, seed)[0] < 0.5 for lag in (30, 60) for seed in range(3))
    assert np.mean([play("RNN", 10, seed)[0] > 0.95 for seed in range(3)]) > 0.5
    plain = [play("RNN", lag, seed)[0] for lag in (30, 60, 100) for seed in range(3)]
    assert np.mean(plain) < 0.7 and np.mean(np.array(plain) < 0.8) > 0.5


@pytest.mark.full
def test_other_rates_do_not_save_the_rnn(lesson):
    for lr in (0.003, 0.03):
        right = [lesson["play"]("RNN", 100, seed, lr)[0] for seed in range(3)]
        assert np.mean(right) < 0.7
    fails = [lesson["play"]("LSTM, open memory", 100, seed, 0.03)[0] < 0.95 for seed in range(3)]
    assert any(fails), "at 0.03 it fails in some runs, too"


def test_the_slopes_of_the_whole_network(lesson):
    """An LSTM and a plain RNN with embedding and scores, against finite differences along a random direction."""
    rng = np.random.default_rng(0)
    ids, y = rng.integers(0, 5, (3, 6)), rng.integers(0, 3, 3)
    for parts in (1, 4):
        params = lesson["reader"](rng, words=5, classes=3, D=4, H=2, parts=parts)
        found, _ = lesson["slopes"](params, ids, y)
        assert set(found) == set(params)

        def loss(name, nudge, params=params):
            scores, _ = lesson["read"](params | {name: params[name] + nudge}, ids)
            return np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(3), y])

        for name, slope in found.items():
            way = rng.normal(size=slope.shape)
            numeric = (loss(name, 1e-5 * way) - loss(name, -1e-5 * way)) / 2e-5
            assert np.sum(slope * way) == pytest.approx(numeric, rel=1e-5, abs=1e-9), (parts, name)


def test_the_gru_by_hand():
    none, biases = np.zeros((1, 3)), np.zeros(3)
    one = np.ones((1, 1))
    mixed = [gru_step(one, one, none, none, np.array([0, z, -20]), biases).item() for z in (20.0, -20.0, np.log(3))]
    assert mixed == pytest.approx([1, -1, 0.5], abs=1e-6)
    g = gru_step(NONE, one, none, np.array([[0, 0, 2.0]]), np.array([0, -20.0, 0]), np.array([0, 0, 1.0])).item()
    assert g == pytest.approx(np.tanh(1.5)) and round(np.tanh(1.5), 2) == 0.91 and round(np.tanh(2), 2) == 0.96
    h = one
    for _ in range(100):
        h = gru_step(NONE, h, none, none, np.array([0, 5.0, 0]), biases)
    assert round(h.item(), 2) == 0.51 == round(share_measured(100, 5), 2), "you have met this number today"


def test_the_reviews_of_the_lesson(lesson):
    texts = lesson["learn_texts"]
    assert [len(lesson[name]) for name in ("learn_texts", "validate_texts", "test_texts")] == [2000, 500, 1000]
    assert len(lesson["numbers"]) == 68 and lesson["longest"] == 72
    assert sum(text in set(texts) for text in lesson["test_texts"]) == 4
    assert {w for t in lesson["test_texts"] for w in t.split()} <= set(lesson["numbers"])
    assert all("not" in text.split() for text in texts), "it has not seen a review without one"
    pairs = zip(texts[::2], texts[1::2], strict=True)
    assert all(Counter(a.split()) == Counter(b.split()) for a, b in pairs)


def test_counting_words_is_a_coin(lesson):
    parts = [lesson[name] for name in ("learn_texts", "learn_y", "test_texts", "test_y")]
    right, columns = zip(*(lesson["count_and_judge"](longest, *parts) for longest in (1, 2, 3)), strict=True)
    assert right[0] == 0.5, "exactly"
    assert 0.65 < right[1] < 0.8 < right[2] < 0.9 and columns[0] == 68 and columns[2] - columns[1] > 500


def test_texts_are_filled_up_in_front(lesson):
    numbers = lesson["vocabulary"](["a b b", "c b"])
    assert numbers == {"a": 1, "b": 2, "c": 3} and lesson["vocabulary"](["a b b", "c b"], least=2) == {"b": 1}
    ids = lesson["encode"](["c a", "a b c a b", "never heard"], numbers, 4)
    assert ids.tolist() == [[0, 0, 3, 1], [2, 3, 1, 2], [0, 0, 0, 0]]


@pytest.fixture(scope="module")
def trained(lesson):
    """{name: network} as the lesson's cell trains them."""
    parts = [lesson[name] for name in ("learn_ids", "learn_y", "validate_ids", "validate_y")]
    lesson["study"](lesson["my_rnn"], *parts, 24, 0.003)
    lesson["study"](lesson["my_lstm"], *parts, 12, 0.01)
    return {"RNN": lesson["my_rnn"], "LSTM": lesson["my_lstm"]}


@pytest.mark.slow
def test_the_lstm_reads_what_a_bag_cannot(lesson, trained):
    def right(params):
        return np.mean((lesson["judge"](params, lesson["test_ids"]) > 0.5) == lesson["test_y"])

    sizes = [lesson["count"](trained[name]) for name in ("RNN", "LSTM")]
    assert abs(sizes[0] - sizes[1]) < 0.02 * sizes[1]
    assert right(trained["LSTM"]) > 0.95 > right(trained["RNN"]) > 0.7


def studied(lesson, seed, epochs, lr, **setting):
    """A network from other first weights: (the network, share of test reviews it judges rightly)."""
    params = lesson["reader"](np.random.default_rng(seed), words=69, classes=2, D=12, **setting)
    parts = [lesson[name] for name in ("learn_ids", "learn_y", "validate_ids", "validate_y")]
    lesson["study"](params, *parts, epochs, lr)
    return params, np.mean((lesson["judge"](params, lesson["test_ids"]) > 0.5) == lesson["test_y"])


@pytest.mark.full
def test_with_biases_of_0_it_learns_as_well_here(lesson):
    assert studied(lesson, 0, 12, 0.01, H=16, parts=4)[1] > 0.95


@pytest.mark.full
def test_where_the_rnn_ends_depends_on_its_first_weights(lesson, trained):
    right = [studied(lesson, seed, 24, 0.003, H=37, parts=1)[1] for seed in (1, 2)]
    assert all(0.75 < share < 0.99 for share in right), "between 80 and 97 where this was written"


@pytest.mark.full
def test_what_networks_say_of_reviews_they_have_never_met(lesson, trained):
    """All are right on the test reviews and on the first two; on the last two they contradict each other."""
    (source,) = [cell.source for cell in code_cells(STAGE) if cell.id == "yours"]
    names = {}
    exec(source.partition("@demo")[0], names)
    ids = lesson["encode"](names["my_reviews"], lesson["numbers"], lesson["longest"])
    others = [studied(lesson, seed, 12, 0.01, H=16, parts=4, keep=1.0) for seed in (1, 2, 3)]
    assert all(right > 0.95 for _, right in others)
    praise = np.array([lesson["judge"](params, ids) for params in (trained["LSTM"], *(params for params, _ in others))])
    assert np.all(praise[:, 0] > 0.9) and np.all(praise[:, 1] < 0.1)
    assert np.max(np.ptp(praise[:, 2:], axis=0)) > 0.5


@pytest.mark.slow
def test_the_verdict_is_made_at_the_first_judgment(lesson, trained):
    for words, low, high in (("the plot was not", 0, 0.4), ("the plot was", 0.6, 1)):
        text = f"{words} as everybody had promised me gripping"
        (praise,) = lesson["judge"](trained["LSTM"], lesson["encode"]([text], lesson["numbers"], lesson["longest"]))
        assert low <= praise <= high, text


def test_an_interrupted_training_keeps_its_weights(lesson, monkeypatch):
    params = lesson["reader"](np.random.default_rng(0), words=69, classes=2, D=4, H=3, parts=4)
    before, steps = params["Wx"].copy(), []
    learn = lesson["learn"]

    def press_stop(*args):
        steps.append(learn(*args))
        if len(steps) == 3:
            raise KeyboardInterrupt

    monkeypatch.setitem(lesson, "learn", press_stop)
    parts = [lesson[name][:100] for name in ("learn_ids", "learn_y", "validate_ids", "validate_y")]
    history = lesson["study"](params, *parts, epochs=5)
    assert len(history) == 2 and len(steps) == 3 and not np.allclose(params["Wx"], before)


def test_the_articles_lstm_to_the_last_number(lesson):
    model = lesson["reader"](np.random.default_rng(0), words=10_000, classes=2, D=100, H=128, parts=4)
    assert lesson["count"](model) == 1_117_506
    layer = model["Wx"].size + model["Wh"].size + model["b"].size
    assert (model["E"].size, layer, model["V"].size + model["a"].size) == (1_000_000, 117_248, 258)
    assert round(1_000_000 / 1_117_506, 2) == 0.89 and 4 * 128 == 512
    gru = 3 * (100 * 128 + 128 * 128 + 2 * 128)
    assert gru == 88_320 and round((gru - 3 * 128) / layer, 2) == 0.75


def test_a_real_corpus_is_studied_where_there_is_one(lesson, tmp_path, monkeypatch, capsys):
    """Two small files in the place of the real ones: the cell runs through, and says so if there are none."""
    (source,) = [cell.source for cell in code_cells(STAGE) if cell.id == "real"]
    run = compile(source.replace("@demo\n", ""), "real", "exec")
    exec(run, lesson)
    monkeypatch.setenv("THRESHOLD_DATA", str(tmp_path))
    lesson["real_reviews"]()
    assert "No film reviews in" in capsys.readouterr().out
    for label, word in (("pos", "gripping"), ("neg", "dull")):
        lines = [f"a {word} film number {k}" for k in range(60)]
        (tmp_path / f"rt-polarity.{label}").write_text("\n".join(lines))
    lesson["real_reviews"](epochs=1)
    out = capsys.readouterr().out
    assert "120 texts, " in out and "bag of words: 100.0% of 12 test texts right" in out and "your LSTM:" in out


def test_a_gate_at_5_keeps_half_for_about_a_hundred_steps():
    assert round(float(sigma(5)), 3) == 0.993 and np.log(0.5) / np.log(sigma(5)) == pytest.approx(103, abs=1)
    assert 4 < np.log(100) < 5


def test_what_the_quiz_counts():
    assert len(load(STAGE)) == 6
    assert round(0.5**20 * 1e6) == 1 and round(0.993**20, 2) == 0.87


def test_every_predicted_outcome_is_a_choice():
    source = source_of(STAGE)
    assert source.count("predict(\n") == 1
    choices = [line.strip().strip('",') for line in source.partition('"bag",')[2].partition("],")[0].splitlines()[3:]]
    revealed = source.partition("outcomes = {")[2].partition("}")[0]
    assert all(choice in revealed for choice in choices if len(choice) > 5)


def test_gates_draw_bars_up_to_the_word_it_has_come_to():
    words, rows = ["a", "b", "c"], {"gate": [0.1, 0.9, 0.5], "cell": [-1.5, 0.2, 0.3]}
    upper, lower = plot.gates(words, rows, now=1).axes
    heights = [bar.get_height() for bar in upper.patches if bar.get_width() < 0.9]
    assert heights == [0.1, 0.9] and upper.get_ylim() == (0, 1)
    assert lower.get_ylim()[0] == -lower.get_ylim()[1] < -1.5, "0 in the middle where there are numbers below"
    labels = lower.get_xticklabels()
    assert [label.get_text() for label in labels] == words
    assert labels[1].get_fontweight() == "bold" and labels[2].get_alpha() < 1
    hatches = {axes.patches[-1].get_hatch() for axes in (upper, lower)}
    assert len(hatches) == 2, "apart without their colors"


def test_lags_show_every_run_and_the_means():
    axes = plot.lags({"RNN": {10: [1, 0.5], 30: [0.25, 0.25]}, "LSTM": {10: [1, 1], 30: [1, 1]}}, chance=0.25).axes[0]
    _, mean, runs, *_ = axes.lines
    assert mean.get_ydata().tolist() == [75, 25] and runs.get_ydata().tolist() == [100, 50, 25, 25]
    assert axes.lines[0].get_ydata()[0] == 25 and [t.get_text() for t in axes.get_xticklabels()] == ["10", "30"]
    assert len({str(line.get_linestyle()) for line in axes.lines[1::2]}) == 2


def test_every_figure_of_the_lesson_has_words():
    shown = source_of(STAGE).count("plot.show(") + source_of(STAGE).count("plot.film(")
    assert shown == source_of(STAGE).count("alt=") and "ALT" not in source_of(STAGE)
    assert data.film_reviews.__doc__ and data.reviews.__doc__
