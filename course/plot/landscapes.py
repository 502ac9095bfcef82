"""A loss as a landscape seen from above, and the ways down it.

Dark is high. The rings join points of equal loss; they are drawn ever closer in loss toward the bottom, or the
valley floor would be one empty ring.
"""

from typing import NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.plot.house import BLUE, INK, ORANGE, PAPER, STYLE

HEIGHTS = LinearSegmentedColormap.from_list("heights", [PAPER, "#cfe2f0", "#8fbcdb"])
RINGS = 11


class Landscape(NamedTuple):
    """The loss over a grid of two parameters: across (A,), up (U,), loss (U, A), names of the two."""

    across: np.ndarray
    up: np.ndarray
    loss: np.ndarray
    names: tuple


def landscape(loss, across, up, names=("w", "b"), points=60):
    """Ask a loss, a function of an array of two numbers, everywhere from across[0] to across[1] and up[0] to up[1]."""
    a, u = np.linspace(*across, points), np.linspace(*up, points)
    return Landscape(a, u, np.array([[loss(np.array([x, y])) for x in a] for y in u]), names)


@rc_context(STYLE)
def descent(ground, path, x, y, xlabel, ylabel):
    """A path down a Landscape, and beside it the line w · x + b where the path ends, over its data: x, y (N, 1)."""
    figure = Figure(figsize=(8, 3.6))
    left, right = figure.subplots(1, 2)
    rings(left, ground)
    _walk(left, path)
    _line(right, path[-1], x, y)
    ends = np.concatenate([path[0, 0] * x + path[0, 1], y])  # the first line's, so that a film keeps its scale
    right.set(xlabel=xlabel, ylabel=ylabel, ylim=(ends.min() - 2, ends.max() + 2))
    return figure


@rc_context(STYLE)
def descents(ground, paths):
    """Several paths down one Landscape, side by side. paths: {title: (steps + 1, 2)}"""
    figure = Figure(figsize=(2.3 * len(paths) + 0.5, 3.2))
    grid = figure.subplots(1, len(paths), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (title, path) in zip(grid, paths.items(), strict=True):
        rings(axes, ground)
        _walk(axes, path)
        axes.set(title=title)
    for axes in grid[1:]:
        axes.set_ylabel("")
    return figure


def rings(axes, ground):
    """Draw a Landscape."""
    low, high = ground.loss.min(), ground.loss.max()
    levels = [low, *(low + np.geomspace(0.002, 1, RINGS) * (high - low))]
    axes.contourf(ground.across, ground.up, ground.loss, levels, colors=HEIGHTS(np.linspace(0, 1, RINGS)))
    axes.contour(ground.across, ground.up, ground.loss, levels[1:], colors=INK, linewidths=0.4)
    axes.set(xlabel=ground.names[0], ylabel=ground.names[1])
    axes.set(xlim=ground.across[[0, -1]], ylim=ground.up[[0, -1]])


def _line(axes, parameters, x, y):
    w, b = parameters
    ends = np.array([x.min(), x.max()])
    axes.vlines(x, y, w * x + b, color=ORANGE, linewidth=1)
    axes.plot(ends, w * ends + b, color=INK, linestyle="-", marker="")
    axes.scatter(x, y, s=34, color=BLUE, zorder=3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _walk(axes, path):
    axes.plot(*path.T, color=ORANGE, linestyle="-", linewidth=1.2, marker=".", markersize=5)
    axes.plot(*path[0], color=INK, marker="s", markerfacecolor=PAPER, linestyle="", markersize=7)
    axes.plot(*path[-1], color=INK, marker="o", markerfacecolor=ORANGE, linestyle="", markersize=8)
