"""The embedding as what it stands for, one-hot rows times the table; ids repeat, and one row is never read."""

import numpy as np

from solutions.embedding import embedding_forward
from tests.solutions.oracle import Oracle

V, D = 6, 3
BATCHES = [np.array([[4, 0, 4, 1], [2, 4, 0, 0]]), np.array([5, 5, 1])]


def lookups(rng, dtype):
    E = rng.standard_normal((V, D)).astype(dtype)
    return [(ids, E) for ids in BATCHES]


def gradients(rng, dtype):
    return [(rng.standard_normal((*ids.shape, D)).astype(dtype), ids, V) for ids in BATCHES]


def one_hot(ids, V):
    return np.eye(V)[ids.ravel()]


ORACLES = {
    "embedding_forward": Oracle(lookups, expected=lambda ids, E: (one_hot(ids, V) @ E).reshape(*ids.shape, D)),
    "embedding_backward": Oracle(
        gradients,
        expected=lambda dY, ids, V: one_hot(ids, V).T @ dY.reshape(-1, D),
        gradient_of=lambda dY, ids, V: (lambda E: np.sum(dY * embedding_forward(ids, E)), (np.zeros((V, D)),)),
    ),
}
