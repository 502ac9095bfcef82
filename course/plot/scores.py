"""Pictures, and what a row of neurons makes of them: one probability per kind."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.house import BLUE, GRAY, ORANGE, STYLE


@rc_context(STYLE)
def pictures(x, titles):
    """Square pictures in one row. x (N, side²), row after row of each picture; the darker, the larger the number."""
    figure = Figure(figsize=(0.75 * len(x), 1.05))
    for axes, pixels, title in zip(figure.subplots(1, len(x), squeeze=False)[0], x, titles, strict=True):
        _picture(axes, pixels)
        axes.set_title(title)
    return figure


@rc_context(STYLE)
def sureness(x, p, y):
    """Square pictures x (N, side²), the probability p (N, C) given to each kind, and which kind y (N,) it is."""
    width = 1.5 * len(x) + 0.3
    figure = Figure(figsize=(width, 3.7), layout="none")  # for films: to find a layout costs as much as to draw
    top, bottom = figure.subplots(2, len(x), squeeze=False, height_ratios=(2, 3))
    figure.subplots_adjust(left=0.3 / width, right=1 - 0.2 / width, bottom=0.13, top=0.93, wspace=0.25, hspace=0.1)
    for column, (pixels, row, label) in enumerate(zip(x, p, y, strict=True)):
        says = int(np.argmax(row))
        _picture(top[column], pixels)
        top[column].set_title(f"is {label}, says {says}", weight="normal" if says == label else "bold")
        bottom[column].barh(range(len(row)), 100 * row, color=BLUE if says == label else ORANGE)
        bottom[column].set(xlim=(0, 100), xticks=(0, 50, 100), yticks=range(len(row)), xlabel=f"{row.max():.0%} sure")
        bottom[column].tick_params(labelleft=column == 0)
        bottom[column].invert_yaxis()
    return figure


def _picture(axes, pixels):
    side = round(len(pixels) ** 0.5)
    axes.imshow(pixels.reshape(side, side), cmap="gray_r")
    axes.set(xticks=(), yticks=())
    for edge in axes.spines.values():
        edge.set(visible=True, color=GRAY)
