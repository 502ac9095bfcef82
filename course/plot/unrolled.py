"""A recurrent layer: with its loop, and the same layer laid out step by step, forward and back."""

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from course.plot.house import GRAY, INK, ORANGE, STYLE, TINT

APART = 2.4  # from one step to the next
LOOP = -3.1  # where the layer with its loop stands
SMALL = {"fontsize": 9, "ha": "center", "va": "center"}


@rc_context(STYLE)
def unrolled(inputs, states, slopes=None, own=None, handed_back=None, start="0"):
    """Left a layer that feeds itself; right the same layer at every step, T boxes with one set of weights.

    inputs, states: T texts each, below and in the boxes; start: the state before the first. For the way back: slopes, T
    texts beside the boxes; own, T texts for what each step's own loss says; handed_back, T − 1 texts for what a step
    gets from the one after it.
    """
    T = len(inputs)
    figure = Figure(figsize=(8.6, 3.5 if slopes else 2.9))
    axes = figure.subplots()
    axes.set(xlim=(LOOP - 0.8, (T - 1) * APART + 0.9), ylim=(-1.75, 1.75 if slopes else 1.25))
    axes.axis("off")
    _layer(axes, LOOP, "x", "h")
    turn = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.5, "connectionstyle": "arc3,rad=1.5"}
    axes.annotate("", (LOOP - 0.28, 0.36), (LOOP + 0.28, 0.36), arrowprops=turn)
    axes.text(LOOP, 0.98, "Wh", color=GRAY, **SMALL)
    axes.text(LOOP + 1.0, 0, "=", ha="center", va="center", fontsize=16)
    axes.text(-1.5, 0, start, **SMALL)
    for t in range(T):
        x = t * APART
        _layer(axes, x, inputs[t], states[t])
        before = x - APART + 0.52 if t else -1.25
        _arrow(axes, (before, 0.08), (x - 0.52, 0.08))
        axes.text((before + x - 0.52) / 2, 0.26, "Wh", color=GRAY, **SMALL)
        if slopes:
            _back(axes, x, own[t], slopes[t])
        if slopes and t:
            _arrow(axes, (x - 0.52, -0.12), (x - APART + 0.52, -0.12), back=True)
            axes.text(x - APART / 2, -0.32, handed_back[t - 1], color=ORANGE, weight="bold", **SMALL)
    return figure


def _layer(axes, x, below, inside):
    style = {"boxstyle": "round,pad=0.1", "edgecolor": INK, "facecolor": TINT}
    axes.add_patch(FancyBboxPatch((x - 0.36, -0.22), 0.72, 0.44, linewidth=1.5, **style))
    axes.text(x, 0, inside, ha="center", va="center")
    axes.text(x, -1.5, below, ha="center", va="center")
    _arrow(axes, (x, -1.3), (x, -0.38))
    axes.text(x - 0.2, -0.95, "Wx", color=GRAY, **SMALL)


def _back(axes, x, own, slope):
    """What a state hears from its own loss, from above, and the gradient at its sum, below it."""
    _arrow(axes, (x, 1.1), (x, 0.38), back=True)
    axes.text(x, 1.5, "own loss", color=GRAY, **SMALL)
    axes.text(x, 1.26, own, color=ORANGE, weight="bold", **SMALL)
    axes.text(x + 0.12, -0.6, slope, color=ORANGE, weight="bold", fontsize=9, ha="left", va="center")


def _arrow(axes, start, end, back=False):
    look = {"color": ORANGE, "linestyle": "--"} if back else {"color": INK}
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "linewidth": 1.5, **look})
