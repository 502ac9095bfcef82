"""What lesson 11 says of its numbers is so. The lesson's own setup, solution and demonstration cells run here."""

import io
from contextlib import redirect_stdout
from importlib.metadata import requires
from unittest.mock import MagicMock

import numba
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course import data, plot
from course.plot import house
from course.plot.vision import GAP
from course.questions import load
from grader.notebook import instructor_notebook
from solutions.conv2d import conv2d_backward, conv2d_forward, conv_out_size
from solutions.costs import conv2d_macs
from solutions.pooling import maxpool_backward, maxpool_forward
from tests.course.lessons import after_setup_and_solutions, code_cells

STAGE = "11_cnn"
MEANS = "convolutions, then means"


def source(id):
    return next(cell.source for cell in code_cells(STAGE) if cell.id == id)


@pytest.fixture(scope="module")
def lesson():
    names = after_setup_and_solutions(STAGE)
    yield names
    names["one_core"].restore_original_limits()


@pytest.fixture(scope="module")
def trained(lesson):
    """Two networks of each kind, trained as the lesson does, and how they read digits that are moved."""
    exec(source("moved-train").replace("@demo", ""), lesson)
    with redirect_stdout(io.StringIO()):
        lesson["train_all"]()
    return lesson


def defined(lesson, *ids):
    """The lesson's names and those that these demonstrations define, without running what they show."""
    names = dict(lesson)
    for id in ids:
        exec(source(id).partition("@demo")[0], names)
    return names


def test_a_row_of_six_pixels_by_hand():
    row, kernel = np.array([0, 0, 5, 5, 5, 0.0]), np.array([-1, 1.0])
    places = [row[w : w + 2] @ kernel for w in range(5)]
    assert places == [0, 5, 0, 0, -5]
    taps = [kernel[i] * row[i : i + 5] for i in range(2)]
    assert taps[0].tolist() == [0, 0, -5, -5, -5] and taps[1].tolist() == [0, 5, 5, 5, 0]
    assert sum(taps).tolist() == places
    windows = np.lib.stride_tricks.sliding_window_view(row, 2)
    assert windows.tolist() == [[0, 0], [0, 5], [5, 5], [5, 5], [5, 0]] and (windows @ kernel).tolist() == places


def test_the_film_and_its_words(lesson):
    names = defined(lesson, "film")
    X, K = names["small_picture"][None, None].astype(float), names["brighter_right"][None, None].astype(float)
    Y = conv2d_forward(X, K, np.zeros(1))[0, 0]
    assert Y.tolist() == [[15, 15, -5], [15, 5, -10], [15, -5, -15]]
    for words in ("15, 15, minus 5", "15, 5, minus 10", "15, minus 5, minus 15"):
        assert words in source("film").replace('"\n        "', "")


def test_the_tables_of_sizes():
    assert [conv_out_size(*case) for case in ((5, 3), (5, 3, 1, 1), (7, 3, 2), (8, 3, 2))] == [3, 5, 3, 3]
    assert [list(range(0, size - 2, 2)) for size in (7, 8)] == [[0, 2, 4]] * 2
    assert conv_out_size(32, 5) == 28 and conv_out_size(227, 11, 4) == 55
    assert conv_out_size(12, 3, 1, 1) == 12, "padding of 1 keeps a side"


def test_a_filter_has_27_weights_on_a_photograph_and_sharing_saves():
    assert 3 * 3 * 3 == 27
    assert 8 * 144 == 1152 and 144 * 1152 + 1152 == 167_040 and 8 * 9 + 8 == 80


