"""The boundary explorer draws the neuron's line, follows its sliders, counts, and tells when a neuron is not right."""

import time

import numpy as np
import pytest

from course import boundary, data, demo, plot
from course.boundary import explore_line
from solutions.perceptron import perceptron

pytestmark = pytest.mark.usefixtures("notebook_folder")
X, y = data.calorie_plans()
FOUR = X[:, 2] == 4
PLANS, LABELS = X[FOUR, :2], y[FOUR]


@pytest.fixture(autouse=True)
def nothing_offered(monkeypatch):
    monkeypatch.setattr(boundary, "_offered", {})


def explore(neuron=perceptron):
    explore_line(
        neuron, PLANS, LABELS, w=(100, 100), b=-600, names=("walks", "runs"), weights=(200, 25), bias=(1000, 25)
    )


def test_the_picture_follows_the_sliders_and_says_it_in_words(page, cards):
    explore()
    picture, controls = page
    assert (
        "from 6 runs at 0 walks to −1 runs at 7 walks; the neuron fires toward more walks and more runs."
        in picture.text
    )
    assert "z = 100 · walks + 100 · runs − 600, so the threshold is 600. 59 right, 5 wrong: silent at 5" in picture.text
    walks, runs, bias = cards[-1].children
    assert [(one.min, one.max, one.step) for one in (walks, runs, bias)] == [(-200, 200, 25)] * 2 + [(-1000, 1000, 25)]
    assert walks.readout_format == "+.0f"
    runs.value = 150.0
    assert picture.text.endswith("− 600, so the threshold is 600. 64 right, 0 wrong.")
    bias.value = -550.0
    assert picture.text.endswith("62 right, 2 wrong: silent at 0 that should fire, firing at 2 that should not.")
    walks.value, runs.value, bias.value = -100.0, -150.0, 600.0
    assert "toward fewer walks and fewer runs" in picture.text
    assert "z = −100 · walks − 150 · runs + 600, so the threshold is −600. 3 right, 61 wrong" in picture.text
    assert 'alt="64 examples by walks and runs.' in picture.html and "data:image/png" in picture.html
    assert '<p role="status"' in picture.html and "3 right, 61 wrong" in picture.html.split("</details>")[1]
    assert "widget" in " ".join(controls.bundle) and "widget" not in " ".join(picture.bundle)


def test_without_sliders_it_works_in_plain_code(page):
    explore()
    assert "explore_line.at((100, 100), -600)" in page[-1].text
    explore_line.at((100, 150), -575)
    assert page[-1].text.endswith("so the threshold is 575. 64 right, 0 wrong.")
    explore_line.at((100, 0), -300)
    assert "The line z = 0 stands at 3 walks; the neuron fires toward more walks." in page[-1].text
    for b, where in ((0, "everywhere"), (-1, "nowhere")):
        explore_line.at((0, 0), b)
        assert f"there is no line, and the neuron fires {where}." in page[-1].text


def test_at_every_setting_the_counts_are_those_of_the_model_answer(page):
    explore()
    rng = np.random.default_rng(0)
    for w, b in zip(rng.integers(-8, 9, size=(12, 2)) * 25, rng.integers(-40, 41, size=12) * 25, strict=True):
        right = sum(perceptron(x, w, b) == label for x, label in zip(PLANS, LABELS, strict=True))
        explore_line.at(w, b)
        assert f" {right} right, {64 - right} wrong" in page[-1].text
        assert "Your perceptron" not in page[-1].text


@pytest.mark.parametrize(
    ("neuron", "said"),
    [
        (
            lambda x, w, b: int(x @ w + b > 0),
            "differently at 3 of them, first at (0, 4): 0. The picture follows the rule",
        ),
        (lambda x, w, b: int(x @ w - b >= 0), "differently at 16 of them, first at (0, 0): 1."),
        (lambda x, w, b: None, "differently at 64 of them, first at (0, 0): None."),
        (lambda x, w, b: (x * w + b >= 0).astype(int), "differently at 64 of them"),
        (lambda x, w, b: 1 // 0, "stopped with ZeroDivisionError: "),
    ],
    ids=["exceeds", "sign", "nothing", "an array", "raises"],
)
def test_a_neuron_that_is_not_right_is_told(page, neuron, said):
    explore(neuron)
    explore_line.at((100, 150), -600)
    assert "64 right, 0 wrong. Your perceptron" in page[-1].text and said in page[-1].text


def test_nobody_is_blamed_for_rounding(page):
    def otherwise(x, w, b):
        return int((w[1] * x[1] + b) + w[0] * x[0] >= 0)

    w, b = np.array([0.3, 0.3]), -1.5
    assert any(otherwise(x, w, b) != (x @ w + b >= 0) for x in PLANS), "or this test shows nothing"
    explore(otherwise)
    explore_line.at(w, b)
    assert "Your perceptron" not in page[-1].text
    explore(lambda x, w, b: 0)
    explore_line.at(w, b)
    assert "Your perceptron answers differently" in page[-1].text


def test_a_neuron_may_not_change_what_is_drawn(page):
    def greedy(x, w, b):
        x += 1
        w += 1
        return 1

    before = PLANS.copy()
    explore(greedy)
    assert np.array_equal(PLANS, before) and "z = 100 · walks + 100 · runs − 600" in page[0].text


def test_a_neuron_that_is_not_written_is_missed_by_the_demonstration(page, capfd):
    def unwritten(x, w, b):
        raise NotImplementedError

    demo(lambda: explore(unwritten))
    assert "needs your unwritten (above)" in capfd.readouterr().out and not page


def test_nobody_is_there_nothing_is_drawn(page, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    demo(explore)
    assert not page


def test_what_is_not_there_is_named_in_a_sentence():
    with pytest.raises(ValueError, match="no line to explore yet"):
        explore_line.at((1, 1), 0)
    with pytest.raises(ValueError, match=r"it was given x \(512, 3\) and y \(512,\)"):
        explore_line(perceptron, X, y)
    explore_line(perceptron, PLANS, LABELS)
    with pytest.raises(ValueError, match=r"has two weights, .* not 3"):
        explore_line.at((1, 2, 3), 0)


def test_without_a_notebook_the_words_are_printed(capfd):
    explore()
    out, err = capfd.readouterr()
    assert out.startswith("64 examples by walks and runs.") and err == ""


def test_the_line_and_the_crosses_are_where_the_neuron_errs():
    axes = plot.boundary(PLANS, LABELS, (100, 100), -600, ("walks", "runs"), title="59 of 64 right").axes[0]
    assert axes.get_title() == "59 of 64 right" and axes.get_xlabel() == "walks"
    crossed = axes.collections[-1].get_offsets()
    assert crossed.tolist() == [[0, 4], [0, 5], [1, 4], [2, 3], [3, 2]]
    assert np.all(crossed @ [100, 150] >= 600) and np.all(crossed.sum(axis=1) < 6)


def test_a_move_is_quick(page):
    explore()
    spent = []
    for number in range(4):
        begin = time.process_time()
        boundary._picture((25.0 * number, 100.0), -600.0)
        spent.append(time.process_time() - begin)
    assert min(spent) < 0.3
