"""What the gates of a memory cell do, word by word; and how far back a network remembers."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import BLUE, GRAY, GREEN, INK, ORANGE, PAPER, PURPLE, STYLE, TINT, level

LOOKS = (  # of a row of bars: its color, and a hatch that tells it apart without color
    {"facecolor": BLUE},
    {"facecolor": ORANGE, "hatch": "///"},
    {"facecolor": GREEN, "hatch": "..."},
    {"facecolor": INK},
    {"facecolor": PURPLE, "hatch": "\\\\\\"},
)
LINES = (
    {"color": ORANGE, "linestyle": "--", "marker": "s"},
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": GREEN, "linestyle": "-.", "marker": "^"},
    {"color": PURPLE, "linestyle": ":", "marker": "D"},
)


@rc_context(STYLE)
def gates(words, rows, now=None):
    """One memory cell as it reads: a row of bars for each gate, for the cell and for what is shown of it.

    words: T texts; rows: {label: (T,) numbers}, at most five; a row with numbers below 0 has its 0 in the middle.
    now: the word it has come to; later ones stay pale, their bars are not drawn. None: all of them.
    """
    T, reached = len(words), len(words) - 1 if now is None else now
    below = 0.25 + 0.062 * max(map(len, words))  # inches that the longest word takes, written at a slant
    figure = Figure(figsize=(8.8, 0.62 * len(rows) + 0.1 + below), layout="none")  # to find a layout costs a film much
    grid = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    inches = figure.get_figheight()
    figure.subplots_adjust(left=0.16, right=0.985, top=1 - 0.1 / inches, bottom=below / inches, hspace=0.28)
    for axes, look, (label, values) in zip(grid, LOOKS, rows.items(), strict=False):
        values = np.asarray(values, float)
        most, signed = max(1.0, 1.1 * np.abs(values).max()), values.min() < -0.01
        if now is not None:
            axes.axvspan(now - 0.5, now + 0.5, color=TINT, linewidth=0, zorder=0)
        axes.bar(np.arange(reached + 1), values[: reached + 1], width=0.62, edgecolor=PAPER, linewidth=0, **look)
        axes.axhline(0, color=GRAY, linewidth=0.8)
        axes.set(ylim=(-most if signed else 0, most), xlim=(-0.6, T - 0.4), yticks=[-1, 0, 1] if signed else [0, 1])
        axes.set_ylabel(label, rotation=0, ha="right", va="center")
        axes.yaxis.set_label_coords(-0.04, 0.5)
        axes.tick_params(axis="y", labelsize=8)
        axes.tick_params(axis="x", length=0)
    grid[-1].set_xticks(range(T), words, rotation=55, ha="right", rotation_mode="anchor")
    for t, text in enumerate(grid[-1].get_xticklabels()):
        text.set(color=INK if t <= reached else GRAY, alpha=1 if t <= reached else 0.55)
        text.set_fontweight("bold" if t == now else "normal")
    return figure


@rc_context(STYLE)
def lags(results, chance, xlabel="words between what is shown and what is asked", ylabel="right (%)"):
    """How often a network still knows, over the lag: a mark for each run, a line through their means.

    results: {name: {lag: share right from 0 to 1, one per run}}, at most four; chance: the share that guessing gets.
    """
    figure = Figure(figsize=(7.4, 3.6))
    axes = figure.subplots()
    level(axes, 100 * chance, "guessing", linestyle=(0, (1, 2)))
    count = min(len(results), len(LINES))
    for k, (look, (name, found)) in enumerate(zip(LINES, results.items(), strict=False)):
        right = 100 * np.array(list(found.values()))
        places = np.arange(len(found)) + 0.15 * (k - (count - 1) / 2)
        axes.plot(places, right.mean(axis=1), label=name, **look | {"marker": ""})
        beside = places[:, None] + 0.03 * (np.arange(right.shape[1]) - (right.shape[1] - 1) / 2)  # or runs hide runs
        hollow = look | {"linestyle": "", "markersize": 6, "markerfacecolor": PAPER}
        axes.plot(beside.ravel(), right.ravel(), **hollow)
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 105))
    axes.set_xticks(range(len(found)), [f"{lag}" for lag in found])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=count)
    return figure