def test_edges_of_photographs(lesson):
    names, photographs = defined(lesson, "photographs"), data.photographs()
    assert np.all(names["TWO_EDGES"].sum(axis=(1, 2, 3)) == 0) and names["GRAY"].sum() == pytest.approx(1)
    strength = {}
    for name, photograph in photographs.items():
        assert photograph.shape == (3, 213, 320) and 0 <= photograph.min() < 0.1 < 0.9 < photograph.max() <= 1
        gray = conv2d_forward(photograph[None], names["GRAY"], np.zeros(1))
        right, below = conv2d_forward(gray, names["TWO_EDGES"], np.zeros(2), 1, 1)[0]
        strength[name] = np.hypot(right, below)
        assert np.mean(gray) == pytest.approx(np.mean(photograph * [[[0.299]], [[0.587]], [[0.114]]] * 3), rel=1e-9)
    sky, roofs = strength["temple"][10:60, 180:260], strength["temple"][60:200, 60:180]
    assert np.median(sky) < 0.1 * np.median(roofs), "in a plain sky nothing is found"


def test_photographs_need_pillow_which_comes_with_matplotlib():
    assert any(requirement.lower().startswith("pillow") for requirement in requires("matplotlib"))


def test_moved_in_moved_out(lesson):
    K, b = np.random.default_rng(1).normal(size=(8, 1, 3, 3)).astype(np.float32), np.zeros(8, np.float32)
    still, moved = (conv2d_forward(lesson["page"](lesson["look"], *way)[0], K, b, 1, 1) for way in ((), (1, 1)))
    assert np.allclose(still[..., :-1, :-1], moved[..., 1:, 1:], atol=1e-6) and not np.allclose(still, moved)


def test_pooling_by_hand_forward_and_back():
    X = np.array([[1, 3, 0, 0], [2, 0, 0, 4], [5, 1, -1, -2], [0, 2, 0, -3.0]])[None, None]
    assert maxpool_forward(X, 2, 2)[0, 0].tolist() == [[3, 4], [5, 0]]
    back = maxpool_backward(np.array([[10, 20], [30, 40.0]])[None, None], X, 2, 2)[0, 0]
    assert back.tolist() == [[0, 10, 0, 0], [0, 0, 0, 20], [30, 0, 0, 0], [0, 0, 40, 0]]


def test_the_way_back_by_hand():
    """A filter of 2 × 2 whose lower row is 0 does what the lesson's filter of two weights does."""
    X, K = np.array([[2, 1, 3], [0, 0, 0.0]])[None, None], np.array([[4, 5], [0, 0.0]])[None, None]
    Y = conv2d_forward(X, K, np.zeros(1))
    dX, dK, db = conv2d_backward(np.array([1, 10.0]).reshape(1, 1, 1, 2), X, K)
    assert Y.ravel().tolist() == [13, 19]
    assert dK[0, 0, 0].tolist() == [12, 31] and db.tolist() == [11]
    assert dX[0, 0, 0].tolist() == [4, 45, 50]


def test_four_ways_agree_and_taps_are_hundreds_of_times_faster(lesson):
    names = defined(lesson, "four-ways")
    rng = np.random.default_rng(1)
    X, K = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 3, 3))
    expected = conv2d_forward(X, K, np.zeros(4))
    for way in ("seven_loops", "im2col"):
        assert np.allclose(names[way](X, K), expected), way
    X, K = (rng.normal(size=shape).astype(np.float32) for shape in [(32, 8, 14, 14), (16, 8, 3, 3)])
    assert conv2d_macs(32, 8, 14, 14, 16, 3) == 5_308_416
    slow, _ = names["fastest"](names["seven_loops"], X[:1], K, runs=1)
    fast, _ = names["fastest"](lesson["conv2d_forward"], X, K, np.zeros(16, np.float32))
    assert 32 * slow / fast > 200
    loops = numba.njit(names["seven_loops"])
    assert np.allclose(loops(X[:1], K), names["im2col"](X[:1], K), atol=1e-4)
    compiled, columns = names["fastest"](loops, X, K)[0], names["fastest"](names["im2col"], X, K)[0]
    assert 32 * slow / compiled > 100 and columns < compiled, "compiled loops are not the fastest"


