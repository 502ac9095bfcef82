"""The convolutional network of the bench the way Stanford's CS231n teaches it, written honestly and not in their code.

Every patch of the images is copied into a column, so that a convolution is one product of matrices (BLAS). Going back,
every column is added to where it was copied from. Two ways to copy: by arrays of indices and `np.add.at`, which is
their NumPy, or by six plain loops in compiled code, which is their Cython. Pooling reshapes and compares, as theirs does.
"""

import numba
import numpy as np


def by_indices(C, H, W, k):
    """The channel, row and column of every tap (down) at every pixel (across) of the padded images."""
    c, i, j = np.indices((C, k, k)).reshape(3, -1, 1)
    h, w = np.indices((H, W)).reshape(2, 1, -1)
    return c, i + h, j + w


class Indices:
    """Columns (C · k · k, H · W · N) of padded images (N, C, H + k − 1, W + k − 1) and back, in NumPy."""

    @staticmethod
    def columns(P, H, W, k):
        N, C = P.shape[:2]
        c, h, w = by_indices(C, H, W, k)
        return P[:, c, h, w].transpose(1, 2, 0).reshape(C * k * k, H * W * N)

    @staticmethod
    def images(columns, N, C, H, W, k):
        P = np.zeros((N, C, H + k - 1, W + k - 1), columns.dtype)
        c, h, w = by_indices(C, H, W, k)
        np.add.at(P, (slice(None), c, h, w), columns.reshape(C * k * k, H * W, N).transpose(2, 0, 1))
        return P


@numba.njit
def copy_to_columns(P, columns, H, W, k):
    N, C = P.shape[:2]
    for c in range(C):
        for h in range(H):
            for w in range(W):
                for i in range(k):
                    for j in range(k):
                        for n in range(N):
                            columns[(c * k + i) * k + j, (h * W + w) * N + n] = P[n, c, h + i, w + j]


@numba.njit
def add_columns(columns, P, H, W, k):
    N, C = P.shape[:2]
    for c in range(C):
        for i in range(k):
            for j in range(k):
                for h in range(H):
                    for w in range(W):
                        for n in range(N):
                            P[n, c, h + i, w + j] += columns[(c * k + i) * k + j, (h * W + w) * N + n]


class Loops:
    """The same, compiled."""

    @staticmethod
    def columns(P, H, W, k):
        N, C = P.shape[:2]
        columns = np.zeros((C * k * k, H * W * N), P.dtype)
        copy_to_columns(P, columns, H, W, k)
        return columns

    @staticmethod
    def images(columns, N, C, H, W, k):
        P = np.zeros((N, C, H + k - 1, W + k - 1), columns.dtype)
        add_columns(columns, P, H, W, k)
        return P


def convolve(X, K, b, way):
    """Y (N, F, H, W) of images (N, C, H, W), with zeros around them, and the columns, which going back needs again."""
    (N, _, H, W), (F, _, k, _) = X.shape, K.shape
    P = np.pad(X, ((0, 0), (0, 0), (k // 2, k // 2), (k // 2, k // 2)))
    columns = way.columns(P, H, W, k)
    Y = K.reshape(F, -1) @ columns + b.reshape(-1, 1)
    return Y.reshape(F, H, W, N).transpose(3, 0, 1, 2), columns


def convolve_backward(dY, K, columns, way):
    """dX, dK, db"""
    (N, F, H, W), (_, C, k, _) = dY.shape, K.shape
    rows, pad = dY.transpose(1, 2, 3, 0).reshape(F, -1), k // 2
    dP = way.images(K.reshape(F, -1).T @ rows, N, C, H, W, k)
    return dP[:, :, pad:-pad, pad:-pad], (rows @ columns.T).reshape(K.shape), np.sum(dY, axis=(0, 2, 3))


def pool(X):
    """The maximum of every 2 × 2 window, and the windows (N, C, H/2, 2, W/2, 2), which going back needs again."""
    N, C, H, W = X.shape
    windows = X.reshape(N, C, H // 2, 2, W // 2, 2)
    return windows.max(axis=3).max(axis=4), windows


def pool_backward(dout, out, windows):
    """Every window's gradient to its maximum, in equal parts where there are several."""
    N, C, H, _, W, _ = windows.shape
    won = windows == out[:, :, :, None, :, None]
    dwindows, slopes = np.zeros_like(windows), np.broadcast_to(dout[:, :, :, None, :, None], windows.shape)
    dwindows[won] = slopes[won]
    dwindows /= np.sum(won, axis=(3, 5), keepdims=True)
    return dwindows.reshape(N, C, 2 * H, 2 * W)


class Im2colNetwork:
    """`networks.cnn` with two convolutions, its parameters copied from there; way: `Indices` or `Loops`."""

    def __init__(self, params, way):
        self.params, self.way, self.t = {name: np.array(values) for name, values in params.items()}, way, 0
        self.m = {name: np.zeros_like(values) for name, values in self.params.items()}
        self.v = {name: np.zeros_like(values) for name, values in self.params.items()}

    def backward(self, X, y):
        """The loss and its gradients."""
        p, N, saved, x = self.params, len(y), [], X
        for K, b in (("K1", "b1"), ("K2", "b2")):
            z, columns = convolve(x, p[K], p[b], self.way)
            x, windows = pool(np.maximum(z, 0))
            saved.append((K, b, z, columns, x, windows))
        flat = x.reshape(N, -1)
        z3 = flat @ p["W3"] + p["b3"]
        a3 = np.maximum(z3, 0)
        z = a3 @ p["W4"] + p["b4"]
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        q = e / np.sum(e, axis=1, keepdims=True)
        loss = -np.mean(np.log(q[np.arange(N), y]))

        q[np.arange(N), y] -= 1
        dz = q / N
        dz3 = (dz @ p["W4"].T) * (z3 > 0)
        slopes = {"W4": a3.T @ dz, "b4": np.sum(dz, axis=0), "W3": flat.T @ dz3, "b3": np.sum(dz3, axis=0)}
        dx = (dz3 @ p["W3"].T).reshape(x.shape)
        for K, b, z, columns, out, windows in reversed(saved):
            dz = pool_backward(dx, out, windows) * (z > 0)
            dx, slopes[K], slopes[b] = convolve_backward(dz, p[K], columns, self.way)
        return loss, slopes

    def step(self, X, y, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        """A training step under Adam -> the loss before it."""
        loss, slopes = self.backward(X, y)
        self.t += 1
        for name, p in self.params.items():
            m, v, g = self.m[name], self.v[name], slopes[name]
            m[...] = beta1 * m + (1 - beta1) * g
            v[...] = beta2 * v + (1 - beta2) * g**2
            p -= lr * (m / (1 - beta1**self.t)) / (np.sqrt(v / (1 - beta2**self.t)) + eps)
        return loss
