"""The exercise of conv2d_njit in solutions/loops.py: seven loops, the outermost shared."""

import numpy as np
from numba import prange

from grader.exercise import Exercise, Misconception, case
from solutions import loops as truth
from solutions.twins import compiled

STAGE = "09_numba"
shared = compiled(exact=True, parallel=True)


def conv2d_cases(rng):
    """More than one channel, H ≠ W, filters that are no mirror images of themselves, biases that matter; float32."""

    def images(N, C, H, W, F, k):
        arrays = rng.normal(size=(N, C, H, W)), rng.normal(size=(F, C, k, k)), rng.normal(size=F) + 2
        return [array.astype(np.float32) for array in arrays]

    return [
        case("two images of 5 × 6, two channels, three filters", *images(2, 2, 5, 6, 3, 3)),
        case("a single channel, filters of 2 × 2", *images(3, 1, 6, 4, 2, 2)),
        case("filters of 1 × 1", *images(2, 3, 3, 4, 2, 1)),
        case("a filter as large as the image", *images(2, 2, 3, 3, 4, 3)),
        case("a single image", *images(1, 3, 4, 5, 2, 3)),
    ]


@shared
def _channels_shared(X, K, b):
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.zeros((N, F, H - k + 1, W - k + 1), X.dtype)
    for f in range(F):
        Y[:, f] = b[f]
    for c in prange(C):
        for n in range(N):
            for f in range(F):
                for h in range(H - k + 1):
                    for w in range(W - k + 1):
                        for i in range(k):
                            for j in range(k):
                                Y[n, f, h, w] += X[n, c, h + i, w + j] * K[f, c, i, j]
    return Y


@shared
def _last_row_and_column_lost(X, K, b):
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.zeros((N, F, H - k + 1, W - k + 1), X.dtype)
    for n in prange(N):
        for f in range(F):
            for h in range(H - k):
                for w in range(W - k):
                    total = b[f]
                    for c in range(C):
                        for i in range(k):
                            for j in range(k):
                                total += X[n, c, h + i, w + j] * K[f, c, i, j]
                    Y[n, f, h, w] = total
    return Y


@shared
def _one_output_too_few(X, K, b):
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.empty((N, F, H - k, W - k), X.dtype)
    for n in prange(N):
        for f in range(F):
            for h in range(H - k):
                for w in range(W - k):
                    total = b[f]
                    for c in range(C):
                        for i in range(k):
                            for j in range(k):
                                total += X[n, c, h + i, w + j] * K[f, c, i, j]
                    Y[n, f, h, w] = total
    return Y


@shared
def _conv2d_in_float64(X, K, b):
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.empty((N, F, H - k + 1, W - k + 1))
    for n in prange(N):
        for f in range(F):
            for h in range(H - k + 1):
                for w in range(W - k + 1):
                    total = b[f]
                    for c in range(C):
                        for i in range(k):
                            for j in range(k):
                                total += X[n, c, h + i, w + j] * K[f, c, i, j]
                    Y[n, f, h, w] = total
    return Y


@shared
def _bias_forgotten(X, K, b):
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.empty((N, F, H - k + 1, W - k + 1), X.dtype)
    for n in prange(N):
        for f in range(F):
            for h in range(H - k + 1):
                for w in range(W - k + 1):
                    total = 0.0
                    for c in range(C):
                        for i in range(k):
                            for j in range(k):
                                total += X[n, c, h + i, w + j] * K[f, c, i, j]
                    Y[n, f, h, w] = total
    return Y


@shared
def _bias_for_every_channel(X, K, b):
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.empty((N, F, H - k + 1, W - k + 1), X.dtype)
    for n in prange(N):
        for f in range(F):
            for h in range(H - k + 1):
                for w in range(W - k + 1):
                    total = 0.0
                    for c in range(C):
                        total += b[f]
                        for i in range(k):
                            for j in range(k):
                                total += X[n, c, h + i, w + j] * K[f, c, i, j]
                    Y[n, f, h, w] = total
    return Y


@shared
def _first_channel_only(X, K, b):
    N, _, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.empty((N, F, H - k + 1, W - k + 1), X.dtype)
    for n in prange(N):
        for f in range(F):
            for h in range(H - k + 1):
                for w in range(W - k + 1):
                    total = b[f]
                    for i in range(k):
                        for j in range(k):
                            total += X[n, 0, h + i, w + j] * K[f, 0, i, j]
                    Y[n, f, h, w] = total
    return Y


@shared
def _filter_flipped(X, K, b):
    N, C, H, W = X.shape
    F, _, k, _ = K.shape
    Y = np.empty((N, F, H - k + 1, W - k + 1), X.dtype)
    for n in prange(N):
        for f in range(F):
            for h in range(H - k + 1):
                for w in range(W - k + 1):
                    total = b[f]
                    for c in range(C):
                        for i in range(k):
                            for j in range(k):
                                total += X[n, c, h + i, w + j] * K[f, c, k - 1 - i, k - 1 - j]
                    Y[n, f, h, w] = total
    return Y


conv2d_njit = Exercise(
    "conv2d_njit",
    STAGE,
    truth.conv2d_njit,
    conv2d_cases,
    points={"value": 2, "shape": 0.5, "compiled": 1.5},
    kind="compiled",
    hints=(
        "Write the formula as loops: n, f, h, w say which entry of Y; c, i, j run over what it adds up. Seven loops.",
        "First make room: Y of (N, F, H − k + 1, W − k + 1), in X's dtype. Every entry will be written, so "
        "`np.empty` will do.",
        "For each entry begin a `total` with the bias of its filter, add up c, i, j, and store it behind those "
        "three loops.",
        "`K[f, c, i, j]` meets the pixel that lies i rows and j columns from (h, w). And where may `prange` stand? "
        "Go through the seven: which loops' turns write cells that no other turn touches?",
    ),
    misconceptions=(
        Misconception(
            "not compiled",
            wrong=truth.conv2d_njit.py_func,
            hint="Seven loops in plain Python: now you know what slow is. What belongs above `def`?",
        ),
        Misconception(
            "channels shared out",
            wrong=_channels_shared,
            hint="Every channel adds to every pixel of the output. Which loop writes to cells that no other turn of it touches?",
        ),
        Misconception(
            "last row and column lost",
            wrong=_last_row_and_column_lost,
            hint="The last row and the last column of every output are 0. How many places does a filter of 3 have in a row "
            "of 5?",
        ),
        Misconception(
            "one place too few",
            wrong=_one_output_too_few,
            hint="Lay a filter of 3 on a row of 3: it fits once. How often does it fit by your formula?",
        ),
        Misconception(
            "float64 always",
            wrong=_conv2d_in_float64,
            hint="float32 came in and float64 goes out. Who tells np.empty which dtype to make?",
        ),
        Misconception(
            "bias forgotten",
            wrong=_bias_forgotten,
            hint="Every output of a filter is off by the same number. Where does b enter?",
        ),
        Misconception(
            "bias once for every channel",
            wrong=_bias_for_every_channel,
            hint="A single channel is right. How often is b added where there are three?",
        ),
        Misconception(
            "first channel only",
            wrong=_first_channel_only,
            hint="A single channel is right, several are not. Which sum of the formula have you left out?",
        ),
        Misconception(
            "filter turned around",
            wrong=_filter_flipped,
            hint="Filters of 1 × 1 are right, larger ones look turned by half. Which entry of K meets the upper left pixel?",
        ),
    ),
)
