"""The sigmoid, or logistic function: a step made smooth, from 0 to 1, with a slope that can be learned from.

The name "logistic" is P.-F. Verhulst's (1845). Its slope never exceeds 1/4: the root of vanishing gradients.
"""

import math

import numpy as np

from solutions.cuda import cuda
from solutions.elementwise import elementwise
from solutions.twins import compiled, operation


@operation(x="*")
def sigmoid(x):
    """y = 1 / (1 + exp(−x))         (= exp(x) / (1 + exp(x)): take the form whose exponent is not positive)

    x any shape -> y of the same shape, from 0 to 1. Right and without a warning for every x: exp never overflows.
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@sigmoid.twin("numba")
@compiled
def sigmoid_loops(x):
    y = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), y.ravel()
    one = x.dtype.type(1)  # a bare 1 would widen float32 to float64
    for i in range(x.size):
        e = math.exp(-abs(source[i]))
        target[i] = (one if source[i] >= 0 else e) / (one + e)
    return y


@cuda.jit
def sigmoid_kernel(x, y):
    i = cuda.grid(1)
    if i < x.size:
        one = x.dtype.type(1)
        e = math.exp(-abs(x[i]))
        y[i] = (one if x[i] >= 0 else e) / (one + e)


@sigmoid.twin("cuda")
def sigmoid_cuda(x):
    return elementwise(sigmoid_kernel, x)


@operation(x="*")
def sigmoid_derivative(x):
    """dy/dx = σ(x) · (1 − σ(x)) = e / (1 + e)²   with e = exp(−|x|)         (largest at 0, where it is 1/4)

    x any shape, the input of the sigmoid -> dy/dx of the same shape. Never overflows, for the slope is even in x.
    """
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


@sigmoid_derivative.twin("numba")
@compiled
def sigmoid_derivative_loops(x):
    dydx = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), dydx.ravel()
    one = x.dtype.type(1)
    for i in range(x.size):
        e = math.exp(-abs(source[i]))
        target[i] = e / ((one + e) * (one + e))
    return dydx


@cuda.jit
def sigmoid_derivative_kernel(x, dydx):
    i = cuda.grid(1)
    if i < x.size:
        one = x.dtype.type(1)
        e = math.exp(-abs(x[i]))
        dydx[i] = e / ((one + e) * (one + e))


@sigmoid_derivative.twin("cuda")
def sigmoid_derivative_cuda(x):
    return elementwise(sigmoid_derivative_kernel, x)


@operation(dy="*", y="*")
def sigmoid_backward(dy, y):
    """dx = dy · y · (1 − y)                                         (chain rule; y = σ(x), the forward pass's output)

    dy and y of one shape, dy the gradient of the loss with respect to y -> dx of the same shape.
    """
    return dy * y * (1 - y)


@sigmoid_backward.twin("numba")
@compiled
def sigmoid_backward_loops(dy, y):
    dx = np.empty(y.shape, y.dtype)
    upstream, output, target = dy.ravel(), y.ravel(), dx.ravel()
    one = y.dtype.type(1)
    for i in range(y.size):
        target[i] = upstream[i] * output[i] * (one - output[i])
    return dx


@cuda.jit
def sigmoid_backward_kernel(dy, y, dx):
    i = cuda.grid(1)
    if i < y.size:
        dx[i] = dy[i] * y[i] * (y.dtype.type(1) - y[i])


@sigmoid_backward.twin("cuda")
def sigmoid_backward_cuda(dy, y):
    return elementwise(sigmoid_backward_kernel, dy, y)