def test_the_librarys_slopes_are_slopes(lesson):
    """A network with every kind of layer against the difference along a random direction; dropout draws the same twice."""
    conv, pool, dense, dropout = (lesson[name] for name in ("conv", "pool", "dense", "dropout"))
    plans = {
        "flatten": [conv(3, 3, pad=1), lesson["relu"], pool(2), dropout(0.5), lesson["flatten"], dense(4), dense(10)],
        "means": [conv(3, 3), lesson["relu"], conv(5, 3, pad=1), lesson["relu"], lesson["means"], dense(10)],
    }
    X, y = (part[:6] for part in lesson["page"](lesson["look"]))
    X = X.astype(float)
    for plan in plans.values():
        params = [
            [p.astype(float) + 0.1 for p in mine]
            for mine in lesson["begin"](plan, (1, 12, 12), np.random.default_rng(0))
        ]
        rng = np.random.default_rng(1)
        ways = [[rng.normal(size=p.shape) for p in mine] for mine in params]

        def loss(step, plan=plan, params=params, ways=ways):
            moved = [[p + step * way for p, way in zip(*pair, strict=True)] for pair in zip(params, ways, strict=True)]
            return lesson["slopes"](plan, moved, X, y, np.random.default_rng(2))

        found = sum(
            np.sum(g * way) for gs, each in zip(loss(0)[2], ways, strict=True) for g, way in zip(gs, each, strict=True)
        )
        assert (loss(1e-6)[0] - loss(-1e-6)[0]) / 2e-6 == pytest.approx(found, rel=1e-5)


def test_first_weights_are_hes(lesson):
    plan = [lesson["conv"](400, 3), lesson["flatten"], lesson["dense"](50)]
    conv, _, dense = lesson["begin"](plan, (8, 3, 3), np.random.default_rng(0))
    assert conv[0].std() == pytest.approx(np.sqrt(2 / 72), rel=0.02)
    assert dense[0].std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert not conv[1].any() and not dense[1].any() and {p.dtype.name for p in (*conv, *dense)} == {"float32"}


def test_training_that_would_take_hours_says_so_at_once(lesson):
    part = tuple(array[:40] for array in lesson["page"](lesson["look"]))
    with pytest.raises(TimeoutError, match="minutes"):
        lesson["train"]([lesson["flatten"], lesson["dense"](10)], part, part, limit=0)


def test_the_three_parts_share_no_digit(lesson):
    parts = [set(lesson["order"][lesson[name]]) for name in ("learn", "look", "test")]
    assert [len(part) for part in parts] == [1100, 300, 397] and len(set.union(*parts)) == 1797


@pytest.fixture(scope="module")
def programs(lesson):
    """The article's program as it stands and repaired: what it prints, its network and its curves."""
    found = {}
    repairs = (
        ("print(summary(small_net, (1, 12, 12)))", "summary(small_net, (1, 12, 12))"),
        (
            "slice(0, 1400), slice(1400, None), slice(1400, None)",
            "slice(0, 1100), slice(1100, 1400), slice(1400, None)",
        ),
    )
    for repaired in (False, True):
        text, names = source("repair-the-claim-code").replace("@demo", ""), dict(lesson)
        for old, new in repairs if repaired else ():
            assert text.count(old) == 1
            text = text.replace(old, new)
        drawn = MagicMock()
        exec(text, names)
        names["plot"] = drawn
        printed = io.StringIO()
        with redirect_stdout(printed):
            names["the_program"]()
        found[repaired] = printed.getvalue(), drawn.epochs.call_args.args[0]
    return found


def share(text, words):
    """The first percentage that a line prints after these words."""
    (line,) = [line for line in text.splitlines() if words in line]
    return float(line.partition(words)[2].split("%")[0])


@pytest.mark.slow
def test_the_articles_program_says_none_and_watches_its_test(programs):
    before, after = programs[False][0], programs[True][0]
    assert "\nNone\n" in before and "None" not in after
    counts = [
        [int(line.split(":")[1].split("(")[0]) for line in text.splitlines() if "should be 0" in line]
        for text in (before, after)
    ]
    assert counts == [[0, 397], [0, 0]]
    assert abs(share(before, "test accuracy:") - share(after, "test accuracy:")) < 2, "the accuracy hardly changes"


