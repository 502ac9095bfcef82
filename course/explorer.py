"""The activation explorer: a neuron with one input, its weight and bias under sliders, its activation at a button.

    explore({"step": step, "sigmoid": sigmoid})

The picture stays in the saved notebook, the sliders do not: they are for whoever is there. The functions are the
learner's own. The explorers of a boundary and of a descent (course.boundary, course.steering) are made of the same
parts: `drawn`, `offered`, `slider`.
"""

import html

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
    offered(_picture(name, 1.0, 0.0), lambda picture: _controls(list(functions), picture))


def at(name, w=1.0, b=0.0):
    """Show the neuron at one setting, in plain code. ValueError names the activations there are."""
    if name not in _offered:
        known = ", ".join(_offered) or "none yet: run the cell with explore(…) first"
        raise ValueError(f"There is no activation {name!r} to explore; there are: {known}.")
    widgets.show(_picture(name, float(w), float(b)))


explore.at = at


def drawn(figure, words, caption=""):
    """A bundle: the figure, its words as alt text and folded away below it, and a caption that everybody sees."""
    page = widgets.picture(plot.png(figure, dpi=PIXELS), words, round(figure.get_figwidth() * PIXELS))
    below = f'<p role="status" style="{widgets.PROSE};margin:.3em 0">{html.escape(caption)}</p>' if caption else ""
    return {"text/html": page + below, "text/plain": f"{words} {caption}".strip()}


def offered(bundle, controls):
    """Show a picture and, where it can be replaced later, `controls(its handle)`: a bundle that changes it."""
    picture = widgets.show(bundle)
    if picture is not None:
        widgets.show(controls(picture))


def slider(value, low, high, step, text, form="+.2f"):
    """A slider for the mouse and for the arrow keys, with its number beside it."""
    import ipywidgets

    return ipywidgets.FloatSlider(
        value, min=low, max=high, step=step, description=text, readout_format=form, style={"description_width": "7em"}
    )


def _picture(name, w, b):
    return drawn(plot.response(_offered[name], w, b, name), _in_words(_offered[name], w, b, name))


def _in_words(function, w, b, name):
    """What the picture shows: what the neuron answers left, in the middle and right, and where it is undecided."""
    x = np.array([-6.0, 0.0, 6.0])
    left, middle, right = function(w * x + b)
    text = f"y = {in_symbols(name, w, b)}: at x = −6 the answer is {left:.3g}, at 0 {middle:.3g}, at 6 {right:.3g}"
    text = f"{text}; z is 0 at x = {-b / w + 0:.3g}." if w else f"{text}; the input does not matter."
    return widgets.minus(text)


def _controls(names, picture):
    import ipywidgets

    # JupyterLab takes the arrow keys away from a menu and from radio buttons; buttons and sliders keep theirs
    buttons = ipywidgets.ToggleButtons(options=names, description="activation", style={"button_width": "auto"})
    weight, bias = (slider(value, LEAST, MOST, STEP, text) for value, text in ((1.0, "weight w"), (0.0, "bias b")))

    def redraw(_):
        picture.update(_picture(buttons.value, weight.value, bias.value), raw=True)

    for control in (buttons, weight, bias):
        control.observe(redraw, "value")
    return widgets.widget_bundle(
        ipywidgets.VBox([buttons, weight, bias]), f'Change it with explore.at("{names[0]}", w=2, b=-1)'
    )
