"""What attends to what: a map of weights, a row for every query."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot.depth import DARK, STRENGTH
from course.plot.house import GRAY, INK, ORANGE, PAPER, STYLE


@rc_context(STYLE)
def attention_map(A, queries, keys, hidden=None, answers=None, write=0.05):
    """A map of attention: dark is much, and weights from `write` on are written in.

    A (Tq, Tk) weights; queries, keys: their names; hidden (Tq, Tk): True where the mask forbids, drawn as a dot;
    answers: what comes out of each row, written at its right.
    """
    A = np.asarray(A)
    Tq, Tk = A.shape
    figure = Figure(figsize=(0.56 * Tk + 2.1, 0.46 * Tq + 1.0), layout="none")  # for films: one axes, no layout to find
    width, height = figure.get_size_inches()
    axes = figure.add_axes((1.0 / width, 0.12 / height, 0.56 * Tk / width, 0.46 * Tq / height))
    axes.imshow(A, cmap=STRENGTH, vmin=0, vmax=1, aspect="auto")
    for (q, k), weight in np.ndenumerate(A):
        if hidden is not None and hidden[q, k]:
            axes.text(k, q, "·", ha="center", va="center", color=GRAY)
        elif weight >= write:
            text = f"{weight:.2f}".removeprefix("0")
            axes.text(k, q, text, ha="center", va="center", size=8.5, color=PAPER if weight > DARK else INK)
    for q, answer in enumerate(answers or ()):
        axes.text(Tk - 0.35, q, f"→ {answer}", va="center", weight="bold", color=ORANGE, clip_on=False)
    axes.set_xticks(range(Tk), keys)
    axes.set_yticks(range(Tq), queries)
    axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    axes.set_title("looks at (key)", fontsize=10, pad=8)
    axes.set_ylabel("asks (query)")
    axes.spines[:].set_visible(True)
    return figure