@pytest.mark.slow
def test_validation_is_ahead_while_training_and_behind_in_use(programs):
    text, curves = programs[False]
    right, loss = curves["accuracy"], curves["loss"]
    assert np.all(right["validation"] > right["training"]) and np.all(np.less(loss["validation"], loss["training"]))
    assert right["training"][0] == pytest.approx(40, abs=10) and right["training"][-1] > 90
    assert 83 < right["validation"][0] < 92 and right["validation"][-1] == pytest.approx(97, abs=1.5)
    assert share(text, "the finished network, in use:") > right["validation"][-1]


@pytest.mark.slow
def test_moved_digits(trained):
    """The numbers of the title, of the figure's words and of the quiz; a few digits may fall otherwise elsewhere."""
    found = {
        name: np.mean(
            [trained["shares_right"](trained["networks"][name], params, trained["test"]) for params in runs], axis=0
        )
        for name, runs in trained["trained"].items()
    }
    dense, flat, pooled, means = found.values()
    assert [round(100 * (1 - x)) for x in dense[1:]] == pytest.approx([68, 90], abs=4)
    assert [round(100 * (1 - x)) for x in flat[1:]] == pytest.approx([51, 87], abs=5)
    assert [round(100 * (1 - x)) for x in pooled[1:]] == pytest.approx([42, 74], abs=6)
    assert [round(100 * (1 - x)) for x in means[1:]] == pytest.approx([18, 15], abs=6)
    assert min(each[0] for each in found.values()) > 0.95 and means[0] < min(flat[0], pooled[0])
    assert means[2] > means[1] - 0.03, "two pixels are no harder than one"
    assert flat[2] < 0.3, "the answer to the prediction"
    assert max(flat[0], pooled[0]) > dense[0] > 0.975, "the best reader so far, by a little"


@pytest.mark.slow
def test_the_deeper_the_choosier_and_more_than_by_seeing_more(trained):
    names = defined(trained, "favorites", "selective")
    plan = trained["networks"][MEANS]
    fresh = [trained["begin"](plan, (1, 12, 12), np.random.default_rng(seed)) for seed in range(10)]
    random, learned = (
        np.mean([names["selectivity"](params) for params in each], axis=0)
        for each in (fresh, trained["trained"][MEANS])
    )
    assert learned[0] < learned[1] < learned[2] and learned[2] == pytest.approx(0.5, abs=0.1)
    assert np.all(learned > random) and learned[2] - random[2] > 0.1
    assert random[2] - random[0] < learned[2] - learned[0]


@pytest.mark.full
def test_shown_beats_built_in_and_shuffled_pixels_cost_the_convolutions_their_lead(trained):
    names = defined(trained, "shown")
    page, learn, look = (trained[name] for name in ("page", "learn", "look"))
    jumble = np.random.default_rng(0).permutation(144)
    longer = {"dense layers only": 100, "one more pooling, then dense": 8}

    def jumbled(part):
        X, y = page(part)
        return X.reshape(-1, 144)[:, jumble].reshape(-1, 1, 12, 12), y

    lost, shuffled = {}, {}
    for name, epochs in longer.items():
        plan, how = trained["networks"][name], trained["settings"][name]
        shown = how | {"epochs": epochs, "change": names["moved_at_random"]}
        params, _ = trained["train"](plan, page(learn), page(look), **shown)
        assert min(trained["shares_right"](plan, params, look)) > 0.94
        runs = [trained["train"](plan, jumbled(learn), jumbled(look), seed=seed, **how)[1] for seed in (0, 1)]
        shuffled[name] = np.mean([history["right"]["validation"][-1] for history in runs])
        in_order = [trained["judged"](plan, params, page(look))[1] for params in trained["trained"][name]]
        lost[name] = np.mean(in_order) - shuffled[name]
    dense, convolution = lost.values()
    assert abs(dense) < 0.012, "they do not notice"
    assert convolution > max(dense, 0.003) and shuffled["one more pooling, then dense"] <= shuffled["dense layers only"]
    assert len({(down, sideways) for down in range(-2, 3) for sideways in range(-2, 3)}) == 25


