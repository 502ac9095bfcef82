"""Dropout by hand, entry by entry; masks of booleans and of whole numbers, training and evaluation."""

import numpy as np

from solutions.dropout import dropout_forward
from tests.solutions.oracle import Oracle

P = 0.3


def layers(rng, dtype):
    found = []
    for shape, train in [((4, 5), True), ((4, 5), False), ((2, 3, 4), True), ((7,), True)]:
        found.append((rng.standard_normal(shape).astype(dtype), rng.random(shape) >= P, P, train))
    x, mask, p, train = found[0]
    return [*found, (x, mask.astype(int), p, train), (x, np.ones_like(mask), 0, True)]


def scaled(x, mask, p, train):
    if not train:
        return x
    rows = [value * (10 / 7 if p else 1) if stays else 0.0 for value, stays in zip(x.flat, mask.flat, strict=True)]
    return np.array(rows).reshape(x.shape)


ORACLES = {
    "dropout_forward": Oracle(layers, expected=scaled),
    "dropout_backward": Oracle(
        layers,
        expected=scaled,
        gradient_of=lambda dy, *rest: (lambda x: np.sum(dy * dropout_forward(x, *rest)), (np.zeros_like(dy),)),
    ),
}
