"""Work shared among threads: who touches which cell, and what comes of it where two touch the same."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE

THREADS = ((BLUE, ""), (ORANGE, "//"))


@rc_context(STYLE)
def shares(rows, columns):
    """Row sums s of a matrix A by two threads: its rows shared out on the left, its columns on the right."""
    figure = Figure(figsize=(8, 3.1), layout="none")
    kinds = {"for m in prange(M): rows": (rows, 0), "for n in prange(N): columns": (columns, 1)}
    for place, (title, (size, axis)) in enumerate(kinds.items()):
        axes = figure.add_axes((0.02 + 0.5 * place, 0.11, 0.46, 0.79))
        whose = [int(i >= -(-size // 2)) for i in range(size)]
        for m in range(rows):
            for n in range(columns):
                _cell(axes, n, m, [whose[(m, n)[axis]]])
            _cell(axes, columns + 1.5, m, sorted({whose[(m, n)[axis]] for n in range(columns)}))
        axes.text(columns / 2, -0.25, "A", ha="center", style="italic")
        axes.text(columns + 2, -0.25, "s", ha="center", style="italic")
        axes.annotate("", (columns + 1.35, rows / 2), (columns + 0.15, rows / 2), arrowprops={"arrowstyle": "->"})
        axes.set(xlim=(-0.2, columns + 2.7), ylim=(rows + 0.2, -0.7), aspect="equal")
        axes.set_title(title, family="monospace", size=10)
        axes.axis("off")
    for thread, (color, hatch) in enumerate(THREADS):
        figure.add_artist(
            Rectangle((0.3 + 0.22 * thread, 0.03), 0.022, 0.045, facecolor=color, hatch=hatch, edgecolor=PAPER)
        )
        figure.text(0.332 + 0.22 * thread, 0.037, f"thread {thread}")
    return figure


def _cell(axes, x, y, threads):
    """A cell in the color of its thread; of two, half and half, and crossed out."""
    if len(threads) == 1:
        color, hatch = THREADS[threads[0]]
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor=color, hatch=hatch, edgecolor=PAPER, linewidth=1.5))
        return
    halves = [(x, y), (x + 1, y), (x, y + 1)], [(x + 1, y), (x + 1, y + 1), (x, y + 1)]
    for corners, (color, hatch) in zip(halves, THREADS, strict=True):
        axes.add_patch(Polygon(corners, facecolor=color, hatch=hatch, edgecolor=PAPER, linewidth=0.5))
    axes.plot([x + 0.25, x + 0.75], [y + 0.25, y + 0.75], color=INK, linestyle="-", marker="", linewidth=2.5)
    axes.plot([x + 0.25, x + 0.75], [y + 0.75, y + 0.25], color=INK, linestyle="-", marker="", linewidth=2.5)


@rc_context(STYLE)
def tallies(counts, truth, ylabel):
    """What the same count gave in run after run, and what there is to count. counts (R,)"""
    figure = Figure(figsize=(7, 2.8))
    axes = figure.subplots()
    runs = np.arange(1, len(counts) + 1)
    axes.vlines(runs, counts, truth, color=ORANGE, linewidth=1)
    axes.plot(runs, counts, "s", color=ORANGE, markersize=7, label="what it counted")
    axes.axhline(truth, color=GRAY, linewidth=1.2, linestyle=(0, (1, 2)), label="what there is")
    axes.set(xlabel="run", ylabel=ylabel, xticks=runs, ylim=(0, 1.3 * truth))
    axes.legend(loc="upper center", ncols=2)
    return figure