def test_what_a_unit_sees(lesson):
    """The table of receptive fields, and where the favorites are cut: nudge a unit, see which pixels feel it."""
    names = defined(lesson, "favorites")
    plan = lesson["networks"][MEANS][:7]
    params = [[np.abs(p) + 0.1 for p in mine] for mine in lesson["begin"](plan, (1, 12, 12), np.random.default_rng(0))]
    X = np.random.default_rng(0).uniform(1, 2, (1, 1, 12, 12)).astype(np.float32)
    seen = {}
    for title, (upto, size, step, first) in names["LAYERS"].items():
        assert f"{size} × {size}" in title
        outputs, _ = lesson["run"](plan, params, X)
        place, felt = 2 if step == 2 else 5, set()
        for row in range(12):
            nudged = X.copy()
            nudged[0, 0, row] += 1
            new, _ = lesson["run"](plan, params, nudged)
            if new[upto][0, 0, place].max() > outputs[upto][0, 0, place].max() + 1e-3:
                felt.add(row)
        assert min(felt) >= first + step * place and max(felt) <= first + step * place + size - 1
        seen[upto] = len(felt)
    assert [field[1] for field in names["LAYERS"].values()] == [3, 5, 10]
    assert seen[2] == 3 and seen[4] == 5 and 8 <= seen[7] <= 10, "a pixel that never wins its window is not felt"
    assert 3 + 2 * 1 == 5 and 5 + 1 * 1 == 6 and 6 + 2 * 2 == 10


def test_favorites_are_cut_where_the_unit_fires(lesson):
    names = defined(lesson, "favorites")
    pages = np.zeros((2, 1, 12, 12), np.float32)
    pages[0, 0, 4, 7] = pages[1, 0, 9, 2] = 1
    Y = pages.repeat(2, axis=1)  # a unit that fires at the pixel itself
    patches, best = names["favorite_patches"](Y, pages, 1, (2, 3, 1, -1), 2)
    assert patches.shape == (2, 3, 3) and sorted(best) == [0, 1]
    assert patches[:, 1, 1].tolist() == [1, 1] and patches.sum() == 2


def test_the_articles_two_networks(lesson):
    totals = {}
    for name, plan, sizes in (
        ("MNIST", lesson["mnist_net"], (1, 28, 28)),
        ("CIFAR-10", lesson["cifar_net"], (3, 32, 32)),
    ):
        counted = []
        for layer in plan:
            sizes, shapes = layer.shape(*sizes)
            counted += [sum(int(np.prod(shape)) for shape in shapes)] if shapes else []
        totals[name] = counted
        assert sizes == (10,)
    assert totals["MNIST"] == [320, 18_496, 204_928, 1_290] and sum(totals["MNIST"]) == 225_034
    assert sum(totals["CIFAR-10"]) == 1_250_858
    assert pytest.approx(0.9, abs=0.02) == 204_928 / 225_034, "nine of ten parameters"
    sides = [28]
    for k, stride in ((3, 1), (2, 2), (3, 1), (2, 2)):
        sides.append(conv_out_size(sides[-1], k, stride))
    assert sides == [28, 26, 13, 11, 5]
    assert 64 * 5 * 5 == 1600 and "nn.Linear(1600, 128)" in "\n".join(
        cell.source for cell in instructor_notebook(STAGE).cells
    )


def test_the_articles_networks_run_and_learn(lesson):
    for plan, sizes in ((lesson["mnist_net"], (1, 28, 28)), (lesson["cifar_net"], (3, 32, 32))):
        rng = np.random.default_rng(0)
        X, y = rng.uniform(size=(4, *sizes)).astype(np.float32), np.arange(4)
        params = lesson["begin"](plan, sizes, rng)
        losses = []
        for _ in range(3):
            loss, _, found = lesson["slopes"](plan, params, X, y, None)
            losses.append(loss)
            params = [[p - 0.01 * g for p, g in zip(*pair, strict=True)] for pair in zip(params, found, strict=True)]
        assert losses[2] < losses[0]


