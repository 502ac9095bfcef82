"""Where the parameters of a network are, and where its work is."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import BLUE, GRAY, ORANGE, PAPER, STYLE


@rc_context(STYLE)
def budgets(parameters, macs, split):
    """The share of each layer, parameters to the left and MACs to the right. Both {layer: count} of the same layers.

    Layers from number `split` on are dense.
    """
    figure = Figure(figsize=(8, 0.25 * len(macs) + 1.1))
    left, right = figure.subplots(1, 2, sharey=True, sharex=True)
    rows = np.arange(len(macs))
    for axes, counts, title in ((left, parameters, "parameters"), (right, macs, "multiplications and additions")):
        shares = 100 * np.array(list(counts.values())) / sum(counts.values())
        for part, color, hatch, kind in (
            (slice(split), BLUE, "", "convolution"),
            (slice(split, None), ORANGE, "//", "dense"),
        ):
            axes.barh(rows[part], shares[part], color=color, hatch=hatch, edgecolor=PAPER)
            middle, total = rows[part].mean(), shares[part].sum()
            axes.text(42, middle, f"{kind}: {total:.0f} %", va="center", weight="bold", color=color)
        axes.set_title(title)
        axes.set(xlabel="percent of all", xlim=(0, 80), ylim=(len(rows) - 0.4, -0.6))
        axes.tick_params(axis="y", length=0)
        axes.axhline(split - 0.5, color=GRAY, linewidth=0.8, linestyle=":")
    left.set_yticks(rows, list(macs))
    return figure
