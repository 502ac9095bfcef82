"""Labeled examples as points, and what a neuron makes of them."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE, TINT

KINDS = ("label 0", "label 1")
MARKS = (
    {"marker": "s", "facecolor": PAPER, "edgecolor": ORANGE},
    {"marker": "o", "facecolor": BLUE, "edgecolor": BLUE},
)


@rc_context(STYLE)
def boundaries(panels, names=("x[0]", "x[1]"), kinds=KINDS):
    """Points in the plane, and the half of it in which a neuron fires, side by side.

    panels: {title: (x (N, 2), y (N,) labels 0 or 1, w (2,), b)}; names: of the inputs; kinds: of the labels.
    """
    figure = Figure(figsize=(2.4 * len(panels) + 0.4, 3.2))
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (title, (x, y, w, b)) in zip(grid, panels.items(), strict=True):
        _half_plane(axes, x, w, b)
        _points(axes, x, np.asarray(y), w, b)
        axes.set(title=title, xlabel=names[0])
    grid[0].set_ylabel(names[1])
    figure.legend(handles=_legend(kinds), loc="outside lower center", ncols=4, handletextpad=0.4)
    return figure


@rc_context(STYLE)
def boundary(x, y, w, b, names=("x[0]", "x[1]"), kinds=KINDS, title=""):
    """One panel of `boundaries`, large, with its legend at the side: x (N, 2), y (N,), w (2,), b."""
    figure = Figure(figsize=(6.4, 4))
    axes = figure.subplots()
    _half_plane(axes, x, w, b)
    _points(axes, x, np.asarray(y), w, b)
    axes.set(title=title, xlabel=names[0], ylabel=names[1])
    figure.legend(handles=_legend(kinds), loc="outside right upper", handletextpad=0.4)
    return figure


def slices(x, y, w, b, names, at, kinds=KINDS):
    """Three inputs, two of them drawn: a panel of `boundaries` for each value of the third in `at`.

    In a panel the third input stands still, so its share w[2] · x[2] joins the bias.
    """
    panels = {}
    for value in at:
        here = x[:, 2] == value
        panels[f"{names[2]} = {value:g}"] = (x[here, :2], y[here], w[:2], b + w[2] * value)
    return boundaries(panels, names[:2], kinds)


@rc_context(STYLE)
def sums(x, z, y, xlabel, ylabel, kinds=KINDS):
    """The neuron's sum z of each example against something else we know of it: x, z, y (N,)."""
    figure = Figure(figsize=(7, 3.2))
    axes = figure.subplots()
    low, high = 1.08 * z.min(), 1.08 * z.max()
    axes.axhspan(0, high, facecolor=TINT, zorder=0)
    axes.axhline(0, color=INK, linewidth=1)
    for label, mark in enumerate(MARKS):
        axes.scatter(x[y == label], z[y == label], s=22, linewidths=1.2, label=kinds[label], **mark)
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(low, high))
    axes.legend(loc="upper left")
    return figure


def _half_plane(axes, x, w, b):
    low, high = x.min(axis=0), x.max(axis=0)
    edge = np.maximum(0.09 * (high - low), 0.35)
    (left, bottom), (right, top) = low - edge, high + edge
    across, up = np.meshgrid([left, right], [bottom, top])  # z is linear: its corners draw it exactly
    z = w[0] * across + w[1] * up + b
    if z.min() >= 0:
        axes.set_facecolor(TINT)
    elif z.max() > 0:
        axes.contourf(across, up, z, [0, z.max()], colors=[TINT])
        axes.contour(across, up, z, [0], colors=INK, linewidths=1.5)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, integer=True))


def _points(axes, x, y, w, b):
    for label, mark in enumerate(MARKS):
        axes.scatter(*x[y == label].T, s=34, linewidths=1.4, zorder=3, **mark)
    wrong = x[(x @ np.asarray(w) + b >= 0) != y]
    axes.scatter(*wrong.T, s=110, marker="x", color=INK, linewidths=1.6, zorder=4)


def _legend(kinds):
    dots = [
        Line2D([], [], linestyle="", label=kind, marker=mark["marker"], mfc=mark["facecolor"], mec=mark["edgecolor"])
        for kind, mark in zip(kinds, MARKS, strict=True)
    ]
    wrong = Line2D([], [], linestyle="", label="judged wrongly", marker="x", color=INK, markersize=9)
    return [*reversed(dots), wrong, Patch(facecolor=TINT, edgecolor=GRAY, label="the neuron fires")]
