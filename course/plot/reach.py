"""How far back a recurrent network looks: its gradients through time, and what its memory is worth."""

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from course.plot.house import BLUE, GREEN, ORANGE, STYLE, level


@rc_context(STYLE)
def through_time(curves, ylabel="size of the gradient"):
    """A size at every step, counted backward from the loss, in powers of ten. curves: {name: sizes, the last step first}"""
    figure = Figure(figsize=(7, 3.2))
    axes = figure.subplots()
    for name, sizes in curves.items():
        axes.semilogy(range(len(sizes)), sizes, label=name, markevery=5, markersize=5)
    axes.set(xlabel="steps back from the loss", ylabel=ylabel)
    axes.invert_xaxis()  # time runs from left to right, as in the text
    axes.legend()
    return figure


@rc_context(STYLE)
def steep(losses, norms, limit, chance):
    """Losses (left) and norms of the gradient before clipping (right), step by step. losses, norms: {name: (steps,)}

    limit: the longest norm allowed, a thin line; chance: the loss of a guess that knows nothing, another.
    """
    figure = Figure(figsize=(8.4, 3.4))
    left, right = figure.subplots(1, 2)
    for axes, curves in ((left, losses), (right, norms)):
        for name, values in curves.items():
            axes.plot(values, label=name, linewidth=1.3, markevery=max(len(values) // 8, 1), markersize=5)
        axes.set(xlabel="steps")
    level(left, chance, "knows nothing", at=0.99, below=True)
    level(right, limit, "the limit", at=0.99, below=True)
    left.set(ylabel="loss", ylim=(0, None))
    right.set(ylabel="norm of the gradient", yscale="log", ylim=(0.4 * min(limit, *map(min, norms.values())), None))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=len(losses))
    return figure


@rc_context(STYLE)
def reach(tables, network, whole):
    """Held-out loss over how many characters back one may look: of tables {k: loss} and of a network {k: loss}.

    whole: the network's loss when nothing is taken from it, a dotted line.
    """
    figure = Figure(figsize=(7.4, 3.7))
    axes = figure.subplots()
    looks = {
        "tables of what has followed": (tables, {"color": ORANGE, "linestyle": "--", "marker": "s"}),
        "your network, state cleared": (network, {"color": BLUE, "linestyle": "-", "marker": "o"}),
    }
    for name, (found, look) in looks.items():
        axes.plot(list(found), list(found.values()), label=name, markersize=6, **look)
    axes.axhline(whole, color=GREEN, linewidth=1.5, linestyle=":", label=f"never cleared: {whole:.2f}")
    best = min(tables, key=tables.get)
    axes.annotate(f"{tables[best]:.2f}", (best, tables[best]), (0, 9), textcoords="offset points", ha="center")
    ticks = sorted({k for k in (*tables, *network) if k > 0})
    axes.set(xscale="symlog", xlabel="characters it may look back", ylabel="loss on held-out programs")
    axes.set_xticks([0, *ticks], ["0", *(f"{k}" for k in ticks)])
    axes.xaxis.set_minor_locator(NullLocator())
    lowest = min(whole, *network.values(), *tables.values())
    axes.set(xlim=(-0.3, 1.1 * max(ticks)), ylim=(lowest - 0.2, None))
    axes.legend()
    return figure