def test_counting_by_hand_is_told_right_from_wrong(lesson, capsys):
    text = source("count").replace("@demo", "")
    exec(text, names := dict(lesson))
    names["compare_counts"]()
    assert capsys.readouterr().out.count("not yet") == 4
    names["mine"] |= {"conv 2": 18_496, "dense 128": 204_928, "dense 10": 1_290}
    names["compare_counts"]()
    printed = capsys.readouterr().out
    assert "not yet" not in printed and "225,034" in printed


def test_summary_prints_and_returns_nothing(lesson, capsys):
    assert lesson["summary"](lesson["mnist_net"], (1, 28, 28)) is None
    assert capsys.readouterr().out.rstrip().endswith("225,034")


def test_without_the_real_data_the_lesson_goes_on(lesson, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("THRESHOLD_DATA", str(tmp_path))
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache")
    exec(source("real").partition("@demo")[0], names := dict(lesson))
    names["on_real_data"](lesson["mnist_net"], data.mnist, 10, 1)
    (line,) = capsys.readouterr().out.splitlines()
    assert str(tmp_path) in line and "train-images-idx3-ubyte.gz" in line and "goes on" in line


def test_what_the_quiz_counts():
    assert len(load(STAGE)) == 6
    assert 64 * 3 * 9 + 64 == 1792 and 64 * 9 + 64 == 640 and 64 * 3 * 9 == 1728
    assert (4 * 4, 6 * 6, 4 * 4 / 36 < 0.5) == (16, 36, True), (
        "Winograd: four outputs of 3 × 3 with 16 products, not 36"
    )


def test_a_filter_slides_over_a_drawn_grid():
    output = np.array([[15.0, np.nan], [np.nan, np.nan]])
    axes = plot.sliding(np.arange(12).reshape(3, 4), np.array([[-1, 0], [2, 3]]), output, (0, 1)).axes[0]
    words = [text.get_text() for text in axes.texts]
    assert words.count("−1") == 1 and "15" in words and {"picture", "filter", "output"} <= set(words)
    assert len(words) == 12 + 4 + 1 + 3 + 2, "empty where nothing is known yet"
    frames = [patch for patch in axes.patches if patch.get_linewidth() > 2]
    assert [(frame.get_x(), frame.get_y(), frame.get_width()) for frame in frames] == [
        (1, 0, 2),
        (4 + GAP + 2 + GAP + 1, 0, 1),
    ]
    tinted = [patch for patch in axes.patches if to_rgb(patch.get_facecolor()) == to_rgb(house.TINT)]
    assert len(tinted) == 4 + 4 + 1, "the window, the filter, and the place in the output"


def test_views_show_every_picture_under_its_title():
    gray = np.linspace(-1, 1, 12).reshape(3, 4)
    row = [("photo", np.abs(gray), "photo"), ("edges", gray, "signed"), ("lines", np.abs(gray), "drawing")]
    figure = plot.views([row, [("color", np.full((3, 3, 4), 0.5), "color")]])
    assert [axes.get_title() for axes in figure.axes if axes.get_title()] == ["photo", "edges", "lines", "color"]
    low, high = figure.axes[1].images[0].get_clim()
    assert low == -high, "white is 0"


def test_feature_maps_and_favorites_draw_what_they_are_given():
    maps = {"page": np.ones((1, 4, 4)), "layer": np.random.default_rng(0).uniform(size=(20, 3, 3))}
    axes = plot.feature_maps(maps).axes[0]
    assert len(axes.images) == 21 and [text.get_text() for text in axes.texts] == ["page", "layer"]
    assert {image.get_clim() for image in axes.images[1:]} == {(0, maps["layer"].max())}, "one scale for a layer"
    axes = plot.favorites({"a": np.zeros((4, 5, 3, 3)), "b": np.ones((4, 5, 6, 6))}).axes[0]
    assert len(axes.images) == 40 and [text.get_text() for text in axes.texts] == ["a", "b"]
