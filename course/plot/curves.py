"""How something goes as training goes on."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.plot.house import GRAY, STYLE


@rc_context(STYLE)
def mistakes(curves, xlabel="epochs of training"):
    """How much is still judged wrongly. curves: {name: (epochs, share wrong from 0 to 1)}"""
    figure = Figure(figsize=(7, 3))
    axes = figure.subplots()
    for name, (epochs, share) in curves.items():
        axes.plot(epochs, 100 * np.asarray(share), label=name, markersize=5)
    axes.axhline(0, color=GRAY, linewidth=0.8)
    axes.set(xlabel=xlabel, ylabel="judged wrongly (%)", ylim=(-3, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    return figure
