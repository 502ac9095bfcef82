"""What a network does with the plane of its two inputs: where it fires, and how a hidden layer folds it."""

import numpy as np
from matplotlib import rc_context
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from course.plot.house import INK, PALE, STYLE, TINT
from course.plot.points import MARKS

FINE = 241  # points a side on which a region is drawn
CELLS = 20  # patches a side of the sheet


@rc_context(STYLE)
def regions(panels, size=3, names=("x[0]", "x[1]")):
    """Where networks of two inputs fire, side by side. panels: {title: f}, f takes (N, 2) to N sums z."""
    figure = Figure(figsize=(3.1 * len(panels) + 0.4, 3.3))
    grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    side = np.linspace(-size, size, FINE)
    plane = np.stack(np.meshgrid(side, side), axis=-1)
    for axes, (title, f) in zip(grid, panels.items(), strict=True):
        z = np.reshape(f(plane.reshape(-1, 2)), (FINE, FINE))
        axes.contourf(side, side, z, [0, np.inf], colors=[TINT])
        axes.contour(side, side, z, [0], colors=INK, linewidths=1.5)
        axes.set(title=title, xlabel=names[0], aspect="equal")
    grid[0].set_ylabel(names[1])
    return figure


@rc_context(STYLE)
def sheet(move, fires, X, y, names, line=None):
    """The sheet on which four corners lie, somewhere on its way through a hidden layer.

    move: takes points (N, 2) of the sheet to where they are now; fires: to True where the network fires; X (4, 2),
    y (4,) the corners and their labels; names: of the two axes; line: (w (2,), b) of a neuron that reads this plane.
    """
    figure = Figure(figsize=(5.2, 4))
    axes = figure.subplots()
    corners = _patches()
    here = move(corners.reshape(-1, 2)).reshape(corners.shape)
    ground = np.where(fires(corners.mean(axis=1)), TINT, PALE)
    # the edges keep the sheet in sight when it has been squeezed to a line
    axes.add_collection(PolyCollection(here, facecolors=ground, edgecolors=ground, linewidths=7, joinstyle="round"))
    for label, mark in enumerate(MARKS):
        axes.scatter(*move(X[y == label]).T, s=90, linewidths=1.6, zorder=3, **mark)
    if line is not None:
        w, b = line
        axes.axline((-b / w[0], 0), slope=-w[0] / w[1], color=INK, linewidth=1.5)
    axes.set(xlim=(-0.6, 2.6), ylim=(-1.3, 1.5), xlabel=names[0], ylabel=names[1], aspect="equal")
    return figure


def _patches():
    """The sheet from −0.15 to 1.15 each way, as squares: (CELLS · CELLS, 4, 2)"""
    side = np.linspace(-0.15, 1.15, CELLS + 1)
    left, low = (part.ravel() for part in np.meshgrid(side[:-1], side[:-1]))
    step = side[1] - side[0]
    around = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * step
    return np.stack([left, low], axis=-1)[:, None, :] + around
