"""What a row of neurons makes of a picture: one probability per kind."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import BLUE, ORANGE, STYLE


@rc_context(STYLE)
def sureness(pictures, p, y):
    """Pictures (N, H, W), below each the probability p (N, C) it was given for each kind; y (N,) is what it is."""
    N = len(pictures)
    width = 1.5 * N + 0.3
    figure = Figure(figsize=(width, 3.7), layout="none")  # for films: to find a layout costs as much as to draw
    top, bottom = figure.subplots(2, N, squeeze=False, height_ratios=(2, 3))
    figure.subplots_adjust(left=0.3 / width, right=1 - 0.2 / width, bottom=0.13, top=0.93, wspace=0.25, hspace=0.1)
    for n in range(N):
        says = int(np.argmax(p[n]))
        right = says == y[n]
        top[n].imshow(pictures[n], cmap="gray_r", vmin=0)
        top[n].set(xticks=(), yticks=())
        top[n].spines[:].set_visible(True)
        top[n].set_title(f"is {y[n]}, says {says}", weight="normal" if right else "bold")
        bottom[n].barh(range(len(p[n])), 100 * p[n], color=BLUE if right else ORANGE)
        bottom[n].set(xlim=(0, 100), xticks=(0, 50, 100), yticks=range(len(p[n])), xlabel=f"{p[n].max():.0%} sure")
        bottom[n].tick_params(labelleft=n == 0)
        bottom[n].invert_yaxis()
    return figure
