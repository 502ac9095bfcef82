"""What others teach or use, written honestly: convolution by im2col in NumPy, tensors of strides compiled by Numba.

The first is the way of Stanford's CS231n: copy every patch into a column, so that a convolution is one product of
matrices (BLAS). The second is the way of Cornell Tech's minitorch: three kernels, map, zip and reduce, for tensors of any
shape and strides, from which everything else is built. Neither is their code.
"""

import numba
import numpy as np


class Im2colConvPool:
    """`ConvPool` in NumPy: a 3 × 3 convolution with padding, ReLU and 2 × 2 max pooling, forward and backward."""

    def __init__(self, K, b):
        self.K, self.b = K, b

    def step(self, X, dout):
        """-> out, dX, dK, db"""
        (N, C, H, W), (F, _, k, _) = X.shape, self.K.shape
        padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
        patches = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(2, 3))  # (N, C, H, W, k, k)
        columns = patches.transpose(1, 4, 5, 2, 3, 0).reshape(C * k * k, H * W * N)
        rows = self.K.reshape(F, -1)
        Y = np.maximum(rows @ columns + self.b[:, None], 0).reshape(F, H // 2, 2, W // 2, 2, N)
        out = Y.max(axis=(2, 4))

        won = (out[:, :, None, :, None] == Y) & (Y > 0)
        dY = (won * dout[:, :, None, :, None]).reshape(F, -1)
        dK, db = (dY @ columns.T).reshape(self.K.shape), dY.sum(axis=1)
        dcolumns = (rows.T @ dY).reshape(C, k, k, H, W, N)
        dpadded = np.zeros((C, H + 2, W + 2, N), X.dtype)
        for i in range(k):
            for j in range(k):
                dpadded[:, i : i + H, j : j + W] += dcolumns[:, i, j]
        return out, dpadded[:, 1:-1, 1:-1], dK, db


@numba.njit
def to_index(ordinal, shape, index):
    """The multidimensional index of the ordinal-th entry."""
    for axis in range(len(shape) - 1, -1, -1):
        index[axis] = ordinal % shape[axis]
        ordinal //= shape[axis]


@numba.njit
def position(index, shape, strides):
    """Where an index lies in memory; an axis of length 1 is broadcast."""
    place = 0
    for axis in range(len(shape)):
        if shape[axis] > 1:
            place += index[axis] * strides[axis]
    return place


@numba.njit
def zip_product(out, out_shape, a, a_shape, a_strides, b, b_shape, b_strides):
    index = np.zeros(len(out_shape), np.int64)
    for ordinal in range(len(out)):
        to_index(ordinal, out_shape, index)
        out[ordinal] = a[position(index, a_shape, a_strides)] * b[position(index, b_shape, b_strides)]


@numba.njit
def reduce_sum(out, out_shape, a, a_shape, a_strides, axis):
    index = np.zeros(len(a_shape), np.int64)
    for ordinal in range(len(out)):
        to_index(ordinal, out_shape, index)
        total = a.dtype.type(0)
        for i in range(a_shape[axis]):
            index[axis] = i
            total += a[position(index, a_shape, a_strides)]
        out[ordinal] = total


def strided_product(A, B):
    """A (N, D) · B (D, M) as tensors of strides do it: every product of two numbers, then the sum over d."""
    (N, D), M = A.shape, B.shape[1]
    products, out = np.empty(N * D * M, A.dtype), np.empty(N * M, A.dtype)
    a = A.ravel(order="K"), np.array([N, D, 1]), np.array([*np.array(A.strides) // A.itemsize, 0])
    b = B.ravel(order="K"), np.array([1, D, M]), np.array([0, *np.array(B.strides) // B.itemsize])
    zip_product(products, np.array([N, D, M]), *a, *b)
    reduce_sum(out, np.array([N, 1, M]), products, np.array([N, D, M]), np.array([D * M, M, 1]), 1)
    return out.reshape(N, M)


def strided_dense_step(x, W, dy):
    """y, dx and dW of a dense layer from these kernels."""
    return strided_product(x, W), strided_product(dy, W.T), strided_product(x.T, dy)


def numpy_adam_step(p, g, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam in place in NumPy, as it is usually written."""
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g
    p -= lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
