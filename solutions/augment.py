"""Augmentation: more examples from the ones there are, by changes that leave the label as it is.

A shifted 7 is still a 7. A mirrored one is not, a mirrored cat is still a cat: so mirroring must be asked for.

Source: P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks", ICDAR (2003).
"""

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation


@operation(X="N C H W", shift=":int >= 0")
def augment(X, rng, shift=1, flip=False):
    """Y[n, c, h, w] = P[n, c, top[n] + h, left[n] + w]               (a random window of the padded image)

    P is X with `shift` zeros around every image; where flip is True, half of the windows are mirrored left to right.
    X (N, C, H, W) images, rng a np.random.Generator, drawn from twice, flip or not:
    corners = rng.integers(2 · shift + 1, size=(N, 2)), rows (top, left); mirrored = rng.random(N) < 0.5
    -> Y (N, C, H, W), new images.
    """
    N, _, H, W = X.shape
    corners, mirrored = rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) < 0.5
    P = np.pad(X, ((0, 0), (0, 0), (shift, shift), (shift, shift)))
    Y = np.empty_like(X)
    for n, (top, left) in enumerate(corners):
        window = P[n, :, top : top + H, left : left + W]
        Y[n] = window[:, :, ::-1] if flip and mirrored[n] else window
    return Y


def draws(rng, N, shift, flip):
    """How far each image moves down and right, and whether it is mirrored, from the same numbers as above."""
    corners, mirrored = rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) < 0.5
    return shift - corners, mirrored & bool(flip)


@compiled
def moved_loops(X, moves, mirrored):
    N, C, H, W = X.shape
    Y = np.zeros((N, C, H, W), X.dtype)
    for n in range(N):
        down, right = moves[n, 0], moves[n, 1]
        for c in range(C):
            for h in range(max(down, 0), min(H + down, H)):
                for w in range(max(right, 0), min(W + right, W)):
                    Y[n, c, h, W - 1 - w if mirrored[n] else w] = X[n, c, h - down, w - right]
    return Y


@augment.twin("numba")
def augment_numba(X, rng, shift=1, flip=False):
    return moved_loops(X, *draws(rng, len(X), shift, flip))


@cuda.jit
def moved_kernel(X, moves, mirrored, Y):
    """One thread per pixel of Y; it looks where it came from."""
    cell = cuda.grid(1)
    _, C, H, W = X.shape
    if cell < X.size:
        n, c, h, w = cell // (C * H * W), cell // (H * W) % C, cell // W % H, cell % W
        row, col = h - moves[n, 0], (W - 1 - w if mirrored[n] else w) - moves[n, 1]
        Y[n, c, h, w] = X[n, c, row, col] if 0 <= row < H and 0 <= col < W else X.dtype.type(0)


@augment.twin("cuda")
def augment_cuda(X, rng, shift=1, flip=False):
    moves, mirrored = draws(rng, len(X), shift, flip)
    Y = output(X.shape, X.dtype)
    launch(moved_kernel, X.size, to_device(X), to_device(moves), to_device(mirrored), Y)
    return Y.copy_to_host()
