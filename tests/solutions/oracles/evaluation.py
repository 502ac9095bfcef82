"""Splits and batches: what the draw of the same generator must give; accuracy by counting."""

import numpy as np

from tests.solutions.oracle import Oracle


def split(n, frac, rng):
    order = rng.permutation(n).tolist()
    held_out = [order.pop(0) for _ in range(int(n * frac + 0.5))]
    return np.array(order), np.array(held_out)


def batches(n, batch_size, rng):
    waiting = rng.permutation(n).tolist()
    found = []
    while waiting:
        batch, waiting = waiting[:batch_size], waiting[batch_size:]
        found.append(np.array(batch))
    return found


def share_right(y, p):
    return sum(a == b for a, b in zip(y.tolist(), p.tolist(), strict=True)) / len(y)


ORACLES = {
    "train_test_split": Oracle(
        lambda rng, dtype: [(10, 0.3, rng), (100, 0.29, np.random.default_rng(3)), (7, 0.5, np.random.default_rng(4))],
        expected=split,
    ),
    "minibatches": Oracle(
        lambda rng, dtype: [(10, 3, rng), (8, 4, np.random.default_rng(5)), (3, 10, np.random.default_rng(6))],
        expected=batches,
    ),
    "accuracy": Oracle(
        lambda rng, dtype: [
            (rng.integers(3, size=17), rng.integers(3, size=17)),
            (np.array([0, 1, 1]), np.array([0, 1, 1], dtype)),
        ],
        expected=share_right,
    ),
}
