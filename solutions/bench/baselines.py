"""What others use, written honestly: Adam in NumPy, and tensors of strides compiled by Numba.

The latter are the way of Cornell Tech's minitorch: three kernels, map, zip and reduce, for tensors of any shape and
strides, from which everything else is built. It is not their code.
"""

import numba
import numpy as np


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
