"""The steered walk goes where the learner's descent goes, tells what became of the loss, and hides no walk that flies off."""

import time

import numpy as np
import pytest

from course import data, demo, plot, steering
from course.steering import RATES, steer
from solutions.mse import mse
from solutions.numeric_gradient import gradient_descent, numeric_gradient

pytestmark = pytest.mark.usefixtures("notebook_folder")
WAIST, CHINS = data.fitness_club()
START = np.array([2.0, 0.0])


def loss(line):
    return mse(line[0] * (WAIST - 35) + line[1], CHINS)


def slope(line):
    return numeric_gradient(loss, line)


GROUND = plot.landscape(loss, (-6, 5), (-4, 22), points=30)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    monkeypatch.setattr(steering, "_ways", {})


def begin(loss=loss, slope=slope, descend=gradient_descent):
    steer(loss, slope, descend, START, GROUND, WAIST - 35, CHINS, "waist", "chin-ups")


@pytest.fixture
def wheel(page, cards):
    """(picture, learning rate, [one step, ten steps, back], start at w, start at b)"""
    begin()
    rate, row, *start = cards[-1].children
    return page[0], rate, row.children, *start


def test_the_walk_follows_buttons_and_rates(wheel):
    picture, rate, (one, ten, back), *_ = wheel
    assert (
        "After 0 steps: w = 2.00, b = 0.00, loss 175.85. The slope is 49.80 along w and −17.30 along b" in picture.text
    )
    assert "down is toward smaller w and larger b." in picture.text
    rate.value = 0.05
    assert "After 0 steps" in picture.text, "a rate alone is no step"
    one.click()
    path = gradient_descent(slope, START, 0.05, 1)
    after = f"After 1 step, the last with lr = 0.05: w = {path[1, 0]:.2f}, b = {path[1, 1]:.2f}, loss 97.29."
    assert after.replace("-", "−") in picture.text
    rate.value = 0.5
    one.click()
    assert "After 2 steps, the last with lr = 0.5" in picture.text and "loss 18.80." in picture.text
    rate.value = 0.01
    ten.click()
    assert "a path of 12 steps that starts at w = 2.00, b = 0.00" in picture.html.split('alt="')[1]
    assert "After 12 steps, the last with lr = 0.01" in picture.html.split("</details>")[1]
    back.click()
    assert "After 0 steps: w = 2.00, b = 0.00, loss 175.85." in picture.text


def test_another_start_begins_a_new_walk(wheel):
    picture, _, (one, _, back), w, b = wheel
    one.click()
    w.value, b.value = -1.0, 5.0
    assert f"After 0 steps: w = −1.00, b = 5.00, loss {loss([-1.0, 5.0]):.2f}." in picture.text
    one.click()
    back.click()
    assert "After 0 steps: w = −1.00, b = 5.00" in picture.text
    assert [(one.min, one.max, one.step) for one in (w, b)] == [(-6, 5, 0.5), (-4, 22, 0.5)]


def test_a_walk_that_flies_off_is_told(wheel):
    picture, rate, (one, ten, _), *_ = wheel
    rate.value = 0.11
    for _ in range(2):
        ten.click()
    assert "loss 48,478.67" in picture.text
    assert "The last step climbed, from a loss of 34,707.26: too long for this slope. The walk has left" in picture.text
    rate.value = 0.05
    one.click()
    assert "climbed" not in picture.text
    one.click()
    assert "loss 18.46." in picture.text and "has left the picture" not in picture.text


def test_far_out_no_slope_is_taken_for_a_bottom(page):
    begin()
    steer.at((0.6, 60))
    assert "a nudge is lost in rounding out here. The walk has left the picture." in page[-1].text
    steer.at((0.05, 1000))
    assert "flat, there is no more to gain." in page[-1].text


@pytest.mark.filterwarnings("error")
def test_beyond_all_numbers_it_still_draws(page):
    begin(lambda q: float(np.sum(np.square(q))), lambda q: 2 * q)
    for steps, beyond in ((100, "inf"), (400, "nan")):
        steer.at((0.6, 10), (30, steps))
        assert f"loss {beyond}. The walk has flown off beyond all numbers. Go back to the start" in page[-1].text
    assert "data:image/png" in page[-1].html


def test_without_buttons_it_works_in_plain_code(page):
    begin()
    assert "steer.at((0.05, 1), (0.02, 10))" in page[-1].text
    steer.at((0.05, 1), (0.5, 1))
    assert "After 2 steps, the last with lr = 0.5: w = −1.08, b = 9.65, loss 18.80." in page[-1].text
    steer.at(start=(1, 1))
    assert f"After 0 steps: w = 1.00, b = 1.00, loss {loss([1.0, 1.0]):.2f}." in page[-1].text


def test_what_is_not_there_is_named_in_a_sentence(page):
    with pytest.raises(ValueError, match="nothing to walk down yet"):
        steer.at((0.1, 1))
    with pytest.raises(ValueError, match=r"the start and 1 more, shape \(2, 2\); it returned shape \(2,\)"):
        begin(descend=lambda slope, x, lr, steps: x)
    assert not page


def test_a_descent_that_stops_behind_a_button_is_told(page, cards):
    def only_one(slope, x, lr, steps):
        return gradient_descent(slope, x, lr, 1)

    begin(descend=only_one)
    _, row, *_ = cards[-1].children
    row.children[1].click()
    assert "Your descent stopped with ValueError: Your descent should return the whole path" in page[0].text


@pytest.mark.parametrize("missing", ["loss", "slope", "descend"])
def test_what_is_not_written_is_missed_by_the_demonstration(page, capfd, missing):
    def unwritten(*_):
        raise NotImplementedError

    demo(lambda: begin(**{missing: unwritten}))
    assert "needs your unwritten (above)" in capfd.readouterr().out and not page


def test_nobody_is_there_nothing_is_drawn(page, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    demo(begin)
    assert not page


def test_a_step_uphill_is_what_a_plus_gives(page):
    begin(descend=lambda slope, x, lr, steps: np.stack([x, *[x + lr * slope(x)] * steps]))
    steer.at((0.05, 1))
    assert "The last step climbed, from a loss of 175.85: it went up the slope, not down." in page[-1].text


def test_the_path_is_drawn_as_it_is():
    steering._ways.update(descend=gradient_descent, slope=slope)
    path = steering.onward(steering.onward(START[None], 0.05, 1), 0.5, 2)
    again = gradient_descent(slope, gradient_descent(slope, START, 0.05, 1)[-1], 0.5, 2)
    assert path.shape == (4, 2) and np.array_equal(path[1:], again)
    assert np.array_equal(plot.descent(GROUND, path, WAIST - 35, CHINS, "x", "y").axes[0].lines[0].get_xydata(), path)


def test_the_rates_climb_and_hold_those_of_the_lesson():
    assert list(RATES) == sorted(set(RATES)) and {0.01, 0.05, 0.08, 0.09, 0.1, 0.11, 0.5} <= set(RATES)


def test_a_move_is_quick(wheel):
    _, rate, (one, ten, _), *_ = wheel
    rate.value, spent = 0.09, []
    for button in (one, ten, ten, one):
        began = time.process_time()
        button.click()
        spent.append(time.process_time() - began)
    assert min(spent) < 0.3
