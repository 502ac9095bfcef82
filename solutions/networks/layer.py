"""What the layers of a network have in common: parameters lent to them, and arrays they use again at every step."""

import numpy as np

from solutions.fast.blocked import aligned


class Layer:
    """shapes {name: shape} of its parameters; `columns` names those stored by columns.

    fan_in: how many inputs one output sums over; the weights start with the standard deviation √(2 / fan_in).
    """

    def __init__(self, shapes=(), fan_in=1, columns=()):
        self.shapes, self.fan_in, self.columns = dict(shapes), fan_in, columns
        self.first = False  # nobody asks the first layer for the gradient of its input
        self._buffers = {}

    def bind(self, params, gradients):
        """Lend the layer its parameters and the places of their gradients, in the order of `shapes`."""
        self.params, self.gradients = params, gradients

    def initialize(self, rng):
        """He et al. (2015) for everything with rows and columns, zeros for biases."""
        for values in self.params:
            if values.ndim > 1:
                values[...] = rng.standard_normal(values.shape) * np.sqrt(2 / self.fan_in)

    def receive(self, X, dtype):
        """What a network is given, as this layer takes it: in an array that is the same one at every call."""
        x = self.buffer("X", X.shape, dtype)
        np.copyto(x, X)
        return x

    def buffer(self, name, shape, dtype=None):
        """An array of this shape, the same one at every call; zeros when it is new."""
        key = name, *shape
        if key not in self._buffers:
            self._buffers[key] = aligned(shape, dtype or self.params[0].dtype)
        return self._buffers[key]
