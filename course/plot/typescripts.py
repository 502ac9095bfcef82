"""Text that a network has written, and what goes on in it while it reads."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from course.plot.house import BLUE, GRAY, INK, ORANGE, STYLE, TINT

COLUMNS = 68  # that fit on the page of a typescript
KEYS = {ord("\t"): "→", ord("\b"): "←", ord("\n"): "⏎"}  # as they are shown where they do nothing
MONO = {"family": "monospace", "va": "center", "parse_math": False}


@rc_context(STYLE)
def typescript(lines, right, losses, step, rows=12):
    """The first rows of a text, with ✓ before each line where `right` says so; beside them how the loss came down.

    losses: one per step, of the whole training, so that a film keeps its axes; step: how many have been taken.
    """
    figure = Figure(figsize=(8.8, 3.6), layout="none")  # for films: to find a layout costs as much as to draw
    page = figure.add_axes((0.01, 0.03, 0.68, 0.94))
    page.set(xlim=(0, 1), ylim=(rows - 0.4, -0.6), xticks=(), yticks=())
    page.spines[:].set_visible(True)
    for row, (line, good) in enumerate(_wrapped(lines, right)[:rows]):
        if good:
            page.axhspan(row - 0.5, row + 0.5, color=TINT, linewidth=0)
            page.text(0.012, row, "✓", color=BLUE, weight="bold", va="center", fontsize=9)
        page.text(0.05, row, line, color=INK, fontsize=9, **MONO)
    side = figure.add_axes((0.765, 0.17, 0.225, 0.74))
    smooth = _smoothed(losses)
    steps = np.arange(1, len(smooth) + 1)
    side.plot(steps, smooth, color=GRAY, linewidth=1, linestyle="-", marker="")
    side.plot(steps[:step], smooth[:step], color=ORANGE, linewidth=2, linestyle="-", marker="")
    at = max(step, 1)
    side.plot(at, smooth[at - 1], color=INK, marker="o", markerfacecolor=ORANGE, linestyle="")
    side.set(xscale="log", xlabel="portions read", ylabel="loss", ylim=(0, None))
    side.xaxis.set_major_formatter("{x:g}")
    side.xaxis.set_minor_locator(NullLocator())
    return figure


def _wrapped(lines, right):
    """(row, right or not) of every row: a line too long for the page goes on in the next, marked like its beginning."""
    rows = []
    for line, good in zip(lines, right, strict=True):
        line = line.translate(KEYS)
        rows += [(line[i : i + COLUMNS], good) for i in range(0, max(len(line), 1), COLUMNS)]
    return rows


def _smoothed(losses, share=0.05):
    """The mean over the last twentieth of the steps so far: early steps change fast, late ones are noisy."""
    total = np.concatenate([[0], np.cumsum(losses)])
    ends = np.arange(1, len(losses) + 1)
    starts = np.minimum((ends * (1 - share)).astype(int), ends - 1)
    return (total[ends] - total[starts]) / (ends - starts)


@rc_context(STYLE)
def reading(text, values, columns=64):
    """A text in rows, and above each character a bar up or down: one number per character, from −1 to 1."""
    text = text.translate(KEYS)
    rows = [slice(i, i + columns) for i in range(0, len(text), columns)]
    figure = Figure(figsize=(8.6, 0.3 + 0.62 * len(rows)), layout="none")
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set(xlim=(-1, columns + 1), ylim=(-2.1 * len(rows) + 0.55, 1.1))
    axes.axis("off")
    for row, part in enumerate(rows):
        middle = -2.1 * row
        x, height = np.arange(len(text[part])), 0.62 * np.asarray(values[part])
        axes.axhline(middle, xmin=1 / (columns + 2), xmax=1, color=GRAY, linewidth=0.6)
        colors = np.where(height > 0, BLUE, ORANGE)
        axes.bar(x, height, 0.86, bottom=middle, color=colors, linewidth=0)
        for place, letter in zip(x, text[part], strict=True):
            axes.text(place, middle - 0.98, letter, ha="center", fontsize=9.5, color=INK, **MONO)
    return figure


@rc_context(STYLE)
def temperatures(letters, chances, temperature_names):
    """The chances of the likeliest characters, a panel for each temperature. chances: (panels, characters) from 0 to 1"""
    figure = Figure(figsize=(8.4, 2.7))
    grid = figure.subplots(1, len(chances), sharey=True, squeeze=False)[0]
    for axes, p, name in zip(grid, chances, temperature_names, strict=True):
        axes.bar(range(len(letters)), 100 * np.asarray(p), color=BLUE, width=0.75)
        axes.set_xticks(range(len(letters)), letters, family="monospace")
        axes.set(title=name, ylim=(0, 100))
        for place, share in enumerate(p):
            axes.text(place, 100 * share + 2, f"{100 * share:.0f}", ha="center", fontsize=8, color=INK)
    grid[0].set_ylabel("chance (%)")
    return figure
