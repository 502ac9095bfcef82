"""Forgers and experts: where the fakes lie beside what is real, and how the two chase each other."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE

BINS = 40


@rc_context(STYLE)
def density(real, fake, x, belief, xlabel):
    """Where real ones and fakes lie, above; below, how far the expert believes in each place: a frame of a film.

    real, fake: numbers; x (K,) places in order, belief (K,) the expert's probability of "real" there.
    """
    figure = Figure(figsize=(7.2, 3.9), layout="none")  # for films: to find a layout costs as much as to draw
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    figure.subplots_adjust(left=0.1, right=0.98, bottom=0.13, top=0.97, hspace=0.14)
    for values, look in (
        (real, {"color": BLUE, "alpha": 0.35, "label": "real"}),
        (fake, {"histtype": "step", "color": ORANGE, "linestyle": "--", "linewidth": 2, "label": "fakes"}),
    ):
        counts, edges = np.histogram(np.ravel(values), BINS, (x[0], x[-1]))
        upper.hist(edges[:-1], edges, weights=100 * counts / np.size(values), **look)
    upper.set(ylabel="share (%)", ylim=(0, 45), xlim=(x[0], x[-1]))
    upper.legend(loc="upper right")
    lower.axhline(0.5, color=GRAY, linewidth=1, linestyle=(0, (1, 2)))
    lower.plot(x, belief, color=INK, linestyle="-", marker="")
    lower.set(ylabel="believed", ylim=(-0.05, 1.05), yticks=(0, 0.5, 1), xlabel=xlabel)
    return figure


@rc_context(STYLE)
def clouds(real, panels, reach=2.6):
    """Fakes in the plane (orange crosses) on what is real (blue dots), a panel each. panels: {title: fakes (M, 2)}"""
    figure = Figure(figsize=(2.75 * len(panels), 3.0), layout="none")
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.02, top=0.88, wspace=0.04)
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, fakes) in zip(grid, panels.items(), strict=True):
        axes.scatter(*np.asarray(real).T, s=9, facecolor=BLUE, edgecolor="none", alpha=0.45)
        axes.scatter(*np.asarray(fakes).T, s=16, marker="x", color=ORANGE, linewidths=1)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[], aspect="equal", title=title)
        axes.spines[:].set_visible(True)
    return figure


@rc_context(STYLE)
def chase(tracks, goal, labels):
    """Left, the path of the game in the plane of both players; right, the forger's number turn by turn.

    tracks: {name: (expert (T,), forger (T,))}, at most two; goal: (expert, forger) where both would rest; labels: two.
    """
    figure = Figure(figsize=(8.2, 3.4))
    plane, time = figure.subplots(1, 2)
    for (name, (expert, forger)), style in zip(tracks.items(), ("-", "--"), strict=False):
        color = BLUE if style == "-" else ORANGE
        plane.plot(expert, forger, color=color, linestyle=style, marker="", linewidth=1.2, label=name)
        plane.plot(expert[-1], forger[-1], color=color, marker="o" if style == "-" else "s", linestyle="", markersize=7)
        time.plot(forger, color=color, linestyle=style, marker="", linewidth=1.5, label=name)
    plane.plot(*goal, marker="+", markersize=14, markeredgewidth=2.5, color=INK, linestyle="")
    time.axhline(goal[1], color=GRAY, linewidth=1, linestyle=(0, (1, 2)))
    plane.set(xlabel=labels[0], ylabel=labels[1])
    time.set(xlabel="turns", ylabel=labels[1])
    if len(tracks) > 1:
        time.legend(facecolor=PAPER)
    return figure
