"""How a model is judged: on examples it has not seen, by the share it gets right.

Source: M. Stone, "Cross-validatory choice and assessment of statistical predictions", J. R. Statist. Soc. B 36 (1974).
"""

import numpy as np

from solutions.twins import compiled, operation


# No twins: one draw and a cut. Randomness comes from the host on every backend.
@operation(n=":int > 0", frac="")
def train_test_split(n, frac, rng):
    """test = order[: k]     train = order[k :]     k = n · frac, rounded     order = a random permutation of 0 … n−1

    n examples, frac the share that is held out, 0 < frac < 1, rng a np.random.Generator. The order is drawn once, by
    rng.permutation(n).
    -> (train, test), two index arrays without an index in common.
    Raises ValueError unless frac lies between 0 and 1.
    """
    if not 0 < frac < 1:
        raise ValueError(f"train_test_split: frac is {frac}, expected a share between 0 and 1")
    order = rng.permutation(n)
    k = round(n * frac)
    return order[k:], order[:k]


# No CUDA twin: counting takes less time than sending the labels there.
@operation(y="N:number", p="N:number")
def accuracy(y, p):
    """accuracy = 1/N · Σ_n [y[n] = p[n]]                                       ([…] is 1 where it holds, else 0)

    y (N,) true labels, p (N,) predicted labels -> the share that agrees, a float from 0 to 1.
    Raises ValueError unless y and p are one-dimensional and of equal length: (N, 1) == (N,) would compare all pairs.
    """
    return float(np.mean(y == p))


@accuracy.twin("numba")
@compiled
def accuracy_loops(y, p):
    N = y.shape[0]
    right = 0
    for n in range(N):
        if y[n] == p[n]:
            right += 1
    return right / N
