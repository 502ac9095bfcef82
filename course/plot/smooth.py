"""Activations as curves: side by side with their slopes, and at work in a neuron with one input."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import BLUE, GRAY, INK, ORANGE, STYLE, TINT
from course.widgets import minus

COLUMNS = 3


@rc_context(STYLE)
def activations(functions, slopes):
    """Every activation, a panel each, and its slope on the same axes. functions, slopes: {name: function of x (N,)}"""
    x = np.linspace(-4, 4, 401)
    rows = -(-(len(functions) + 1) // COLUMNS)  # one place more, for the legend
    figure = Figure(figsize=(7.4, 2.1 * rows))
    grid = figure.subplots(rows, COLUMNS, sharex=True, sharey=True).ravel()
    for axes, (name, function) in zip(grid, functions.items(), strict=False):
        _cross(axes)
        axes.plot(x, function(x), color=BLUE, linestyle="-", marker="", label="the answer y")
        axes.plot(x, slopes[name](x), color=ORANGE, linestyle="--", marker="", label="its slope")
        axes.set(title=name, ylim=(-1.3, 2.3), yticks=(-1, 0, 1, 2), xticks=(-4, 0, 4))
        axes.tick_params(labelbottom=True)
    for axes in grid[len(functions) :]:
        axes.axis("off")
    grid[len(functions)].legend(*grid[0].get_legend_handles_labels(), loc="center left")
    return figure


@rc_context(STYLE)
def response(function, w, b, name):
    """What a neuron with one input answers, y = function(w · x + b), where it fires, and the same for w = 1, b = 0."""
    x = np.linspace(-6, 6, 481)
    z = w * x + b
    figure = Figure(figsize=(6.4, 3))
    axes = figure.subplots()
    axes.fill_between(x, -1.5, 3, where=z >= 0, facecolor=TINT, linewidth=0, label="z is at least 0")
    _cross(axes)
    axes.plot(x, function(x), color=GRAY, linestyle=":", marker="", label="w = 1, b = 0")
    label = minus(f"w = {w:g}, b = {b:g}")
    axes.plot(x, function(z), color=BLUE, linestyle="-", marker="", linewidth=2.5, label=label)
    axes.set(title=f"y = {in_symbols(name, w, b)}", xlim=(-6, 6), ylim=(-1.5, 3), xlabel="the input x", ylabel="y")
    figure.legend(loc="outside right upper")
    return figure


def in_symbols(name, w, b):
    """A neuron with one input as a formula: sigmoid(2 · x − 1)."""
    return minus(f"{name}({w:g} · x {'−' if b < 0 else '+'} {abs(b):g})")


def _cross(axes):
    for line in (axes.axhline, axes.axvline):
        line(0, color=INK, linewidth=0.6)
