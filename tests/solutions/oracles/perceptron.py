"""The perceptron against pencil and paper: plain Python over lists."""

import numpy as np

from tests.solutions.oracle import Oracle

AND = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1])
XOR = AND[0], np.array([0, 1, 1, 0])


def dot(x, w):
    return sum(a * b for a, b in zip(x.tolist(), w.tolist(), strict=True))


def fires(x, w, b):
    return int(dot(x, w) + b >= 0)


def update(w, b, x, y, lr=1.0):
    step = lr * (y - fires(x, w, b))
    return np.array([a + step * c for a, c in zip(w, x, strict=True)]), b + step


def train(X, y, lr=1.0, max_epochs=1000):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(max_epochs):
        before = [*w, b]
        for x, label in zip(X, y, strict=True):
            w, b = update(w, b, x, label, lr)
        if [*w, b] == before:
            break
    return w, b


def neurons(rng, dtype):
    x, w = rng.standard_normal((2, 37)).astype(dtype)
    exactly_zero = np.array([0.5, 2.0], dtype), np.array([4.0, -0.5], dtype), -1.0
    return [(x, w, 0.25), (x, w, -9.0), exactly_zero]


def lessons(rng, dtype):
    X = rng.standard_normal((30, 2))
    apart = X.astype(dtype), (X @ [1, 2] > 0.3).astype(int)
    return [(AND[0].astype(dtype), AND[1], 0.5), AND, (XOR[0].astype(dtype), XOR[1], 1.0, 25), apart]


ORACLES = {
    "weighted_sum": Oracle(
        lambda rng, dtype: [(x, w) for x, w, _ in neurons(rng, dtype)],
        expected=dot,
    ),
    "perceptron": Oracle(neurons, expected=fires),
    "perceptron_update": Oracle(
        lambda rng, dtype: [(w, b, x, y, 0.5) for x, w, b in neurons(rng, dtype) for y in (0, 1)],
        expected=update,
    ),
    "perceptron_train": Oracle(
        lessons,
        expected=train,
        keeps_dtype=False,  # w starts at float64 zeros
    ),
}
