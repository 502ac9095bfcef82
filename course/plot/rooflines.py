"""The roofline of a machine: what it could do at most, and what programs make of that.

A program's work per byte decides which roof it is under: the slanting one of memory or the level one of arithmetic.
Source: S. Williams, A. Waterman, D. Patterson, "Roofline", Communications of the ACM 52 (2009).
"""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE

MARKERS = "osD^vP*"


@rc_context(STYLE)
def roofline(programs, memory, arithmetic):
    """programs: {name: (MACs per byte, MACs per second)}; memory: bytes per second; arithmetic: MACs per second."""
    figure = Figure(figsize=(8, 4.4))
    axes = figure.subplots()
    work, speed = np.array(list(programs.values())).T
    edge = arithmetic / memory
    x = np.array([min(work.min(), edge) / 3, edge, max(work.max(), edge) * 4])
    axes.loglog(x, np.minimum(x * memory, arithmetic), color=INK, linestyle="-", marker="")
    axes.fill_between(x, np.minimum(x * memory, arithmetic), arithmetic * 3, color=GRAY, alpha=0.15, linewidth=0)
    for place, (name, point) in enumerate(programs.items()):
        color = (BLUE, ORANGE)[place % 2]
        axes.plot(*point, MARKERS[place % len(MARKERS)], color=color, markersize=9, markeredgecolor=PAPER, label=name)
    middle = np.sqrt(x[0] * edge)
    axes.annotate(
        f"memory: {memory / 1e9:.3g} GB/s", (middle, middle * memory), (-10, 6), textcoords="offset points", ha="right"
    )
    axes.text(x[-1] / 1.1, arithmetic * 1.15, f"arithmetic: {arithmetic / 1e9:.3g} GMAC/s", ha="right")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1e9:g}"))
    axes.set(xlim=x[[0, -1]], ylim=(speed.min() / 3, arithmetic * 2))
    axes.set(xlabel="MACs for each byte of its arrays", ylabel="billion MACs a second")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
