"""Drawings of neurons."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from course.plot.house import GRAY, INK, STYLE, TINT
from course.widgets import minus

MIDDLE = 1.1  # the height of the line from sum to output


@rc_context(STYLE)
def neuron(weights, bias, output):
    """One neuron from its inputs to its answer. weights: {input: weight}; output: what firing means."""
    figure = Figure(figsize=(7, 2.8))
    axes = figure.subplots()
    axes.set(xlim=(-0.1, 7.6), ylim=(-0.3, 2.75), aspect="equal")
    axes.axis("off")
    for height, (name, weight) in zip(np.linspace(2.1, 0.1, len(weights)), weights.items(), strict=True):
        _input(axes, height, name, weight)
    _sum(axes, bias)
    _step(axes, output)
    return figure


def _input(axes, height, name, weight):
    axes.text(1.5, height, name, ha="right", va="center")
    _arrow(axes, (1.6, height), (3.3, MIDDLE + 0.2 * (height - MIDDLE)), 1 + 0.6 * min(abs(weight), 5))
    above = height + 0.28 * (MIDDLE - height) + 0.13
    axes.text(2.2, above, f"× {weight:g}", ha="center", weight="bold")


def _sum(axes, bias):
    axes.add_patch(Circle((3.75, MIDDLE), 0.45, facecolor=TINT, edgecolor=INK, linewidth=1.5))
    axes.text(3.75, MIDDLE, "Σ", ha="center", va="center", size=20)
    axes.text(3.75, 2.4, minus(f"bias {bias:+g}"), ha="center", weight="bold")
    _arrow(axes, (3.75, 2.32), (3.75, 1.55), 1.5)
    _arrow(axes, (4.2, MIDDLE), (5, MIDDLE), 1.5)
    axes.text(4.6, MIDDLE + 0.12, "z", ha="center", style="italic")


def _step(axes, output):
    axes.add_patch(Rectangle((5, MIDDLE - 0.45), 0.9, 0.9, facecolor=TINT, edgecolor=INK, linewidth=1.5))
    low, high = MIDDLE - 0.25, MIDDLE + 0.25
    axes.plot([5.15, 5.45, 5.45, 5.75], [low, low, high, high], color=INK, linestyle="-", marker="")
    axes.text(5.45, 0.4, "z ≥ 0 ?", ha="center")
    _arrow(axes, (5.9, MIDDLE), (6.5, MIDDLE), 1.5)
    axes.text(6.6, MIDDLE, f"1: {output}\n0: not", va="center", linespacing=1.5)


def _arrow(axes, start, end, width):
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=13, linewidth=width, color=GRAY)
    axes.add_patch(arrow)
