"""How well something does on what it has learned from, and on what it has not."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE

WIDE = 10  # pictures in a row


@rc_context(STYLE)
def epochs(panels, ylabels, marks=None):
    """Curves over the epochs, a panel each. panels: {title: {name: one value an epoch}}

    ylabels: a text for each panel, or one for all, which then share their axis. marks: {title: {name: epoch}}, upright
    lines with a name.
    """
    one = isinstance(ylabels, str)
    figure = Figure(figsize=(8.2, 3.4))
    grid = figure.subplots(1, len(panels), sharey=one, squeeze=False)[0]
    labels = [ylabels] + [""] * (len(panels) - 1) if one else ylabels
    for axes, (title, curves), label in zip(grid, panels.items(), labels, strict=True):
        for name, values in curves.items():
            axes.plot(np.arange(len(values)), values, label=name, markevery=max(len(values) // 8, 1), markersize=5)
        axes.set(title=title, xlabel="epoch", ylabel=label)
        axes.legend(loc="best" if marks is None else "lower center")
        for name, epoch in (marks or {}).get(title, {}).items():
            axes.axvline(epoch, color=GRAY, linewidth=1, linestyle=(0, (1, 2)))
            axes.annotate(name, (epoch, 1), (3, -3), xycoords=("data", "axes fraction"), textcoords="offset points",
                          va="top", color=GRAY)  # fmt: skip
    return figure


@rc_context(STYLE)
def histories(losses, ylabel="validation loss"):
    """Short histories of a loss, a small panel each, every epoch with its value. losses: {name: (T,)}"""
    longest = max(map(len, losses.values()))
    figure = Figure(figsize=(8.2, 2.3 * -(-len(losses) // 3)))
    grid = figure.subplots(-(-len(losses) // 3), 3, sharex=True, sharey=True, squeeze=False)
    for axes, (name, values) in zip(grid.ravel(), losses.items(), strict=False):
        axes.plot(range(len(values)), values, markersize=6)
        for epoch, value in enumerate(values):
            axes.annotate(f"{value:g}", (epoch, value), (0, 8), textcoords="offset points", ha="center")
        axes.set(title=name, xlim=(-0.4, longest), ylim=(0, 1.15), xticks=range(longest), yticks=(0, 0.5, 1))
        axes.tick_params(labelbottom=True)
    for axes in grid[:, 0]:
        axes.set_ylabel(ylabel)
    for axes in grid[-1]:
        axes.set_xlabel("epoch")
    return figure


@rc_context(STYLE)
def remedies(scores, xlabel="right on validation (%): a dot for every draw, a bar at their mean"):
    """What each of several recipes reaches, a dot for every round and a bar at their mean. scores: {name: (R,)}"""
    figure = Figure(figsize=(7.4, 0.5 * len(scores) + 0.9))
    axes = figure.subplots()
    for row, values in enumerate(scores.values()):
        values = 100 * np.asarray(values)
        axes.scatter(values, np.full(len(values), row), s=26, facecolor=PAPER, edgecolor=BLUE, linewidth=1.2)
        axes.plot([values.mean()], [row], marker="|", markersize=22, markeredgewidth=3, color=INK, linestyle="")
        axes.annotate(f"{values.mean():.1f}", (values.mean(), row), (0, 12), textcoords="offset points", ha="center")
    first = 100 * np.mean(next(iter(scores.values())))
    axes.axvline(first, color=GRAY, linewidth=1, linestyle=(0, (1, 2)))
    axes.set(yticks=range(len(scores)), yticklabels=list(scores), xlabel=xlabel, ylim=(len(scores) - 0.5, -0.7))
    return figure


@rc_context(STYLE)
def told(pictures, typed, meant, says):
    """Pictures (N, H, W) with a wrong label, below each what was typed and what a network says of it.

    A network that repeats the wrong label is marked ✗ in a frame of orange dashes, one that says what was meant ✓ in
    a blue one.
    """
    rows = -(-len(pictures) // WIDE)
    figure = Figure(figsize=(9, 1.27 * rows), layout="none")  # for films: one axes, and no layout to find
    axes = figure.add_axes((0.005, 0, 0.99, 1))
    axes.axis("off")
    for n, (wrong, true, answer) in enumerate(zip(typed, meant, says, strict=True)):
        row, column = divmod(n, WIDE)
        left, top = 1.1 * column, 1.56 * row
        axes.imshow(pictures[n], cmap="gray_r", vmin=0, extent=(left, left + 1, top + 1, top), zorder=1)
        sign, color, style = _verdict(answer, wrong, true)
        axes.add_patch(
            Rectangle((left, top), 1, 1, fill=False, edgecolor=color, linestyle=style, linewidth=2.4, zorder=2)
        )
        text = f"typed {wrong}\nsays {answer} {sign}"
        axes.text(left + 0.5, top + 1.07, text, ha="center", va="top", size=9, linespacing=1.15)
    axes.set(xlim=(-0.06, WIDE * 1.1 - 0.04), ylim=(1.56 * rows - 0.05, -0.07), aspect="equal")
    return figure


def _verdict(answer, wrong, true):
    """The sign, the color and the line style for an answer."""
    if answer == wrong:
        return "✗", ORANGE, "--"
    return ("✓", BLUE, "-") if answer == true else ("?", GRAY, ":")
