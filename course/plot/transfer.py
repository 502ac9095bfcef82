"""What a borrowed network makes of things it was never shown, and what it forgets."""

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plot.depth import DARK
from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE

SHADES = LinearSegmentedColormap.from_list("never to always", [PAPER, BLUE])


@rc_context(STYLE)
def taken_for(shares, things, answers):
    """How often each of some things is taken for each of the answers, in percent.

    shares (R, C) from 0 to 1, a row for every thing; things, answers: their names.
    """
    figure = Figure(figsize=(0.75 * len(answers) + 1.5, 0.5 * len(things) + 1.1))
    axes = figure.subplots()
    axes.imshow(shares, cmap=SHADES, vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=PAPER if share > DARK else INK)
    axes.set(xticks=range(len(answers)), xticklabels=answers, yticks=range(len(things)), yticklabels=things)
    axes.set(xlabel="it says … (percent)", ylabel="shown is a …")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


@rc_context(STYLE)
def remembered(pictures, labels, rows):
    """What several networks say of the same pictures (N, H, W), a row for each. rows: {name: answers (N,)}

    A wrong answer has a cross and a frame of orange dashes, a right one a check mark and a blue frame.
    """
    N, wide = len(pictures), 3.0
    height = 1.5 * len(rows) + 0.1
    size = 9, 9 * height / (wide + 1.1 * N)
    figure = Figure(figsize=size, layout="none")  # for films: one axes, and no layout to find
    axes = figure.add_axes((0.005, 0, 0.99, 1))
    for row, (name, answers) in enumerate(rows.items()):
        top = 1.5 * row
        axes.text(wide - 0.15, top + 0.5, name, ha="right", va="center")
        for n, (label, answer) in enumerate(zip(labels, answers, strict=True)):
            left, right = wide + 1.1 * n, answer == label
            axes.imshow(pictures[n], cmap="gray_r", vmin=0, extent=(left, left + 1, top + 1, top), zorder=1)
            color, line, sign = (BLUE, "-", "✓") if right else (ORANGE, "--", "✗")
            axes.add_patch(Rectangle((left, top), 1, 1, fill=False, ec=color, ls=line, lw=2.2, zorder=2))
            axes.text(left + 0.5, top + 1.06, f"{answer} {sign}", ha="center", va="top", size=9)
    axes.set(xlim=(0, wide + 1.1 * N), ylim=(height - 0.08, -0.08), aspect="equal")
    axes.axis("off")
    return figure


@rc_context(STYLE)
def frozen_or_not(frozen, trains):
    """How many parameters stay as they are and how many train, a bar for each part. Both: {part: count}"""
    counts = frozen | trains
    figure = Figure(figsize=(7.4, 0.42 * len(counts) + 1))
    axes = figure.subplots()
    for part, color, hatch, label in ((frozen, GRAY, "", "frozen"), (trains, BLUE, "//", "trains")):
        axes.barh(list(part), [n / 1e6 for n in part.values()], color=color, hatch=hatch, ec=PAPER, label=label)
    for row, number in enumerate(counts.values()):
        axes.annotate(f"{number:,}", (number / 1e6, row), (5, 0), textcoords="offset points", va="center")
    axes.set(xlabel="parameters (millions)", xlim=(0, 1.2 * max(counts.values()) / 1e6))
    axes.invert_yaxis()
    figure.legend(loc="outside upper right", ncols=2)
    return figure
