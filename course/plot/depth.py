"""What becomes of signals and gradients on their way through many layers."""

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE
from course.widgets import minus

STRENGTH = LinearSegmentedColormap.from_list("strength", [PAPER, "#b9d6ea", "#5b9fcb", "#0b5c93", "#06304d"])
DARK = 0.6  # from this share of the scale on, writing is light
BINS = 41


@rc_context(STYLE)
def by_layer(curves, ylabel):
    """A size in every layer, in powers of ten. curves: {name: one value per layer, from layer 1}"""
    figure = Figure(figsize=(7, 3.2))
    axes = figure.subplots()
    for name, values in curves.items():
        axes.semilogy(np.arange(1, len(values) + 1), values, label=name, markersize=5)
    _layers(axes.xaxis)
    axes.set(xlabel="layer (1 reads the pixels)", ylabel=ylabel)
    if len(curves) > 1:
        axes.legend()
    return figure


@rc_context(STYLE)
def signals(values, gradients, limits):
    """Left, how the signals of each layer are spread between −1 and 1; right, how large each layer's gradient is.

    values: one array per layer; gradients: one size per layer; limits: of the right axis, so that a film keeps it.
    """
    share = np.array([np.histogram(layer, BINS, (-1, 1))[0] / np.size(layer) for layer in values]).T
    figure = Figure(figsize=(8, 3.4), layout="none")  # for films: to find a layout costs as much as to draw
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.09, right=0.98, bottom=0.16, top=0.91, wspace=0.3)
    edges = (0.5, len(values) + 0.5, -1, 1)
    left.imshow(share**0.5, origin="lower", aspect="auto", extent=edges, cmap=STRENGTH, vmin=0, vmax=1)
    left.set(title="signals: dark is where many are", xlabel="layer", ylabel="signal")
    right.semilogy(np.arange(1, len(gradients) + 1), gradients, color=ORANGE, linestyle="-", marker="s", markersize=5)
    right.set(title="size of the gradient", xlabel="layer", ylim=limits)
    for axes in (left, right):
        _layers(axes.xaxis)
    return figure


@rc_context(STYLE)
def depth_map(panels, every=5):
    """How large the gradient of each layer is, epoch by epoch: dark is large, and some entries carry their power of ten.

    panels: {title: (epochs + 1, L) sizes}; every: how many epochs lie between two columns of written powers.
    """
    columns = 2
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(8, 0.4 + 3.1 * rows))
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    smallest = min(sizes[sizes > 0].min(initial=0.1) for sizes in map(np.asarray, panels.values()))
    scale = LogNorm(10.0 ** np.floor(np.log10(smallest)), 1, clip=True)
    for axes, (title, sizes) in zip(grid, panels.items(), strict=False):
        sizes = np.asarray(sizes)
        picture = axes.imshow(sizes.T, origin="lower", aspect="auto", cmap=STRENGTH, norm=scale, extent=_edges(sizes))
        _powers(axes, sizes, scale, every)
        axes.set(title=title)
        axes.spines[:].set_visible(True)
        axes.tick_params(labelbottom=True)
    for axes in grid[len(panels) :]:
        axes.axis("off")
    for axes in grid[::columns]:
        axes.set_ylabel("layer")
        _layers(axes.yaxis)
    for axes in grid[-columns:]:
        axes.set_xlabel("epoch")
    figure.colorbar(picture, ax=list(grid), shrink=0.9, label="size of the gradient")
    return figure


def _edges(sizes):
    epochs, layers = sizes.shape
    return (-0.5, epochs - 0.5, 0.5, layers + 0.5)


def _powers(axes, sizes, scale, every):
    """The nearest power of ten, written into every other layer of some columns, none of them at the border."""
    for epoch in range(every // 2, len(sizes), every):
        for layer in range(1, sizes.shape[1] + 1, 2):
            size = sizes[epoch, layer - 1]
            if not 0 < size < np.inf:
                continue
            power = minus(f"{np.log10(size):.0f}")
            color = PAPER if scale(size) > DARK else INK
            axes.text(epoch, layer, power, ha="center", va="center", size=7.5, color=color)


@rc_context(STYLE)
def cliff(w, loss, walks):
    """A loss over one weight, and walks on it side by side. w, loss (K,); walks: {title: (weights, losses) step by step}"""
    figure = Figure(figsize=(8, 3.2))
    grid = figure.subplots(1, len(walks), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (title, (steps, losses)) in zip(grid, walks.items(), strict=True):
        axes.plot(w, loss, color=BLUE, linestyle="-", marker="")
        axes.plot(steps, losses, color=ORANGE, linestyle="--", linewidth=1, marker=".", markersize=6)
        axes.plot(steps[0], losses[0], color=INK, marker="s", markerfacecolor=PAPER, linestyle="", markersize=8)
        axes.plot(steps[-1], losses[-1], color=INK, marker="o", markerfacecolor=ORANGE, linestyle="", markersize=8)
        axes.axhline(0, color=GRAY, linewidth=0.8)
        axes.set(title=title, xlabel="weight w")
    grid[0].set_ylabel("loss")
    return figure


def _layers(axis):
    axis.set_major_locator(MaxNLocator(integer=True))
