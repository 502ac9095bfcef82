"""Drawings of whole networks: who is connected to whom, and where the parameters sit."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE, TINT
from course.widgets import minus

APART = 2.3  # from one layer's units to the next
RADIUS = 0.3


@rc_context(STYLE)
def network(params, inputs, output, rows=None):
    """A multilayer perceptron, its inputs as squares and its units as circles.

    params: {"W1": (D, H), "b1": (H,), …}; inputs: the D names, output: that of the last layer.
    rows: None writes weights and biases into the drawing; a number of examples writes the shapes below it.
    """
    L = len(params) // 2
    sizes = [len(inputs), *(len(params[f"b{l}"]) for l in range(1, L + 1))]
    figure = Figure(figsize=(7, 0.62 * max(sizes) + 1.5))
    axes = figure.subplots()
    axes.set(xlim=(-1.6, L * APART + 1.4), ylim=(-0.55 if rows is None else -1.35, max(sizes) + 0.3), aspect="equal")
    axes.axis("off")
    places = [_places(l * APART, size, max(sizes)) for l, size in enumerate(sizes)]
    for l in range(1, L + 1):
        _connections(axes, places[l - 1], places[l], params[f"W{l}"], write=rows is None)
        _units(axes, places[l], params[f"b{l}"], write=rows is None)
    _inputs(axes, places[0], inputs)
    x, y = places[-1].mean(axis=0)
    axes.text(x + RADIUS + 0.15, y, output, va="center")
    _captions(axes, sizes, params, rows, top=max(sizes))
    return figure


def _places(x, size, most):
    """The centers of a layer's units, from top to bottom."""
    return np.array([(x, (most + size) / 2 - 0.5 - i) for i in range(size)])


def _connections(axes, tails, heads, w, write):
    for (d, m), weight in np.ndenumerate(w):
        tail, head = tails[d], heads[m]
        width, dashes = min(0.7 + 0.5 * abs(weight), 3) if write else 1, "-" if weight >= 0 else "--"
        ends = zip(tail, head, strict=True)
        axes.plot(*ends, color=GRAY, linewidth=width, linestyle=dashes, marker="", zorder=1)
        if write:
            x, y = tail + 0.3 * (head - tail)
            box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
            axes.text(x, y, minus(f"× {weight:g}"), ha="center", va="center", bbox=box, weight="bold")


def _units(axes, places, b, write):
    for place, bias in zip(places, b, strict=True):
        axes.add_patch(Circle(place, RADIUS, facecolor=TINT, edgecolor=INK, linewidth=1.5, zorder=2))
        if write:
            axes.text(*place, minus(f"{bias:+g}"), ha="center", va="center", zorder=3)


def _inputs(axes, places, names):
    for (x, y), name in zip(places, names, strict=True):
        square = Rectangle((x - 0.2, y - 0.2), 0.4, 0.4, facecolor=PAPER, edgecolor=INK, linewidth=1.5, zorder=2)
        axes.add_patch(square)
        axes.text(x - 0.35, y, name, ha="right", va="center")


def _captions(axes, sizes, params, rows, top):
    L = len(sizes) - 1
    for l, size in enumerate(sizes):
        name = "input" if l == 0 else "output" if l == L else "hidden" if L == 2 else f"hidden {l}"
        axes.text(l * APART, top + 0.05, name, ha="center", style="italic")
        if rows is None:
            continue
        axes.text(l * APART, -0.45, f"({rows}, {size})", ha="center", va="center", weight="bold")
        if l:
            shapes = "\n".join(f"{name} {params[name].shape}" for name in (f"W{l}", f"b{l}"))
            axes.text((l - 0.5) * APART, -1.05, shapes, ha="center", va="center", color=GRAY)
    if rows is None:
        axes.text(L * APART / 2, -0.35, "in each circle: its bias", ha="center", color=GRAY)


@rc_context(STYLE)
def parameter_bars(counts, split):
    """How many parameters each layer holds. counts: {layer: count}; layers from number `split` on are dense."""
    figure = Figure(figsize=(7, 0.25 * len(counts) + 0.9))
    axes = figure.subplots()
    names, numbers = list(counts), np.array(list(counts.values()))
    kinds = {"convolution": (slice(split), BLUE, ""), "dense": (slice(split, None), ORANGE, "//")}
    for kind, (part, color, hatch) in kinds.items():
        axes.barh(names[part], numbers[part] / 1e6, color=color, hatch=hatch, edgecolor=PAPER, label=kind)
    for i, number in enumerate(numbers):
        axes.text(number / 1e6 + 0.8, i, f"{number:,}", va="center", size=9)
    axes.set(xlabel="parameters (millions)", xlim=(0, 1.18 * numbers.max() / 1e6), ylim=(len(names) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper right")
    return figure
