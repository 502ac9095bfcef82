"""How good something gets as it is given more examples."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import STYLE


@rc_context(STYLE)
def learning_curves(results, close_up=200):
    """Mean accuracy over the number of examples, and a shade from the worst round to the best.

    results: {(name, n): accuracies from 0 to 1, one a round}. A second panel shows n ≥ close_up, where all are good.
    """
    names = list(dict.fromkeys(name for name, _ in results))
    sizes = np.array(sorted({n for _, n in results}))
    figure = Figure(figsize=(8.4, 3.7))
    whole, near = figure.subplots(1, 2, width_ratios=(1.2, 1))
    for axes, shown in ((whole, sizes), (near, sizes[sizes >= close_up])):
        for name in names:
            rounds = 100 * np.array([results[name, n] for n in shown])
            (line,) = axes.plot(shown, rounds.mean(axis=1), label=name, markersize=5)
            axes.fill_between(shown, rounds.min(axis=1), rounds.max(axis=1), color=line.get_color(), alpha=0.12, lw=0)
        axes.set(xscale="log", xlabel="examples to learn from")
        axes.set_xticks(shown, [f"{n}" for n in shown])
        axes.minorticks_off()
    whole.set(ylabel="right on new pictures (%)", ylim=(None, 101))
    whole.set_title("all sizes")
    near.set_title(f"from {close_up} on, close up")
    figure.legend(*whole.get_legend_handles_labels(), loc="outside lower center", ncols=len(names))
    return figure
