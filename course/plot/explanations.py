"""Why a model says what it says: a tree's chain of questions, and weights as bars."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE, TINT
from course.widgets import minus


@rc_context(STYLE)
def explanations(questions, verdict, shares, title):
    """One example, explained twice: by a tree's questions from top to bottom, and by what spoke for and against it.

    questions: [(text, answer)]; verdict: what the tree says; shares: {name: number}, for (above 0) and against (below).
    """
    figure = Figure(figsize=(9, 3.7))
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.25))
    _chain(left, [*questions, (verdict, "")])
    left.set_title("the tree asks")
    _bars(right, shares)
    right.set_title(title)
    return figure


@rc_context(STYLE)
def weight_bars(panels, ylabel="weight"):
    """Weights as bars, a panel each on one scale; those close to 0 are counted. panels: {title: (D,)}"""
    figure = Figure(figsize=(8.4, 2.9))
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, w) in zip(grid, panels.items(), strict=True):
        w = np.ravel(w)
        axes.bar(range(1, len(w) + 1), w, width=0.75, color=np.where(w > 0, BLUE, ORANGE))
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set(title=title, xlabel="measurement", xticks=(1, 10, 20, 30)[: 1 + len(w) // 10])
    grid[0].set_ylabel(ylabel)
    return figure


def _chain(axes, steps):
    """Boxes one below the other, the answer beside the arrow to the next; the last one is the verdict."""
    axes.set(xlim=(0, 1), ylim=(-len(steps) + 0.45, 0.45))
    axes.axis("off")
    for row, (text, answer) in enumerate(steps):
        last = row == len(steps) - 1
        box = {"boxstyle": "round,pad=0.5", "facecolor": TINT if last else PAPER, "edgecolor": INK if last else GRAY}
        axes.text(0.5, -row, text, ha="center", va="center", bbox=box, weight="bold" if last else "normal")
        if not last:
            arrow = {"arrowstyle": "->", "color": INK, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", (0.5, -row - 0.74), (0.5, -row - 0.27), arrowprops=arrow)
            axes.text(0.54, -row - 0.5, answer, va="center")


def _bars(axes, shares):
    names, values = list(shares), np.array(list(shares.values()))
    axes.barh(range(len(values)), values, color=np.where(values > 0, BLUE, ORANGE))
    room = 0.25 * np.abs(values).max()
    for row, value in enumerate(values):
        axes.text(value + np.sign(value) * room / 8, row, minus(f"{value:+.1f}"), va="center",
                  ha="left" if value > 0 else "right")  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set(
        yticks=range(len(values)), yticklabels=names, xlim=(min(values.min(), 0) - room, max(values.max(), 0) + room)
    )
    axes.invert_yaxis()
