"""Figures say in words what they show, never speak by color alone, and draw what they are given."""

import re

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course import data, plot
from course.plot import house

ALT = 'A line & a "point" <here>.'


def luminance(color):
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(color, ground):
    light, dark = sorted((luminance(color), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def figures():
    X, y = data.calorie_plans()
    w, b = np.array([100, 150, 200]), -1400
    yield plot.neuron({"fare": 2, "leave": -4}, bias=-5, output="go")
    yield plot.slices(X, y, w, b, ("walks", "runs", "swims"), at=(2, 4))
    yield plot.boundaries({"XOR": (*data.xor(), np.zeros(2), 0.0)})
    yield plot.sums(X @ w, X @ w + b, y, "kcal", "z")
    yield plot.mistakes({"plans": ([0, 8], [0.4, 0.0]), "XOR": ([0, 8], [0.5, 0.5])})


@pytest.mark.parametrize("alt", ["", "  ", None])
def test_no_figure_without_words(page, alt):
    figure = Figure()
    with pytest.raises(ValueError, match="needs `alt`"):
        plot.show(figure, alt)
    with pytest.raises(ValueError, match="needs `alt`"):
        plot.film([figure], ["first"], alt)
    assert page == []


@pytest.mark.parametrize("figure", list(figures()), ids=["neuron", "slices", "boundaries", "sums", "mistakes"])
def test_every_figure_reaches_the_page_with_its_words(page, figure):
    plot.show(figure, ALT)
    (shown,) = page
    assert shown.bundle["image/png"].startswith(b"\x89PNG")
    assert shown.metadata["image/png"]["alt"] == shown.text == ALT
    assert 'alt="A line &amp; a &quot;point&quot; &lt;here&gt;."' in shown.html, (
        "JupyterLab and nbconvert show this one"
    )
    assert "<summary>The picture in words</summary>A line &amp;" in shown.html


def test_a_learners_own_figure_is_not_shown_twice(page):
    from matplotlib import pyplot

    figure, _ = pyplot.subplots()
    plot.show(figure, ALT)
    assert not pyplot.fignum_exists(figure.number)


def test_a_film_is_frames_captions_and_keys_and_asks_nobody_for_anything(page):
    figures = [plot.mistakes({"curve": ([0, n], [0.5, 0.1])}) for n in (1, 2, 3)]
    plot.film(figures, ["one", "two", "<three></script>"], ALT)
    (shown,) = page
    html = shown.html
    images = re.search(r"images = (\[.*?\]), captions = (\[.*?\]);", html)
    assert images[1].count("data:image/png") == 3
    assert "</script>" not in images[2] and html.count("</script>") == 1
    assert '<button type="button"' in html and 'type="range" min="0" max="2"' in html and "aria-label" in html
    assert "http" not in html
    assert html.index("<img") < html.index("&lt;three&gt;") < html.index("<script>"), "the last frame without scripts"
    assert shown.bundle["image/png"].startswith(b"\x89PNG")


def test_ink_and_colors_stand_out_on_paper():
    assert contrast(house.INK, house.PAPER) > 7 and contrast(house.INK, house.TINT) > 7
    for color in (house.BLUE, house.ORANGE, house.GREEN, house.PURPLE, house.GRAY):
        assert contrast(color, house.PAPER) > 3 and contrast(color, house.TINT) > 2.5


def test_curves_differ_without_their_colors():
    curves = {name: ([0, 1], [0.5, 0.4]) for name in "abcd"}
    lines = plot.mistakes(curves).axes[0].lines[:4]
    assert len({(line.get_linestyle(), line.get_marker()) for line in lines}) == 4


def test_the_wrong_ones_are_crossed_out():
    X, y = data.xor()
    axes = plot.boundaries({"XOR": (X, y, np.array([-1.0, 0.0]), 0.0)}).axes[0]
    crosses = axes.collections[-1].get_offsets()
    assert sorted(map(tuple, crosses)) == [(0.0, 0.0), (1.0, 0.0)]


@pytest.mark.parametrize(("w", "b", "shaded"), [((0, 0), 0, True), ((0, 0), -1, False), ((1, 1), 5, True)])
def test_a_neuron_that_always_or_never_fires_draws_no_line(w, b, shaded):
    axes = plot.boundaries({"": (*data.xor(), np.array(w), b)}).axes[0]
    assert to_rgb(axes.get_facecolor()) == to_rgb(house.TINT if shaded else house.PAPER)
    assert len(axes.collections) == 3, "two kinds of points and the crosses, no contour"


def test_a_slice_adds_the_input_that_stands_still_to_the_bias():
    X, y = data.calorie_plans()
    figure = plot.slices(X, y, np.array([100, 150, 200]), -1400, ("walks", "runs", "swims"), at=(0, 4, 7))
    assert [axes.get_title() for axes in figure.axes] == ["swims = 0", "swims = 4", "swims = 7"]
    assert all(len(axes.collections[-1].get_offsets()) == 0 for axes in figure.axes), "the true weights err nowhere"


def test_the_house_style_reaches_a_learners_own_figures():
    with rc_context():
        plot.style()
        assert Figure().get_facecolor()[:3] == to_rgb(house.PAPER)
