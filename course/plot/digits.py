"""Small gray pictures: as numbers, side by side, and as what a model weighs in them."""

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course.plot.house import BLUE, ORANGE, PAPER, STYLE

AGAINST_FOR = LinearSegmentedColormap.from_list("against and for", [ORANGE, PAPER, BLUE])


@rc_context(STYLE)
def as_numbers(picture):
    """A picture beside the numbers it consists of.     picture (H, W), whole numbers, 0 is paper"""
    figure = Figure(figsize=(6.6, 3.1))
    seen, stored = figure.subplots(1, 2)
    _gray(seen, picture)
    seen.set_title("what you see")
    stored.set(xlim=(-0.5, picture.shape[1] - 0.5), ylim=(picture.shape[0] - 0.5, -0.5), aspect="equal")
    for (row, column), value in np.ndenumerate(picture):
        stored.text(column, row, f"{value:.0f}", ha="center", va="center")
    _bare(stored)
    stored.set_title("what the computer gets")
    return figure


@rc_context(STYLE)
def gallery(pictures, captions):
    """Pictures (N, H, W) in rows, a caption above each."""
    figure, places = _places(len(pictures))
    for axes, picture, caption in zip(places, pictures, captions, strict=True):
        _gray(axes, picture)
        axes.set_title(caption, size="small")
    return figure


@rc_context(STYLE)
def templates(maps, captions):
    """What speaks for an answer (blue, +) and against it (orange, −), pixel by pixel.      maps (C, H, W)"""
    figure, places = _places(len(maps))
    largest = np.abs(maps).max()
    for axes, values, caption in zip(places, maps, captions, strict=True):
        axes.imshow(values, cmap=AGAINST_FOR, vmin=-largest, vmax=largest)
        for (row, column), value in np.ndenumerate(values):
            if abs(value) > 0.35 * largest:
                axes.text(column, row, "+" if value > 0 else "−", ha="center", va="center", size=9)
        _bare(axes)
        axes.set_title(caption)
    return figure


def _places(count, columns=5):
    rows = -(-count // columns)
    figure = Figure(figsize=(1.45 * columns, 1.75 * rows))
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[count:]:
        axes.axis("off")
    return figure, grid[:count]


def _gray(axes, picture):
    axes.imshow(picture, cmap="gray_r", vmin=0)
    _bare(axes)


def _bare(axes):
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
