"""Figures in one house style, each shown together with words for whoever cannot see it.

A function that draws returns a matplotlib Figure, made without pyplot, so there is nothing to close;
`show` and `film` put figures on the page. One file per subject; a new figure is named here.
"""

from course.plot.attending import attention_map
from course.plot.batches import opinions
from course.plot.budgets import budgets
from course.plot.chains import Link, chain
from course.plot.checks import gradient_maps
from course.plot.curves import mistakes
from course.plot.depth import by_layer, cliff, depth_map, signals
from course.plot.digits import as_numbers, gallery, templates
from course.plot.explanations import explanations, weight_bars
from course.plot.forgeries import chase, clouds, density
from course.plot.gates import gates, lags
from course.plot.gpus import coalescing, occupancy, trips, waves
from course.plot.house import film, png, show, style
from course.plot.landscapes import descent, descents, landscape
from course.plot.learning import learning_curves
from course.plot.losses import loss_and_slope, nudges, training
from course.plot.memory import fetches, walks
from course.plot.networks import network, parameter_bars
from course.plot.neurons import neuron
from course.plot.overfitting import epochs, histories, remedies, told
from course.plot.points import boundaries, boundary, slices, sums
from course.plot.puzzle import puzzle
from course.plot.race import race, rates, schedules
from course.plot.reach import reach, steep, through_time
from course.plot.regions import regions, sheet
from course.plot.rooflines import roofline
from course.plot.scores import sureness
from course.plot.sharing import shares, tallies
from course.plot.smooth import activations, response
from course.plot.territories import territories
from course.plot.timing import bars, speedups
from course.plot.touches import one_thread, touches
from course.plot.transfer import frozen_or_not, remembered, taken_for
from course.plot.typescripts import reading, temperatures, typescript
from course.plot.unrolled import unrolled
from course.plot.vision import favorites, feature_maps, sliding, views

__all__ = [
    "Link",
    "activations",
    "as_numbers",
    "attention_map",
    "bars",
    "boundaries",
    "boundary",
    "budgets",
    "by_layer",
    "chain",
    "chase",
    "cliff",
    "clouds",
    "coalescing",
    "density",
    "depth_map",
    "descent",
    "descents",
    "epochs",
    "explanations",
    "favorites",
    "feature_maps",
    "fetches",
    "film",
    "frozen_or_not",
    "gallery",
    "gates",
    "gradient_maps",
    "histories",
    "lags",
    "landscape",
    "learning_curves",
    "loss_and_slope",
    "mistakes",
    "network",
    "neuron",
    "nudges",
    "occupancy",
    "one_thread",
    "opinions",
    "parameter_bars",
    "png",
    "puzzle",
    "race",
    "rates",
    "reach",
    "reading",
    "regions",
    "remedies",
    "remembered",
    "response",
    "roofline",
    "schedules",
    "shares",
    "sheet",
    "show",
    "signals",
    "slices",
    "sliding",
    "speedups",
    "steep",
    "style",
    "sums",
    "sureness",
    "taken_for",
    "tallies",
    "temperatures",
    "templates",
    "territories",
    "through_time",
    "told",
    "touches",
    "training",
    "trips",
    "typescript",
    "unrolled",
    "views",
    "walks",
    "waves",
    "weight_bars",
]
