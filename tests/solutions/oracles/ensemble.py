"""The ensemble against PyTorch, and on a case where the mean and a vote disagree, and on a tie."""

import numpy as np

from tests.solutions.oracle import Oracle, by_torch


def opinions(rng, dtype):
    P = rng.dirichlet(np.ones(4), size=(3, 6)).astype(dtype)
    one_is_sure = np.array([[[0.1, 0.9]], [[0.6, 0.4]], [[0.6, 0.4]]], dtype)
    undecided = np.array([[[0.5, 0.5]]], dtype)
    return [(P,), (one_is_sure,), (undecided,)]


ORACLES = {"ensemble_predict": Oracle(opinions, expected=by_torch(lambda torch, P: P.mean(0).argmax(1)))}
