"""The activation explorer: a neuron with one input, its weight and bias under sliders, its activation at a button.

    explore({"step": step, "sigmoid": sigmoid})

The picture stays in the saved notebook, the sliders do not: they are for whoever is there. The functions are the
learner's own.
"""

import numpy as np

from course import plot, widgets
from course.plot.house import PIXELS
from course.plot.smooth import in_symbols

_offered = {}  # name -> activation, of the last explorer shown
LEAST, MOST, STEP = -4.0, 4.0, 0.25


def explore(functions):
    """Show the neuron with the first of `functions` {name: activation}, and what to change it with.

    Without sliders: explore.at("sigmoid", w=2, b=-1). ValueError where there is nothing to explore.
    """
    if not functions:
        raise ValueError('explore() takes activations by name, as in explore({"sigmoid": sigmoid}); it was given none.')
    _offered.clear()
    _offered.update(functions)
    name = next(iter(functions))
    picture = widgets.show(_picture(name, 1.0, 0.0))
    if picture is not None:
        widgets.show(_controls(list(functions), picture))


def at(name, w=1.0, b=0.0):
    """Show the neuron at one setting, in plain code. ValueError names the activations there are."""
    if name not in _offered:
        known = ", ".join(_offered) or "none yet: run the cell with explore(…) first"
        raise ValueError(f"There is no activation {name!r} to explore; there are: {known}.")
    widgets.show(_picture(name, float(w), float(b)))


explore.at = at


def _picture(name, w, b):
    figure = plot.response(_offered[name], w, b, name)
    words = _in_words(_offered[name], w, b, name)
    html = widgets.picture(plot.png(figure, dpi=PIXELS), words, round(figure.get_figwidth() * PIXELS))
    return {"text/html": html, "text/plain": words}


def _in_words(function, w, b, name):
    """What the picture shows: what the neuron answers left, in the middle and right, and where it is undecided."""
    x = np.array([-6.0, 0.0, 6.0])
    left, middle, right = function(w * x + b)
    text = f"y = {in_symbols(name, w, b)}: at x = −6 the answer is {left:.3g}, at 0 {middle:.3g}, at 6 {right:.3g}"
    text = f"{text}; z is 0 at x = {-b / w + 0:.3g}." if w else f"{text}; the input does not matter."
    return text.replace("-", "−")


def _controls(names, picture):
    import ipywidgets

    # JupyterLab takes the arrow keys away from a menu and from radio buttons; buttons and sliders keep theirs
    buttons = ipywidgets.ToggleButtons(options=names, description="activation", style={"button_width": "auto"})
    weight, bias = (
        ipywidgets.FloatSlider(value, min=LEAST, max=MOST, step=STEP, description=text, readout_format="+.2f")
        for value, text in ((1.0, "weight w"), (0.0, "bias b"))
    )

    def redraw(_):
        picture.update(_picture(buttons.value, weight.value, bias.value), raw=True)

    for control in (buttons, weight, bias):
        control.observe(redraw, "value")
    return widgets.widget_bundle(
        ipywidgets.VBox([buttons, weight, bias]), f'Change it with explore.at("{names[0]}", w=2, b=-1)'
    )
