"""Several ways down one valley at the same time, and what each of them makes of its learning rate."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from course.plot.house import BLUE, GREEN, INK, ORANGE, PAPER, PURPLE, STYLE, level
from course.plot.landscapes import rings

WALKERS = (  # the cycle of the house has four; a race has five
    {"color": ORANGE, "linestyle": "-", "marker": "s"},
    {"color": BLUE, "linestyle": "--", "marker": "o"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": PURPLE, "linestyle": ":", "marker": "D"},
    {"color": INK, "linestyle": (0, (6, 1)), "marker": "v"},
)


@rc_context(STYLE)
def race(ground, paths, heights, steps, arrived):
    """Where everybody is on a Landscape after so many steps; beside it, how high above the bottom they have been.

    paths: {name: (T + 1, 2)}, heights: {name: (T + 1,)}, at most five; arrived: the height of the finishing line.
    """
    figure = Figure(figsize=(8.6, 4.2))
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
    rings(left, ground)
    left.plot(*next(iter(paths.values()))[0], color=INK, marker="s", markerfacecolor=PAPER, linestyle="", markersize=7)
    level(right, arrived, "arrived", at=0.02)
    for look, (name, path) in zip(WALKERS, paths.items(), strict=False):
        here = {"markersize": 8, "markeredgecolor": PAPER, "markevery": [steps], "zorder": 4}
        left.plot(*path[: steps + 1].T, linewidth=1.3, label=name, **look, **here)
        right.plot(heights[name][: steps + 1], linewidth=1.6, label=name, **look, **here)
    everything = np.concatenate(list(heights.values()))
    right.set(xlabel="steps", ylabel="loss above the bottom", yscale="log")
    right.set(xlim=(0, 1.03 * (len(path) - 1)), ylim=(arrived / 50, 1.6 * everything.max()))
    right.yaxis.set_major_formatter("{x:g}")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


@rc_context(STYLE)
def rates(results, total):
    """What is still judged wrongly, over the learning rate: means, and a shade from the best seed to the worst.

    results: {name: {learning rate: how many wrong of `total`, one per seed}}, at most five names. Both axes by powers.
    """
    figure = Figure(figsize=(7.4, 3.9))
    axes = figure.subplots()
    for look, (name, found) in zip(WALKERS, results.items(), strict=False):
        wrong = 100 / total * np.array(list(found.values()))
        axes.plot(list(found), wrong.mean(axis=1), label=name, markersize=6, linewidth=1.8, **look)
        axes.fill_between(list(found), wrong.min(axis=1), wrong.max(axis=1), color=look["color"], alpha=0.12, lw=0)
    axes.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="judged wrongly (%)")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_locator(FixedLocator([1, 2, 5, 10, 20, 50, 100]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    figure.legend(loc="outside lower center", ncols=5)
    return figure


@rc_context(STYLE)
def schedules(plans, heights, arrived, every=1):
    """Learning rates as time goes on, and beside them the loss above the bottom under each.

    plans: {name: (T,)}, heights: {name: (T / every,)} means over `every` steps, at most four; arrived: a height to
    compare with.
    """
    figure = Figure(figsize=(8.4, 3.6))
    left, right = figure.subplots(1, 2)
    for name, plan in plans.items():
        height = heights[name]
        left.plot(plan, label=name, markevery=max(len(plan) // 8, 1), markersize=5)
        steps = every * (np.arange(len(height)) + 0.5)
        right.plot(steps, height, label=name, linewidth=1.6, markevery=max(len(height) // 8, 1), markersize=5)
    left.set(xlabel="steps", ylabel="learning rate", ylim=(0, None))
    level(right, arrived, "arrived", at=0.02)
    right.set(xlabel="steps", ylabel="loss above the bottom", yscale="log")
    right.yaxis.set_major_formatter("{x:g}")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=len(plans))
    return figure
