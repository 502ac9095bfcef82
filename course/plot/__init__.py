"""Figures in one house style, each shown together with words for whoever cannot see it.

A function that draws returns a matplotlib Figure, made without pyplot, so there is nothing to close;
`show` and `film` put figures on the page. One file per subject; a new figure is named here.
"""

from course.plot.curves import mistakes
from course.plot.house import film, png, show, style
from course.plot.neurons import neuron
from course.plot.points import boundaries, slices, sums

__all__ = ["boundaries", "film", "mistakes", "neuron", "png", "show", "slices", "style", "sums"]
