"""The colors of the house, for figures, and for pictures that are drawn without matplotlib."""

INK, GRAY, PAPER = "#1b1b1b", "#5f6368", "#fdfdfb"
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"  # apart in every kind of color vision
TINT = "#d3e6f3"  # blue, thinned: where a neuron fires
PALE = "#f6dccb"  # orange, thinned
