"""What a filter does to a picture, and what a network of filters has learned to look for."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plot.digits import AGAINST_FOR
from course.plot.house import BLUE, GRAY, INK, PAPER, STYLE, TINT
from course.widgets import minus

GAP = 1.6  # cells between two grids


@rc_context(STYLE)
def sliding(picture, kernel, output, place):
    """A filter at one place of a picture: the window it sees, its weights, and the output found so far.

    picture (H, W), kernel (k, k), output (Ho, Wo) with NaN where nothing is known yet, place: row and column.
    """
    (H, W), k, (Ho, Wo), (row, column) = picture.shape, len(kernel), output.shape, place
    width, height = W + k + Wo + 2 * GAP, max(H, k, Ho) + 0.9
    figure = Figure(figsize=(0.46 * width, 0.46 * height), layout="none")  # for films: one axes, and no layout to find
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    weights, found = W + GAP, W + GAP + k + GAP  # where the second and the third grid begin
    _grid(axes, picture, 0, "picture", tinted=lambda i, j: row <= i < row + k and column <= j < column + k)
    _grid(axes, kernel, weights, "filter", tinted=lambda i, j: True)
    _grid(axes, output, found, "output", tinted=lambda i, j: (i, j) == place)
    for left, top, size in ((column, row, k), (found + column, row, 1)):
        axes.add_patch(Rectangle((left, top), size, size, fill=False, edgecolor=BLUE, linewidth=2.6, zorder=3))
    for left, sign in ((W + GAP / 2, "·"), (weights + k + GAP / 2, "=")):
        axes.text(left, k / 2, sign, ha="center", va="center", size=18)
    axes.set(xlim=(-0.1, width + 0.1), ylim=(height - 0.8, -0.9), aspect="equal")
    axes.axis("off")
    return figure


def _grid(axes, values, left, title, tinted):
    axes.text(left, -0.25, title, va="bottom")
    for (i, j), value in np.ndenumerate(values):
        color = TINT if tinted(i, j) else PAPER
        axes.add_patch(Rectangle((left + j, i), 1, 1, facecolor=color, edgecolor=GRAY, linewidth=0.7))
        if np.isfinite(value):
            text = minus(f"{value:g}")
            axes.text(left + j + 0.5, i + 0.5, text, ha="center", va="center", color=INK)


@rc_context(STYLE)
def views(rows):
    """Large pictures in rows. rows: lists of (title, picture, look)

    look: "color" (3, H, W) and "photo" (H, W) from 0 to 1; "drawing" (H, W), dark where it is large; "signed" (H, W),
    blue above 0 and orange below.
    """
    columns = max(map(len, rows))
    H, W = rows[0][0][1].shape[-2:]
    figure = Figure(figsize=(9, (9 / columns * H / W + 0.27) * len(rows)))
    for axes, panel in zip(figure.subplots(len(rows), columns, squeeze=False), rows, strict=True):
        for place, (title, picture, look) in zip(axes, panel, strict=False):
            _look(place, picture, look)
            place.set_title(title, size="small")
    return figure


def _look(axes, picture, look):
    largest = np.quantile(np.abs(picture), 0.995)  # a few glaring pixels would leave all others pale
    if look == "color":
        axes.imshow(np.clip(picture.transpose(1, 2, 0), 0, 1))
    elif look == "signed":
        axes.imshow(picture, cmap=AGAINST_FOR, vmin=-largest, vmax=largest)
    elif look == "photo":
        axes.imshow(picture, cmap="gray", vmin=0, vmax=1)
    else:
        axes.imshow(picture, cmap="gray_r", vmin=0, vmax=largest)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)


@rc_context(STYLE)
def feature_maps(rows):
    """What every filter of a layer makes of one picture, a row for each layer. rows: {title: maps (F, H, W) above 0}"""
    columns = max(8, max(min(len(maps), 16) for maps in rows.values()))
    lines = [(title, maps[k : k + columns], k) for title, maps in rows.items() for k in range(0, len(maps), columns)]
    figure = Figure(figsize=(9, (9 - 1.2) / columns * len(lines) + 0.35 * len(rows)), layout="none")
    return _stacked(figure, rows, lines, columns)


def _stacked(figure, rows, lines, columns):
    """Lines of small pictures, one below the other, each row of lines under its title."""
    axes = figure.add_axes((0.005, 0.005, 0.99, 0.99))
    top = 0.0
    for title, maps, first in lines:
        if first == 0:
            axes.text(0, top + 0.34, title, va="bottom")
            top += 0.42
        largest = rows[title].max() or 1.0
        for j, picture in enumerate(maps):
            axes.imshow(picture, cmap="gray_r", vmin=0, vmax=largest, extent=(j, j + 0.92, top + 0.92, top))
            axes.add_patch(Rectangle((j, top), 0.92, 0.92, fill=False, edgecolor=GRAY, linewidth=0.6))
        top += 1.0
    axes.set(xlim=(-0.03, columns), ylim=(top, -0.02), aspect="equal")
    axes.axis("off")
    return figure


@rc_context(STYLE)
def favorites(rows):
    """The patches at which each of some units fires most, a row for each layer. rows: {title: patches (U, P, h, w)}"""
    units, patches = max(map(len, rows.values())), max(found.shape[1] for found in rows.values())
    figure = Figure(figsize=(9, 9 * (len(rows) * 1.62 + 0.05) / (units * (patches + 0.6))), layout="none")
    axes = figure.add_axes((0.005, 0.005, 0.99, 0.99))
    for line, (title, found) in enumerate(rows.items()):
        top = 1.62 * line
        axes.text(0, top + 0.48, title, va="bottom")
        for u, unit in enumerate(found):
            for p, patch in enumerate(unit):
                left = u * (patches + 0.6) + p
                extent = (left, left + 0.92, top + 1.5, top + 0.58)
                axes.imshow(patch, cmap="gray_r", vmin=0, vmax=1, extent=extent)
                axes.add_patch(Rectangle((left, top + 0.58), 0.92, 0.92, fill=False, edgecolor=GRAY, linewidth=0.6))
    axes.set(xlim=(-0.03, units * (patches + 0.6) - 0.6), ylim=(1.62 * len(rows), -0.05), aspect="equal")
    axes.axis("off")
    return figure
