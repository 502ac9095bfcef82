"""How long things take, on the machine that runs the notebook."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from course.plot.house import BLUE, GRAY, GREEN, INK, ORANGE, PAPER, STYLE

HATCHES = ("", "//", "..")


@rc_context(STYLE)
def bars(groups, xlabel, unit=1, log=False):
    """A bar for each value, in `unit`s. groups: {name of the group: {name: value}}, up to three, from the top down.

    log: on a scale of powers of ten, for bars that would not be seen beside the longest.
    """
    figure = Figure(figsize=(7, 0.3 * sum(map(len, groups.values())) + 1.2))
    axes, row = figure.subplots(), 0
    everything = [value / unit for values in groups.values() for value in values.values()]
    for (group, values), color, hatch in zip(groups.items(), (BLUE, GREEN, ORANGE), HATCHES, strict=False):
        rows, lengths = range(row, row + len(values)), [value / unit for value in values.values()]
        axes.barh(rows, lengths, color=color, hatch=hatch, edgecolor=PAPER, label=group, log=log)
        for place, length in zip(rows, lengths, strict=True):
            axes.annotate(f"{length:.3g}", (length, place), (4, 0), textcoords="offset points", va="center", size=9)
        row += len(values)
    axes.set_yticks(range(row), [name for values in groups.values() for name in values], family="monospace")
    axes.set(xlabel=xlabel, ylim=(row - 0.4, -0.6))
    axes.set_xlim((min(everything) / 10, 4 * max(everything)) if log else (0, 1.1 * max(everything)))
    if log:
        axes.xaxis.set_major_formatter("{x:g}")
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper center", ncols=len(groups))
    return figure


@rc_context(STYLE)
def speedups(times):
    """From a first time to a second one, and how many times shorter that is. times: {name: (seconds, seconds)}"""
    figure = Figure(figsize=(8, 0.42 * len(times) + 1.2))
    axes = figure.subplots()
    before, after = np.array(list(times.values())).T
    rows = np.arange(len(times))
    axes.hlines(rows, after, before, color=GRAY, linewidth=1.5)
    axes.plot(before, rows, "s", color=ORANGE, markerfacecolor=PAPER, markersize=8, label="plain Python")
    axes.plot(after, rows, "o", color=BLUE, markersize=8, label="the same lines, compiled")
    for row, ratio in zip(rows, before / after, strict=True):
        middle = np.sqrt(before[row] * after[row])
        axes.text(middle, row - 0.12, f"{ratio:,.0f} times", ha="center", va="bottom", size=9, color=INK)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: _in_words(seconds)))
    axes.set_yticks(rows, list(times))
    axes.set(ylim=(len(times) - 0.5, -0.8), xlabel="one call")
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, 1.02 + 0.5 / len(times)), ncols=2)
    return figure


def _in_words(seconds):
    """1e-5 -> "10 µs" """
    for unit, name in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= 0.999 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 1e-9:.0f} ns"
