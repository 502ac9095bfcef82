"""Class weights: where one class is rare, its examples count more, so that every class weighs the same in the loss.

Without them, a network that answers "healthy" to everybody is right 99 times in 100.

Source: G. King, L. Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001).
"""

import numpy as np

from solutions.twins import compiled, operation


@operation(y="N:int")
def class_weights(y):
    """w[c] = N / (C · n_c)     n_c = how many labels are c, C = the largest label + 1                     ("balanced")

    y (N,) labels 0 … C−1, integers -> w (C,), float64; multiply example n's loss by w[y[n]]. Their mean over the
    examples is 1. Raises ValueError where a label is negative or a class has no example.
    """
    counts = np.bincount(y)
    if np.any(counts == 0):
        raise ValueError(f"class_weights: class {np.argmin(counts)} has no example, so no weight can balance it")
    return len(y) / (len(counts) * counts)


# No CUDA twin: counting takes less time than sending the labels there.
@class_weights.twin("numba")
@compiled
def class_weights_loops(y):
    N = y.shape[0]
    C = 0
    for n in range(N):
        if y[n] < 0:
            raise ValueError("class_weights: y has a negative label")
        C = max(C, y[n] + 1)
    w = np.zeros(C)
    for n in range(N):
        w[y[n]] += 1
    for c in range(C):
        if w[c] == 0:
            raise ValueError("class_weights: a class has no example, so no weight can balance it")
        w[c] = N / (C * w[c])
    return w
