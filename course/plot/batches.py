"""What a few examples say about a slope, compared with what all of them say."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import GRAY, INK, ORANGE, STYLE

BAR = "#8fbcdb"


@rc_context(STYLE)
def opinions(slopes, everyone):
    """How often batches find which slope, a panel for each batch size; dashed, the slope of all examples.

    slopes: {batch size: (K,)}; everyone: one number.
    """
    figure = Figure(figsize=(2.7 * len(slopes) + 0.4, 3.1))
    grid = figure.subplots(1, len(slopes), sharex=True, squeeze=False)[0]
    every = np.concatenate(list(slopes.values()))
    bins = np.linspace(every.min(), every.max(), 41)
    for axes, (size, found) in zip(grid, slopes.items(), strict=True):
        axes.hist(found, bins, color=BAR, edgecolor=GRAY, linewidth=0.4)
        axes.axvline(0, color=INK, linewidth=1, label="no slope")
        axes.axvline(everyone, color=ORANGE, linewidth=2, linestyle="--", label="slope of all examples")
        axes.set(title=f"batches of {size}" if size > 1 else "single examples", xlabel="slope", yticks=[])
        axes.spines["left"].set_visible(False)
    grid[0].set_ylabel("how often")
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
