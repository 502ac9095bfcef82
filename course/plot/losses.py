"""Losses and their slopes as curves."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from course.plot import house
from course.plot.house import GRAY, STYLE


@rc_context(STYLE)
def loss_and_slope(z, losses, slopes, xlabel):
    """Losses against what they judge, and beside them how steep they are. losses, slopes: {name: one value per z}"""
    figure = Figure(figsize=(8, 3.2))
    for axes, curves, title in zip(figure.subplots(1, 2), (losses, slopes), ("loss", "slope of the loss"), strict=True):
        for name, values in curves.items():
            axes.plot(z, values, label=name, markevery=len(z) // 8, markersize=5)
        axes.axhline(0, color=GRAY, linewidth=0.8)
        axes.set(title=title, xlabel=xlabel)
        axes.legend()
    return figure


@rc_context(STYLE)
def nudges(widths, errors):
    """How far numeric slopes are off, by the width of the nudge. widths (K,); errors: {name: (K,)}"""
    figure = Figure(figsize=(7, 3.2))
    axes = figure.subplots()
    for name, error in errors.items():
        axes.loglog(widths, error, label=name, markersize=5)
    axes.invert_xaxis()
    axes.set(xlabel="nudge ε (smaller to the right)", ylabel="error of the slope")
    axes.legend()
    return figure


@rc_context(STYLE)
def training(curves, ylabel, level=None, level_name=""):
    """How a measure goes step by step. curves: {name: one value per step}; level: a value to beat, drawn across."""
    figure = Figure(figsize=(7, 3.2))
    axes = figure.subplots()
    for name, values in curves.items():
        axes.plot(np.arange(len(values)), values, label=name, markevery=max(len(values) // 10, 1), markersize=5)
    if level is not None:
        house.level(axes, level, level_name, at=1, linestyle=(0, (1, 2)))
    axes.set(xlabel="steps of descent", ylabel=ylabel)
    axes.legend()
    return figure
