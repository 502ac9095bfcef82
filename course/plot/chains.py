"""A computation as a chain of numbers: values run forward above it, slopes run back below it."""

from typing import NamedTuple

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from course.plot.house import GRAY, INK, ORANGE, PAPER, STYLE, TINT
from course.widgets import minus

APART = 2.6  # from one link to the next


class Link(NamedTuple):
    """One number of a chain: its name, its value, and the slope of the loss along it.

    step: what the step after it does, in a word; besides: what that step takes besides, {name: (value, slope)}, the
    slope None where nobody asks for it.
    """

    name: str
    value: float
    slope: float
    step: str = ""
    besides: dict | None = None


@rc_context(STYLE)
def chain(links, forward=None, back=None):
    """A chain of Links, as far as it has been worked out: `forward` values, then `back` slopes from its end on."""
    forward = len(links) if forward is None else forward
    back = len(links) if back is None else back
    figure = Figure(figsize=(8.4, 2.6))
    axes = figure.subplots()
    axes.set(xlim=(-0.75, (len(links) - 1) * APART + 0.75), ylim=(-1.95, 0.75))
    axes.axis("off")
    for i, link in enumerate(links):
        x, known, told = i * APART, i < forward, i >= len(links) - back
        _box(axes, x, link, known)
        if told:
            axes.text(x, -0.82, f"d{link.name} = {_short(link.slope)}", color=ORANGE, weight="bold", ha="center")
        if i + 1 < len(links):
            _step(axes, x, link, i + 1 < forward, told)
    return figure


def _box(axes, x, link, known):
    style = {"boxstyle": "round,pad=0.12", "edgecolor": INK if known else GRAY, "facecolor": TINT if known else PAPER}
    axes.add_patch(FancyBboxPatch((x - 0.45, -0.28), 0.9, 0.56, linewidth=1.5, **style))
    text = f"{link.name} = {_short(link.value)}" if known else link.name
    axes.text(x, 0, text, ha="center", va="center", color=INK if known else GRAY)


def _step(axes, x, link, known, told):
    """The arrow onward with its name, the arrow back, and below both what the step takes besides."""
    left, right, middle = x + 0.62, x + APART - 0.62, x + APART / 2
    onward = {"arrowstyle": "-|>", "color": INK if known else GRAY, "linewidth": 1.5}
    axes.annotate("", (right, 0.12), (left, 0.12), arrowprops=onward)
    axes.text(middle, 0.32, link.step, ha="center", color=INK if known else GRAY)
    if told:
        backward = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 1.5, "linestyle": "--"}
        axes.annotate("", (left, -0.14), (right, -0.14), arrowprops=backward)
    for row, (name, (value, slope)) in enumerate((link.besides or {}).items()):
        y = -1.28 - 0.42 * row
        axes.text(middle - 0.08, y, f"{name} = {_short(value)}", ha="right", va="center", color=INK)
        if told and slope is not None:
            text = f"d{name} = {_short(slope)}"
            axes.text(middle + 0.08, y, text, ha="left", va="center", color=ORANGE, weight="bold")


def _short(number):
    return minus(f"{number:g}")
