"""A whole epoch in one compiled function: everything a training run does, with no Python left in it.

Little is won in speed and something lost in clarity and in time to compile. What it shows is that the course's
loops are ordinary functions, which call each other and compile as one.
"""

import math

import numpy as np

from solutions.fast.blocked import add_dots, add_product
from solutions.networks.dense import rectify, rectify_backward
from solutions.networks.flat import adam_in_place
from solutions.networks.network import cross_entropy
from solutions.twins import compiled


@compiled
def add(out, A, B):
    """out += A · B"""
    N, D = A.shape
    C = B.shape[1]
    add_product(out.reshape(1, N, C), A.reshape(-1), D, 1, B.reshape(-1), np.arange(D) * C, 0, 0, 0, C, 0, N)


@compiled
def add_transposed(out, A, B):
    """out += Aᵀ · B"""
    N, D = A.shape
    C = B.shape[1]
    add_product(out.reshape(1, D, C), A.reshape(-1), 1, D, B.reshape(-1), np.arange(N) * C, 0, 0, 0, C, 0, D)


@compiled
def add_rows_of(out, A, B):
    """out += A · Bᵀ"""
    M, D = B.shape
    add_dots(out, A.reshape(1, len(A), D), D, B.reshape(-1), np.arange(M) * D, 0, 0, len(A))


@compiled
def epoch_loops(X, y, order, batch, params, slopes, flat, flat_slopes, m, v, t, settings):
    W1, b1, W2, b2, W3, b3 = params
    dW1, db1, dW2, db2, dW3, db3 = slopes
    lr, beta1, beta2, eps = settings
    N, (H1, H2, C) = len(order), (len(b1), len(b2), len(b3))
    constants = np.array((beta1, 1 - beta1, beta2, 1 - beta2, 0.0, 0.0)).astype(X.dtype)
    all_a1, all_d1 = np.empty((batch, H1), X.dtype), np.empty((batch, H1), X.dtype)
    all_a2, all_d2 = np.empty((batch, H2), X.dtype), np.empty((batch, H2), X.dtype)
    all_z, all_dz = np.empty((batch, C), X.dtype), np.empty((batch, C), X.dtype)
    losses, total = np.empty(batch, np.float64), 0.0
    for start in range(0, N, batch):
        rows = order[start : min(start + batch, N)]
        x, labels, n = X[rows], y[rows], len(rows)
        a1, a2, z, d1, d2, dz = all_a1[:n], all_a2[:n], all_z[:n], all_d1[:n], all_d2[:n], all_dz[:n]

        a1[:] = 0
        add(a1, x, W1)
        rectify(a1, b1, 0, n)
        a2[:] = 0
        add(a2, a1, W2)
        rectify(a2, b2, 0, n)
        z[:] = b3
        add_rows_of(z, a2, W3.T)
        cross_entropy(z, labels, dz, losses, 0, n)
        total += np.sum(losses[:n])

        flat_slopes[:] = 0
        db3 += dz.sum(axis=0)
        add_transposed(dW3.T, dz, a2)
        d2[:] = 0
        add(d2, dz, W3.T)
        rectify_backward(d2, a2, 0, n)
        db2 += d2.sum(axis=0)
        add_transposed(dW2, a1, d2)
        d1[:] = 0
        add_rows_of(d1, d2, W2)
        rectify_backward(d1, a1, 0, n)
        db1 += d1.sum(axis=0)
        add_transposed(dW1, x, d1)

        t += 1
        root = math.sqrt(1 - beta2**t)
        constants[4], constants[5] = lr * root / (1 - beta1**t), eps * root
        adam_in_place(flat, flat_slopes, m, v, constants, 0, len(flat))
    return total / N


def mlp_epoch(network, optimizer, X, y, rng, batch=64):
    """What `train_epoch` does, for an `mlp` with two hidden layers under Adam -> the mean loss over the examples."""
    names = "W1", "b1", "W2", "b2", "W3", "b3"
    if tuple(network.params) != names:
        raise ValueError(f"mlp_epoch is for two hidden layers, this network has {', '.join(network.params)}")
    X = np.require(network.takes.accept("X", X, {"N": len(y)}), network.dtype, "CW")
    y = np.require(network.answers.accept("y", y, {}), np.int64, "CW")
    if y.min() < 0 or y.max() >= len(network.params["b3"]):
        raise ValueError(f"y has labels from {y.min()} to {y.max()}, expected 0 to {len(network.params['b3']) - 1}")
    params, slopes = (tuple(of[name] for name in names) for of in (network.params, network.gradients))
    settings = optimizer.lr, optimizer.beta1, optimizer.beta2, optimizer.eps
    loss = epoch_loops(
        X, y, rng.permutation(len(X)), batch, params, slopes, network.flat, network.flat_gradients,
        optimizer.m, optimizer.v, optimizer.t, settings,
    )  # fmt: skip
    optimizer.t += -(-len(X) // batch)
    return loss
