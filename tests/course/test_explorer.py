"""The explorer draws the learner's own functions, follows its sliders, and works without them."""

import numpy as np
import pytest

from course import explorer, plot
from course.explorer import explore

pytestmark = pytest.mark.usefixtures("notebook_folder")


def halve(x):
    return x / 2


@pytest.fixture(autouse=True)
def nothing_offered(monkeypatch):
    monkeypatch.setattr(explorer, "_offered", {})


def test_the_picture_follows_buttons_and_sliders_and_says_it_in_words(page, cards):
    explore({"halve": halve, "sine": np.sin})
    picture, controls = page
    assert picture.text.startswith("y = halve(1 · x + 0): at x = −6 the answer is −3, at 0 0, at 6 3; z is 0 at x = 0.")
    buttons, weight, bias = cards[-1].children
    weight.value, bias.value = 2.0, -1.0
    assert picture.text.startswith("y = halve(2 · x − 1): at x = −6 the answer is −6.5")
    assert "z is 0 at x = 0.5." in picture.text
    buttons.value = "sine"
    assert picture.text.startswith("y = sine(2 · x − 1)")
    assert 'alt="y = sine(2 · x − 1)' in picture.html and "data:image/png" in picture.html
    weight.value = 0.0
    assert "the input does not matter" in picture.text
    assert "widget" in " ".join(controls.bundle) and "widget" not in " ".join(picture.bundle)


def test_without_sliders_it_works_in_plain_code(page):
    explore({"halve": halve})
    assert 'explore.at("halve", w=2, b=-1)' in page[-1].text
    explore.at("halve", w=-1, b=2)
    assert page[-1].text.startswith("y = halve(−1 · x + 2)") and "z is 0 at x = 2." in page[-1].text


def test_what_is_not_there_is_named_in_a_sentence():
    with pytest.raises(ValueError, match="it was given none"):
        explore({})
    with pytest.raises(ValueError, match=r"no activation 'tahn' to explore; there are: none yet"):
        explore.at("tahn")


def test_without_a_notebook_the_words_are_printed(capfd):
    explore({"halve": halve})
    out, err = capfd.readouterr()
    assert out.startswith("y = halve(1 · x + 0)") and err == ""


def test_the_curve_and_the_ground_on_which_z_is_positive():
    axes = plot.response(np.tanh, -2.0, 1.0, "tanh").axes[0]
    x, y = axes.lines[-1].get_data()
    assert np.allclose(y, np.tanh(1 - 2 * x))
    ground = axes.collections[0].get_paths()[0].vertices[:, 0]
    assert (ground.min(), round(ground.max(), 2)) == (-6, 0.5)
