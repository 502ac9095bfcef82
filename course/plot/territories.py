"""The plane divided among classes: each point of it in the tint of the class a network gives it."""

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from course.plot.house import BLUE, GREEN, INK, ORANGE, PALE, PAPER, STYLE, TINT

MARKS = (
    {"marker": "o", "facecolor": BLUE, "edgecolor": BLUE},
    {"marker": "s", "facecolor": PAPER, "edgecolor": ORANGE},
    {"marker": "^", "facecolor": GREEN, "edgecolor": INK},
)
TINTS = ListedColormap([TINT, PALE, "#cfe8de"])  # blue, orange and green, thinned
FINE = 201  # points a side


@rc_context(STYLE)
def territories(X, y, answer, size=1.15):
    """Points X (N, 2) of up to three classes y (N,), on the ground that `answer`, (K, 2) to K classes, gives to each."""
    figure = Figure(figsize=(4.6, 4.6))
    axes = figure.subplots()
    side = np.linspace(-size, size, FINE)
    plane = np.stack(np.meshgrid(side, side), axis=-1)
    ground = np.reshape(answer(plane.reshape(-1, 2)), (FINE, FINE))
    axes.imshow(ground, cmap=TINTS, vmin=0, vmax=2, origin="lower", extent=(-size, size, -size, size))
    for label, mark in enumerate(MARKS):
        axes.contour(side, side, ground == label, [0.5], colors=INK, linewidths=0.8)
        axes.scatter(*X[y == label].T, s=20, linewidths=0.9, zorder=3, **mark)
    axes.set(xlabel="x[0]", ylabel="x[1]", xlim=(-size, size), ylim=(-size, size), aspect="equal")
    return figure
