"""A GPU from above: who waits for a seat, what one fetch brings along, and how often memory is asked."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE, TINT

SECTOR = 8  # numbers of float32 that one fetch brings: 32 bytes


@rc_context(STYLE)
def waves(blocks, multiprocessors):
    """Blocks on the multiprocessors of a small GPU, one at a time on each, all equally long: who runs when."""
    turns = -(-blocks // multiprocessors)
    figure = Figure(figsize=(7, 0.45 * multiprocessors + 0.9))
    axes = figure.subplots()
    for block in range(blocks):
        start, row = divmod(block, multiprocessors)
        axes.add_patch(Rectangle((start + 0.04, row + 0.08), 0.92, 0.84, facecolor=TINT, edgecolor=BLUE))
        axes.text(start + 0.5, row + 0.5, f"block {block}", ha="center", va="center")
    axes.set(xlim=(0, turns), ylim=(multiprocessors, 0), xlabel="time, in turns", xticks=range(turns + 1))
    axes.set_yticks(
        [row + 0.5 for row in range(multiprocessors)], [f"multiprocessor {i}" for i in range(multiprocessors)]
    )
    axes.tick_params(axis="y", length=0)
    return figure


@rc_context(STYLE)
def coalescing(panels, shape=(32, 32)):
    """What 32 threads ask for at one moment, and what memory sends: whole sectors of 8 numbers side by side.

    panels: {title: indices (row, column) that are asked for}; shape: of the array, float32, row after row.
    """
    figure = Figure(figsize=(3.4 * len(panels), 4.1))
    for axes, (title, asked) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        fetched = np.zeros(shape)
        for row, column in asked:
            fetched[row, column // SECTOR * SECTOR : (column // SECTOR + 1) * SECTOR] = 1
        for (row, column), value in np.ndenumerate(fetched):
            if value:
                axes.add_patch(Rectangle((column, row), 1, 1, facecolor=TINT, edgecolor="none"))
        for row, column in set(asked):
            axes.add_patch(Rectangle((column + 0.1, row + 0.1), 0.8, 0.8, facecolor=BLUE, edgecolor=INK, linewidth=0.4))
        for line in range(0, shape[1] + 1, SECTOR):
            axes.axvline(line, color=GRAY, linewidth=0.5)
        count = int(fetched.sum()) // SECTOR
        axes.set(xlim=(0, shape[1]), ylim=(shape[0], 0), aspect="equal", title=f"{title}\n{count} sectors fetched")
        axes.set(xticks=range(0, shape[1] + 1, SECTOR), yticks=range(0, shape[0] + 1, SECTOR))
        axes.spines[:].set_visible(True)
    handles = [Patch(facecolor=BLUE, edgecolor=INK, label="asked for"), Patch(facecolor=TINT, label="sent along")]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


@rc_context(STYLE)
def occupancy(rows, seats):
    """How full a multiprocessor with so many seats for threads is. rows: {name: (blocks that fit, threads of a block)}"""
    figure = Figure(figsize=(7, 0.42 * len(rows) + 0.9))
    axes = figure.subplots()
    for row, (blocks, threads) in enumerate(rows.values()):
        axes.add_patch(
            Rectangle((0, row + 0.12), seats, 0.76, facecolor=PAPER, edgecolor=GRAY, hatch="//", linewidth=0.8)
        )
        for block in range(blocks):
            place = (block * threads, row + 0.12)
            axes.add_patch(Rectangle(place, threads, 0.76, facecolor=TINT, edgecolor=BLUE, linewidth=0.6))
        text = f"{blocks * threads / seats:.0%}"
        axes.text(1.02 * seats, row + 0.5, text, va="center", weight="bold")
    axes.set(
        xlim=(0, 1.12 * seats), ylim=(len(rows), 0), xlabel="threads that have a seat", xticks=np.linspace(0, seats, 5)
    )
    axes.set_yticks(np.arange(len(rows)) + 0.5, list(rows))
    axes.tick_params(axis="y", length=0)
    return figure


@rc_context(STYLE)
def trips(counts, least):
    """How often global memory is asked. counts: {kernel: reads}; least: if every number were fetched once."""
    figure = Figure(figsize=(7, 0.42 * len(counts) + 1.0))
    axes = figure.subplots()
    names, numbers = list(counts), list(counts.values())
    axes.barh(names, numbers, color=BLUE, height=0.62)
    for row, number in enumerate(numbers):
        axes.text(number + 0.01 * max(numbers), row, f"{number:,}", va="center")
    axes.axvline(least, color=ORANGE, linestyle="--")
    axes.text(least, -0.62, f" each number once: {least:,}", color=ORANGE, va="bottom", size=9)
    axes.set(xlabel="numbers read from global memory", xlim=(0, 1.15 * max(numbers)), ylim=(len(names) - 0.5, -0.95))
    axes.tick_params(axis="y", length=0)
    return figure
