"""The boundary explorer: a neuron with two inputs, its weights and its bias under sliders, its line among the examples.

    explore_line(perceptron, X, y, names=("walks", "runs"))
    explore_line.at((100, 150), -600)       # the same in plain code

The neuron is the learner's own. Where it does not answer as the rule w · x + b ≥ 0 would, the words under the picture
say so, and the picture follows the rule.
"""

import numpy as np

from course import plot, widgets
from course.explorer import drawn, offered, slider
from course.plot.points import KINDS

_offered = {}  # what the last explorer shown was given: perceptron, x, y, names, kinds


def explore_line(
    perceptron, x, y, *, w=(0, 0), b=0, names=("x[0]", "x[1]"), kinds=KINDS, weights=(3, 0.5), bias=(6, 0.5)
):
    """Show the examples x (N, 2) with labels y (N,), and the line of the neuron perceptron(x, w, b) -> 0 or 1.

    w, b: where it begins. names: of the two inputs; kinds: of the labels. weights, bias: how far their sliders reach,
    both ways, and in what steps. Without sliders: explore_line.at(w, b). ValueError where x is not in the plane.
    """
    x, y = np.asarray(x, float), np.asarray(y)
    if x.ndim != 2 or x.shape[1] != 2 or y.shape != x.shape[:1]:
        found = f"x {x.shape} and y {y.shape}"
        raise ValueError(f"explore_line() takes examples x (N, 2) with labels y (N,); it was given {found}.")
    _offered.update(perceptron=perceptron, x=x, y=y, names=names, kinds=kinds)
    offered(_picture(w, b), lambda picture: _controls(w, b, weights, bias, picture))


def at(w, b):
    """Show the neuron with the two weights `w` and the bias `b`, in plain code. ValueError where none was shown yet."""
    if not _offered:
        raise ValueError("There is no line to explore yet: run the cell with explore_line(…) first.")
    widgets.show(_picture(w, b))


explore_line.at = at


def _picture(w, b):
    w, b = np.asarray(w, float), float(b)
    if w.shape != (2,):
        raise ValueError(
            f"The neuron in the picture has two weights, as in explore_line.at((2, 3), -12); not {w.size}."
        )
    x, y, names, kinds = (_offered[key] for key in ("x", "y", "names", "kinds"))
    fires = x @ w + b >= 0
    wrong = int(np.sum(fires != y))
    title = f"{len(y) - wrong} of {len(y)} right"
    figure = plot.boundary(x, y, w, b, names, kinds, title)
    missed, alarms = int(np.sum(~fires & (y == 1))), int(np.sum(fires & (y == 0)))
    counts = f"{len(y) - wrong} right, {wrong} wrong"
    counts += f": silent at {missed} that should fire, firing at {alarms} that should not." * bool(wrong) or "."
    caption = f"z = {_sum(w, b, names)}, so the threshold is {-b + 0:g}. {counts} {_disagreement(w, b, fires)}"
    words = f"{len(y)} examples by {names[0]} and {names[1]}. {_line(w, b, names)}"
    return drawn(figure, widgets.minus(words), widgets.minus(caption.strip()))


def _sum(w, b, names):
    """The weighted sum in the words of the examples: 100 · walks + 150 · runs − 600."""
    second, last = (f"{'-' if value < 0 else '+'} {abs(value):g}" for value in (w[1], b))
    return f"{w[0]:g} · {names[0]} {second} · {names[1]} {last}"


def _line(w, b, names):
    """Where the line is, and on which side of it the neuron fires."""
    (low, high), (across, up) = np.sort(_offered["x"][:, 0])[[0, -1]], names
    if not w.any():
        return f"Both weights are 0: there is no line, and the neuron fires {'everywhere' if b >= 0 else 'nowhere'}."
    sides = [f"{'more' if value > 0 else 'fewer'} {name}" for value, name in zip(w, names, strict=True) if value]
    if w[1]:
        ends = [f"{-(w[0] * value + b) / w[1] + 0:.3g} {up} at {value:g} {across}" for value in (low, high)]
        line = f"goes from {ends[0]} to {ends[1]}"
    else:
        line = f"stands at {-b / w[0] + 0:.3g} {across}"
    return f"The line z = 0 {line}; the neuron fires toward {' and '.join(sides)}."


def _disagreement(w, b, fires):
    """A sentence where the learner's neuron does not do as the rule does. NotImplementedError passes: demo explains it."""
    x, perceptron = _offered["x"], _offered["perceptron"]
    try:
        answers = [perceptron(row.copy(), w.copy(), b) for row in x]
    except NotImplementedError:
        raise
    except Exception as fault:  # at a slider's move nobody would see it
        return f"Your perceptron stopped with {type(fault).__name__}: {fault}. The picture follows the rule."
    certain = _certain(x, w, b)
    other = [n for n, answer in enumerate(answers) if certain[n] and not _says(answer, fires[n])]
    if not other:
        return ""
    where = f"({', '.join(f'{value:g}' for value in x[other[0]])})"
    return (
        f"Your perceptron answers differently at {len(other)} of them, first at {where}: {answers[other[0]]!r}. "
        "The picture follows the rule: 1 where z is at least 0, else 0."
    )


def _certain(x, w, b):
    """Where the sign of z is beyond rounding: nobody is blamed for adding up 0.1, 0.2 and −0.3 in another order."""
    exact = np.all(np.concatenate([x.ravel(), w, [b]]) * 64 % 1 == 0)  # sums of such numbers are not rounded
    return exact | (np.abs(x @ w + b) > 1e-9 * (np.abs(x) @ np.abs(w) + abs(b)))


def _says(answer, fires):
    return np.shape(answer) == () and answer == fires


def _form(step):
    return "+.0f" if float(step).is_integer() else "+.2f"


def _controls(w, b, weights, bias, picture):
    import ipywidgets

    reach = ((w[0], weights, f"w[0], {_offered['names'][0]}"), (w[1], weights, f"w[1], {_offered['names'][1]}"))
    sliders = [
        slider(at, -most, most, step, text, _form(step)) for at, (most, step), text in (*reach, (b, bias, "bias b"))
    ]

    def redraw(_):
        picture.update(_picture([one.value for one in sliders[:2]], sliders[2].value), raw=True)

    for one in sliders:
        one.observe(redraw, "value")
    code = f"Change it with explore_line.at(({w[0]:g}, {w[1]:g}), {b:g})"
    return widgets.widget_bundle(ipywidgets.VBox(sliders), code)
