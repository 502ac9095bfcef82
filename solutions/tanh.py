"""The hyperbolic tangent: a sigmoid stretched to run from −1 to 1, tanh(x) = 2 σ(2x) − 1.

Its outputs are centered on 0, which is why it trains faster. Source: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller,
"Efficient BackProp", Neural Networks: Tricks of the Trade, Springer (1998).
"""

import math

import numpy as np

from solutions.cuda import cuda
from solutions.elementwise import elementwise
from solutions.twins import compiled, operation


@operation(x="*")
def tanh(x):
    """y = (exp(x) − exp(−x)) / (exp(x) + exp(−x))                                  (odd: tanh(−x) = −tanh(x))

    x any shape -> y of the same shape, from −1 to 1. Right and without a warning for every x.
    """
    return np.tanh(x)


@tanh.twin("numba")
@compiled
def tanh_loops(x):
    y = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), y.ravel()
    for i in range(x.size):
        target[i] = math.tanh(source[i])
    return y


@cuda.jit
def tanh_kernel(x, y):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = math.tanh(x[i])


@tanh.twin("cuda")
def tanh_cuda(x):
    return elementwise(tanh_kernel, x)


@operation(x="*")
def tanh_derivative(x):
    """dy/dx = 1 − tanh(x)²                                                          (largest at 0, where it is 1)

    x any shape, the input of tanh -> dy/dx of the same shape.
    """
    return 1 - np.tanh(x) ** 2


@tanh_derivative.twin("numba")
@compiled
def tanh_derivative_loops(x):
    dydx = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), dydx.ravel()
    one = x.dtype.type(1)  # a bare 1 would widen float32 to float64
    for i in range(x.size):
        y = math.tanh(source[i])
        target[i] = one - y * y
    return dydx


@cuda.jit
def tanh_derivative_kernel(x, dydx):
    i = cuda.grid(1)
    if i < x.size:
        y = math.tanh(x[i])
        dydx[i] = x.dtype.type(1) - y * y


@tanh_derivative.twin("cuda")
def tanh_derivative_cuda(x):
    return elementwise(tanh_derivative_kernel, x)
