"""Gradient checks as maps: one square for every parameter, dark and crossed out where the gradient is wrong."""

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from course.plot.house import INK, ORANGE, PALE, PAPER, STYLE

WRONG = 1e-4  # a relative error above this is no rounding
ERRORS = LinearSegmentedColormap.from_list("errors", [PAPER, PALE, ORANGE])
POWERS = Normalize(-10, 0)  # of ten: what the colors tell apart
GAP = 1.2


@rc_context(STYLE)
def gradient_maps(checks):
    """Maps of relative errors, one below the other. checks: {title: {"W1": errors (D, M), "b1": (M,), …}}"""
    first = next(iter(checks.values()))
    wide = sum(np.atleast_2d(errors).shape[1] + GAP for errors in first.values()) - GAP
    tall = max(np.atleast_2d(errors).shape[0] for errors in first.values())
    figure = Figure(figsize=(0.27 * wide + 1.2, (0.27 * (tall + 2.4)) * len(checks) + 0.5))
    grid = figure.subplots(len(checks), 1, squeeze=False)[:, 0]
    for axes, (title, errors) in zip(grid, checks.items(), strict=True):
        image = _map(axes, errors, tall)
        axes.set(xlim=(-0.2, wide + 0.2), ylim=(tall + 0.2, -1.2), aspect="equal")
        axes.set_title(title, loc="left", size="medium")
        axes.axis("off")
    bar = figure.colorbar(image, ax=grid, shrink=min(1, 2 / len(checks)), aspect=14, pad=0.03)
    bar.set_label("relative error")
    bar.set_ticks([-10, -8, -6, -4, -2, 0], labels=[f"$10^{{{power}}}$" for power in (-10, -8, -6, -4, -2)] + ["1"])
    return figure


def _map(axes, errors, tall):
    left = 0.0
    for name, values in errors.items():
        table = np.atleast_2d(values)
        rows, columns = table.shape
        top = (tall - rows) / 2
        with np.errstate(divide="ignore"):
            powers = np.clip(np.log10(table), POWERS.vmin, POWERS.vmax)
        box = (left, left + columns, top + rows, top)
        image = axes.imshow(powers, cmap=ERRORS, norm=POWERS, extent=box, interpolation="none")
        axes.vlines(left + np.arange(columns + 1), top, top + rows, color=INK, linewidth=0.5)
        axes.hlines(top + np.arange(rows + 1), left, left + columns, color=INK, linewidth=0.5)
        for row, column in np.argwhere(table > WRONG):
            axes.text(left + column + 0.5, top + row + 0.52, "×", ha="center", va="center", size=11)
        axes.text(left + columns / 2, top - 0.3, name, ha="center", va="bottom", style="italic")
        left += columns + GAP
    return image
