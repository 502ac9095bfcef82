"""Figures in one house style, each shown together with words for whoever cannot see it.

A function that draws returns a matplotlib Figure, made without pyplot, so there is nothing to close;
`show` and `film` put figures on the page. One file per subject; a new figure is named here.
"""

from course.plot.curves import mistakes
from course.plot.digits import as_numbers, gallery, templates
from course.plot.house import film, png, show, style
from course.plot.landscapes import descent, descents, landscape
from course.plot.learning import learning_curves
from course.plot.losses import loss_and_slope, nudges, training
from course.plot.networks import network, parameter_bars
from course.plot.neurons import neuron
from course.plot.points import boundaries, slices, sums
from course.plot.puzzle import puzzle
from course.plot.regions import regions, sheet
from course.plot.scores import sureness
from course.plot.smooth import activations, response

__all__ = [
    "activations",
    "as_numbers",
    "boundaries",
    "descent",
    "descents",
    "film",
    "gallery",
    "landscape",
    "learning_curves",
    "loss_and_slope",
    "mistakes",
    "network",
    "neuron",
    "nudges",
    "parameter_bars",
    "png",
    "puzzle",
    "regions",
    "response",
    "sheet",
    "show",
    "slices",
    "style",
    "sums",
    "sureness",
    "templates",
    "training",
]
